// Open streams of releases: which tenant each waits for, and how far it has come.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_WATCH_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_WATCH_H_

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/stream.h"
#include "services/workforce/fitness/room.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::workforce {

using FitnessFeed = rpc::Feed<v1::WatchFitnessResponse>;

// Thread-safe. A stream costs no thread: one duty serves them all. Each look asks anew what the
// caller may see today.
class FitnessWatchers {
 public:
  // `wake` wakes the duty that calls RunOnce.
  FitnessWatchers(FitnessRoom& room, std::function<void()> wake)
      : room_(room), wake_(std::move(wake)) {}

  absl::Status Add(const rpc::Call& call, const v1::WatchFitnessRequest& request,
                   std::shared_ptr<FitnessFeed> feed);

  // Serves every stream what has been released since it was last served.
  absl::Status RunOnce();

 private:
  struct Watcher {
    rpc::Call call;
    std::shared_ptr<FitnessFeed> feed;
    int64_t sequence = 0;
  };
  absl::Status Serve(Watcher& watcher);

  FitnessRoom& room_;
  const std::function<void()> wake_;
  // Held while streams are served, so that one is served by one thread.
  std::mutex serving_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_WATCH_H_
