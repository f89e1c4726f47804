#include "services/workforce/fitness/stop.h"

#include "common/status/status.h"
#include "services/workforce/fitness/plan.h"
#include "services/workforce/fitness/store.h"
#include "services/workforce/people/record_json.h"

namespace waymark::workforce {
absl::StatusOr<std::vector<scheduling::v1::Plan>> StopFitness(db::Transaction& txn,
                                                              absl::string_view person_id,
                                                              absl::Time now) {
  std::vector<scheduling::v1::Plan> closed;
  ASSIGN_OR_RETURN(const std::vector<Closed> statements, EndStatements(txn, person_id, now));
  for (const Closed& one : statements) closed.push_back(ClosedPlan(one.id, one.version));
  ASSIGN_OR_RETURN(const std::vector<Closed> proposals, CloseProposals(txn, person_id, now));
  for (const Closed& one : proposals) closed.push_back(ClosedPlan(one.id, one.version));
  RETURN_IF_ERROR(DropDeadLetters(txn, person_id));
  return closed;
}

absl::StatusOr<std::vector<std::string>> FitnessHeldOn(db::Transaction& txn, const TenantKeys& keys,
                                                       const std::vector<std::string>& person_ids) {
  std::vector<std::string> held;
  ASSIGN_OR_RETURN(const std::vector<StoredStatement> statements,
                   EveryStatementOn(txn, keys, person_ids));
  for (const StoredStatement& one : statements) {
    ASSIGN_OR_RETURN(held.emplace_back(), RecordJson(one.statement));
  }
  ASSIGN_OR_RETURN(const std::vector<StoredRelease> releases,
                   EveryReleaseOn(txn, keys, person_ids));
  for (const StoredRelease& one : releases) {
    ASSIGN_OR_RETURN(held.emplace_back(), RecordJson(one.release));
  }
  ASSIGN_OR_RETURN(const std::vector<StoredProposal> proposals,
                   EveryProposalOn(txn, keys, person_ids));
  for (const StoredProposal& one : proposals) {
    ASSIGN_OR_RETURN(held.emplace_back(), RecordJson(one.proposal));
  }
  return held;
}

}  // namespace waymark::workforce
