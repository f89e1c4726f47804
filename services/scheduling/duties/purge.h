// Forgets what is over: notices after three months, plans of cases 400 days after they closed, so
// that a year's compliance figures are whole.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_PURGE_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_PURGE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/tenants.h"

namespace waymark::scheduling {

inline constexpr absl::Duration kKeepNotices = absl::Hours(24 * 90);
inline constexpr absl::Duration kKeepClosedCases = absl::Hours(24 * 400);

// Once, for every tenant, in small transactions. `now` is clinical time, `real_now` real.
absl::Status Purge(db::Database& database, db::Tenants& tenants, absl::Time now,
                   absl::Time real_now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_PURGE_H_
