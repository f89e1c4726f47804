// Open watch streams: which tenant's changes each waits for, and what it has been shown.
#ifndef WAYMARK_SERVICES_SCHEDULING_WATCHERS_H_
#define WAYMARK_SERVICES_SCHEDULING_WATCHERS_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/stream.h"
#include "services/scheduling/scheduling.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace waymark::scheduling {

using WorklistFeed = rpc::Feed<v1::WatchWorklistResponse>;
using NoticesFeed = rpc::Feed<v1::WatchNoticesResponse>;

// Thread-safe. A stream costs no thread: one duty serves them all, at most once a second each
// unless something changed.
class Watchers {
 public:
  // `wake` wakes the duty that calls RunOnce.
  Watchers(Scheduling& scheduling, std::function<void()> wake);

  // Sends the first page at once: its error is the stream's. The feed then gets a page whenever the
  // page has changed.
  absl::Status Add(const rpc::Call& call, const v1::WatchWorklistRequest& request,
                   std::shared_ptr<WorklistFeed> feed);
  absl::Status Add(const rpc::Call& call, const v1::WatchNoticesRequest& request,
                   std::shared_ptr<NoticesFeed> feed);

  // Something changed for this tenant; empty: for any.
  void Changed(absl::string_view tenant);

  // Serves every stream whose tenant changed, or on whose page a step's status changes by now.
  absl::Status RunOnce();

 private:
  struct Worklist {
    rpc::Call call;
    v1::WatchWorklistRequest request;
    std::shared_ptr<WorklistFeed> feed;
    std::set<std::string> audited;
    // The page as last shown, without what only the passing of time changes.
    std::string shown;
    // Clinical time at which a status on the page changes.
    absl::Time changes = absl::InfiniteFuture();
  };
  struct Notices {
    rpc::Call call;
    std::shared_ptr<NoticesFeed> feed;
    // Only notices fired later than this were asked for.
    absl::Time after;
    // The latest that was sent.
    absl::Time newest;
    std::set<std::string> sent;
  };

  absl::Status Serve(Worklist& watcher);
  absl::Status Serve(Notices& watcher);

  Scheduling& scheduling_;
  const std::function<void()> wake_;
  // Held while streams are served, so that one is served by one thread.
  std::mutex serving_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<Worklist>> worklists_;
  std::vector<std::shared_ptr<Notices>> notices_;
  std::set<std::string> changed_;
  bool all_changed_ = false;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_WATCHERS_H_
