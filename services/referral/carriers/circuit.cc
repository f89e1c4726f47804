#include "services/referral/carriers/circuit.h"

#include <algorithm>

namespace waymark::referral {

bool Circuit::Allow(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (!open_) return true;
  if (trying_ || now < retry_at_) return false;
  trying_ = true;
  return true;
}

void Circuit::Succeeded() {
  absl::MutexLock lock(&mutex_);
  failures_ = 0;
  open_ = false;
  trying_ = false;
  pause_ = absl::ZeroDuration();
  retry_at_ = absl::InfinitePast();
}

void Circuit::Failed(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  ++failures_;
  if (!open_ && failures_ < options_.failures_to_open) return;
  pause_ = open_ ? std::min(2 * pause_, options_.longest_pause) : options_.first_pause;
  open_ = true;
  trying_ = false;
  retry_at_ = now + pause_;
}

Circuit::State Circuit::state(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (!open_) return State::kClosed;
  return now < retry_at_ ? State::kOpen : State::kHalfOpen;
}

absl::Time Circuit::retry_at() const {
  absl::MutexLock lock(&mutex_);
  return retry_at_;
}

}  // namespace waymark::referral
