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
    "SELECT m.case_id, m.sealed_keys, r.state = 1 FROM referral_match m"
    " JOIN case_record r ON r.tenant = m.tenant AND r.case_id = m.case_id"
    " WHERE m.tenant = $1 AND m.organisation_code = $2 ORDER BY m.case_id";

std::string BindingOf(absl::string_view tenant, absl::string_view case_id) {
  return crypto::BindingOf({std::string(tenant), "referral_match", std::string(case_id)});
}

bool SameDay(const casework::v1::CivilDate& a, const casework::v1::CivilDate& b) {
  return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
}

// The cases that one kind of key fits.
struct Found {
  std::vector<std::string> open;
  std::vector<std::string> closed;

  void Add(const std::string& case_id, bool is_open) {
    (is_open ? open : closed).push_back(case_id);
  }
  std::string Only() const {
    const std::vector<std::string>& cases = open.empty() ? closed : open;
    return cases.size() == 1 ? cases.front() : "";
  }
};

}  // namespace

db::SchemaRange ReferralSchema() {
  return {.line = std::string(kReferralLine), .current = 3, .min_compatible = 2};
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
  Found by_reference;
  Found by_person;
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    by_reference = {};
    by_person = {};
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
        by_reference.Add(case_id, db::Bool(row[2]));
      }
      if (!keys.nhs_number().empty() && known.nhs_number() == keys.nhs_number() &&
          keys.has_birth_date() && SameDay(known.birth_date(), keys.birth_date())) {
        by_person.Add(case_id, db::Bool(row[2]));
      }
    }
    return absl::OkStatus();
  }));
  const std::string named = by_reference.Only();
  return named.empty() ? by_person.Only() : named;
}

}  // namespace waymark::referral
