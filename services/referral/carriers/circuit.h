// A circuit breaker: after a run of failures a partner is left alone for a while, then tried once.
// Takes its time from the caller, so it is tested without waiting. Thread-safe.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_CIRCUIT_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_CIRCUIT_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace waymark::referral {

class Circuit {
 public:
  enum class State { kClosed, kHalfOpen, kOpen };
  struct Options {
    int failures_to_open = 5;
    absl::Duration first_pause = absl::Seconds(30);
    // Doubled after each failed trial up to this.
    absl::Duration longest_pause = absl::Minutes(10);
  };
  Circuit() : Circuit(Options()) {}
  explicit Circuit(Options options) : options_(options) {}

  // True when a message may be sent now. After the pause one caller gets true, as the trial; the
  // others wait for what it says.
  bool Allow(absl::Time now);
  void Succeeded();
  void Failed(absl::Time now);

  State state(absl::Time now) const;
  // When it may be tried again; InfinitePast when it is closed.
  absl::Time retry_at() const;

 private:
  const Options options_;
  mutable absl::Mutex mutex_;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  bool trying_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  absl::Time retry_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_CIRCUIT_H_
