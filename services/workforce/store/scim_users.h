// Who is a user of the force's identity system, and what it alone says of them (SCIM).
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_SCIM_USERS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_SCIM_USERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {

struct ScimUserRow {
  absl::Time created;
  // JSON that the identity system wrote (feed/scim_user.h); unset: it has not written any.
  std::optional<std::string> said;
};
// Of those of `person_ids` who exist.
absl::StatusOr<std::map<std::string, ScimUserRow>> ReadScimUsers(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);

// `user_name` in lower case. ALREADY_EXISTS UNIQUE_VIOLATED: another has it.
absl::Status PutScimUser(db::Transaction& txn, const TenantKeys& keys, absl::string_view person_id,
                         absl::string_view user_name, absl::string_view external_id,
                         absl::string_view said);
absl::Status DeleteScimUser(db::Transaction& txn, absl::string_view person_id);

// Empty: nobody.
absl::StatusOr<std::string> FindScimUserName(db::Transaction& txn, const TenantKeys& keys,
                                             absl::string_view user_name);
// At most 50.
absl::StatusOr<std::vector<std::string>> FindScimExternalId(db::Transaction& txn,
                                                            const TenantKeys& keys,
                                                            absl::string_view external_id);
// Everybody who has or ever had this number, address or sign-in, whatever the day; at most 50.
absl::StatusOr<std::vector<std::string>> FindEverByToken(db::Transaction& txn,
                                                         const TenantKeys& keys, TokenKind kind,
                                                         absl::string_view normalised);

// Those whom `user_id` may find: people at work, and whom the identity system wrote of; nobody
// whom only occupational health entered, and no protected person unless the user is on their list.
// In the order of their ids, which is that of their making.
absl::StatusOr<int64_t> CountScimUsers(db::Transaction& txn, absl::string_view user_id);
absl::StatusOr<std::vector<std::string>> PageScimUsers(db::Transaction& txn,
                                                       absl::string_view user_id, int64_t offset,
                                                       int64_t limit);
// Those of `person_ids` who are among them.
absl::StatusOr<std::vector<std::string>> ScimUsersAmong(db::Transaction& txn,
                                                        absl::string_view user_id,
                                                        const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_SCIM_USERS_H_
