#include "services/workforce/fitness/watch.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/status.h"

namespace waymark::workforce {

absl::Status FitnessWatchers::Add(const rpc::Call& call, const v1::WatchFitnessRequest& request,
                                  std::shared_ptr<FitnessFeed> feed) {
  auto watcher = std::make_shared<Watcher>();
  watcher->call = call;
  watcher->call.context = nullptr;
  watcher->feed = std::move(feed);
  watcher->sequence = request.after_sequence();
  if (request.after_sequence() < 0) {
    // A stream has no deadline of its own.
    watcher->call.deadline = absl::Now() + absl::Seconds(10);
    ASSIGN_OR_RETURN(watcher->sequence, room_.NewestSequence(watcher->call));
  }
  {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(std::move(watcher));
  }
  wake_();
  return absl::OkStatus();
}

absl::Status FitnessWatchers::RunOnce() {
  const std::lock_guard serving(serving_);
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    const std::lock_guard lock(mutex_);
    watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(),
                                   [](const auto& one) { return one->feed->ended(); }),
                    watchers_.end());
    watchers = watchers_;
  }
  absl::Status first_error;
  for (const auto& one : watchers) first_error.Update(Serve(*one));
  return first_error;
}

absl::Status FitnessWatchers::Serve(Watcher& watcher) {
  const DeskOptions& with = room_.desk().options();
  bool more = true;
  while (more) {
    watcher.call.now = with.clinical_clock->Now();
    watcher.call.deadline = absl::Now() + absl::Seconds(10);
    ASSIGN_OR_RETURN(v1::WatchFitnessResponse page,
                     room_.ReleasesFor(watcher.call, watcher.sequence, more));
    if (page.releases().empty()) continue;
    if (!watcher.feed->Offer(std::move(page))) break;
  }
  return absl::OkStatus();
}

}  // namespace waymark::workforce
