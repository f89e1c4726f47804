// The receiver's side: every source numbers what it sends for a tenant 1, 2, 3, ... so a receiver
// knows what is missing, what comes again, and when a source has forgotten what it sent.
#ifndef WAYMARK_COMMON_OUTBOX_INBOX_H_
#define WAYMARK_COMMON_OUTBOX_INBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"

namespace waymark::outbox {

struct Arrival {
  int64_t number = 0;    // from 1
  std::string event_id;  // UUID
};

struct Accepted {
  // For each arrival: act on it. False for one that was accepted before. After a step back an event
  // that comes under a used number is new.
  std::vector<bool> is_new;
  // The highest number with none missing below it: send it back, the source sends again from the
  // next one (Relay::ResendFrom) when it has gone further.
  int64_t contiguous = 0;
  int64_t highest = 0;
  // The first number that came again for another event: the source was restored from a backup.
  std::optional<int64_t> stepped_back;
  bool has_gap() const { return highest > contiguous; }
};

struct InboxState {
  std::string source;
  int64_t contiguous = 0;
  int64_t highest = 0;
  std::optional<absl::Time> gap_since;
  std::optional<absl::Time> stepped_back_at;
  std::optional<int64_t> stepped_back_number;
};

// Records arrivals from `source` for the transaction's tenant, in the transaction that acts on
// them. A gap is accepted, never refused: a deadline must not wait for a repair. A gap that opens
// and a step back are logged as errors and counted (waymark_inbox_gaps_total,
// waymark_inbox_step_backs_total by source) once the transaction has committed. One at a time per
// (source, tenant). `now` is real time. INVALID_ARGUMENT NUMBER_MALFORMED: below 1, or twice in one
// batch.
absl::StatusOr<Accepted> Accept(db::Transaction& txn, absl::string_view source,
                                const std::vector<Arrival>& arrivals, absl::Time now);

// Every source of the transaction's tenant.
absl::StatusOr<std::vector<InboxState>> InboxStates(db::Transaction& txn);

// The numbers missing below the highest, lowest first, at most `limit`.
absl::StatusOr<std::vector<int64_t>> MissingNumbers(db::Transaction& txn, absl::string_view source,
                                                    int limit);

// Forgets which events came under numbers that are contiguous and arrived before `before`
// (now - kRetention); returns how many.
absl::StatusOr<int64_t> PurgeArrivals(db::Transaction& txn, absl::Time before);

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_INBOX_H_
