// Appending to a tenant's log: an event becomes a leaf at the next position, once. Recorded: the
// source has committed it. Sequenced: it has a position here. Integrated and published come later,
// see integrator.h.
#ifndef WAYMARK_SERVICES_AUDIT_LOG_H_
#define WAYMARK_SERVICES_AUDIT_LOG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/pseudonymiser.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "services/audit/content_keys.h"
#include "services/audit/store.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace waymark::audit {

// The service's own name as a source: reads of the log are logged under it.
inline constexpr absl::string_view kOwnSource = "audit";

// One key a purpose, so that the log, the outcomes and everything else never join. Tokens of two
// tenants never join either.
class Pseudonyms {
 public:
  static absl::StatusOr<Pseudonyms> Create(const crypto::SecretBytes& root,
                                           const std::vector<int32_t>& live_versions);

  // Empty for an empty id.
  std::string Subject(absl::string_view tenant, absl::string_view subject_id) const;
  std::string Actor(absl::string_view tenant, absl::string_view user_id) const;
  std::string Object(absl::string_view tenant, absl::string_view object_id) const;
  std::string OutcomeSubject(absl::string_view tenant, absl::string_view subject_id) const;
  // What a look-up must search for: one token for each live key version.
  std::vector<std::string> Subjects(absl::string_view tenant, absl::string_view subject_id) const;
  std::vector<std::string> Actors(absl::string_view tenant, absl::string_view user_id) const;

 private:
  Pseudonyms(crypto::Pseudonymiser subject, crypto::Pseudonymiser actor,
             crypto::Pseudonymiser object, crypto::Pseudonymiser outcome);
  crypto::Pseudonymiser subject_;
  crypto::Pseudonymiser actor_;
  crypto::Pseudonymiser object_;
  crypto::Pseudonymiser outcome_;
};

struct NumberedBytes {
  int64_t number = 0;
  // A serialised v1::AuditEvent.
  std::string event;
};

struct Appended {
  int32_t accepted = 0;
  int32_t repeated = 0;
  int64_t contiguous = 0;
};

inline constexpr size_t kMaxBatch = 2000;

// Thread-safe.
class Log {
 public:
  // `appended` is called with the tenant after every commit that added entries.
  Log(db::Database& database, db::Tenants& tenants, ContentKeys& keys, const Pseudonyms& pseudonyms,
      const clock::Clock& real_clock, std::function<void(absl::string_view tenant)> appended)
      : database_(database),
        tenants_(tenants),
        keys_(keys),
        pseudonyms_(pseudonyms),
        clock_(real_clock),
        appended_(std::move(appended)) {}

  // A batch of one source. All or nothing; an event that is in the log already is counted and not
  // appended again. INVALID_ARGUMENT BATCH_INVALID or EVENT_INVALID: nothing was appended.
  absl::StatusOr<Appended> Append(absl::Time deadline, absl::string_view tenant,
                                  absl::string_view source,
                                  const std::vector<NumberedBytes>& batch);

  // Appends an act on the log itself in the transaction of that act, so that there is no answer
  // without its trail. `key` from ContentKeys::Current before the transaction began.
  absl::Status AppendOwn(db::Transaction& txn, const ContentKeyHandle& key,
                         const v1::AuditEvent& event);

 private:
  struct Prepared;
  Prepared Prepare(const v1::AuditEvent& event, absl::string_view content, int64_t number,
                   const ContentKeyHandle& key) const;
  // Gives positions; the sequence is locked and none of the events is in the log.
  absl::Status Sequence(db::Transaction& txn, int32_t key_id, const std::vector<Prepared*>& events,
                        absl::Time now) const;

  db::Database& database_;
  db::Tenants& tenants_;
  ContentKeys& keys_;
  const Pseudonyms& pseudonyms_;
  const clock::Clock& clock_;
  const std::function<void(absl::string_view tenant)> appended_;
};

// What an entry's content opens to. DATA_LOSS when it was tampered with.
absl::StatusOr<std::string> OpenContent(const crypto::DataKey& key, absl::string_view tenant,
                                        absl::string_view event_id, absl::string_view sealed);
// What the outcome table holds: a serialised v1::OutcomeRecord.
absl::StatusOr<std::string> OpenOutcome(const crypto::DataKey& key, absl::string_view tenant,
                                        absl::string_view sealed);

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_LOG_H_
