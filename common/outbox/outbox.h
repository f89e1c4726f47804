// What must be told to another service, written in the transaction that makes it true, so that
// "saved but not told" cannot exist. The relay (relay.h) delivers it, the receiver's inbox
// (inbox.h) proves that nothing is missing.
#ifndef WAYMARK_COMMON_OUTBOX_OUTBOX_H_
#define WAYMARK_COMMON_OUTBOX_OUTBOX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"

namespace waymark::outbox {

// Delivered rows are kept this long, for a receiver that was restored from a backup.
inline constexpr absl::Duration kRetention = absl::Hours(24 * 35);

struct Message {
  std::string destination;  // a service: "scheduling", "audit"
  std::string event_id;     // UUID; once per destination
  std::string payload;      // encrypted by the caller where it says something about a person
};

// Appends for the transaction's tenant, in one statement. Wake the relay after the commit:
//   txn.OnCommit([&relay, tenant] { relay.Wake(tenant); });
// ALREADY_EXISTS UNIQUE_VIOLATED: the event was appended before.
absl::Status Append(db::Transaction& txn, const std::vector<Message>& messages);

// For a statement of the caller's own that appends: three parameters, the arrays of destinations,
// event ids and payloads.
void AddMessages(const std::vector<Message>& messages, db::Params& params);

// Deletes rows of the transaction's tenant that were delivered before `before` (now - kRetention),
// to the day, and returns how many.
absl::StatusOr<int64_t> PurgeDelivered(db::Transaction& txn, absl::Time before);

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_OUTBOX_H_
