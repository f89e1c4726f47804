#include "services/workforce/people/lifecycle.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/numbers.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {
namespace {

constexpr char kInsertFormer[] =
    "INSERT INTO former_identity (tenant, former_id, person_id, until_at, key_version, sealed)"
    " SELECT $1, f.former_id, f.person_id, $5, $6, f.sealed"
    " FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS f (former_id, person_id, sealed)";
constexpr char kSetState[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = $3,"
    " transferred_to = nullif($5, '') WHERE tenant = $1 AND person_id = $2";
constexpr char kRefreshStates[] =
    "UPDATE person SET version = version + 1, changed_at = $3,"
    " state = CASE WHEN known.works THEN 2 ELSE 3 END,"
    " left_on = CASE WHEN known.works THEN NULL ELSE known.ended_on END"
    " FROM (SELECT person_id, bool_or(state <> 3 AND until_on > $2) AS works,"
    "  max(from_on) FILTER (WHERE state = 3) AS ended_on FROM employment_slice"
    "  WHERE tenant = $1 AND known_until = 'infinity' GROUP BY person_id"
    "  HAVING bool_or(state = 3)) AS known"
    " WHERE person.tenant = $1 AND person.person_id = known.person_id"
    " AND ((person.state = 2 AND NOT known.works) OR (person.state = 3 AND known.works))";

}  // namespace

absl::Status SealFormerIdentity(db::Transaction& txn, const TenantKeys& keys,
                                const std::vector<std::string>& person_ids, absl::Time now) {
  ASSIGN_OR_RETURN(const auto fields,
                   ReadFields(txn, keys, person_ids, {Field::kName, Field::kSex}));
  std::vector<std::string> formers;
  std::vector<std::string> people;
  std::vector<std::string> sealed;
  for (const auto& [person_id, values] : fields) {
    v1::Person person;
    RETURN_IF_ERROR(FromFields(values, person));
    v1::FormerIdentity former;
    *former.mutable_name() = person.name();
    former.set_sex(person.sex());
    formers.push_back(ids::NewUuid());
    people.push_back(person_id);
    sealed.push_back(keys.Seal(keys.Binding("former_identity", formers.back(), person_id),
                               former.SerializeAsString())
                         .bytes);
  }
  if (formers.empty()) return absl::OkStatus();
  return txn
      .Exec(kInsertFormer, txn.tenant(), db::UuidArray(formers), db::UuidArray(people),
            db::ByteaArray(sealed), now, keys.sealing_version())
      .status();
}

absl::Status EndEmployments(db::Transaction& txn, const TenantKeys& keys,
                            const std::string& person_id, v1::EndReason reason, absl::CivilDay day,
                            absl::CivilDay today, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                   ReadSlices(txn, keys, {person_id}, std::nullopt, now));
  std::map<std::string, const Slice*> last;
  std::map<std::string, int64_t> versions;
  for (const Slice& slice : slices) {
    const std::string& id = slice.employment.employment_id();
    const Slice*& held = last[id];
    if (held == nullptr || slice.from > held->from) held = &slice;
    versions[id] = std::max(versions[id], slice.source_version);
  }
  std::vector<Statement> statements;
  for (const auto& [id, slice] : last) {
    if (slice->employment.state() == v1::EMPLOYMENT_STATE_ENDED) continue;
    Statement statement;
    statement.person_id = person_id;
    statement.employment = slice->employment;
    statement.employment.set_state(v1::EMPLOYMENT_STATE_ENDED);
    statement.employment.set_end_reason(reason);
    // What was to begin later never does.
    statement.from = std::max(day, slice->from);
    statement.source = "manual";
    statement.source_version = versions[id] + 1;
    statements.push_back(statement);
  }
  if (statements.empty()) return absl::OkStatus();
  return WriteStatements(txn, keys, statements, today, now);
}

absl::Status SetPersonState(db::Transaction& txn, const std::string& person_id,
                            v1::PersonState state, absl::Time now,
                            const std::string& transferred_to) {
  return txn.Exec(kSetState, txn.tenant(), person_id, static_cast<int>(state), now, transferred_to)
      .status();
}

absl::StatusOr<int64_t> RefreshStates(db::Transaction& txn, absl::CivilDay today, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kRefreshStates, txn.tenant(), civil::FormatDay(today), now));
  return static_cast<int64_t>(rows.affected_rows());
}

}  // namespace waymark::workforce
