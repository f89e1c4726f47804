#include "services/workforce/people/retention.h"

#include <google/protobuf/text_format.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/status/status.h"

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
constexpr char kNotHeld[] =
    " AND NOT EXISTS (SELECT FROM legal_hold AS h WHERE h.tenant = p.tenant"
    "  AND h.person_id = p.person_id AND h.lifted_at IS NULL)";
constexpr char kHeld[] =
    " AND EXISTS (SELECT FROM legal_hold AS h WHERE h.tenant = p.tenant"
    "  AND h.person_id = p.person_id AND h.lifted_at IS NULL)";
constexpr char kHolds[] =
    "SELECT count(*) FROM legal_hold WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " AND lifted_at IS NULL";
constexpr char kWithMerged[] =
    "SELECT person_id FROM person WHERE tenant = $1"
    " AND (person_id = ANY ($2::uuid[]) OR merged_into = ANY ($2::uuid[]))";

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

absl::Status Unreadable(absl::string_view why) {
  return status::FailedPrecondition("RETENTION_UNREADABLE",
                                    absl::StrCat("The retention schedule: ", why));
}

}  // namespace

absl::StatusOr<v1::ListRetentionResponse> LoadRetention(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) return Unreadable(absl::StrCat("cannot read ", path, "."));
  v1::ListRetentionResponse schedule;
  if (!google::protobuf::TextFormat::ParseFromString(text.str(), &schedule)) {
    return Unreadable(absl::StrCat(path, " is no schedule."));
  }
  for (const v1::RetentionRule& rule : schedule.rules()) {
    bool known = false;
    for (const auto& start : kStarts) known |= rule.key() == start.key;
    if (!known) return Unreadable(absl::StrCat("nobody knows the key ", rule.key(), "."));
    if (rule.years() * 12 + rule.months() < 1) {
      return Unreadable(absl::StrCat(rule.key(), " has no period."));
    }
    if (rule.basis().empty()) return Unreadable(absl::StrCat(rule.key(), " has no basis."));
  }
  return schedule;
}

absl::StatusOr<std::vector<std::string>> DueForErasure(db::Transaction& txn,
                                                       const v1::RetentionRule& rule,
                                                       absl::CivilDay today, int limit,
                                                       int64_t* held) {
  std::vector<std::string> due;
  const std::string before =
      civil::FormatDay(civil::AddMonths(today, -(rule.years() * 12 + rule.months())));
  for (const auto& start : kStarts) {
    if (rule.key() != start.key) continue;
    const std::string where =
        absl::StrCat(" FROM person AS p WHERE p.tenant = $1 AND ", start.state_and_start, kDue);
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(absl::StrCat("SELECT p.person_id", where, kNotHeld,
                                           " ORDER BY p.person_id LIMIT $3"),
                              txn.tenant(), before, limit));
    for (const pqxx::row& row : rows) due.push_back(db::Text(row[0]));
    if (held == nullptr) continue;
    ASSIGN_OR_RETURN(
        const pqxx::row count,
        txn.ExecRow(absl::StrCat("SELECT count(*)", where, kHeld), txn.tenant(), before));
    *held = db::Int(count[0]);
  }
  return due;
}

absl::Status ErasePeople(db::Transaction& txn, const std::vector<std::string>& person_ids) {
  if (person_ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kWithMerged, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<std::string> all;
  for (const pqxx::row& row : rows) all.push_back(db::Text(row[0]));
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
