#include "services/workforce/store/scim_users.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {
namespace {

constexpr char kRead[] =
    "SELECT p.person_id, p.created_at, s.key_version, s.sealed FROM person AS p"
    " LEFT JOIN scim_user AS s ON s.tenant = p.tenant AND s.person_id = p.person_id"
    " WHERE p.tenant = $1 AND p.person_id = ANY ($2::uuid[])";
constexpr char kPut[] =
    "INSERT INTO scim_user (tenant, person_id, user_name_token, external_token, key_version,"
    " sealed) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (tenant, person_id) DO UPDATE SET user_name_token = excluded.user_name_token,"
    " external_token = excluded.external_token, key_version = excluded.key_version,"
    " sealed = excluded.sealed";
constexpr char kDelete[] = "DELETE FROM scim_user WHERE tenant = $1 AND person_id = $2";
constexpr char kByName[] =
    "SELECT person_id FROM scim_user WHERE tenant = $1 AND user_name_token = $2";
constexpr char kByExternal[] =
    "SELECT person_id FROM scim_user WHERE tenant = $1 AND external_token = $2"
    " ORDER BY person_id LIMIT 50";
constexpr char kEver[] =
    "SELECT DISTINCT person_id FROM blind_index WHERE tenant = $1 AND kind = $2"
    " AND token = ANY ($3::bytea[]) ORDER BY person_id LIMIT 50";
// State and type: MERGED, FAMILY_MEMBER, ACTIVE.
constexpr char kUsers[] =
    " FROM person AS p WHERE p.tenant = $1 AND p.state <> 5 AND p.workforce_type <> 7"
    " AND (p.state = 2 OR EXISTS (SELECT FROM scim_user AS s WHERE s.tenant = $1"
    "  AND s.person_id = p.person_id))"
    " AND EXISTS (SELECT FROM employment_slice AS e WHERE e.tenant = $1"
    "  AND e.person_id = p.person_id AND e.known_until = 'infinity')"
    " AND (NOT p.protected OR EXISTS (SELECT FROM protection_allowed AS a WHERE a.tenant = $1"
    "  AND a.person_id = p.person_id AND a.user_id = $2))";

std::string Binding(const TenantKeys& keys, absl::string_view person_id) {
  return keys.Binding("scim_user", person_id);
}

std::vector<std::string> Ids(const pqxx::result& rows) {
  std::vector<std::string> ids;
  for (const pqxx::row& row : rows) ids.push_back(db::Text(row[0]));
  return ids;
}

}  // namespace

absl::StatusOr<std::map<std::string, ScimUserRow>> ReadScimUsers(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kRead, txn.tenant(), db::UuidArray(person_ids)));
  std::map<std::string, ScimUserRow> users;
  for (const pqxx::row& row : rows) {
    const std::string id = db::Text(row[0]);
    ScimUserRow& user = users[id];
    user.created = db::Instant(row[1]);
    if (row[2].is_null()) continue;
    ASSIGN_OR_RETURN(user.said, keys.Open(Binding(keys, id), static_cast<int32_t>(db::Int(row[2])),
                                          db::Bytes(row[3])));
  }
  return users;
}

absl::Status PutScimUser(db::Transaction& txn, const TenantKeys& keys, absl::string_view person_id,
                         absl::string_view user_name, absl::string_view external_id,
                         absl::string_view said) {
  const std::string name_token = keys.Token(TokenKind::kScimUserName, user_name);
  const std::string external_token =
      external_id.empty() ? "" : keys.Token(TokenKind::kScimExternalId, external_id);
  const Sealed sealed = keys.Seal(Binding(keys, person_id), said);
  return txn
      .Exec(kPut, txn.tenant(), person_id, db::Bytea{name_token},
            external_id.empty() ? std::nullopt : std::optional(db::Bytea{external_token}),
            sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::Status DeleteScimUser(db::Transaction& txn, absl::string_view person_id) {
  return txn.Exec(kDelete, txn.tenant(), person_id).status();
}

absl::StatusOr<std::string> FindScimUserName(db::Transaction& txn, const TenantKeys& keys,
                                             absl::string_view user_name) {
  const std::string token = keys.Token(TokenKind::kScimUserName, user_name);
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kByName, txn.tenant(), db::Bytea{token}));
  return rows.empty() ? std::string() : db::Text(rows[0][0]);
}

absl::StatusOr<std::vector<std::string>> FindScimExternalId(db::Transaction& txn,
                                                            const TenantKeys& keys,
                                                            absl::string_view external_id) {
  const std::string token = keys.Token(TokenKind::kScimExternalId, external_id);
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kByExternal, txn.tenant(), db::Bytea{token}));
  return Ids(rows);
}

absl::StatusOr<std::vector<std::string>> FindEverByToken(db::Transaction& txn,
                                                         const TenantKeys& keys, TokenKind kind,
                                                         absl::string_view normalised) {
  if (normalised.empty()) return std::vector<std::string>();
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kEver, txn.tenant(), static_cast<int>(kind),
                                                     LiveTokens(keys, kind, normalised)));
  return Ids(rows);
}

absl::StatusOr<int64_t> CountScimUsers(db::Transaction& txn, absl::string_view user_id) {
  ASSIGN_OR_RETURN(const pqxx::row row,
                   txn.ExecRow(absl::StrCat("SELECT count(*)", kUsers), txn.tenant(), user_id));
  return db::Int(row[0]);
}

absl::StatusOr<std::vector<std::string>> PageScimUsers(db::Transaction& txn,
                                                       absl::string_view user_id, int64_t offset,
                                                       int64_t limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat("SELECT p.person_id", kUsers,
                                         " ORDER BY p.person_id OFFSET $3 LIMIT $4"),
                            txn.tenant(), user_id, offset, limit));
  return Ids(rows);
}

absl::StatusOr<std::vector<std::string>> ScimUsersAmong(
    db::Transaction& txn, absl::string_view user_id, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat("SELECT p.person_id", kUsers,
                                         " AND p.person_id = ANY ($3::uuid[])"
                                         " ORDER BY p.person_id"),
                            txn.tenant(), user_id, db::UuidArray(person_ids)));
  return Ids(rows);
}

}  // namespace waymark::workforce
