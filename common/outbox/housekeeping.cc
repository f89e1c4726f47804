#include "common/outbox/housekeeping.h"

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/db/idempotency.h"
#include "common/log/log.h"
#include "common/outbox/inbox.h"
#include "common/outbox/outbox.h"
#include "common/status/status.h"

namespace waymark::outbox {
namespace {

constexpr absl::Duration kEvery = absl::Hours(1);
constexpr absl::Duration kTimeForOne = absl::Minutes(5);

}  // namespace

absl::Status KeepHouse(db::Database& database, db::Tenants& tenants, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<std::string> all, tenants.All(absl::Now() + kTimeForOne));
  for (const std::string& tenant : all) {
    RETURN_IF_ERROR(database.Transact(
        absl::Now() + kTimeForOne, tenant, [&](db::Transaction& txn) -> absl::Status {
          RETURN_IF_ERROR(db::PurgeOnce(txn, now - db::kOnceRetention).status());
          RETURN_IF_ERROR(PurgeDelivered(txn, now - kRetention).status());
          return PurgeArrivals(txn, now - kRetention).status();
        }));
  }
  return absl::OkStatus();
}

Housekeeper::Housekeeper(db::Database& database, db::Tenants& tenants)
    : database_(database), tenants_(tenants), thread_([this] { Run(); }) {}

Housekeeper::~Housekeeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Housekeeper::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kEvery)) return;
    }
    const absl::Status done = KeepHouse(database_, tenants_, absl::Now());
    if (!done.ok()) log::Warning("housekeeping failed", {{"reason", status::Reason(done)}});
  }
}

}  // namespace waymark::outbox
