#include "services/scheduling/duties/purge.h"

#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

constexpr int kAtOnce = 1000;

}  // namespace

absl::Status Purge(db::Database& database, db::Tenants& tenants, absl::Time now,
                   absl::Time real_now) {
  const absl::Time deadline = real_now + absl::Minutes(5);
  ASSIGN_OR_RETURN(const std::vector<std::string> all, tenants.All(deadline));
  for (const std::string& tenant : all) {
    bool more = true;
    while (more) {
      RETURN_IF_ERROR(
          database.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
            RETURN_IF_ERROR(PurgePageCounts(txn, real_now - absl::Hours(48)));
            ASSIGN_OR_RETURN(const int notices, PurgeNotices(txn, now - kKeepNotices, kAtOnce));
            ASSIGN_OR_RETURN(const int cases, PurgeClosed(txn, now - kKeepClosedCases, kAtOnce));
            more = notices == kAtOnce || cases == kAtOnce;
            return absl::OkStatus();
          }));
    }
  }
  return absl::OkStatus();
}

}  // namespace waymark::scheduling
