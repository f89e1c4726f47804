#include "services/workforce/fitness/stop.h"

#include <google/protobuf/util/json_util.h>

#include <pqxx/result>

#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/plan.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"

namespace waymark::workforce {
namespace {

constexpr char kStopStatements[] =
    "WITH RECURSIVE same (id) AS (SELECT $2::uuid UNION SELECT p.person_id FROM person AS p"
    " JOIN same ON p.tenant = $1 AND p.merged_into = same.id)"
    " UPDATE fitness_statement SET state = 5, version = version + 1, ended_at = $3"
    " WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND state <= 4"
    " RETURNING statement_id, version";
constexpr char kStopProposals[] =
    "WITH RECURSIVE same (id) AS (SELECT $2::uuid UNION SELECT p.person_id FROM person AS p"
    " JOIN same ON p.tenant = $1 AND p.merged_into = same.id)"
    " UPDATE fitness_proposal SET closed_at = $3"
    " WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND closed_at IS NULL"
    " RETURNING proposal_id, 2";
// What is waiting to be sent again to the employer is not sent, and no longer anybody's task.
constexpr char kStopLetters[] =
    "WITH RECURSIVE same (id) AS (SELECT $2::uuid UNION SELECT p.person_id FROM person AS p"
    " JOIN same ON p.tenant = $1 AND p.merged_into = same.id)"
    " DELETE FROM fitness_dead_letter AS d USING fitness_release AS r"
    " WHERE d.tenant = $1 AND r.tenant = d.tenant AND r.sequence = d.sequence"
    " AND r.person_id IN (SELECT id FROM same)";

constexpr char kHeldStatements[] =
    "SELECT statement_id::text, key_version, sealed, version, state, ended_at"
    " FROM fitness_statement WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " ORDER BY issued_at, statement_id";
constexpr char kHeldReleases[] =
    "SELECT sequence::text, key_version, sealed FROM fitness_release"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY sequence";
constexpr char kHeldProposals[] =
    "SELECT proposal_id::text, key_version, sealed FROM fitness_proposal"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY proposed_at, proposal_id";

template <typename M>
absl::StatusOr<M> OpenRow(const TenantKeys& keys, const char* table, const pqxx::row& row) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   keys.Open(keys.Binding(table, db::Text(row[0])),
                             static_cast<int32_t>(db::Int(row[1])), db::Bytes(row[2])));
  M message;
  if (message.ParseFromString(bytes)) return message;
  return status::DataLoss("RECORD_UNREADABLE", "A stored fitness record cannot be read.");
}

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
  for (const char* sql : {kStopStatements, kStopProposals}) {
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(sql, txn.tenant(), person_id, now));
    for (const pqxx::row& row : rows) {
      closed.push_back(ClosedPlan(db::Text(row[0]), db::Int(row[1])));
    }
  }
  RETURN_IF_ERROR(txn.Exec(kStopLetters, txn.tenant(), person_id).status());
  return closed;
}

absl::StatusOr<std::vector<std::string>> FitnessHeldOn(db::Transaction& txn, const TenantKeys& keys,
                                                       const std::vector<std::string>& person_ids) {
  const db::Literal ids = db::UuidArray(person_ids);
  std::vector<std::string> held;
  ASSIGN_OR_RETURN(const pqxx::result statements, txn.Exec(kHeldStatements, txn.tenant(), ids));
  for (const pqxx::row& row : statements) {
    ASSIGN_OR_RETURN(v1::FitnessStatement one,
                     OpenRow<v1::FitnessStatement>(keys, "fitness_statement", row));
    one.set_version(db::Int(row[3]));
    one.set_state(static_cast<v1::StatementState>(db::Int(row[4])));
    if (const auto ended = db::Optional<absl::Time>(row[5])) {
      *one.mutable_ended_time() = casework::ToTimestamp(*ended);
    }
    RETURN_IF_ERROR(AppendJson(one, held));
  }
  ASSIGN_OR_RETURN(const pqxx::result releases, txn.Exec(kHeldReleases, txn.tenant(), ids));
  for (const pqxx::row& row : releases) {
    ASSIGN_OR_RETURN(const v1::FitnessRelease one,
                     OpenRow<v1::FitnessRelease>(keys, "fitness_release", row));
    RETURN_IF_ERROR(AppendJson(one, held));
  }
  ASSIGN_OR_RETURN(const pqxx::result proposals, txn.Exec(kHeldProposals, txn.tenant(), ids));
  for (const pqxx::row& row : proposals) {
    ASSIGN_OR_RETURN(const v1::FitnessProposal one,
                     OpenRow<v1::FitnessProposal>(keys, "fitness_proposal", row));
    RETURN_IF_ERROR(AppendJson(one, held));
  }
  return held;
}

}  // namespace waymark::workforce
