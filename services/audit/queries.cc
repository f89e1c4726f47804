#include "services/audit/queries.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/crypto/crypto.h"
#include "common/db/idempotency.h"
#include "common/ids/ids.h"
#include "common/outbox/inbox.h"
#include "common/status/status.h"
#include "services/audit/leaf.h"
#include "services/audit/verify.h"

namespace waymark::audit {
namespace {

constexpr int kStandardPage = 100;
constexpr int kLongestPage = 1000;
constexpr int64_t kExportPage = 500;
constexpr int kMaxRanges = 1000;
constexpr int64_t kMaxRangeLength = 10000;
constexpr size_t kTokenDigest = 8;
// An export's pages each have their own transaction; the stream has no deadline of its own.
constexpr absl::Duration kExportTurn = absl::Seconds(10);

google::protobuf::Timestamp Timestamp(absl::Time instant) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(instant));
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::StatusOr<int> PageSize(int32_t asked) {
  if (asked < 0) {
    return status::InvalidArgument("PAGE_SIZE_INVALID", "page_size must not be negative.");
  }
  return asked == 0 ? kStandardPage : std::min(asked, kLongestPage);
}

// A page token is the position to go on from, and a digest of the question: another question with
// the same token would skip what the first one never showed.
std::string QuestionDigest(absl::string_view tenant, const google::protobuf::Message& question) {
  const crypto::Digest digest =
      crypto::Sha256({tenant, "\n", question.GetTypeName(), "\n", question.SerializeAsString()});
  return std::string(crypto::Bytes(digest).substr(0, kTokenDigest));
}

template <typename Request>
std::string Question(const rpc::Call& call, Request request) {
  request.clear_page_token();
  request.clear_page_size();
  return QuestionDigest(call.caller.tenant, request);
}

template <typename Request>
std::string PageToken(const rpc::Call& call, const Request& request, int64_t position) {
  return crypto::Base64Url(absl::StrCat(Question(call, request), position));
}

template <typename Request>
absl::StatusOr<int64_t> PageStart(const rpc::Call& call, const Request& request, int64_t first) {
  if (request.page_token().empty()) return first;
  const std::optional<std::string> token = crypto::FromBase64Url(request.page_token());
  int64_t position = 0;
  if (!token || token->size() <= kTokenDigest ||
      token->substr(0, kTokenDigest) != Question(call, request) ||
      !absl::SimpleAtoi(token->substr(kTokenDigest), &position) || position < 0) {
    return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                   "This page token belongs to another question. Ask again without "
                                   "a page token.");
  }
  return position;
}

absl::Status RequireUuid(absl::string_view field, absl::string_view value) {
  if (ids::IsUuid(value)) return absl::OkStatus();
  status::FieldViolations violations;
  violations.Add(field, "NOT_A_UUID", "Must be a UUID in lower case.");
  return violations.ToStatus();
}

v1::Checkpoint CheckpointOf(const store::SignedHead& head) {
  v1::Checkpoint checkpoint;
  checkpoint.set_size(head.size);
  checkpoint.set_root(head.root);
  checkpoint.set_note(head.note);
  *checkpoint.mutable_signed_time() = Timestamp(head.signed_at);
  return checkpoint;
}

}  // namespace

v1::AuditEvent Queries::Act(const rpc::Call& call, v1::Action action) const {
  v1::AuditEvent event;
  event.set_event_id(ids::NewUuid());
  event.set_tenant(call.caller.tenant);
  *event.mutable_occurred_time() = Timestamp(clock_.Now());
  event.set_source(std::string(kOwnSource));
  event.mutable_actor()->set_user_id(call.caller.user_id);
  for (const options::v1::Role role : call.caller.roles) event.mutable_actor()->add_roles(role);
  event.mutable_actor()->set_service(std::string(kOwnSource));
  event.set_action(action);
  event.set_method(call.method);
  event.set_purpose(call.rule->purpose());
  event.set_object_type("audit_log");
  event.set_request_id(call.request_id);
  return event;
}

absl::StatusOr<ContentKeyHandle> Queries::Begin(const rpc::Call& call) {
  RETURN_IF_ERROR(tenants_.Ensure(call.deadline, call.caller.tenant));
  return keys_.Current(call.deadline, call.caller.tenant);
}

absl::Status Queries::CheckSubject(const rpc::Call& call, absl::string_view subject_id) {
  absl::Status allowed =
      access::CheckRelation(call.granted, call.caller,
                            {.tenant = call.caller.tenant, .subject_id = std::string(subject_id)});
  if (allowed.ok()) return allowed;
  ASSIGN_OR_RETURN(const ContentKeyHandle key, Begin(call));
  v1::AuditEvent refused = Act(call, v1::ACTION_REFUSED);
  refused.set_subject_id(std::string(subject_id));
  refused.set_reason(status::Reason(allowed));
  RETURN_IF_ERROR(database_.Transact(call.deadline, call.caller.tenant, [&](db::Transaction& txn) {
    return log_.AppendOwn(txn, key, refused);
  }));
  return allowed;
}

absl::StatusOr<std::optional<std::string>> Queries::Open(const rpc::Call& call,
                                                         const store::Entry& entry,
                                                         absl::string_view event_id, size_t skip) {
  if (!entry.content) return std::nullopt;
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const crypto::DataKey> key,
      keys_.Get(std::max(call.deadline, absl::Now()), call.caller.tenant, entry.content->key_id));
  ASSIGN_OR_RETURN(std::string opened,
                   OpenContent(*key, call.caller.tenant, event_id, entry.content->bytes));
  return opened.substr(std::min(skip, opened.size()));
}

absl::Status Queries::AppendEntries(const rpc::Call& call, const v1::AppendEntriesRequest& request,
                                    v1::AppendEntriesResponse* response) {
  if (request.source() != call.caller.service) {
    return status::PermissionDenied("WRONG_SOURCE",
                                    "A service delivers only what it recorded itself.");
  }
  std::vector<NumberedBytes> batch;
  batch.reserve(request.events_size());
  for (const v1::NumberedEvent& event : request.events()) {
    batch.push_back({event.number(), event.event()});
  }
  ASSIGN_OR_RETURN(const Appended appended,
                   log_.Append(call.deadline, request.tenant(), request.source(), batch));
  response->set_accepted_count(appended.accepted);
  response->set_repeated_count(appended.repeated);
  response->set_highest_contiguous_number(appended.contiguous);
  return absl::OkStatus();
}

absl::Status Queries::GetCheckpoint(const rpc::Call& call, const v1::GetCheckpointRequest&,
                                    v1::GetCheckpointResponse* response) {
  ASSIGN_OR_RETURN(const NoteSigner signer, signer_.For(call.caller.tenant));
  response->set_verifier_key(FormatVerifierKey(signer.verifier_key()));
  return database_.Transact(call.deadline, call.caller.tenant, {.read_only = true},
                            [&](db::Transaction& txn) -> absl::Status {
                              ASSIGN_OR_RETURN(const std::vector<store::SignedHead> newest,
                                               store::ReadCheckpoints(txn, INT64_MAX, 1));
                              ASSIGN_OR_RETURN(const store::Head head, store::NewestHead(txn));
                              ASSIGN_OR_RETURN(const store::LogEnd end, store::ReadEnd(txn));
                              if (!newest.empty())
                                *response->mutable_checkpoint() = CheckpointOf(newest[0]);
                              response->set_integrated_size(head.size);
                              response->set_sequenced_size(end.size);
                              return absl::OkStatus();
                            });
}

absl::Status Queries::ListCheckpoints(const rpc::Call& call,
                                      const v1::ListCheckpointsRequest& request,
                                      v1::ListCheckpointsResponse* response) {
  ASSIGN_OR_RETURN(const int page, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t before, PageStart(call, request, INT64_MAX));
  std::vector<store::SignedHead> heads;
  RETURN_IF_ERROR(database_.Transact(call.deadline, call.caller.tenant, {.read_only = true},
                                     [&](db::Transaction& txn) -> absl::Status {
                                       ASSIGN_OR_RETURN(heads,
                                                        store::ReadCheckpoints(txn, before, page));
                                       return absl::OkStatus();
                                     }));
  for (const store::SignedHead& head : heads) *response->add_checkpoints() = CheckpointOf(head);
  if (heads.size() == static_cast<size_t>(page)) {
    response->set_next_page_token(PageToken(call, request, heads.back().size));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Queries::TreeSize(db::Transaction& txn, int64_t asked) const {
  if (asked == 0) {
    ASSIGN_OR_RETURN(const std::vector<store::SignedHead> newest,
                     store::ReadCheckpoints(txn, INT64_MAX, 1));
    if (newest.empty()) {
      return status::FailedPrecondition("NO_CHECKPOINT",
                                        "The log has no checkpoint yet. Try again shortly.");
    }
    return newest[0].size;
  }
  ASSIGN_OR_RETURN(const store::Head head, store::NewestHead(txn));
  if (asked < 0 || asked > head.size) {
    return status::FailedPrecondition("NOT_INTEGRATED",
                                      "The tree does not reach that far. Ask for a smaller size.");
  }
  return asked;
}

absl::Status Queries::GetInclusionProof(const rpc::Call& call,
                                        const v1::GetInclusionProofRequest& request,
                                        v1::GetInclusionProofResponse* response) {
  if (request.has_event_id()) RETURN_IF_ERROR(RequireUuid("event_id", request.event_id()));
  return database_.Transact(
      call.deadline, call.caller.tenant, {.read_only = true},
      [&](db::Transaction& txn) -> absl::Status {
        response->Clear();
        ASSIGN_OR_RETURN(const int64_t size, TreeSize(txn, request.tree_size()));
        int64_t sequence = request.sequence();
        if (request.has_event_id()) {
          ASSIGN_OR_RETURN(sequence, store::SequenceOf(txn, request.event_id()));
        }
        if (sequence < 0 || sequence >= size) {
          return status::FailedPrecondition("NOT_INTEGRATED",
                                            "That entry is not under a tree of this size yet.");
        }
        TreeReader reader(txn, size);
        ASSIGN_OR_RETURN(const std::vector<Hash> proof,
                         InclusionProof(static_cast<uint64_t>(sequence),
                                        static_cast<uint64_t>(size), reader.reader()));
        ASSIGN_OR_RETURN(const Hash leaf, reader.Node(0, static_cast<uint64_t>(sequence)));
        ASSIGN_OR_RETURN(const Hash root, RootAt(static_cast<uint64_t>(size), reader.reader()));
        response->set_sequence(sequence);
        response->set_tree_size(size);
        response->set_leaf_hash(leaf);
        for (const Hash& step : proof) response->add_proof(step);
        response->set_root(root);
        return absl::OkStatus();
      });
}

absl::Status Queries::GetConsistencyProof(const rpc::Call& call,
                                          const v1::GetConsistencyProofRequest& request,
                                          v1::GetConsistencyProofResponse* response) {
  return database_.Transact(
      call.deadline, call.caller.tenant, {.read_only = true},
      [&](db::Transaction& txn) -> absl::Status {
        response->Clear();
        ASSIGN_OR_RETURN(const int64_t second, TreeSize(txn, request.second_size()));
        const int64_t first = request.first_size();
        if (first < 1 || first > second) {
          return status::InvalidArgument(
              "SIZES_INVALID", "first_size must be at least 1 and not above second_size.");
        }
        TreeReader reader(txn, second);
        ASSIGN_OR_RETURN(const std::vector<Hash> proof,
                         ConsistencyProof(static_cast<uint64_t>(first),
                                          static_cast<uint64_t>(second), reader.reader()));
        ASSIGN_OR_RETURN(const Hash root1, RootAt(static_cast<uint64_t>(first), reader.reader()));
        ASSIGN_OR_RETURN(const Hash root2, RootAt(static_cast<uint64_t>(second), reader.reader()));
        response->set_first_size(first);
        response->set_second_size(second);
        for (const Hash& step : proof) response->add_proof(step);
        response->set_first_root(root1);
        response->set_second_root(root2);
        return absl::OkStatus();
      });
}

absl::Status Queries::SearchEntries(const rpc::Call& call, const v1::SearchEntriesRequest& request,
                                    v1::SearchEntriesResponse* response) {
  const std::string& tenant = call.caller.tenant;
  if (!request.subject_id().empty()) {
    RETURN_IF_ERROR(RequireUuid("subject_id", request.subject_id()));
    RETURN_IF_ERROR(CheckSubject(call, request.subject_id()));
  }
  ASSIGN_OR_RETURN(const int page, PageSize(request.page_size()));
  store::Filter filter;
  ASSIGN_OR_RETURN(filter.before, PageStart(call, request, INT64_MAX));
  if (!request.subject_id().empty()) {
    filter.subject_tokens = pseudonyms_.Subjects(tenant, request.subject_id());
  }
  if (!request.actor_user_id().empty()) {
    filter.actor_tokens = pseudonyms_.Actors(tenant, request.actor_user_id());
  }
  // Nobody meets their own record as staff.
  if (call.caller.subject_id) {
    filter.not_subject_tokens = pseudonyms_.Subjects(tenant, *call.caller.subject_id);
  }
  filter.method = request.method();
  if (request.has_from_time()) filter.from = TimeOf(request.from_time());
  if (request.has_until_time()) filter.until = TimeOf(request.until_time());
  filter.limit = page;
  ASSIGN_OR_RETURN(const ContentKeyHandle key, Begin(call));
  v1::AuditEvent look = Act(call, v1::ACTION_READ);
  look.set_subject_id(request.subject_id());
  std::vector<store::Entry> entries;
  RETURN_IF_ERROR(
      database_.Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(entries, store::Search(txn, filter));
        look.set_object_count(static_cast<int32_t>(entries.size()));
        return log_.AppendOwn(txn, key, look);
      }));
  for (const store::Entry& entry : entries) {
    ASSIGN_OR_RETURN(const Leaf leaf, ParseLeaf(entry.leaf));
    if (request.action() != v1::ACTION_UNSPECIFIED &&
        absl::StrCat("ACTION_", leaf.action) != v1::Action_Name(request.action())) {
      continue;
    }
    v1::LogEntry& shown = *response->add_entries();
    shown.set_sequence(entry.sequence);
    shown.set_leaf(entry.leaf);
    *shown.mutable_sequenced_time() = Timestamp(entry.sequenced);
    shown.set_source_number(leaf.source_number);
    ASSIGN_OR_RETURN(const std::optional<std::string> content,
                     Open(call, entry, leaf.event_id, kSaltSize));
    if (!content) {
      shown.set_erased(true);
    } else if (!shown.mutable_event()->ParseFromString(*content)) {
      return status::DataLoss("CONTENT_BROKEN", "The content of an entry cannot be read.");
    }
  }
  if (entries.size() == static_cast<size_t>(page)) {
    response->set_next_page_token(PageToken(call, request, entries.back().sequence));
  }
  return absl::OkStatus();
}

absl::Status Queries::ListAccesses(const rpc::Call& call, const v1::ListAccessesRequest& request,
                                   v1::ListAccessesResponse* response) {
  const std::string& tenant = call.caller.tenant;
  std::string subject_id = request.subject_id();
  if (subject_id.empty() && access::HasRole(call.caller, options::v1::ROLE_OFFICER)) {
    subject_id = call.caller.subject_id.value_or("");
  }
  if (subject_id.empty()) {
    return status::InvalidArgument("SUBJECT_REQUIRED", "Say whose record: subject_id.");
  }
  RETURN_IF_ERROR(RequireUuid("subject_id", subject_id));
  RETURN_IF_ERROR(CheckSubject(call, subject_id));
  store::Filter filter;
  ASSIGN_OR_RETURN(filter.limit, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(filter.before, PageStart(call, request, INT64_MAX));
  filter.subject_tokens = pseudonyms_.Subjects(tenant, subject_id);
  ASSIGN_OR_RETURN(const ContentKeyHandle key, Begin(call));
  v1::AuditEvent look = Act(call, v1::ACTION_READ);
  look.set_subject_id(subject_id);
  std::vector<store::Entry> entries;
  RETURN_IF_ERROR(
      database_.Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(entries, store::Search(txn, filter));
        look.set_object_count(static_cast<int32_t>(entries.size()));
        return log_.AppendOwn(txn, key, look);
      }));
  for (const store::Entry& entry : entries) {
    ASSIGN_OR_RETURN(const Leaf leaf, ParseLeaf(entry.leaf));
    v1::Access& access = *response->add_accesses();
    access.set_sequence(entry.sequence);
    *access.mutable_occurred_time() = Timestamp(leaf.occurred);
    v1::Action action = v1::ACTION_UNSPECIFIED;
    v1::Action_Parse(absl::StrCat("ACTION_", leaf.action), &action);
    access.set_action(action);
    access.set_method(leaf.method);
    access.set_purpose(leaf.purpose);
    access.set_object_type(leaf.object_type);
    ASSIGN_OR_RETURN(const std::optional<std::string> content,
                     Open(call, entry, leaf.event_id, kSaltSize));
    v1::AuditEvent event;
    if (content && event.ParseFromString(*content)) *access.mutable_actor() = event.actor();
  }
  if (entries.size() == static_cast<size_t>(filter.limit)) {
    response->set_next_page_token(PageToken(call, request, entries.back().sequence));
  }
  return absl::OkStatus();
}

absl::Status Queries::ListOutcomes(const rpc::Call& call, const v1::ListOutcomesRequest& request,
                                   v1::ListOutcomesResponse* response) {
  const std::string& tenant = call.caller.tenant;
  ASSIGN_OR_RETURN(const int page, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t first, PageStart(call, request, 0));
  ASSIGN_OR_RETURN(const ContentKeyHandle key, Begin(call));
  v1::AuditEvent look = Act(call, v1::ACTION_READ);
  look.set_object_type("outcomes");
  std::vector<store::OutcomeRow> rows;
  RETURN_IF_ERROR(
      database_.Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(rows, store::ReadOutcomes(txn, first, page));
        look.set_object_count(static_cast<int32_t>(rows.size()));
        return log_.AppendOwn(txn, key, look);
      }));
  for (const store::OutcomeRow& row : rows) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const crypto::DataKey> sealed_with,
                     keys_.Get(call.deadline, tenant, row.sealed.key_id));
    ASSIGN_OR_RETURN(const std::string opened, OpenOutcome(*sealed_with, tenant, row.sealed.bytes));
    v1::OutcomeRecord record;
    if (!record.ParseFromString(opened)) {
      return status::DataLoss("CONTENT_BROKEN", "An outcome cannot be read.");
    }
    if (!request.pathway().empty() && record.outcome().pathway() != request.pathway()) continue;
    *response->add_outcomes() = std::move(record);
  }
  if (rows.size() == static_cast<size_t>(page)) {
    response->set_next_page_token(PageToken(call, request, rows.back().sequence + 1));
  }
  return absl::OkStatus();
}

absl::Status Queries::Reconcile(const rpc::Call& call, const v1::ReconcileRequest& request,
                                v1::ReconcileResponse* response) {
  if (request.source() != call.caller.service) {
    return status::PermissionDenied("WRONG_SOURCE",
                                    "A service reconciles only what it recorded itself.");
  }
  if (request.ranges_size() > kMaxRanges) {
    return status::InvalidArgument("BATCH_INVALID", "At most 1,000 ranges at once.");
  }
  for (const v1::SentRange& range : request.ranges()) {
    const int64_t first = range.numbers().first();
    const int64_t last = range.numbers().last();
    if (first < 1 || last < first || last - first >= kMaxRangeLength) {
      return status::InvalidArgument("BATCH_INVALID",
                                     "A range has 1 to 10,000 numbers and begins at 1 or later.");
    }
  }
  return database_.Transact(
      call.deadline, request.tenant(), {.read_only = true},
      [&](db::Transaction& txn) -> absl::Status {
        response->Clear();
        ASSIGN_OR_RETURN(const std::vector<outbox::InboxState> states, outbox::InboxStates(txn));
        for (const outbox::InboxState& state : states) {
          if (state.source != request.source()) continue;
          response->set_highest_contiguous_number(state.contiguous);
          response->set_highest_number(state.highest);
        }
        ASSIGN_OR_RETURN(const int64_t oldest, store::OldestArrival(txn, request.source()));
        for (const v1::SentRange& range : request.ranges()) {
          // Older than what is still known here: all of it had arrived when it was forgotten.
          if (range.numbers().first() < oldest) continue;
          ASSIGN_OR_RETURN(const std::vector<store::Arrived> arrived,
                           store::ReadArrivals(txn, request.source(), range.numbers().first(),
                                               range.numbers().last()));
          crypto::Sha256Stream digest;
          std::vector<std::string> event_ids;
          for (const store::Arrived& arrival : arrived) {
            digest.Update(arrival.event_id);
            digest.Update("\n");
            event_ids.push_back(arrival.event_id);
          }
          // What arrived must still be in the log, too.
          ASSIGN_OR_RETURN(const std::vector<std::string> present, store::Present(txn, event_ids));
          const crypto::Digest sum = digest.Finish();
          if (crypto::Bytes(sum) != range.event_ids_sha256() ||
              present.size() != event_ids.size()) {
            *response->add_send_again() = range.numbers();
          }
        }
        return absl::OkStatus();
      });
}

absl::Status Queries::EraseSubject(const rpc::Call& call, const v1::EraseSubjectRequest& request,
                                   v1::EraseSubjectResponse* response) {
  const std::string& tenant = call.caller.tenant;
  RETURN_IF_ERROR(RequireUuid("subject_id", request.subject_id()));
  if (request.reason().empty() || request.reason().size() > 500) {
    status::FieldViolations violations;
    violations.Add("reason", "LENGTH", "Say why, in 1 to 500 bytes.");
    return violations.ToStatus();
  }
  RETURN_IF_ERROR(CheckSubject(call, request.subject_id()));
  ASSIGN_OR_RETURN(const ContentKeyHandle key, Begin(call));
  const crypto::Digest digest = crypto::Sha256({request.subject_id(), "\n", request.reason()});
  const db::OnceKey once{call.caller.user_id, call.method, request.request_id(),
                         std::string(crypto::Bytes(digest))};
  v1::AuditEvent erased = Act(call, v1::ACTION_ERASE);
  erased.set_reason(request.reason());
  return database_.Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::optional<std::string> before,
                     db::ClaimOnce(txn, once, clock_.Now()));
    if (before) {
      // Stored as it is: a count says nothing about anybody.
      return response->ParseFromString(*before)
                 ? absl::OkStatus()
                 : status::Internal("RESPONSE_BROKEN", "A stored response cannot be read.");
    }
    ASSIGN_OR_RETURN(const int64_t count,
                     store::Erase(txn, pseudonyms_.Subjects(tenant, request.subject_id())));
    response->set_erased_count(count);
    erased.set_object_count(static_cast<int32_t>(std::min<int64_t>(count, INT32_MAX)));
    RETURN_IF_ERROR(log_.AppendOwn(txn, key, erased));
    return db::StoreOnce(txn, once, response->SerializeAsString());
  });
}

absl::Status Queries::ExportLog(const rpc::Call& call, const v1::ExportLogRequest& request,
                                const Writer& write) {
  const std::string& tenant = call.caller.tenant;
  const auto turn = [] { return absl::Now() + kExportTurn; };
  ASSIGN_OR_RETURN(const NoteSigner signer, signer_.For(tenant));
  RETURN_IF_ERROR(tenants_.Ensure(turn(), tenant));
  ASSIGN_OR_RETURN(const ContentKeyHandle key, keys_.Current(turn(), tenant));
  RETURN_IF_ERROR(database_.Transact(turn(), tenant, [&](db::Transaction& txn) -> absl::Status {
    return log_.AppendOwn(txn, key, Act(call, v1::ACTION_EXPORT));
  }));
  // So that the export's own entry is under its last checkpoint. When signing has stopped the
  // export is wanted all the more, and shows how far the checkpoints reach.
  (void)integrator_.CatchUp(tenant);

  v1::ExportLogResponse record;
  v1::ExportHeader& header = *record.mutable_header();
  header.set_format(std::string(kExportFormat));
  header.set_tenant(tenant);
  header.set_origin(signer_.Origin(tenant));
  header.set_verifier_key(FormatVerifierKey(signer.verifier_key()));
  *header.mutable_exported_time() = Timestamp(clock_.Now());
  RETURN_IF_ERROR(write(record));

  // Repeats before the size is read: every number below a repeat's then has its entry in the
  // export.
  std::string source;
  int64_t number = 0;
  for (bool more = true; more;) {
    std::vector<store::Repeat> repeats;
    RETURN_IF_ERROR(database_.Transact(
        turn(), tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(repeats, store::ReadRepeats(txn, source, number, kExportPage));
          return absl::OkStatus();
        }));
    for (const store::Repeat& repeat : repeats) {
      v1::ExportRepeat& out = *record.mutable_repeat();
      out.set_source(repeat.source);
      out.set_number(repeat.number);
      out.set_event_id(repeat.event_id);
      RETURN_IF_ERROR(write(record));
      source = repeat.source;
      number = repeat.number;
    }
    more = repeats.size() == static_cast<size_t>(kExportPage);
  }

  absl::flat_hash_set<std::string> own;
  if (call.caller.subject_id) {
    for (std::string& token : pseudonyms_.Subjects(tenant, *call.caller.subject_id)) {
      own.insert(std::move(token));
    }
  }
  int64_t size = 0;
  RETURN_IF_ERROR(database_.Transact(
      turn(), tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(const store::LogEnd end, store::ReadEnd(txn));
        size = end.size;
        return absl::OkStatus();
      }));
  int64_t checkpoints_written = 0;
  for (int64_t first = 0; first < size; first += kExportPage) {
    const int64_t last = std::min(first + kExportPage, size);
    std::vector<store::Entry> entries;
    std::vector<store::SignedHead> checkpoints;
    RETURN_IF_ERROR(database_.Transact(
        turn(), tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(entries, store::ReadEntries(txn, first, last));
          ASSIGN_OR_RETURN(checkpoints, store::ReadCheckpointsBetween(txn, first, last));
          return absl::OkStatus();
        }));
    auto checkpoint = checkpoints.begin();
    const auto write_checkpoints = [&](int64_t up_to) -> absl::Status {
      for (; checkpoint != checkpoints.end() && checkpoint->size <= up_to; ++checkpoint) {
        record.mutable_checkpoint()->set_note(checkpoint->note);
        RETURN_IF_ERROR(write(record));
        ++checkpoints_written;
      }
      return absl::OkStatus();
    };
    for (const store::Entry& entry : entries) {
      v1::ExportEntry& out = *record.mutable_entry();
      out.Clear();
      out.set_sequence(entry.sequence);
      out.set_leaf(entry.leaf);
      out.set_leaf_hash(entry.leaf_hash);
      out.set_erased(!entry.content);
      if (request.with_contents() && entry.content) {
        // An entry whose bytes were tampered with is exported as it stands: the verifier names it.
        const absl::StatusOr<Leaf> leaf = ParseLeaf(entry.leaf);
        if (leaf.ok() && !own.contains(leaf->subject_token)) {
          const absl::StatusOr<std::optional<std::string>> opened =
              Open(call, entry, leaf->event_id, 0);
          if (opened.ok() && *opened) {
            out.set_salt((*opened)->substr(0, kSaltSize));
            out.set_content((*opened)->substr(std::min(kSaltSize, (*opened)->size())));
          } else if (!absl::IsDataLoss(opened.status())) {
            return opened.status();
          }
        }
      }
      RETURN_IF_ERROR(write(record));
      RETURN_IF_ERROR(write_checkpoints(entry.sequence + 1));
    }
    RETURN_IF_ERROR(write_checkpoints(last));
  }
  record.mutable_end()->set_entries(size);
  record.mutable_end()->set_checkpoints(checkpoints_written);
  return write(record);
}

}  // namespace waymark::audit
