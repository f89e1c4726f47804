// The corridor between a pathway's pure functions and the world. A service method is one line:
//
//   grpc::ServerUnaryReactor* BbvService::RecordTestResult(context, request, response) {
//     return cases_.Change(context, request, response, &bbv::RecordTestResult);
//   }
//
// For every act, in one transaction: idempotency by request_id, lock and load, decrypt, relation of
// the caller to the case, expected version, the pathway's function, planning, encryption, case +
// parts + event + messages to scheduling and audit, commit. Every read of clinical data appends to
// the audit outbox in its own transaction: no trail, no answer.
//
// Requests and responses are known by the names of their fields. A changing request has
// `request_id`, `case_id`, `expected_version` (0: any); its response `case` and `moves`. An opening
// request's response has `cases`.
//
// Reasons, besides those of the pathway's functions: CASE_NOT_FOUND (also for a case that the
// caller may not know of), CASE_CLOSED, STALE_VERSION, REQUEST_ID_REUSED, OWN_CASE_AS_STAFF,
// INVALID_FIELDS, PAGE_TOKEN_INVALID, PROTOCOL_NOT_FOUND, STEP_NOT_FOUND, STEP_ALREADY_ENDED,
// BLOCKING_STEP_OPEN, CASE_OPEN, PROTOCOL_ALREADY_ADOPTED, PLAN_TOO_LONG, CASE_TRANSFERRED (another
// force has it), CASE_ARRIVING (another force has it still).
#ifndef WAYMARK_SERVICES_CASEWORK_CASES_H_
#define WAYMARK_SERVICES_CASEWORK_CASES_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/civil/working_days.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/rpc/unary.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/facts.h"
#include "services/casework/lifecycle.h"
#include "services/casework/protocol_loader.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/handover.pb.h"

namespace waymark::db {
class Transaction;
}

namespace waymark::outbox {
struct Message;
}

namespace waymark::casework {

class CaseStore;
struct PastEvent;
struct StoredCase;

// What a pathway's cases stand on. Everything pointed to outlives the Cases.
struct CasesOptions {
  // The service's name, its outbox's source and the default protocol key: "bbv".
  std::string pathway;
  const Protocols* protocols = nullptr;
  const civil::WorkingDays* working_days = nullptr;
  db::Database* database = nullptr;
  db::Tenants* tenants = nullptr;
  const crypto::KeyProvider* keys = nullptr;
  // For audit times and retention; case time comes with each call.
  const clock::Clock* real_clock = nullptr;
  // May be null where only the Run... functions are called (tests).
  rpc::Corridor* corridor = nullptr;
  // Wakes the relays after a commit that told somebody something. Cheap, from any thread.
  std::function<void(absl::string_view tenant)> wake;
};

// The corridor without types. Pathways use Cases below.
class UntypedCases {
 public:
  using Message = google::protobuf::Message;
  struct Changed {
    std::vector<std::unique_ptr<Message>> cases;
    std::vector<Outgoing> messages;
  };
  using FactsOf = std::function<Facts(const Message&, const v1::Protocol&)>;
  using Opening = absl::FunctionRef<absl::StatusOr<Changed>(const Call&)>;
  using Changing = absl::FunctionRef<absl::StatusOr<Changed>(const Message& before, const Call&)>;
  // Fills what only the pathway knows of the answer, from the cases as planned.
  using Answering = absl::FunctionRef<void(const std::vector<std::unique_ptr<Message>>&)>;
  using Previewing = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Message>>(const Call&)>;

  // May the act be done on a closed case? Only reopening may, and what another service tells.
  enum class ClosedCases { kRefused, kAllowed };

  UntypedCases(CasesOptions options, const Message& prototype, FactsOf facts_of);
  ~UntypedCases();

  absl::Status Open(const rpc::Call& call, const Message& request, Message& response,
                    Opening opening, Answering answering);
  absl::Status Change(const rpc::Call& call, const Message& request, Message& response,
                      ClosedCases closed_cases, Changing changing);
  absl::Status Get(const rpc::Call& call, const Message& request, Message& response);
  absl::Status GetHeldApart(const rpc::Call& call, const Message& request, Message& response);
  absl::Status List(const rpc::Call& call, const Message& request, Message& response);
  absl::Status ReadSubject(const rpc::Call& call, const Message& request, Answering answering);
  absl::Status ListEvents(const rpc::Call& call, const Message& request, Message& response);
  absl::Status Preview(const rpc::Call& call, Message& response, Previewing previewing,
                       absl::FunctionRef<void(const Message&)> answering);
  absl::Status ListProtocols(const rpc::Call& call, Message& response);

  // Begins to hand the open cases of a person over, for each one message to this service itself.
  // `actor` offered the person to the other force. INVALID_FIELDS; UNAVAILABLE CASE_ARRIVING: a
  // case is on its way here.
  absl::Status TransferCases(const rpc::Call& call, const v1::Actor& actor,
                             const v1::CaseTransfer& transfer);
  // Takes one such message as far as it goes (handover.cc). `now` is clinical time. UNAVAILABLE
  // HANDOVER_WAITS: this force goes on answering; try again.
  absl::Status HandOver(const v1::CaseHandover& handover, absl::Time now,
                        absl::Time deadline) const;

  const CasesOptions& options() const { return options_; }
  const CaseStore& store() const { return *store_; }

  // The plan of a stored case as PutPlan wants it, serialised and not sealed; for reconciliation.
  // Empty when the case is gone.
  absl::StatusOr<std::string> PlanAgain(absl::string_view tenant, absl::string_view case_id,
                                        absl::Time deadline);

  // Erases cases closed before `before`, at most `limit`, and records each erasure for audit;
  // returns how many.
  absl::StatusOr<int> EraseClosedBefore(absl::string_view tenant, absl::Time before, int limit,
                                        absl::Time deadline);

 private:
  struct Act;

  // Pins, plans and describes the cases, fills the answer, and writes everything.
  absl::Status Prepare(Act& act, UntypedCases::Changed changed) const;
  absl::StatusOr<std::string> SealAnswer(const Act& act) const;
  absl::Status OpenAnswer(const rpc::Call& call, absl::string_view sealed, Message& response) const;
  // The stored answer to an opening, without the cases that the caller may no longer read: rights
  // may have gone since it was given first.
  absl::Status OpenOpened(const rpc::Call& call, absl::string_view sealed, Message& response) const;
  absl::Status PlanCase(const v1::Protocol& protocol, const Call& call, Message& record) const;
  // Puts the words into every case of the response.
  absl::Status PutWordsIntoAnswer(Message& response) const;
  absl::StatusOr<const v1::Protocol*> ProtocolOf(const v1::CaseHeader& header) const;
  // The case as an answer shows it: parts held apart cleared, statuses and stage derived. The words
  // of the plan are put in last (PutWords), after the answer was sealed without them.
  absl::Status Show(absl::Time now, Message& record) const;
  absl::Status PutWords(Message& record) const;
  // Loads one case for reading, checks the relation, audits, and hands the case to `show`.
  absl::Status Read(const rpc::Call& call, const Message& request, absl::string_view object_type,
                    absl::FunctionRef<absl::Status(db::Transaction&, StoredCase&)> show);

  // The parts of HandOver, each a transaction of one force.
  struct HandoverAct;
  // Copies the case as it was read into the other force. True when scheduling has its deadlines.
  absl::StatusOr<bool> TakeIn(const v1::CaseHandover& handover, const StoredCase& theirs,
                              const std::vector<PastEvent>& history, absl::Time now,
                              absl::Time deadline) const;
  // False when the case is not at `version` any more.
  absl::StatusOr<bool> LetGoOf(const v1::CaseHandover& handover, int64_t version, absl::Time now,
                               absl::Time deadline) const;
  absl::Status Accept(const v1::CaseHandover& handover, absl::Time now, absl::Time deadline) const;
  // The deadlines and the entry of the trail.
  absl::StatusOr<std::vector<outbox::Message>> HandoverMessages(
      const HandoverAct& act, const std::string& tenant, const v1::CaseHeader& header,
      const std::string& event_sha256) const;
  // Saves a case whose record was changed in place to its next version.
  absl::Status WriteHandover(db::Transaction& txn, const HandoverAct& act, StoredCase& stored,
                             const v1::CaseElsewhere& other) const;

  const CasesOptions options_;
  const Message& prototype_;
  const FactsOf facts_of_;
  const std::unique_ptr<CaseStore> store_;
};

// The cases of one pathway. `Case` is its case message, with a CaseHeader named `header`.
// Thread-safe. The methods that take a gRPC context are for service methods; each Run... does the
// same in the caller's thread.
template <typename Case>
class Cases {
 public:
  // `facts_of` is the pathway's facts.cc.
  Cases(CasesOptions options, Facts (*facts_of)(const Case&, const v1::Protocol&))
      : untyped_(std::move(options), Case::default_instance(),
                 [facts_of](const google::protobuf::Message& record, const v1::Protocol& protocol) {
                   return facts_of(static_cast<const Case&>(record), protocol);
                 }) {}

  // Opens what `open` returns, all or none. `answer` fills the receipts from the planned cases,
  // whose steps have dates but not yet their words; `cases` of the response is filled with those
  // the caller may read.
  template <typename Request, typename Response>
  absl::Status RunOpen(const rpc::Call& call, const Request& request, Response* response,
                       absl::StatusOr<casework::Change<Case>> (*open)(const Request&, const Call&),
                       void (*answer)(const std::vector<Case>&, const Request&, Response&)) {
    return untyped_.Open(
        call, request, *response, [&](const Call& act) { return Erased(open(request, act)); },
        [&](const std::vector<std::unique_ptr<google::protobuf::Message>>& opened) {
          // Lent to the pathway and taken back: a case is too big to copy for that.
          std::vector<Case> cases(opened.size());
          for (size_t i = 0; i < opened.size(); ++i) {
            cases[i].Swap(static_cast<Case*>(opened[i].get()));
          }
          answer(cases, request, *response);
          for (size_t i = 0; i < opened.size(); ++i) {
            cases[i].Swap(static_cast<Case*>(opened[i].get()));
          }
        });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Open(
      grpc::CallbackServerContext* context, const Request* request, Response* response,
      absl::StatusOr<casework::Change<Case>> (*open)(const Request&, const Call&),
      void (*answer)(const std::vector<Case>&, const Request&, Response&)) {
    return Walk(context, request, response, [this, open, answer](auto&&... args) {
      return this->RunOpen(args..., open, answer);
    });
  }

  // Changes the case that the request names.
  template <typename Request, typename Response>
  absl::Status RunChange(const rpc::Call& call, const Request& request, Response* response,
                         absl::StatusOr<casework::Change<Case>> (*change)(const Case&,
                                                                          const Request&,
                                                                          const Call&)) {
    return untyped_.Change(call, request, *response, UntypedCases::ClosedCases::kRefused,
                           [&](const google::protobuf::Message& before, const Call& act) {
                             return Erased(change(static_cast<const Case&>(before), request, act));
                           });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Change(
      grpc::CallbackServerContext* context, const Request* request, Response* response,
      absl::StatusOr<casework::Change<Case>> (*change)(const Case&, const Request&, const Call&)) {
    return Walk(context, request, response,
                [this, change](auto&&... args) { return this->RunChange(args..., change); });
  }

  // What another service tells the case: closed or not, the function takes it. The teller may not
  // see the case: the answer of the act, a `Seen` with `case` and `moves`, stays here. A case that
  // another force has now is not changed, only its history: the response's `went_to` says where it
  // is.
  template <typename Seen, typename Request, typename Response>
  absl::Status RunTell(const rpc::Call& call, const Request& request, Response* response,
                       absl::StatusOr<casework::Change<Case>> (*change)(const Case&, const Request&,
                                                                        const Call&)) {
    Seen seen;
    absl::Status told =
        untyped_.Change(call, request, seen, UntypedCases::ClosedCases::kAllowed,
                        [&](const google::protobuf::Message& before, const Call& act) {
                          const auto& record = static_cast<const Case&>(before);
                          if (record.header().has_went_to()) return Erased(ChangeOf(record));
                          return Erased(change(record, request, act));
                        });
    if (!told.ok()) return told;
    if (seen.case_().header().has_went_to()) {
      *response->mutable_went_to() = seen.case_().header().went_to();
    }
    return absl::OkStatus();
  }
  template <typename Seen, typename Request, typename Response>
  grpc::ServerUnaryReactor* Tell(
      grpc::CallbackServerContext* context, const Request* request, Response* response,
      absl::StatusOr<casework::Change<Case>> (*change)(const Case&, const Request&, const Call&)) {
    return Walk(context, request, response, [this, change](auto&&... args) {
      return this->template RunTell<Seen>(args..., change);
    });
  }

  // The acts of lifecycle.h. Requests have, beside the fields of every change: `step_key`,
  // `ending`, `reason` / `assigned_to` / `note` / `reason` / `protocol_version`, `reason`,
  // `validate_only`.
  template <typename Request, typename Response>
  absl::Status RunWaiveStep(const rpc::Call& call, const Request& request, Response* response) {
    return RunLifecycle(call, request, response, [&](const Call& act, v1::CaseHeader& header) {
      return casework::WaiveStep(request.step_key(), request.ending(), request.reason(), act,
                                 header);
    });
  }
  template <typename Request, typename Response>
  absl::Status RunAssignCase(const rpc::Call& call, const Request& request, Response* response) {
    return RunLifecycle(call, request, response, [&](const Call&, v1::CaseHeader& header) {
      return casework::AssignCase(request.assigned_to(), header);
    });
  }
  template <typename Request, typename Response>
  absl::Status RunCloseCase(const rpc::Call& call, const Request& request, Response* response) {
    return RunLifecycle(call, request, response, [&](const Call& act, v1::CaseHeader& header) {
      return casework::CloseCase(request.note(), act, header);
    });
  }
  template <typename Request, typename Response>
  absl::Status RunReopenCase(const rpc::Call& call, const Request& request, Response* response) {
    return RunLifecycle(
        call, request, response,
        [&](const Call&, v1::CaseHeader& header) {
          return casework::ReopenCase(request.reason(), header);
        },
        UntypedCases::ClosedCases::kAllowed);
  }
  // With `validate_only` nothing is stored: the answer shows the case as it would be.
  template <typename Request, typename Response>
  absl::Status RunAdoptProtocol(const rpc::Call& call, const Request& request, Response* response) {
    return RunLifecycle(call, request, response, [&](const Call&, v1::CaseHeader& header) {
      return casework::AdoptProtocol(request.protocol_version(),
                                     request.validate_only() ? "preview" : request.reason(),
                                     header);
    });
  }

  // Reads. GetHeldApart fills the field of the response whose type is held apart in the case.
  template <typename Request, typename Response>
  absl::Status RunGetCase(const rpc::Call& call, const Request& request, Response* response) {
    return untyped_.Get(call, request, *response);
  }
  // The same, and `answer` fills what follows from the case as shown.
  template <typename Request, typename Response>
  absl::Status RunGetCase(const rpc::Call& call, const Request& request, Response* response,
                          void (*answer)(const Case&, Response&)) {
    absl::Status read = untyped_.Get(call, request, *response);
    if (read.ok()) answer(response->case_(), *response);
    return read;
  }
  // Reads the case as a `Seen` with `case`; the response's `content`, which `content_of` makes of
  // it, is all that leaves.
  template <typename Seen, typename Request, typename Response, typename Content>
  absl::Status RunReadContent(const rpc::Call& call, const Request& request, Response* response,
                              absl::StatusOr<Content> (*content_of)(const Case&, const Request&)) {
    Seen seen;
    if (absl::Status read = untyped_.Get(call, request, seen); !read.ok()) return read;
    absl::StatusOr<Content> content = content_of(seen.case_(), request);
    if (!content.ok()) return content.status();
    *response->mutable_content() = *std::move(content);
    return absl::OkStatus();
  }
  // Hands every case of the request's `subject_id` that the caller may read to `answer`, oldest
  // first, for what follows from several: counts, trends. Parts held apart are not among them.
  template <typename Request, typename Response>
  absl::Status RunReadSubject(const rpc::Call& call, const Request& request, Response* response,
                              void (*answer)(const std::vector<Case>&, const Request&, Response&)) {
    return untyped_.ReadSubject(
        call, request, [&](const std::vector<std::unique_ptr<google::protobuf::Message>>& found) {
          std::vector<Case> cases(found.size());
          for (size_t i = 0; i < found.size(); ++i) {
            cases[i].Swap(static_cast<Case*>(found[i].get()));
          }
          answer(cases, request, *response);
        });
  }
  template <typename Request, typename Response>
  absl::Status RunGetHeldApart(const rpc::Call& call, const Request& request, Response* response) {
    return untyped_.GetHeldApart(call, request, *response);
  }
  template <typename Request, typename Response>
  absl::Status RunListCases(const rpc::Call& call, const Request& request, Response* response) {
    return untyped_.List(call, request, *response);
  }
  template <typename Request, typename Response>
  absl::Status RunListCaseEvents(const rpc::Call& call, const Request& request,
                                 Response* response) {
    return untyped_.ListEvents(call, request, *response);
  }
  template <typename Request, typename Response>
  absl::Status RunListProtocols(const rpc::Call& call, const Request&, Response* response) {
    return untyped_.ListProtocols(call, *response);
  }

  // A service-only act: request fields `actor`, `transfer`.
  template <typename Request, typename Response>
  absl::Status RunTransferCases(const rpc::Call& call, const Request& request, Response*) {
    return untyped_.TransferCases(call, request.actor(), request.transfer());
  }

  // Plans a case that is never stored; `plan` of the response is filled, `answer` fills the rest.
  template <typename Request, typename Response>
  absl::Status RunPreviewPlan(const rpc::Call& call, const Request& request, Response* response,
                              absl::StatusOr<Case> (*preview)(const Request&, const Call&),
                              void (*answer)(const Case&, Response&)) {
    return untyped_.Preview(
        call, *response,
        [&](const Call& act) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
          absl::StatusOr<Case> record = preview(request, act);
          if (!record.ok()) return record.status();
          return std::make_unique<Case>(*std::move(record));
        },
        [&](const google::protobuf::Message& record) {
          answer(static_cast<const Case&>(record), *response);
        });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* PreviewPlan(grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        absl::StatusOr<Case> (*preview)(const Request&,
                                                                        const Call&),
                                        void (*answer)(const Case&, Response&)) {
    return Walk(context, request, response, [this, preview, answer](auto&&... args) {
      return this->RunPreviewPlan(args..., preview, answer);
    });
  }

  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* WaiveStep(grpc::CallbackServerContext* context, const Request* request,
                                      Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunWaiveStep(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* AssignCase(grpc::CallbackServerContext* context, const Request* request,
                                       Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunAssignCase(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* CloseCase(grpc::CallbackServerContext* context, const Request* request,
                                      Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunCloseCase(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ReopenCase(grpc::CallbackServerContext* context, const Request* request,
                                       Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunReopenCase(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* AdoptProtocol(grpc::CallbackServerContext* context,
                                          const Request* request, Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunAdoptProtocol(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context, const Request* request,
                                    Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunGetCase(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context, const Request* request,
                                    Response* response, void (*answer)(const Case&, Response&)) {
    return Walk(context, request, response,
                [this, answer](auto&&... args) { return this->RunGetCase(args..., answer); });
  }
  template <typename Seen, typename Request, typename Response, typename Content>
  grpc::ServerUnaryReactor* ReadContent(grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        absl::StatusOr<Content> (*content_of)(const Case&,
                                                                              const Request&)) {
    return Walk(context, request, response, [this, content_of](auto&&... args) {
      return this->template RunReadContent<Seen>(args..., content_of);
    });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ReadSubject(grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        void (*answer)(const std::vector<Case>&, const Request&,
                                                       Response&)) {
    return Walk(context, request, response,
                [this, answer](auto&&... args) { return this->RunReadSubject(args..., answer); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* GetHeldApart(grpc::CallbackServerContext* context,
                                         const Request* request, Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunGetHeldApart(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ListCases(grpc::CallbackServerContext* context, const Request* request,
                                      Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunListCases(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ListCaseEvents(grpc::CallbackServerContext* context,
                                           const Request* request, Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunListCaseEvents(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* TransferCases(grpc::CallbackServerContext* context,
                                          const Request* request, Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunTransferCases(args...); });
  }
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ListProtocols(grpc::CallbackServerContext* context,
                                          const Request* request, Response* response) {
    return Walk(context, request, response,
                [this](auto&&... args) { return this->RunListProtocols(args...); });
  }

  // For the duties (duties.h).
  UntypedCases& untyped() { return untyped_; }

 private:
  static absl::StatusOr<UntypedCases::Changed> Erased(
      absl::StatusOr<casework::Change<Case>> change) {
    if (!change.ok()) return change.status();
    UntypedCases::Changed changed;
    for (Case& record : change->cases) {
      changed.cases.push_back(std::make_unique<Case>(std::move(record)));
    }
    changed.messages = std::move(change->messages);
    return changed;
  }

  template <typename Request, typename Response, typename Act>
  absl::Status RunLifecycle(
      const rpc::Call& call, const Request& request, Response* response, Act act,
      UntypedCases::ClosedCases closed_cases = UntypedCases::ClosedCases::kRefused) {
    return untyped_.Change(call, request, *response, closed_cases,
                           [&](const google::protobuf::Message& before,
                               const Call& pure) -> absl::StatusOr<UntypedCases::Changed> {
                             auto after = std::make_unique<Case>(static_cast<const Case&>(before));
                             if (absl::Status done = act(pure, *after->mutable_header());
                                 !done.ok())
                               return done;
                             UntypedCases::Changed changed;
                             changed.cases.push_back(std::move(after));
                             return changed;
                           });
  }

  template <typename Request, typename Response, typename Room>
  grpc::ServerUnaryReactor* Walk(grpc::CallbackServerContext* context, const Request* request,
                                 Response* response, Room room) {
    return rpc::Unary(*untyped_.options().corridor, context, request, response, std::move(room));
  }

  UntypedCases untyped_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CASES_H_
