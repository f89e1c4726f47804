// By what a partner may name a referral that it knows under a number of its own.
#ifndef WAYMARK_SERVICES_REFERRAL_STORE_MATCHES_H_
#define WAYMARK_SERVICES_REFERRAL_STORE_MATCHES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/migrate.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral {

// The migrations of this service, beside "common" and "casework".
inline constexpr absl::string_view kReferralLine = "referral";
inline constexpr absl::string_view kReferralFolder = "services/referral/migrations";
db::SchemaRange ReferralSchema();

// Thread-safe. A look-up opens every row of that provider in that force: hundreds, not millions.
class Matches {
 public:
  Matches(db::Database& database, const crypto::KeyProvider& keys)
      : database_(database), keys_(keys) {}

  // Replaces what is known of the case.
  absl::Status Remember(absl::Time deadline, absl::string_view tenant, absl::string_view case_id,
                        const v1::MatchKeys& keys) const;

  // The case that the keys mean: by the provider's own number, else by NHS number and birth date.
  // Each counts only when it is that of one referral to that provider: of one whose case is open,
  // where there is any. Empty: none, or several; nothing is guessed.
  absl::StatusOr<std::string> Find(absl::Time deadline, absl::string_view tenant,
                                   const v1::MatchKeys& keys) const;

 private:
  db::Database& database_;
  const crypto::KeyProvider& keys_;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_STORE_MATCHES_H_
