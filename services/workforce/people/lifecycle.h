// The turns of a working life that reach beyond one field.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_LIFECYCLE_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_LIFECYCLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/workforce/store/people.h"
#include "waymark/workforce/v1/employment.pb.h"

namespace waymark::workforce {

// Moves name and sex, as they are stored now, into the sealed history. Before WriteFields.
absl::Status SealFormerIdentity(db::Transaction& txn, const TenantKeys& keys,
                                const std::vector<std::string>& person_ids, absl::Time now);

// Ends every employment that goes on, from `day` on.
absl::Status EndEmployments(db::Transaction& txn, const TenantKeys& keys,
                            const std::string& person_id, v1::EndReason reason, absl::CivilDay day,
                            absl::CivilDay today, absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_LIFECYCLE_H_
