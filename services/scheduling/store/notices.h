// Notices: what the console shows, and what waits for delivery. SQL only.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_NOTICES_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_NOTICES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/scheduling/v1/rota.pb.h"
#include "waymark/scheduling/v1/worklist.pb.h"

namespace waymark::scheduling {

// The recipient of a reminder to the officer that a case is about: no user id is known of them, and
// their addresses are asked for when it is sent.
inline constexpr char kOfficer[] = "*";

// What names a notice in the database.
struct NoticeKey {
  std::string step_ref;
  int64_t revision = 0;
  int rung = 0;
  // A user id. Empty: the duty address. kOfficer: the officer.
  std::string recipient;
};

// The id that the world sees: derived from the key, so it is the same however often it is
// delivered.
std::string NoticeId(const NoticeKey& key);

// A place in the list of notices of one person, by firing and then key.
struct NoticePlace {
  absl::Time fired;
  std::string step_ref = "00000000-0000-0000-0000-000000000000";
  int64_t revision = 0;
  int rung = 0;

  static NoticePlace End() {
    return {absl::InfiniteFuture(), "ffffffff-ffff-ffff-ffff-ffffffffffff", 0, 0};
  }
};

struct ListedNotice {
  v1::Notice notice;
  NoticePlace place;
};

// Notices sent to `person`, and those that went to the duty address for want of anybody in one of
// `roles`. Before `place`, newest first.
absl::StatusOr<std::vector<ListedNotice>> NoticesBefore(db::Transaction& txn,
                                                        absl::string_view person,
                                                        const std::vector<options::v1::Role>& roles,
                                                        const NoticePlace& place, int limit);
// The same behind `place`, oldest first.
absl::StatusOr<std::vector<ListedNotice>> NoticesAfter(db::Transaction& txn,
                                                       absl::string_view person,
                                                       const std::vector<options::v1::Role>& roles,
                                                       const NoticePlace& place, int limit);

// A notice that this process now tries to deliver.
struct LeasedNotice {
  v1::Notice notice;
  NoticeKey key;
  // Empty: the duty address.
  std::string rota_entry_id;
  std::string case_ref;
  // The step's hard stop; InfiniteFuture for none.
  absl::Time closes;
};
// Takes up to `limit` notices that wait at `real_now` to go out one by one, and keeps other
// processes off them until `lease_until`; should this one die, they are taken again then. Counts
// the attempt.
absl::StatusOr<std::vector<LeasedNotice>> LeaseNotices(db::Transaction& txn, absl::Time real_now,
                                                       absl::Time lease_until, int limit);
// The same for one recipient's notices that are to go out together.
absl::StatusOr<std::vector<LeasedNotice>> LeaseDigest(db::Transaction& txn, absl::Time real_now,
                                                      absl::Time lease_until, int limit);

// Adds `pages` to what `audience` was sent in the hour that holds `real_now`; the sum.
absl::StatusOr<int64_t> CountPages(db::Transaction& txn, options::v1::Role audience,
                                   absl::Time real_now, int pages);

// Only notices that still wait change: one that was withdrawn meanwhile stays so.
absl::Status MarkDelivered(db::Transaction& txn, const std::vector<NoticeKey>& keys,
                           absl::Time now);
struct Retry {
  NoticeKey key;
  absl::Time real_time;
};
absl::Status RetryAt(db::Transaction& txn, const std::vector<Retry>& retries);
// It goes out with the digest at `real_time`; its attempts begin then.
absl::Status PutIntoDigest(db::Transaction& txn, const NoticeKey& key, absl::Time real_time);
absl::Status Withdraw(db::Transaction& txn, const NoticeKey& key);
// Gives up, and puts a task on the worklist, due at once: for a lead to tell whoever is on duty in
// person; for a nurse to ring the officer, where it was a reminder to them.
absl::Status GiveUp(db::Transaction& txn, const NoticeKey& key, absl::Time now);

// Deletes up to `limit` notices fired before `before` that wait for nothing. Returns how many.
absl::StatusOr<int> PurgeNotices(db::Transaction& txn, absl::Time before, int limit);
// Deletes the counts of pages from before `real_time`.
absl::Status PurgePageCounts(db::Transaction& txn, absl::Time real_time);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_NOTICES_H_
