#include "services/workforce/store/feed_held.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr char kLinksOn[] =
    "SELECT source, effective_on::text, coalesce(ends_on::text, '') FROM feed_link"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY source, effective_on";
// A joiner of a run that was not applied has an id of its own, and is nobody.
constexpr char kRowsOn[] =
    "SELECT run_id, line, key_version, sealed FROM feed_row"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY run_id, line";

}  // namespace

absl::StatusOr<std::vector<FeedLinkHeld>> FeedLinksOn(db::Transaction& txn,
                                                      const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kLinksOn, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<FeedLinkHeld> links;
  for (const pqxx::row& row : rows) {
    links.push_back({db::Text(row[0]), db::Text(row[1]), db::Text(row[2])});
  }
  return links;
}

absl::StatusOr<std::vector<v1::FeedPerson>> FeedRowsOn(db::Transaction& txn, const TenantKeys& keys,
                                                       const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kRowsOn, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<v1::FeedPerson> held;
  for (const pqxx::row& row : rows) {
    v1::FeedPerson& person = held.emplace_back();
    const auto key_version = static_cast<int32_t>(db::Int(row[2]));
    if (key_version == 0) continue;  // Missing from a snapshot.
    ASSIGN_OR_RETURN(
        const std::string opened,
        keys.Open(keys.Binding("feed_row", db::Text(row[0]), absl::StrCat(db::Int(row[1]))),
                  key_version, db::Bytes(row[3])));
    if (!person.ParseFromString(opened)) {
      return status::DataLoss("VALUE_UNREADABLE", "A stored value cannot be read.");
    }
  }
  return held;
}

}  // namespace waymark::workforce
