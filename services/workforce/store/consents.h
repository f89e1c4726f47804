// Consents to disclose, each to one recipient.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_CONSENTS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_CONSENTS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "waymark/workforce/v1/person.pb.h"

namespace waymark::workforce {

// Those of one person, withdrawn ones too, oldest first.
absl::StatusOr<std::vector<v1::Consent>> ConsentsOf(db::Transaction& txn,
                                                    absl::string_view person_id);

absl::Status InsertConsent(db::Transaction& txn, absl::string_view person_id,
                           const v1::Consent& consent);

// From `now` on; one that was withdrawn before keeps its instant. Changes nothing when the person
// has given no such consent.
absl::Status EndConsent(db::Transaction& txn, absl::string_view person_id,
                        absl::string_view consent_id, absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_CONSENTS_H_
