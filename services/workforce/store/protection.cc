#include "services/workforce/store/protection.h"

#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr char kProtect[] =
    "UPDATE person SET version = version + 1, changed_at = $4, protected = $3"
    " WHERE tenant = $1 AND person_id = $2";
constexpr char kClearAllowed[] =
    "DELETE FROM protection_allowed WHERE tenant = $1 AND person_id = $2";
constexpr char kInsertAllowed[] =
    "INSERT INTO protection_allowed (tenant, person_id, user_id)"
    " SELECT $1, $2, a.user_id FROM unnest($3::text[]) AS a (user_id)";
constexpr char kReadAllowed[] =
    "SELECT user_id FROM protection_allowed WHERE tenant = $1 AND person_id = $2 ORDER BY user_id";
constexpr char kOpenTo[] =
    "SELECT person_id FROM protection_allowed WHERE tenant = $1 AND user_id = $2"
    " AND person_id = ANY ($3::uuid[])"
    " UNION SELECT person_id FROM break_glass WHERE tenant = $1 AND opened_by = $2"
    " AND person_id = ANY ($3::uuid[]) AND opened_at <= $4 AND expires_at > $4";

}  // namespace

absl::Status SetProtected(db::Transaction& txn, const std::string& person_id, bool active,
                          const std::set<std::string>& allowed_user_ids, absl::Time now) {
  RETURN_IF_ERROR(txn.Exec(kProtect, txn.tenant(), person_id, active, now).status());
  RETURN_IF_ERROR(txn.Exec(kClearAllowed, txn.tenant(), person_id).status());
  if (allowed_user_ids.empty()) return absl::OkStatus();
  const std::vector<std::string> allowed(allowed_user_ids.begin(), allowed_user_ids.end());
  return txn.Exec(kInsertAllowed, txn.tenant(), person_id, db::TextArray(allowed)).status();
}

absl::StatusOr<std::vector<std::string>> AllowedUsers(db::Transaction& txn,
                                                      absl::string_view person_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadAllowed, txn.tenant(), person_id));
  std::vector<std::string> users;
  for (const pqxx::row& row : rows) users.push_back(db::Text(row[0]));
  return users;
}

absl::StatusOr<std::set<std::string>> OpenTo(db::Transaction& txn, absl::string_view user_id,
                                             const std::vector<std::string>& person_ids,
                                             absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kOpenTo, txn.tenant(), user_id, db::UuidArray(person_ids), now));
  std::set<std::string> open;
  for (const pqxx::row& row : rows) open.insert(db::Text(row[0]));
  return open;
}

}  // namespace waymark::workforce
