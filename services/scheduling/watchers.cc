#include "services/scheduling/watchers.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/domain/instants.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;

constexpr int kNoticesAtOnce = 100;
// Notices that two processes wrote in one moment may become visible in the other order: each look
// begins this much before the newest that was sent.
constexpr absl::Duration kOverlap = absl::Seconds(10);
// On a tab, a step may come up by the passing of time without having been on the page.
constexpr absl::Duration kTabRefresh = absl::Seconds(15);
// How many ids of sent notices a stream remembers before it forgets, and sends a few twice.
constexpr size_t kRemembered = 10'000;

absl::Time NextChangeOn(const v1::WatchWorklistResponse& page) {
  absl::Time next = absl::InfiniteFuture();
  const absl::Time as_of = FromTimestamp(page.as_of_time());
  for (const v1::WorklistItem& item : page.items()) {
    StepInstants instants;
    if (item.has_opens_time()) instants.opens = FromTimestamp(item.opens_time());
    instants.due = FromTimestamp(item.due_time());
    if (item.has_closes_time()) instants.closes = FromTimestamp(item.closes_time());
    next = std::min(next, NextChange(instants, as_of));
    if (item.has_acknowledged_until()) {
      next = std::min(next, FromTimestamp(item.acknowledged_until()));
    }
  }
  return next;
}

std::string WithoutTime(v1::WatchWorklistResponse page) {
  page.clear_as_of_time();
  for (v1::WorklistItem& item : *page.mutable_items()) item.clear_seconds_left();
  return page.SerializeAsString();
}

template <typename Watcher>
void Forget(const std::vector<std::shared_ptr<Watcher>>& ended,
            std::vector<std::shared_ptr<Watcher>>& watchers) {
  watchers.erase(std::remove_if(watchers.begin(), watchers.end(),
                                [&](const std::shared_ptr<Watcher>& one) {
                                  return std::find(ended.begin(), ended.end(), one) != ended.end();
                                }),
                 watchers.end());
}

}  // namespace

Watchers::Watchers(Scheduling& scheduling, std::function<void()> wake)
    : scheduling_(scheduling), wake_(std::move(wake)) {}

absl::Status Watchers::Add(const rpc::Call& call, const v1::WatchWorklistRequest& request,
                           std::shared_ptr<WorklistFeed> feed) {
  auto watcher = std::make_shared<Worklist>();
  watcher->call = call;
  watcher->call.context = nullptr;
  watcher->request = request;
  watcher->feed = std::move(feed);
  RETURN_IF_ERROR(Serve(*watcher));
  {
    const std::lock_guard lock(mutex_);
    worklists_.push_back(std::move(watcher));
    // What changed between the first page and now has not been seen.
    changed_.insert(call.caller.tenant);
  }
  wake_();
  return absl::OkStatus();
}

absl::Status Watchers::Add(const rpc::Call& call, const v1::WatchNoticesRequest& request,
                           std::shared_ptr<NoticesFeed> feed) {
  auto watcher = std::make_shared<Notices>();
  watcher->call = call;
  watcher->call.context = nullptr;
  watcher->feed = std::move(feed);
  watcher->after = request.has_after_time() ? FromTimestamp(request.after_time()) : call.now;
  watcher->newest = watcher->after;
  {
    const std::lock_guard lock(mutex_);
    notices_.push_back(std::move(watcher));
    changed_.insert(call.caller.tenant);
  }
  wake_();
  return absl::OkStatus();
}

void Watchers::Changed(absl::string_view tenant) {
  {
    const std::lock_guard lock(mutex_);
    if (worklists_.empty() && notices_.empty()) return;
    if (tenant.empty()) {
      all_changed_ = true;
    } else {
      changed_.insert(std::string(tenant));
    }
  }
  wake_();
}

absl::Status Watchers::RunOnce() {
  const std::lock_guard serving(serving_);
  const absl::Time now = scheduling_.options().clinical_clock->Now();
  std::vector<std::shared_ptr<Worklist>> worklists;
  std::vector<std::shared_ptr<Notices>> notices;
  {
    const std::lock_guard lock(mutex_);
    const auto concerns = [&](const rpc::Call& call) {
      return all_changed_ || changed_.count(call.caller.tenant) > 0;
    };
    for (const auto& one : worklists_) {
      if (concerns(one->call) || one->changes <= now || one->feed->ended()) {
        worklists.push_back(one);
      }
    }
    for (const auto& one : notices_) {
      if (concerns(one->call) || one->feed->ended()) notices.push_back(one);
    }
    changed_.clear();
    all_changed_ = false;
  }
  absl::Status first_error;
  std::vector<std::shared_ptr<Worklist>> ended_worklists;
  std::vector<std::shared_ptr<Notices>> ended_notices;
  for (const auto& one : worklists) {
    if (one->feed->ended()) {
      ended_worklists.push_back(one);
    } else if (absl::Status status = Serve(*one); !status.ok()) {
      first_error.Update(status);
      Changed(one->call.caller.tenant);
    }
  }
  for (const auto& one : notices) {
    if (one->feed->ended()) {
      ended_notices.push_back(one);
    } else if (absl::Status status = Serve(*one); !status.ok()) {
      first_error.Update(status);
      Changed(one->call.caller.tenant);
    }
  }
  const std::lock_guard lock(mutex_);
  Forget(ended_worklists, worklists_);
  Forget(ended_notices, notices_);
  return first_error;
}

absl::Status Watchers::Serve(Worklist& watcher) {
  ASSIGN_OR_RETURN(v1::WatchWorklistResponse page,
                   scheduling_.WatchPage(watcher.call, watcher.request, watcher.audited));
  watcher.changes = NextChangeOn(page);
  const v1::Tab tab = watcher.request.filter().tab();
  if (tab != v1::TAB_UNSPECIFIED && tab != v1::TAB_ALL_OPEN) {
    watcher.changes = std::min(watcher.changes, FromTimestamp(page.as_of_time()) + kTabRefresh);
  }
  std::string shown = WithoutTime(page);
  if (shown == watcher.shown) return absl::OkStatus();
  watcher.shown = std::move(shown);
  watcher.feed->Offer(std::move(page));
  return absl::OkStatus();
}

absl::Status Watchers::Serve(Notices& watcher) {
  NoticePlace place;
  place.fired = watcher.newest - kOverlap;
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(const std::vector<ListedNotice> found,
                     scheduling_.NoticesBehind(watcher.call, place, kNoticesAtOnce));
    more = static_cast<int>(found.size()) == kNoticesAtOnce;
    v1::WatchNoticesResponse response;
    for (const ListedNotice& one : found) {
      place = one.place;
      if (place.fired <= watcher.after || !watcher.sent.insert(one.notice.notice_id()).second) {
        continue;
      }
      watcher.newest = std::max(watcher.newest, place.fired);
      *response.add_notices() = one.notice;
    }
    if (!response.notices().empty()) watcher.feed->Offer(std::move(response));
  }
  if (watcher.sent.size() > kRemembered) watcher.sent.clear();
  return absl::OkStatus();
}

}  // namespace waymark::scheduling
