// The index key's rotation: everybody is found by tokens of the new version before the old one
// goes.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_REINDEX_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_REINDEX_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {

// One batch of a running rotation, in a transaction of its own that finds its place; returns how
// many people or tokens it dealt with. 0: nothing to do now, because none runs, because not every
// process knows the new version yet or has forgotten the old one, or because somebody writes tokens
// just now. In this order: tokens of the new version for everybody, beside the old ones; the old
// version is retired, and makes no more tokens; two times Vault::kSettle later its tokens go, and
// then its key.
absl::StatusOr<int64_t> ReindexBatch(db::Database& database, absl::Time deadline,
                                     const TenantKeys& keys, absl::Time now, int batch);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_REINDEX_H_
