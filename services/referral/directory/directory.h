// What each method of DirectoryService does, and what booking a referral asks of it.
#ifndef WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_H_
#define WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_H_

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/rpc/call.h"
#include "services/casework/clients/trail.h"
#include "services/referral/directory/suggest.h"
#include "waymark/referral/v1/directory_service.pb.h"

namespace waymark::referral {

// The organisation whose entries everybody sees.
inline constexpr char kDirectory[] = "directory";

struct DirectoryOptions {
  db::Database* database = nullptr;
  db::Tenants* tenants = nullptr;
  const crypto::KeyProvider* keys = nullptr;
  const clock::Clock* real_clock = nullptr;
  casework::AuditTrail* trail = nullptr;
  // Where a patient must not be sent, from workforce.
  std::function<absl::StatusOr<Avoided>(const rpc::Call& call, const std::string& subject_id)>
      avoided;
};

// Thread-safe.
class Directory {
 public:
  explicit Directory(DirectoryOptions options) : options_(std::move(options)) {}

  absl::Status PutEntry(const rpc::Call& call, const v1::PutEntryRequest& request,
                        v1::PutEntryResponse* response);
  absl::Status ListEntries(const rpc::Call& call, const v1::ListEntriesRequest& request,
                           v1::ListEntriesResponse* response);
  absl::Status SuggestProviders(const rpc::Call& call, const v1::SuggestProvidersRequest& request,
                                v1::SuggestProvidersResponse* response);
  absl::Status PutSlots(const rpc::Call& call, const v1::PutSlotsRequest& request,
                        v1::PutSlotsResponse* response);
  absl::Status ListSlots(const rpc::Call& call, const v1::ListSlotsRequest& request,
                         v1::ListSlotsResponse* response);
  absl::Status HoldSlot(const rpc::Call& call, const v1::HoldSlotRequest& request,
                        v1::HoldSlotResponse* response);
  absl::Status ReleaseSlot(const rpc::Call& call, const v1::ReleaseSlotRequest& request,
                           v1::ReleaseSlotResponse* response);

  // Books the slot for the referral, beside the one it may have. To be called before the referral
  // says so, and KeepOnly once it has: whatever fails in between, no time is given to two people,
  // and at worst one is given to nobody. Reasons as HoldSlot. Idempotent.
  absl::StatusOr<v1::Slot> Book(const rpc::Call& call, const std::string& slot_id,
                                const std::string& referral_id);
  // Lets go of whatever else the referral holds or has: it has moved. Empty: of everything, it was
  // cancelled.
  absl::Status KeepOnly(const rpc::Call& call, const std::string& slot_id,
                        const std::string& referral_id);
  // Lets go of this one: the referral did not say so after all.
  absl::Status Release(const rpc::Call& call, const std::string& slot_id,
                       const std::string& referral_id);

  // Deletes what is a month past.
  absl::Status Purge(absl::Time now);

 private:
  // Where the caller's changes go: its force's own entries, or everybody's.
  absl::StatusOr<std::string> HomeFor(const rpc::Call& call,
                                      const std::string& organisation_code) const;
  absl::Status Transact(const rpc::Call& call, const std::string& tenant, db::Database::Work work);
  // In the caller's own entries and in everybody's.
  absl::Status InBoth(const rpc::Call& call, db::Database::Work work);
  // The same, until `work` does not say SLOT_NOT_FOUND.
  absl::Status WhereTheSlotIs(const rpc::Call& call, db::Database::Work work);

  const DirectoryOptions options_;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_H_
