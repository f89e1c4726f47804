#include "services/audit/log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/crypto/crypto.h"
#include "common/metrics/metrics.h"
#include "common/outbox/inbox.h"
#include "common/status/status.h"
#include "services/audit/leaf.h"
#include "services/audit/merkle.h"
#include "waymark/audit/v1/audit_service.pb.h"

namespace waymark::audit {
namespace {

constexpr absl::string_view kSalt = "waymark-pseudonym-salt-v1";

std::string ContentBinding(absl::string_view tenant, absl::string_view event_id) {
  return crypto::BindingOf({"audit entry_content", tenant, event_id});
}

std::string OutcomeBinding(absl::string_view tenant) {
  return crypto::BindingOf({"audit outcome", tenant});
}

std::string Scoped(absl::string_view tenant, absl::string_view id) {
  return absl::StrCat(tenant, "/", id);
}

std::string Quarter(absl::Time instant) {
  const absl::CivilMonth month = absl::ToCivilMonth(instant, absl::UTCTimeZone());
  return absl::StrCat(month.year(), "-Q", (month.month() + 2) / 3);
}

std::optional<std::string> IfAny(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Pseudonyms::Pseudonyms(crypto::Pseudonymiser subject, crypto::Pseudonymiser actor,
                       crypto::Pseudonymiser object, crypto::Pseudonymiser outcome)
    : subject_(std::move(subject)),
      actor_(std::move(actor)),
      object_(std::move(object)),
      outcome_(std::move(outcome)) {}

absl::StatusOr<Pseudonyms> Pseudonyms::Create(const crypto::SecretBytes& root,
                                              const std::vector<int32_t>& live_versions) {
  const auto make = [&](absl::string_view purpose) {
    return crypto::Pseudonymiser::Create(root, kSalt, purpose, live_versions);
  };
  ASSIGN_OR_RETURN(crypto::Pseudonymiser subject, make("audit-subject"));
  ASSIGN_OR_RETURN(crypto::Pseudonymiser actor, make("audit-actor"));
  ASSIGN_OR_RETURN(crypto::Pseudonymiser object, make("audit-object"));
  ASSIGN_OR_RETURN(crypto::Pseudonymiser outcome, make("audit-outcome"));
  return Pseudonyms(std::move(subject), std::move(actor), std::move(object), std::move(outcome));
}

std::string Pseudonyms::Subject(absl::string_view tenant, absl::string_view subject_id) const {
  return subject_id.empty() ? "" : subject_.Token("subject", Scoped(tenant, subject_id));
}
std::string Pseudonyms::Actor(absl::string_view tenant, absl::string_view user_id) const {
  return user_id.empty() ? "" : actor_.Token("actor", Scoped(tenant, user_id));
}
std::string Pseudonyms::Object(absl::string_view tenant, absl::string_view object_id) const {
  return object_id.empty() ? "" : object_.Token("object", Scoped(tenant, object_id));
}
std::string Pseudonyms::OutcomeSubject(absl::string_view tenant,
                                       absl::string_view subject_id) const {
  return subject_id.empty() ? "" : outcome_.Token("subject", Scoped(tenant, subject_id));
}
std::vector<std::string> Pseudonyms::Subjects(absl::string_view tenant,
                                              absl::string_view subject_id) const {
  return subject_.LiveTokens("subject", Scoped(tenant, subject_id));
}
std::vector<std::string> Pseudonyms::Actors(absl::string_view tenant,
                                            absl::string_view user_id) const {
  return actor_.LiveTokens("actor", Scoped(tenant, user_id));
}

// One event, ready but for its position.
struct Log::Prepared {
  Leaf leaf;
  std::string sealed;
  std::optional<std::string> sealed_outcome;
};

Log::Prepared Log::Prepare(const v1::AuditEvent& event, absl::string_view content, int64_t number,
                           const ContentKeyHandle& key) const {
  Prepared prepared;
  Leaf& leaf = prepared.leaf;
  leaf = LeafOf(event);
  leaf.source_number = number;
  leaf.actor_token = pseudonyms_.Actor(event.tenant(), event.actor().user_id());
  leaf.subject_token = pseudonyms_.Subject(event.tenant(), event.subject_id());
  leaf.object_token = pseudonyms_.Object(event.tenant(), event.object_id());
  const std::string salt = crypto::RandomBytes(kSaltSize);
  leaf.commitment = Commitment(salt, content);
  prepared.sealed = crypto::Seal(*key.key, ContentBinding(event.tenant(), event.event_id()),
                                 absl::StrCat(salt, content));
  if (event.has_outcome()) {
    v1::OutcomeRecord record;
    record.set_subject_token(pseudonyms_.OutcomeSubject(event.tenant(), event.subject_id()));
    record.set_closed_quarter(Quarter(leaf.occurred));
    *record.mutable_outcome() = event.outcome();
    prepared.sealed_outcome =
        crypto::Seal(*key.key, OutcomeBinding(event.tenant()), record.SerializeAsString());
  }
  return prepared;
}

absl::Status Log::Sequence(db::Transaction& txn, int32_t key_id,
                           const std::vector<Prepared*>& events, absl::Time now) const {
  ASSIGN_OR_RETURN(const store::LogEnd end, store::ReadEnd(txn));
  Hash previous = end.last_hash;
  store::NewEntries entries;
  for (Prepared* event : events) {
    Leaf& leaf = event->leaf;
    leaf.sequence = static_cast<uint64_t>(end.size) + entries.leaves.size();
    leaf.previous = std::move(previous);
    leaf.sequenced = now;
    entries.leaves.push_back(FormatLeaf(leaf));
    previous = LeafHash(entries.leaves.back());
    entries.leaf_hashes.push_back(previous);
    entries.event_ids.push_back(leaf.event_id);
    entries.subject_tokens.push_back(IfAny(leaf.subject_token));
    entries.actor_tokens.push_back(IfAny(leaf.actor_token));
    entries.methods.push_back(leaf.method);
    entries.occurred.push_back(leaf.occurred);
    entries.sealed.push_back(event->sealed);
    if (event->sealed_outcome) {
      entries.outcome_sequences.push_back(static_cast<int64_t>(leaf.sequence));
      entries.sealed_outcomes.push_back(*event->sealed_outcome);
    }
  }
  return store::InsertEntries(txn, end.size, key_id, entries, now);
}

absl::StatusOr<Appended> Log::Append(absl::Time deadline, absl::string_view tenant,
                                     absl::string_view source,
                                     const std::vector<NumberedBytes>& batch) {
  if (batch.empty() || batch.size() > kMaxBatch) {
    return status::InvalidArgument("BATCH_INVALID", "A batch has 1 to 2,000 events.");
  }
  RETURN_IF_ERROR(tenants_.Ensure(deadline, tenant));
  ASSIGN_OR_RETURN(const ContentKeyHandle key, keys_.Current(deadline, tenant));
  const absl::Time now = clock_.Now();
  std::vector<Prepared> prepared;
  std::vector<outbox::Arrival> arrivals;
  prepared.reserve(batch.size());
  v1::AuditEvent event;
  for (const NumberedBytes& numbered : batch) {
    if (!event.ParseFromString(numbered.event)) {
      return status::InvalidArgument("EVENT_INVALID", "An event of the batch is no AuditEvent.");
    }
    RETURN_IF_ERROR(ValidateEvent(event, tenant, source, now));
    prepared.push_back(Prepare(event, numbered.event, numbered.number, key));
    arrivals.push_back({numbered.number, event.event_id()});
  }
  Appended appended;
  // An event that comes under a new number is nearly always new. Whether it is there already is
  // only asked when the log's own uniqueness has refused the batch.
  bool ask = false;
  const auto append = [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const outbox::Accepted accepted, outbox::Accept(txn, source, arrivals, now));
    appended = {static_cast<int32_t>(batch.size()), 0, accepted.contiguous};
    std::vector<std::string> arrived;
    for (size_t i = 0; i < arrivals.size(); ++i) {
      if (accepted.is_new[i]) arrived.push_back(arrivals[i].event_id);
    }
    std::vector<Prepared*> fresh;
    std::vector<store::Repeat> repeats;
    if (!arrived.empty()) {
      RETURN_IF_ERROR(store::LockSequence(txn));
      absl::flat_hash_set<std::string> known;
      if (ask) {
        ASSIGN_OR_RETURN(const std::vector<std::string> present, store::Present(txn, arrived));
        known.insert(present.begin(), present.end());
      }
      for (size_t i = 0; i < arrivals.size(); ++i) {
        if (!accepted.is_new[i]) continue;
        if (known.insert(arrivals[i].event_id).second) {
          fresh.push_back(&prepared[i]);
        } else {
          repeats.push_back({std::string(source), arrivals[i].number, arrivals[i].event_id});
        }
      }
    }
    appended.repeated = static_cast<int32_t>(batch.size() - fresh.size());
    if (!repeats.empty()) RETURN_IF_ERROR(store::InsertRepeats(txn, repeats));
    return fresh.empty() ? absl::OkStatus() : Sequence(txn, key.key_id, fresh, now);
  };
  absl::Status status = database_.Transact(deadline, tenant, append);
  if (absl::IsAlreadyExists(status) && db::Constraint(status) == "event_is_logged_once") {
    ask = true;
    status = database_.Transact(deadline, tenant, append);
  }
  RETURN_IF_ERROR(status);
  static const metrics::Counter entries = metrics::Default().GetCounter(
      "waymark_audit_entries_total", "Entries that were given a position in a log.");
  entries.Increment(appended.accepted - appended.repeated);
  if (appended.accepted > appended.repeated) appended_(tenant);
  return appended;
}

absl::Status Log::AppendOwn(db::Transaction& txn, const ContentKeyHandle& key,
                            const v1::AuditEvent& event) {
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(ValidateEvent(event, txn.tenant(), kOwnSource, now));
  // The sequence's lock also makes one at a time count on.
  RETURN_IF_ERROR(store::LockSequence(txn));
  ASSIGN_OR_RETURN(const std::vector<outbox::InboxState> states, outbox::InboxStates(txn));
  int64_t number = 1;
  for (const outbox::InboxState& state : states) {
    if (state.source == kOwnSource) number = state.highest + 1;
  }
  RETURN_IF_ERROR(outbox::Accept(txn, kOwnSource, {{number, event.event_id()}}, now).status());
  Prepared prepared = Prepare(event, event.SerializeAsString(), number, key);
  RETURN_IF_ERROR(Sequence(txn, key.key_id, {&prepared}, now));
  txn.OnCommit([appended = appended_, tenant = txn.tenant()] { appended(tenant); });
  return absl::OkStatus();
}

absl::StatusOr<std::string> OpenContent(const crypto::DataKey& key, absl::string_view tenant,
                                        absl::string_view event_id, absl::string_view sealed) {
  return crypto::Open(key, ContentBinding(tenant, event_id), sealed);
}

absl::StatusOr<std::string> OpenOutcome(const crypto::DataKey& key, absl::string_view tenant,
                                        absl::string_view sealed) {
  return crypto::Open(key, OutcomeBinding(tenant), sealed);
}

}  // namespace waymark::audit
