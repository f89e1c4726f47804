// What the HR feed holds on somebody: their links to sources, and the rows of files as they came.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_FEED_HELD_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_FEED_HELD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {

// A source's own key for the person is kept as a token alone.
struct FeedLinkHeld {
  std::string source;
  // The day of which the source spoke last, and the first day without the employment ("" while none
  // is known).
  std::string effective_on;
  std::string ends_on;
};
absl::StatusOr<std::vector<FeedLinkHeld>> FeedLinksOn(db::Transaction& txn,
                                                      const std::vector<std::string>& person_ids);

// As the files said it, by run and line; empty for a row that only says that somebody was missing
// from a file. Rows are deleted some days after their run.
absl::StatusOr<std::vector<v1::FeedPerson>> FeedRowsOn(db::Transaction& txn, const TenantKeys& keys,
                                                       const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_FEED_HELD_H_
