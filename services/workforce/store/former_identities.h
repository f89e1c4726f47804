// Earlier names and sexes that a change asked to seal.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_FORMER_IDENTITIES_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_FORMER_IDENTITIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/person.pb.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// One more of each person, true until `now`. `former` by person; until_time is not read.
absl::Status InsertFormer(db::Transaction& txn, const TenantKeys& keys,
                          const std::map<std::string, v1::FormerIdentity>& former, absl::Time now);

// Of these people, the latest first.
absl::StatusOr<std::vector<v1::FormerIdentity>> FormerIdentitiesOf(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_FORMER_IDENTITIES_H_
