#include "services/workforce/fitness/stop.h"

#include <google/protobuf/util/json_util.h>

#include "common/status/status.h"
#include "services/workforce/fitness/plan.h"
#include "services/workforce/fitness/store.h"

namespace waymark::workforce {
namespace {

absl::Status AppendJson(const google::protobuf::Message& message, std::vector<std::string>& held) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return status::Internal("RECORD_UNREADABLE", "A stored fitness record cannot be shown.");
  }
  held.push_back(std::move(json));
  return absl::OkStatus();
}

}  // namespace

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
    RETURN_IF_ERROR(AppendJson(one.statement, held));
  }
  ASSIGN_OR_RETURN(const std::vector<StoredRelease> releases,
                   EveryReleaseOn(txn, keys, person_ids));
  for (const StoredRelease& one : releases) RETURN_IF_ERROR(AppendJson(one.release, held));
  ASSIGN_OR_RETURN(const std::vector<StoredProposal> proposals,
                   EveryProposalOn(txn, keys, person_ids));
  for (const StoredProposal& one : proposals) RETURN_IF_ERROR(AppendJson(one.proposal, held));
  return held;
}

}  // namespace waymark::workforce
