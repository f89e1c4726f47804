// Cases in PostgreSQL: the only SQL of casework, and the only place that seals and opens a case.
//
// Whatever is written of one act goes in one statement: the answer to its request_id, the cases,
// their parts and events, and the messages to other services.
#ifndef WAYMARK_SERVICES_CASEWORK_STORE_CASE_STORE_H_
#define WAYMARK_SERVICES_CASEWORK_STORE_CASE_STORE_H_

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/access/rule.h"
#include "common/crypto/key_provider.h"
#include "common/crypto/secret.h"
#include "common/db/idempotency.h"
#include "common/db/migrate.h"
#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "waymark/casework/v1/case.pb.h"

namespace waymark::casework {

// The migrations of casework, beside "common", for every pathway's database.
inline constexpr absl::string_view kCaseworkLine = "casework";
inline constexpr absl::string_view kCaseworkFolder = "services/casework/migrations";
db::SchemaRange CaseworkSchema();

// A case as it was read, opened.
struct StoredCase {
  // The pathway's case message, parts included, words of the plan not yet restored.
  std::unique_ptr<google::protobuf::Message> record;
  crypto::DataKey key;
  crypto::WrappedKey wrapped;
  int64_t parts_version = 0;
  // Serialised parts by field name, as they were.
  std::map<std::string, std::string> parts;
};

// A case to be written, with the event that made it so.
struct CaseToSave {
  // Parts included, words of the plan stripped; its header gives the plain columns. Left as it was.
  google::protobuf::Message* record = nullptr;
  // What was read; null for a new case.
  const StoredCase* before = nullptr;
  v1::CaseEvent event;
  // The unabridged request when part of it is held apart; empty otherwise.
  std::string held_apart;
};

// An event as another force's copy of the case takes it over.
struct PastEvent {
  v1::CaseEvent event;
  // The unabridged request when part of it is held apart; empty otherwise.
  std::string held_apart;
};

// What ended up in the database.
struct SavedCase {
  // SHA-256 of the event as stored, sealed.
  std::string event_sha256;
};

// Which cases to list. Unset: any.
struct ListFilter {
  std::optional<v1::CaseState> state;
  std::optional<std::string> subject_id;
  access::Scope scope;
  // Start after this one, in the order of the list.
  std::optional<absl::Time> after_opened;
  std::string after_case_id;
  int limit = 50;
};

// Knows one type of case by its descriptor. Thread-safe; holds no connection.
class CaseStore {
 public:
  // `prototype` is the pathway's case message; it and `keys` outlive the store.
  CaseStore(const google::protobuf::Message& prototype, const crypto::KeyProvider& keys);

  // Fields of the case message that are held apart.
  const std::vector<const google::protobuf::FieldDescriptor*>& apart() const { return apart_; }

  // The case, locked against other changes until the transaction ends; the same statement looks
  // whether `once` was answered before (`answered`). Nothing when the tenant has no such case.
  absl::StatusOr<std::optional<StoredCase>> LoadForChange(db::Transaction& txn,
                                                          const db::OnceKey& once,
                                                          absl::string_view case_id,
                                                          bool& answered) const;

  // The case, without a lock.
  absl::StatusOr<std::optional<StoredCase>> Load(db::Transaction& txn,
                                                 absl::string_view case_id) const;

  // Newest first. Parts are left empty.
  absl::StatusOr<std::vector<StoredCase>> List(db::Transaction& txn,
                                               const ListFilter& filter) const;

  // Events of a case after `after_version`, oldest first, at most `limit`.
  absl::StatusOr<std::vector<v1::CaseEvent>> Events(db::Transaction& txn, absl::string_view case_id,
                                                    const crypto::DataKey& key,
                                                    int64_t after_version, int limit) const;

  // The same with what is held apart: those after `after_version` up to `through_version`.
  absl::StatusOr<std::vector<PastEvent>> History(db::Transaction& txn, absl::string_view case_id,
                                                 const crypto::DataKey& key, int64_t after_version,
                                                 int64_t through_version) const;

  // Brings a copy of another force's case to where `latest` is: the record, its parts, its event
  // and the `earlier` ones that the copy has not. `latest.before` is the copy as it was loaded for
  // a change, null when there is none yet.
  absl::StatusOr<SavedCase> Copy(db::Transaction& txn, const CaseToSave& latest,
                                 const std::vector<PastEvent>& earlier, absl::Time now) const;

  // Seals cases and their events: what Write takes. The event hashes go into audit events, so they
  // are known before anything is written.
  struct Sealed;
  absl::StatusOr<std::shared_ptr<const Sealed>> Seal(absl::string_view tenant,
                                                     const std::vector<CaseToSave>& cases,
                                                     absl::Time now) const;
  static const std::vector<SavedCase>& Saved(const Sealed& sealed);

  // Writes everything in one statement, unless `once` was answered before: then nothing is written
  // and the outcome holds the stored answer. INTERNAL CASE_NOT_SAVED when a case is not at the
  // version that was read, which LoadForChange rules out.
  absl::StatusOr<db::OnceOutcome> Write(db::Transaction& txn, const db::OnceKey& once,
                                        absl::string_view sealed_response, absl::Time real_now,
                                        const Sealed& sealed,
                                        const std::vector<outbox::Message>& messages) const;

  // Ids and versions in order of id, after `after`, for reconciliation.
  struct IdVersion {
    std::string case_id;
    int64_t version = 0;
  };
  absl::StatusOr<std::vector<IdVersion>> Versions(db::Transaction& txn, absl::string_view after,
                                                  int limit) const;

  // Wraps at most `limit` data keys again (of cases, parts and parts of events) that are not under
  // the newest key version; returns how many it found. Nothing is decrypted but the keys.
  absl::StatusOr<int> Rewrap(db::Transaction& txn, int limit) const;

  // Cases closed before `before`, at most `limit`.
  absl::StatusOr<std::vector<IdVersion>> ClosedBefore(db::Transaction& txn, absl::Time before,
                                                      int limit) const;
  // Deletes cases with their keys, parts and events.
  absl::Status Erase(db::Transaction& txn, const std::vector<std::string>& case_ids) const;

 private:
  const google::protobuf::Message& prototype_;
  const crypto::KeyProvider& keys_;
  std::vector<const google::protobuf::FieldDescriptor*> apart_;
};

// What this service's outbox has numbered for `destination`, after `after_number`, in order, at
// most `limit`; and the highest number given out, 0 for none. For reconciliation.
struct SentEvent {
  int64_t number = 0;
  std::string event_id;
};
absl::StatusOr<std::vector<SentEvent>> SentEvents(db::Transaction& txn,
                                                  absl::string_view destination,
                                                  int64_t after_number, int limit);
absl::StatusOr<int64_t> LastNumber(db::Transaction& txn, absl::string_view destination);

// True once `destination` has the event for good.
absl::StatusOr<bool> IsDelivered(db::Transaction& txn, absl::string_view destination,
                                 absl::string_view event_id);

// The header of a case message. Every pathway's case has one, in a field named `header`.
const v1::CaseHeader& HeaderOf(const google::protobuf::Message& record);
v1::CaseHeader& MutableHeaderOf(google::protobuf::Message& record);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_STORE_CASE_STORE_H_
