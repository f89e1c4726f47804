#include "services/workforce/people/lifecycle.h"

#include <algorithm>
#include <map>
#include <optional>

#include "common/status/status.h"
#include "services/workforce/store/former_identities.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

absl::Status SealFormerIdentity(db::Transaction& txn, const TenantKeys& keys,
                                const std::vector<std::string>& person_ids, absl::Time now) {
  ASSIGN_OR_RETURN(const auto fields,
                   ReadFields(txn, keys, person_ids, {Field::kName, Field::kSex}));
  std::map<std::string, v1::FormerIdentity> former;
  for (const auto& [person_id, values] : fields) {
    v1::Person person;
    RETURN_IF_ERROR(FromFields(values, person));
    *former[person_id].mutable_name() = person.name();
    former[person_id].set_sex(person.sex());
  }
  return InsertFormer(txn, keys, former, now);
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

}  // namespace waymark::workforce
