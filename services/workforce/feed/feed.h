// What each method of HrFeedService does.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_FEED_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_FEED_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/workforce/desk.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::workforce {

// A chunk's most bytes, or rows; a feed's most chunks.
inline constexpr size_t kBiggestChunk = 1 << 20;
inline constexpr int kMostRowsInChunk = 1000;
inline constexpr int64_t kMostChunks = 1000;

// Thread-safe.
class Feed {
 public:
  // `received` is called after a run has something to be done by the importer.
  Feed(Desk& desk, std::function<void()> received) : desk_(desk), wake_(std::move(received)) {}

  // `next` gives the messages after `first`: false when the client has closed its side. Every chunk
  // is stored before the next is asked for, each in a transaction of its own.
  using Next = std::function<absl::StatusOr<bool>(v1::SyncPeopleRequest*)>;
  absl::Status SyncPeople(const rpc::Call& call, const v1::SyncPeopleRequest& first,
                          const Next& next, v1::SyncPeopleResponse* response);

  absl::Status GetFeedRun(const rpc::Call& call, const v1::GetFeedRunRequest& request,
                          v1::GetFeedRunResponse* response);
  absl::Status ListFeedRuns(const rpc::Call& call, const v1::ListFeedRunsRequest& request,
                            v1::ListFeedRunsResponse* response);
  absl::Status ListFeedRows(const rpc::Call& call, const v1::ListFeedRowsRequest& request,
                            v1::ListFeedRowsResponse* response);
  absl::Status ApplyFeedRun(const rpc::Call& call, const v1::ApplyFeedRunRequest& request,
                            v1::ApplyFeedRunResponse* response);
  absl::Status ConfirmFeedRun(const rpc::Call& call, const v1::ConfirmFeedRunRequest& request,
                              v1::ConfirmFeedRunResponse* response);
  absl::Status AbandonFeedRun(const rpc::Call& call, const v1::AbandonFeedRunRequest& request,
                              v1::AbandonFeedRunResponse* response);
  absl::Status PutFeedSource(const rpc::Call& call, const v1::PutFeedSourceRequest& request,
                             v1::PutFeedSourceResponse* response);
  absl::Status ListFeedSources(const rpc::Call& call, const v1::ListFeedSourcesRequest& request,
                               v1::ListFeedSourcesResponse* response);

 private:
  absl::Status Begin(const rpc::Call& call, const v1::SyncPeopleRequest& first, v1::FeedRun* run);
  absl::Status Take(const rpc::Call& call, const v1::SyncPeopleRequest& message, v1::FeedRun* run);

  Desk& desk_;
  const std::function<void()> wake_;
};

// Looks at every source of every tenant: sets waymark_workforce_feeds_stopped to the number of
// those from which nothing has come for longer than they may be silent, and says which in the log.
absl::Status WatchFeeds(Desk& desk);

// Deletes staged rows of runs that ended a week ago, and gives up runs that were left lying so
// long.
absl::Status PurgeFeeds(Desk& desk);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_FEED_H_
