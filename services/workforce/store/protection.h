// Who may see and find protected people.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_PROTECTION_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_PROTECTION_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"

namespace waymark::workforce {

// Protects the person, or ends it, and replaces the list of those who may see them. Raises the
// person's version.
absl::Status SetProtected(db::Transaction& txn, const std::string& person_id, bool active,
                          const std::set<std::string>& allowed_user_ids, absl::Time now);

// In order.
absl::StatusOr<std::vector<std::string>> AllowedUsers(db::Transaction& txn,
                                                      absl::string_view person_id);

// Those of `person_ids` whom this user may see as they are although they are protected: on their
// list, or through a glass that they broke and whose time has not run out.
absl::StatusOr<std::set<std::string>> OpenTo(db::Transaction& txn, absl::string_view user_id,
                                             const std::vector<std::string>& person_ids,
                                             absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_PROTECTION_H_
