// Carries the outbox to one destination: numbers what has committed without a gap, sends it in
// order, and remembers how far the destination has come. At least once; the destination's inbox
// drops what comes twice.
#ifndef WAYMARK_COMMON_OUTBOX_RELAY_H_
#define WAYMARK_COMMON_OUTBOX_RELAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/tenants.h"

namespace waymark::outbox {

struct Numbered {
  int64_t number = 0;  // 1, 2, 3, ... for each (source, tenant, destination)
  std::string event_id;
  std::string payload;
  absl::Time appended_at;  // the database's clock
};

// Sends one batch of one tenant, in order, and returns OK once the destination has it for good.
// Called from the relay's thread inside a transaction that holds the tenant's counter: return by
// `deadline`, and do not wait for another relay.
using Deliver = std::function<absl::Status(
    absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time deadline)>;

struct RelayOptions {
  std::string destination;
  int batch_rows = 500;
  int64_t batch_bytes = 1 << 20;  // gRPC takes 4 MiB; a single bigger message goes alone
  // Waits this long after a wake so that one turn carries several commits: a turn costs two
  // transactions however little it carries.
  absl::Duration linger = absl::Milliseconds(5);
  // Looks at every tenant this often, for what a process that died had not sent.
  absl::Duration poll = absl::Seconds(5);
  absl::Duration deliver_timeout = absl::Seconds(10);
  // Between attempts for a tenant whose delivery failed; doubles from the first to the second.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration longest_backoff = absl::Seconds(15);
};

// What Deliver answers when something must happen elsewhere first that will happen by itself: it is
// asked again, ever later; no failure, and no other tenant waits. UNAVAILABLE NOT_YET.
absl::Status NotYet(absl::string_view message);
bool IsNotYet(const absl::Status& status);

// One thread and at most one connection at a time. Several processes may relay to the same
// destination: the row lock on the tenant's counter lets one work, and falls with its connection.
// Metrics by destination: waymark_outbox_undelivered_messages and waymark_outbox_lag_seconds (as of
// the last look at each tenant), waymark_outbox_delivered_total, waymark_outbox_failures_total.
class Relay {
 public:
  // Starts with Start(). `database` and `tenants` outlive the relay.
  Relay(db::Database& database, db::Tenants& tenants, RelayOptions options, Deliver deliver);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void Start();
  // Waits for the turn in progress. What is not delivered stays in the outbox.
  void Stop();

  // There is something for `tenant`: from OnCommit of the transaction that appended. Cheap, from
  // any thread.
  void Wake(absl::string_view tenant);

  // The destination has everything below `number` and not `number` itself: sends again from there,
  // if the row is still kept; otherwise logs an error. Cheap, from any thread, from Deliver too.
  void ResendFrom(absl::string_view tenant, int64_t number);

  // One turn for one tenant, in the caller's thread: delivers one batch of what is numbered, then
  // numbers what is not. True when there may be more to do. UNAVAILABLE RELAY_BUSY: another relay
  // works on this tenant. Otherwise errors of Deliver and of the database.
  absl::StatusOr<bool> Turn(absl::string_view tenant);

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_RELAY_H_
