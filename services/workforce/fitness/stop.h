// What the rest of the service asks of fitness statements in its own transactions: a death ends
// them, a subject access request reads them, a retention rule deletes them.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_STOP_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_STOP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::workforce {

// From this commit on nothing leaves on this person, nor on those who were merged into them: open
// statements end as withdrawn, proposals are closed, and what the webhook has not been told stays
// here. The employer is told nothing. For whoever holds the person's row locked; returns what no
// longer waits for anybody, to be told to scheduling in the same transaction.
absl::StatusOr<std::vector<scheduling::v1::Plan>> StopFitness(db::Transaction& txn,
                                                              absl::string_view person_id,
                                                              absl::Time now);

// Statements, releases and proposals on these people, each as one JSON document, oldest first.
absl::StatusOr<std::vector<std::string>> FitnessHeldOn(db::Transaction& txn, const TenantKeys& keys,
                                                       const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_STOP_H_
