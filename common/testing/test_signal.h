// How a test awaits something that another thread does, instead of sleeping.
#ifndef WAYMARK_COMMON_TESTING_TEST_SIGNAL_H_
#define WAYMARK_COMMON_TESTING_TEST_SIGNAL_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace waymark::testing {

// Counts what happened. Notify from anywhere, wait in the test. Thread-safe.
class TestSignal {
 public:
  void Notify() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  // True once Notify has been called `count` times in all; false when that takes longer than
  // `timeout`, which only bounds how long a broken test hangs.
  [[nodiscard]] bool Wait(int count = 1, absl::Duration timeout = absl::Seconds(30)) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, count]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), timeout);
  }
  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// For a state that nothing can signal, another process's for instance: looks every 2 ms until
// `condition` holds; false when it does not within `timeout`.
[[nodiscard]] inline bool Eventually(const std::function<bool()>& condition,
                                     absl::Duration timeout = absl::Seconds(30)) {
  const absl::Time end = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() >= end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_TESTING_TEST_SIGNAL_H_
