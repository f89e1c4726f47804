#include "services/referral/store/matches.h"

#include <vector>

#include "common/crypto/crypto.h"
#include "common/crypto/sealed.h"
#include "common/db/transaction.h"
#include "common/status/status.h"

namespace waymark::referral {
namespace {

constexpr char kRemember[] =
    "INSERT INTO referral_match (tenant, organisation_code, case_id, sealed_keys)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (tenant, organisation_code, case_id)"
    " DO UPDATE SET sealed_keys = EXCLUDED.sealed_keys";
constexpr char kCandidates[] =
    "SELECT case_id, sealed_keys FROM referral_match"
    " WHERE tenant = $1 AND organisation_code = $2 ORDER BY case_id";

std::string BindingOf(absl::string_view tenant, absl::string_view case_id) {
  return crypto::BindingOf({std::string(tenant), "referral_match", std::string(case_id)});
}

bool SameDay(const casework::v1::CivilDate& a, const casework::v1::CivilDate& b) {
  return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
}

}  // namespace

db::SchemaRange ReferralSchema() {
  return {.line = std::string(kReferralLine), .current = 2, .min_compatible = 2};
}

absl::Status Matches::Remember(absl::Time deadline, absl::string_view tenant,
                               absl::string_view case_id, const v1::MatchKeys& keys) const {
  ASSIGN_OR_RETURN(
      const std::string sealed,
      crypto::SealAlone(keys_, tenant, BindingOf(tenant, case_id), keys.SerializeAsString()));
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kRemember, txn.tenant(), keys.organisation_code(), case_id, db::Bytea{sealed})
        .status();
  });
}

absl::StatusOr<std::string> Matches::Find(absl::Time deadline, absl::string_view tenant,
                                          const v1::MatchKeys& keys) const {
  std::string by_reference;
  std::vector<std::string> by_person;
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    by_reference.clear();
    by_person.clear();
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(kCandidates, txn.tenant(), keys.organisation_code()));
    for (const pqxx::row& row : rows) {
      const std::string case_id = db::Text(row[0]);
      ASSIGN_OR_RETURN(
          const std::string bytes,
          crypto::OpenAlone(keys_, tenant, BindingOf(tenant, case_id), db::Bytes(row[1])));
      v1::MatchKeys known;
      if (!known.ParseFromString(bytes)) {
        return status::DataLoss("MATCH_UNREADABLE", "What a referral is known by cannot be read.");
      }
      if (!keys.provider_reference().empty() &&
          known.provider_reference() == keys.provider_reference()) {
        by_reference = case_id;
      }
      if (!keys.nhs_number().empty() && known.nhs_number() == keys.nhs_number() &&
          keys.has_birth_date() && SameDay(known.birth_date(), keys.birth_date())) {
        by_person.push_back(case_id);
      }
    }
    return absl::OkStatus();
  }));
  if (!by_reference.empty()) return by_reference;
  return by_person.size() == 1 ? by_person.front() : "";
}

}  // namespace waymark::referral
