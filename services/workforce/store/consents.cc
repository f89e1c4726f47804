#include "services/workforce/store/consents.h"

#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::workforce {
namespace {

constexpr char kRead[] =
    "SELECT consent_id, kind, recipient, given_at, withdrawn_at FROM consent"
    " WHERE tenant = $1 AND person_id = $2 ORDER BY given_at, consent_id";
constexpr char kInsert[] =
    "INSERT INTO consent (tenant, consent_id, person_id, kind, recipient, given_at)"
    " VALUES ($1, $2, $3, $4, $5, $6)";
constexpr char kWithdraw[] =
    "UPDATE consent SET withdrawn_at = coalesce(withdrawn_at, $4)"
    " WHERE tenant = $1 AND consent_id = $2 AND person_id = $3";

}  // namespace

absl::StatusOr<std::vector<v1::Consent>> ConsentsOf(db::Transaction& txn,
                                                    absl::string_view person_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kRead, txn.tenant(), person_id));
  std::vector<v1::Consent> consents;
  for (const pqxx::row& row : rows) {
    v1::Consent& consent = consents.emplace_back();
    consent.set_consent_id(db::Text(row[0]));
    consent.set_kind(static_cast<v1::DisclosureKind>(db::Int(row[1])));
    consent.set_recipient(db::Text(row[2]));
    *consent.mutable_given_time() = casework::ToTimestamp(db::Instant(row[3]));
    if (const auto withdrawn = db::Optional<absl::Time>(row[4])) {
      *consent.mutable_withdrawn_time() = casework::ToTimestamp(*withdrawn);
    }
  }
  return consents;
}

absl::Status InsertConsent(db::Transaction& txn, absl::string_view person_id,
                           const v1::Consent& consent) {
  return txn
      .Exec(kInsert, txn.tenant(), consent.consent_id(), person_id,
            static_cast<int>(consent.kind()), consent.recipient(),
            casework::FromTimestamp(consent.given_time()))
      .status();
}

absl::Status EndConsent(db::Transaction& txn, absl::string_view person_id,
                        absl::string_view consent_id, absl::Time now) {
  return txn.Exec(kWithdraw, txn.tenant(), consent_id, person_id, now).status();
}

}  // namespace waymark::workforce
