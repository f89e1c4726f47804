// Open cases follow a person to another force. No transaction sees two forces, so a case goes in
// four, each of one force, and the message that asks for it stays in the outbox until all are done:
//
//   1. read, as the old force   the case, its parts and its history, into memory only
//   2. take in, as the new one  a copy under another id and its own keys, "arriving": scheduling is
//                               told its deadlines, and nobody changes it yet
//   3. let go, as the old one   only once scheduling has the copy's deadlines, and only if the case
//                               has not changed since 1: closed, its steps superseded
//   4. accept, as the new one   no longer arriving
//
// Until 3 the old force answers and may go on acting: then 1 and 2 bring the copy up to date. Every
// step finds out from what is stored whether it was done, so a process that dies anywhere goes on.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/crypto/crypto.h"
#include "common/db/idempotency.h"
#include "common/db/transaction.h"
#include "common/ids/ids.h"
#include "common/outbox/outbox.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "services/casework/cases.h"
#include "services/casework/instants.h"
#include "services/casework/lifecycle.h"
#include "services/casework/status.h"
#include "services/casework/store/case_store.h"
#include "services/casework/told.h"
#include "waymark/audit/v1/audit_entry.pb.h"
#include "waymark/casework/v1/handover.pb.h"

namespace waymark::casework {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Who asks for it: the only service that the rule of TransferCases names.
constexpr char kAsks[] = "workforce";
constexpr char kLetGo[] = "HandOverCase";
constexpr char kTakeIn[] = "ReceiveCase";
constexpr char kAccept[] = "AcceptCase";
constexpr char kPurpose[] = "Handing care over to the force that a person has moved to";
constexpr char kScheduling[] = "scheduling";
constexpr char kAudit[] = "audit";
// More than a person ever has open.
constexpr int kMostOpenCases = 1000;

// The same id in every pathway, so that cases that are linked stay linked.
std::string NewCaseId(const std::string& transfer_id, const std::string& case_id) {
  return ids::DeriveUuid(transfer_id, absl::StrCat("case/", case_id));
}

std::string AsBytes(const crypto::Digest& digest) {
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// Replaces every text that is one of these ids, at any depth.
void Rename(const std::map<std::string, std::string>& new_names, Message& message) {
  const auto* reflection = message.GetReflection();
  const auto rename = [&](const std::string& was, auto set) {
    const auto found = new_names.find(was);
    if (found != new_names.end()) set(found->second);
  };
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Rename(new_names, field->is_repeated()
                              ? *reflection->MutableRepeatedMessage(&message, field, i)
                              : *reflection->MutableMessage(&message, field));
      } else if (field->type() == FieldDescriptor::TYPE_STRING && field->is_repeated()) {
        rename(reflection->GetRepeatedString(message, field, i), [&](const std::string& name) {
          reflection->SetRepeatedString(&message, field, i, name);
        });
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        rename(reflection->GetString(message, field),
               [&](const std::string& name) { reflection->SetString(&message, field, name); });
      }
    }
  }
}

// What the case is called in the new force: itself, the person, and those of its links that are the
// same person's. A link to anybody else's case stays as it is: it says that there is one, and opens
// nothing.
std::map<std::string, std::string> NewNames(const CasesOptions& options,
                                            const v1::CaseHandover& handover,
                                            const v1::CaseHeader& header) {
  std::map<std::string, std::string> names;
  names[header.subject_id()] = handover.to_subject_id();
  const auto rename = [&](const std::string& case_id) {
    names[case_id] = NewCaseId(handover.transfer_id(), case_id);
  };
  rename(header.case_id());
  for (const std::string& together : handover.together_case_ids()) rename(together);
  for (const v1::CaseLink& link : header.links()) {
    // Only what happened to the same person is linked across pathways.
    if (link.pathway() != options.pathway) rename(link.case_id());
  }
  return names;
}

audit::v1::AuditEvent AuditEventOf(const CasesOptions& options, const std::string& tenant,
                                   const v1::Actor& actor, audit::v1::Action action,
                                   absl::string_view act) {
  audit::v1::AuditEvent event;
  event.set_tenant(tenant);
  *event.mutable_occurred_time() = ToTimestamp(options.real_clock->Now());
  event.set_source(options.pathway);
  event.mutable_actor()->set_user_id(actor.user_id());
  event.mutable_actor()->add_roles(actor.role());
  event.mutable_actor()->set_service(kAsks);
  event.mutable_actor()->set_on_behalf_of(true);
  event.set_action(action);
  event.set_method(std::string(act));
  event.set_purpose(kPurpose);
  return event;
}

void WakeOnCommit(const CasesOptions& options, db::Transaction& txn) {
  if (!options.wake) return;
  txn.OnCommit([wake = options.wake, tenant = txn.tenant()] { wake(tenant); });
}

}  // namespace

// What is written of one act of a handover beside the case itself.
struct UntypedCases::HandoverAct {
  const v1::CaseHandover& handover;
  // In the force whose transaction it is.
  const v1::Actor& actor;
  absl::string_view act;
  audit::v1::Action action;
  absl::Time now;

  // The same however often it is tried.
  std::string Id(absl::string_view name) const {
    return ids::DeriveUuid(handover.transfer_id(),
                           absl::StrCat(handover.from_case_id(), "/", act, "/", name));
  }
  std::string PlanId(int64_t version) const { return Id(absl::StrCat("scheduling/", version)); }
  db::OnceKey Once() const {
    return {.caller = absl::StrCat("service:", kAsks),
            .method = std::string(act),
            .request_id = Id("once"),
            .request_sha256 = AsBytes(crypto::Sha256(handover.from_case_id()))};
  }
};

absl::Status UntypedCases::TransferCases(const rpc::Call& call, const v1::Actor& actor,
                                         const v1::CaseTransfer& transfer) {
  const std::string& tenant = call.caller.tenant;
  status::FieldViolations violations;
  if (!ids::IsUuid(transfer.transfer_id())) {
    violations.Add("transfer.transfer_id", "NOT_A_UUID", "The id of the transfer.");
  }
  for (const std::string& subject_id : transfer.subject_ids()) {
    if (ids::IsUuid(subject_id)) continue;
    violations.Add("transfer.subject_ids", "NOT_A_UUID", "The ids of the person in this force.");
    break;
  }
  if (!access::IsTenant(transfer.to_force()) || transfer.to_force() == tenant) {
    violations.Add("transfer.to_force", "FORCE_UNKNOWN", "The code of another force.");
  }
  if (!ids::IsUuid(transfer.to_subject_id())) {
    violations.Add("transfer.to_subject_id", "NOT_A_UUID", "The person's id in the other force.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, tenant));
  const db::OnceKey once = {
      .caller = call.actor(),
      .method = call.method,
      .request_id = call.request_id,
      .request_sha256 =
          AsBytes(crypto::Sha256(absl::StrCat(transfer.transfer_id(), transfer.hidden_too())))};
  return options_.database->Transact(
      call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        v1::CaseHandover handover;
        handover.set_transfer_id(transfer.transfer_id());
        handover.set_from_force(tenant);
        handover.set_to_force(transfer.to_force());
        handover.set_to_subject_id(transfer.to_subject_id());
        *handover.mutable_offered_by() = actor;
        *handover.mutable_accepted_by() = transfer.accepted_by();
        for (const std::string& subject_id : transfer.subject_ids()) {
          ListFilter filter{.state = v1::CASE_STATE_OPEN,
                            .subject_id = subject_id,
                            .scope = {.whole_force = true},
                            .limit = kMostOpenCases};
          ASSIGN_OR_RETURN(const std::vector<StoredCase> open, store_->List(txn, filter));
          for (const StoredCase& stored : open) {
            const v1::CaseHeader& header = HeaderOf(*stored.record);
            if (header.hidden_from_managers() && !transfer.hidden_too()) continue;
            if (header.arriving()) {
              return status::Unavailable("CASE_ARRIVING",
                                         "A case is being handed over to this force still.");
            }
            handover.add_together_case_ids(header.case_id());
          }
        }
        std::vector<outbox::Message> messages;
        for (const std::string& case_id : handover.together_case_ids()) {
          handover.set_from_case_id(case_id);
          ASSIGN_OR_RETURN(
              outbox::Message message,
              outbox::Sealed(*options_.keys, tenant, options_.pathway,
                             ids::DeriveUuid(call.request_id, absl::StrCat("handover/", case_id)),
                             handover.SerializeAsString()));
          messages.push_back(std::move(message));
        }
        audit::v1::AuditEvent event =
            AuditEventOf(options_, tenant, actor, audit::v1::ACTION_EXPORT, call.method);
        event.set_event_id(ids::DeriveUuid(call.request_id, "audit"));
        event.set_request_id(call.request_id);
        event.set_object_type(absl::StrCat(options_.pathway, "_case_list"));
        event.set_object_count(handover.together_case_ids_size());
        if (transfer.subject_ids_size() > 0) event.set_subject_id(transfer.subject_ids(0));
        ASSIGN_OR_RETURN(outbox::Message told,
                         outbox::Sealed(*options_.keys, tenant, kAudit, event.event_id(),
                                        event.SerializeAsString()));
        messages.push_back(std::move(told));
        ASSIGN_OR_RETURN(const auto nothing, store_->Seal(tenant, {}, call.now));
        RETURN_IF_ERROR(
            store_->Write(txn, once, "", options_.real_clock->Now(), *nothing, messages).status());
        WakeOnCommit(options_, txn);
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<outbox::Message>> UntypedCases::HandoverMessages(
    const HandoverAct& act, const std::string& tenant, const v1::CaseHeader& header,
    const std::string& event_sha256) const {
  ASSIGN_OR_RETURN(const v1::Protocol* protocol, ProtocolOf(header));
  Call call;
  call.user_id = act.actor.user_id();
  call.role = act.actor.role();
  ASSIGN_OR_RETURN(
      outbox::Message plan,
      outbox::Sealed(
          *options_.keys, tenant, kScheduling, act.PlanId(header.version()),
          PlanForScheduling(options_.pathway, *protocol, header, call).SerializeAsString()));
  audit::v1::AuditEvent event = AuditEventOf(options_, tenant, act.actor, act.action, act.act);
  event.set_event_id(act.Id(absl::StrCat("audit/", header.version())));
  event.set_object_type(absl::StrCat(options_.pathway, "_case"));
  event.set_object_id(header.case_id());
  event.set_object_version(header.version());
  event.set_subject_id(header.subject_id());
  event.set_payload_sha256(event_sha256);
  ASSIGN_OR_RETURN(
      outbox::Message told,
      outbox::Sealed(*options_.keys, tenant, kAudit, event.event_id(), event.SerializeAsString()));
  return std::vector<outbox::Message>{std::move(plan), std::move(told)};
}

absl::Status UntypedCases::WriteHandover(db::Transaction& txn, const HandoverAct& act,
                                         StoredCase& stored, const v1::CaseElsewhere& other) const {
  // What the header says now is what the event made of it: the record was changed in place.
  v1::CaseHeader& header = MutableHeaderOf(*stored.record);
  CaseToSave save{.record = stored.record.get(), .before = &stored};
  v1::CaseEvent& event = save.event;
  event.set_event_id(act.Id("event"));
  event.set_case_id(header.case_id());
  event.set_case_version(header.version());
  *event.mutable_recorded_time() = ToTimestamp(act.now);
  event.set_actor(absl::StrCat("service:", kAsks));
  event.set_role(act.actor.role());
  event.set_on_behalf_of(act.actor.user_id());
  event.set_act(std::string(act.act));
  event.mutable_change()->PackFrom(other);
  for (const v1::Move& move : header.plan().moves()) {
    if (move.case_version() == header.version()) *event.add_moves() = move;
  }
  ASSIGN_OR_RETURN(const auto sealed, store_->Seal(txn.tenant(), {save}, act.now));
  ASSIGN_OR_RETURN(
      const std::vector<outbox::Message> messages,
      HandoverMessages(act, txn.tenant(), header, CaseStore::Saved(*sealed).front().event_sha256));
  RETURN_IF_ERROR(
      store_->Write(txn, act.Once(), "", options_.real_clock->Now(), *sealed, messages).status());
  WakeOnCommit(options_, txn);
  return absl::OkStatus();
}

absl::StatusOr<bool> UntypedCases::TakeIn(const v1::CaseHandover& handover,
                                          const StoredCase& theirs,
                                          const std::vector<PastEvent>& history, absl::Time now,
                                          absl::Time deadline) const {
  const v1::CaseHeader& was = HeaderOf(*theirs.record);
  const std::string case_id = NewCaseId(handover.transfer_id(), handover.from_case_id());
  const bool closed = was.state() == v1::CASE_STATE_CLOSED;
  const HandoverAct act{.handover = handover,
                        .actor = handover.accepted_by(),
                        .act = kTakeIn,
                        .action = audit::v1::ACTION_CHANGE,
                        .now = now};
  const int64_t version = was.version();
  bool told = true;
  RETURN_IF_ERROR(options_.database->Transact(
      deadline, handover.to_force(), [&](db::Transaction& txn) -> absl::Status {
        bool ignored = false;
        ASSIGN_OR_RETURN(const std::optional<StoredCase> copy,
                         store_->LoadForChange(txn, act.Once(), case_id, ignored));
        // Closed before anything of it came here: it stays where it is.
        if (!copy && closed) return absl::OkStatus();
        const int64_t reached = copy ? HeaderOf(*copy->record).version() : 0;
        if (reached >= version) {
          ASSIGN_OR_RETURN(told, IsDelivered(txn, kScheduling, act.PlanId(version)));
          return absl::OkStatus();
        }
        const std::unique_ptr<Message> record(theirs.record->New());
        record->CopyFrom(*theirs.record);
        Rename(NewNames(options_, handover, was), *record);
        v1::CaseHeader& header = MutableHeaderOf(*record);
        header.clear_assigned_to();
        v1::CaseElsewhere& from = *header.mutable_came_from();
        from.set_force(handover.from_force());
        from.set_case_id(handover.from_case_id());
        *from.mutable_time() = ToTimestamp(now);
        header.set_arriving(true);

        std::vector<PastEvent> missing;
        for (const PastEvent& past : history) {
          if (past.event.case_version() <= reached) continue;
          PastEvent& event = missing.emplace_back(past);
          event.event.set_case_id(case_id);
          event.event.set_event_id(ids::DeriveUuid(handover.transfer_id(), past.event.event_id()));
        }
        if (missing.empty() || missing.back().event.case_version() != version) {
          return status::DataLoss("CASE_UNREADABLE", "A case's history does not reach its record.");
        }
        CaseToSave latest{.record = record.get(),
                          .before = copy ? &*copy : nullptr,
                          .event = missing.back().event,
                          .held_apart = missing.back().held_apart};
        missing.pop_back();
        ASSIGN_OR_RETURN(const SavedCase saved, store_->Copy(txn, latest, missing, now));
        ASSIGN_OR_RETURN(const std::vector<outbox::Message> messages,
                         HandoverMessages(act, txn.tenant(), header, saved.event_sha256));
        RETURN_IF_ERROR(outbox::Append(txn, messages));
        WakeOnCommit(options_, txn);
        told = false;
        return absl::OkStatus();
      }));
  return told;
}

absl::StatusOr<bool> UntypedCases::LetGoOf(const v1::CaseHandover& handover, int64_t version,
                                           absl::Time now, absl::Time deadline) const {
  const HandoverAct act{.handover = handover,
                        .actor = handover.offered_by(),
                        .act = kLetGo,
                        .action = audit::v1::ACTION_EXPORT,
                        .now = now};
  bool gone = false;
  RETURN_IF_ERROR(options_.database->Transact(
      deadline, handover.from_force(), [&](db::Transaction& txn) -> absl::Status {
        gone = false;
        bool ignored = false;
        ASSIGN_OR_RETURN(std::optional<StoredCase> stored,
                         store_->LoadForChange(txn, act.Once(), handover.from_case_id(), ignored));
        if (!stored || HeaderOf(*stored->record).version() != version) return absl::OkStatus();
        v1::CaseElsewhere there;
        there.set_force(handover.to_force());
        there.set_case_id(NewCaseId(handover.transfer_id(), handover.from_case_id()));
        *there.mutable_time() = ToTimestamp(now);
        v1::CaseHeader& header = MutableHeaderOf(*stored->record);
        header.set_version(version + 1);
        LetGo(there, kLetGo, header);
        gone = true;
        return WriteHandover(txn, act, *stored, there);
      }));
  return gone;
}

absl::Status UntypedCases::Accept(const v1::CaseHandover& handover, absl::Time now,
                                  absl::Time deadline) const {
  const HandoverAct act{.handover = handover,
                        .actor = handover.accepted_by(),
                        .act = kAccept,
                        .action = audit::v1::ACTION_CHANGE,
                        .now = now};
  return options_.database->Transact(
      deadline, handover.to_force(), [&](db::Transaction& txn) -> absl::Status {
        bool ignored = false;
        ASSIGN_OR_RETURN(std::optional<StoredCase> stored,
                         store_->LoadForChange(
                             txn, act.Once(),
                             NewCaseId(handover.transfer_id(), handover.from_case_id()), ignored));
        if (!stored || !HeaderOf(*stored->record).arriving()) return absl::OkStatus();
        v1::CaseHeader& header = MutableHeaderOf(*stored->record);
        header.set_version(header.version() + 1);
        header.clear_arriving();
        *header.mutable_came_from()->mutable_time() = ToTimestamp(now);
        const v1::CaseElsewhere from = header.came_from();
        return WriteHandover(txn, act, *stored, from);
      });
}

absl::Status UntypedCases::HandOver(const v1::CaseHandover& handover, absl::Time now,
                                    absl::Time deadline) const {
  RETURN_IF_ERROR(options_.tenants->Ensure(deadline, handover.to_force()));
  std::optional<StoredCase> stored;
  std::vector<PastEvent> history;
  RETURN_IF_ERROR(options_.database->Transact(
      deadline, handover.from_force(), {.read_only = true},
      [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(stored, store_->Load(txn, handover.from_case_id()));
        if (!stored) return absl::OkStatus();
        const v1::CaseHeader& header = HeaderOf(*stored->record);
        ASSIGN_OR_RETURN(history,
                         store_->History(txn, header.case_id(), stored->key, 0, header.version()));
        return absl::OkStatus();
      }));
  // Erased: its time was over.
  if (!stored) return absl::OkStatus();
  const v1::CaseHeader& header = HeaderOf(*stored->record);
  const std::string new_id = NewCaseId(handover.transfer_id(), handover.from_case_id());
  if (header.has_went_to()) {
    if (header.went_to().case_id() != new_id) return absl::OkStatus();
    return Accept(handover, now, deadline);
  }
  ASSIGN_OR_RETURN(const bool told, TakeIn(handover, *stored, history, now, deadline));
  // The old force closed it itself meanwhile, and keeps its own.
  if (header.state() == v1::CASE_STATE_CLOSED) return Accept(handover, now, deadline);
  if (!told) {
    return status::Unavailable("HANDOVER_WAITS",
                               "Scheduling has not the new case's deadlines yet.");
  }
  ASSIGN_OR_RETURN(const bool gone, LetGoOf(handover, header.version(), now, deadline));
  if (!gone) {
    return status::Unavailable("HANDOVER_WAITS", "The case changed while it was being copied.");
  }
  return Accept(handover, now, deadline);
}

}  // namespace waymark::casework
