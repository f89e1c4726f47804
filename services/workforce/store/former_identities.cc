#include "services/workforce/store/former_identities.h"

#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::workforce {
namespace {

constexpr char kInsert[] =
    "INSERT INTO former_identity (tenant, former_id, person_id, until_at, key_version, sealed)"
    " SELECT $1, f.former_id, f.person_id, $5, $6, f.sealed"
    " FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS f (former_id, person_id, sealed)";
constexpr char kRead[] =
    "SELECT former_id, person_id, until_at, key_version, sealed FROM former_identity"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY until_at DESC, former_id";

}  // namespace

absl::Status InsertFormer(db::Transaction& txn, const TenantKeys& keys,
                          const std::map<std::string, v1::FormerIdentity>& former, absl::Time now) {
  if (former.empty()) return absl::OkStatus();
  std::vector<std::string> formers;
  std::vector<std::string> people;
  std::vector<std::string> sealed;
  for (const auto& [person_id, one] : former) {
    formers.push_back(ids::NewUuid());
    people.push_back(person_id);
    sealed.push_back(keys.Seal(keys.Binding("former_identity", formers.back(), person_id),
                               one.SerializeAsString())
                         .bytes);
  }
  return txn
      .Exec(kInsert, txn.tenant(), db::UuidArray(formers), db::UuidArray(people),
            db::ByteaArray(sealed), now, keys.sealing_version())
      .status();
}

absl::StatusOr<std::vector<v1::FormerIdentity>> FormerIdentitiesOf(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kRead, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<v1::FormerIdentity> identities;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(const std::string opened,
                     keys.Open(keys.Binding("former_identity", db::Text(row[0]), db::Text(row[1])),
                               static_cast<int32_t>(db::Int(row[3])), db::Bytes(row[4])));
    v1::FormerIdentity& one = identities.emplace_back();
    if (!one.ParseFromString(opened)) {
      return status::DataLoss("VALUE_UNREADABLE", "A stored value cannot be read.");
    }
    *one.mutable_until_time() = casework::ToTimestamp(db::Instant(row[2]));
  }
  return identities;
}

}  // namespace waymark::workforce
