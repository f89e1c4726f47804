#include "common/server/duty.h"

#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace waymark::server {

struct Wake::State {
  absl::Mutex mutex;
  bool notified ABSL_GUARDED_BY(mutex) = false;
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  bool Due() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return notified || stopped; }
};

Wake::Wake() : state_(std::make_shared<State>()) {}

void Wake::Notify() const {
  absl::MutexLock lock(&state_->mutex);
  state_->notified = true;
}

bool Wake::WaitUntil(absl::Time until) const {
  absl::MutexLock lock(&state_->mutex);
  const bool due =
      state_->mutex.AwaitWithDeadline(absl::Condition(state_.get(), &State::Due), until);
  state_->notified = false;
  return due;
}

void Wake::Stop() const {
  absl::MutexLock lock(&state_->mutex);
  state_->stopped = true;
}

bool Wake::stopped() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->stopped;
}

struct DutyThread::State {
  Duty duty;
  std::thread thread;

  absl::Status RunOnce() const {
    try {
      return duty.run_once();
    } catch (...) {
      return status::Internal("INTERNAL", "An exception left a duty.");
    }
  }

  void Loop() const {
    const metrics::Labels labels = {{"duty", duty.name}};
    const metrics::Counter runs =
        metrics::Default().GetCounter("waymark_duty_runs_total", "Rounds of a duty.", labels);
    const metrics::Counter errors = metrics::Default().GetCounter(
        "waymark_duty_errors_total", "Rounds of a duty that failed.", labels);
    const metrics::Gauge last = metrics::Default().GetGauge(
        "waymark_duty_last_success_seconds", "Unix time of the last round that succeeded.", labels);
    std::string last_reason;
    while (!duty.wake.stopped()) {
      const absl::Status status = RunOnce();
      runs.Increment();
      std::string reason = status.ok() ? "" : status::Reason(status);
      if (status.ok()) {
        last.Set(static_cast<double>(absl::ToUnixSeconds(absl::Now())));
      } else {
        errors.Increment();
      }
      // One line when something changes, not one each round while it lasts.
      if (!status.ok() && reason != last_reason) {
        log::Warning("duty failed", {{"duty", duty.name},
                                     {"code", absl::StatusCodeToString(status.code())},
                                     {"reason", reason}});
      } else if (status.ok() && !last_reason.empty()) {
        log::Info("duty recovered", {{"duty", duty.name}});
      }
      last_reason = std::move(reason);
      duty.wake.WaitUntil(absl::Now() + duty.interval);
    }
  }
};

DutyThread::DutyThread(Duty duty) : state_(std::make_unique<State>()) {
  state_->duty = std::move(duty);
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

DutyThread::~DutyThread() {
  state_->duty.wake.Stop();
  state_->thread.join();
}

}  // namespace waymark::server
