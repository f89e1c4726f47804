// On-call rota, cover, the duty address, and whether a tenant is live.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_ROTA_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_ROTA_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"
#include "common/webhook/webhook.h"
#include "services/scheduling/domain/recipients.h"
#include "waymark/scheduling/v1/rota.pb.h"

namespace waymark::scheduling {

// INVALID_ARGUMENT with field violations below `field`. `transport` is what a webhook may be
// reached over. Pure.
absl::Status CheckContact(const v1::Contact& contact, absl::string_view field,
                          webhook::Transport transport);

// Replaces the entry of the same id.
absl::Status PutRotaEntry(db::Transaction& txn, const crypto::KeyProvider& keys,
                          const v1::RotaEntry& entry);
// False when there is none.
absl::StatusOr<bool> DeleteRotaEntry(db::Transaction& txn, absl::string_view rota_entry_id);
// Those that overlap [from, until), in order of start, at most 1,000; without secrets.
absl::StatusOr<std::vector<v1::RotaEntry>> ListRota(db::Transaction& txn,
                                                    const crypto::KeyProvider& keys,
                                                    absl::Time from, absl::Time until);

// Keeps whether the tenant is live.
absl::Status SetDutyAddress(db::Transaction& txn, const crypto::KeyProvider& keys,
                            const v1::Contact& contact, absl::string_view telephone);
struct DutyAddress {
  v1::Contact contact;
  // Where officers may ring; empty: nowhere.
  std::string telephone;
  bool active = false;
};
// Nothing when none was ever set. The contact has its secret.
absl::StatusOr<std::optional<DutyAddress>> ReadDutyAddress(db::Transaction& txn,
                                                           const crypto::KeyProvider& keys);
// False when there is no duty address. Repeating it changes nothing.
absl::StatusOr<bool> Activate(db::Transaction& txn, absl::Time now);

// The contacts behind these rota entries, with their secrets; entries that have gone are left out.
absl::StatusOr<std::map<std::string, v1::Contact>> ReadContacts(
    db::Transaction& txn, const crypto::KeyProvider& keys,
    const std::vector<std::string>& rota_entry_ids);

absl::Status AddDelegation(db::Transaction& txn, const v1::Delegation& delegation);
// Those that end after `now`, in order of start.
absl::StatusOr<std::vector<v1::Delegation>> ListDelegations(db::Transaction& txn, absl::Time now);
absl::Status EndDelegation(db::Transaction& txn, absl::string_view delegation_id, absl::Time now);
// The same as Cover, for the pure functions.
absl::StatusOr<std::vector<Cover>> ReadCover(db::Transaction& txn, absl::Time now);

// Everybody reachable at `now`, and the channel of the duty address (CHANNEL_UNSPECIFIED: none).
struct Reachable {
  std::vector<Recipient> recipients;
  v1::Channel duty_channel = v1::CHANNEL_UNSPECIFIED;
};
absl::StatusOr<Reachable> ReadReachable(db::Transaction& txn, absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_ROTA_H_
