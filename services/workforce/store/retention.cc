#include "services/workforce/store/retention.h"

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/workforce/store/people.h"
#include "services/workforce/store/tenant_keys.h"

namespace waymark::workforce {
namespace {

// What makes the period begin, by key.
constexpr struct {
  const char* key;
  const char* state_and_start;
} kStarts[] = {
    {"left", "p.state = 3 AND p.left_on <= $2::date"},
    {"deceased", "p.state = 4 AND p.changed_at < $2::date"},
    {"transferred", "p.state = 6 AND p.changed_at < $2::date"},
    {"provisional", "p.state = 1 AND p.created_at < $2::date"},
};

// Of those who are due. What shows them keeps those whom they were merged with, too.
constexpr char kDue[] =
    " AND NOT EXISTS (SELECT FROM person AS m WHERE m.tenant = p.tenant"
    "  AND m.merged_into = p.person_id AND m.state <> 5)";
constexpr char kIsHeld[] =
    "EXISTS (SELECT FROM legal_hold AS h WHERE h.tenant = p.tenant"
    "  AND h.person_id = p.person_id AND h.lifted_at IS NULL)";
constexpr char kHolds[] =
    "SELECT count(*) FROM legal_hold WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " AND lifted_at IS NULL";
// Every table that names a person, those without a foreign key to person that cascades.
constexpr const char* kDeletes[] = {
    "DELETE FROM person_field WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM blind_index WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM employment_slice WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM break_glass WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM reidentification WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM transfer WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM legal_hold WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM feed_link WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM feed_row WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM fitness_proposal WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM fitness_release WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    "DELETE FROM fitness_statement WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
    ("DELETE FROM merge WHERE tenant = $1 AND (kept_id = ANY ($2::uuid[])"
     " OR merged_id = ANY ($2::uuid[]))"),
    "DELETE FROM person WHERE tenant = $1 AND person_id = ANY ($2::uuid[])",
};

// " FROM person ..." of those whose period has run out; empty when nobody knows the key.
std::string FromLapsed(absl::string_view key) {
  for (const auto& start : kStarts) {
    if (key != start.key) continue;
    return absl::StrCat(" FROM person AS p WHERE p.tenant = $1 AND ", start.state_and_start, kDue);
  }
  return "";
}

absl::Status UnknownKey() {
  return status::InvalidArgument("RETENTION_KEY_UNKNOWN", "No period begins with this.");
}

}  // namespace

bool IsRetentionKey(absl::string_view key) { return !FromLapsed(key).empty(); }

absl::StatusOr<std::vector<std::string>> LapsedPeople(db::Transaction& txn, absl::string_view key,
                                                      absl::CivilDay before, int limit) {
  if (!IsRetentionKey(key)) return UnknownKey();
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat("SELECT p.person_id", FromLapsed(key), " AND NOT ",
                                         kIsHeld, " ORDER BY p.person_id LIMIT $3"),
                            txn.tenant(), civil::FormatDay(before), limit));
  std::vector<std::string> lapsed;
  for (const pqxx::row& row : rows) lapsed.push_back(db::Text(row[0]));
  return lapsed;
}

absl::StatusOr<LapsedCount> CountLapsed(db::Transaction& txn, absl::string_view key,
                                        absl::CivilDay before) {
  if (!IsRetentionKey(key)) return UnknownKey();
  ASSIGN_OR_RETURN(
      const pqxx::row count,
      txn.ExecRow(absl::StrCat("SELECT count(*) FILTER (WHERE NOT ", kIsHeld,
                               "), count(*) FILTER (WHERE ", kIsHeld, ")", FromLapsed(key)),
                  txn.tenant(), civil::FormatDay(before)));
  return LapsedCount{db::Int(count[0]), db::Int(count[1])};
}

absl::Status ErasePeople(db::Transaction& txn, const std::vector<std::string>& person_ids) {
  if (person_ids.empty()) return absl::OkStatus();
  // So that nobody makes them tokens meanwhile.
  RETURN_IF_ERROR(LockTokens(txn));
  ASSIGN_OR_RETURN(const std::vector<std::string> all, SamePeople(txn, person_ids));
  const db::Literal ids = db::UuidArray(all);
  ASSIGN_OR_RETURN(const pqxx::row holds, txn.ExecRow(kHolds, txn.tenant(), ids));
  if (db::Int(holds[0]) > 0) {
    return status::FailedPrecondition("LEGAL_HOLD", "A legal hold keeps this record.");
  }
  for (const char* statement : kDeletes) {
    RETURN_IF_ERROR(txn.Exec(statement, txn.tenant(), ids).status());
  }
  return absl::OkStatus();
}

}  // namespace waymark::workforce
