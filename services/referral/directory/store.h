// The directory's tables. Everything is of the transaction's tenant.
#ifndef WAYMARK_SERVICES_REFERRAL_DIRECTORY_STORE_H_
#define WAYMARK_SERVICES_REFERRAL_DIRECTORY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "waymark/referral/v1/directory.pb.h"

namespace waymark::referral {

// Locks it for a change. Nothing: there is none.
absl::StatusOr<std::optional<v1::DirectoryEntry>> LockEntry(db::Transaction& txn,
                                                            absl::string_view organisation_code);

// Writes the entry with its version, and its services in place of those before. FAILED_PRECONDITION
// SLOT_TAKEN: a service that is left out has a slot that somebody holds or has; ALREADY_EXISTS
// SERVICE_EXISTS: a service's id is another entry's.
absl::Status WriteEntry(db::Transaction& txn, const v1::DirectoryEntry& entry, absl::Time now);

// Those with a service of the kind (UNSPECIFIED: all), after the code, in the order of codes.
absl::StatusOr<std::vector<v1::DirectoryEntry>> ReadEntries(db::Transaction& txn,
                                                            v1::CareService service,
                                                            absl::string_view after, int limit);

// The code of the organisation that offers the service; nothing: there is no such service.
absl::StatusOr<std::optional<std::string>> OrganisationOf(db::Transaction& txn,
                                                          const std::string& service_id);

struct Published {
  int published = 0;
  // Somebody holds or has them.
  int kept = 0;
};
// In place of the free slots of the service that begin in [from, until).
absl::StatusOr<Published> WriteSlots(db::Transaction& txn, const std::string& service_id,
                                     absl::Time from, absl::Time until,
                                     const std::vector<v1::Slot>& slots, absl::Time now);

// Slots of the services that begin in [from, until), in their order; at most `limit` of each.
absl::StatusOr<std::vector<v1::Slot>> ReadSlots(db::Transaction& txn,
                                                const std::vector<std::string>& service_ids,
                                                absl::Time from, absl::Time until, bool free_only,
                                                int limit, absl::Time now);

// Claims the slot for the referral, until `held_until` or for good, and lets go of what else it
// holds; what it has booked it keeps. A hold of the same referral is prolonged or becomes a
// booking. NOT_FOUND SLOT_NOT_FOUND; FAILED_PRECONDITION SLOT_PAST, SLOT_TAKEN.
absl::StatusOr<v1::Slot> ClaimSlot(db::Transaction& txn, const std::string& slot_id,
                                   const std::string& referral_id,
                                   std::optional<absl::Time> held_until, absl::Time now);

// Lets go of what the referral holds, or with `booked` has, but for the slot to keep, if any.
absl::Status ReleaseSlots(db::Transaction& txn, const std::string& referral_id, bool booked,
                          const std::optional<std::string>& keep = std::nullopt);
// Lets go of this one.
absl::Status ReleaseSlot(db::Transaction& txn, const std::string& referral_id,
                         const std::string& slot_id);

// Deletes slots that ended before `before`, and holds that have run out by `now`.
absl::Status PurgeSlots(db::Transaction& txn, absl::Time before, absl::Time now);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DIRECTORY_STORE_H_
