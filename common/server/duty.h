// A background loop: something done again and again until the service stops.
#ifndef WAYMARK_COMMON_SERVER_DUTY_H_
#define WAYMARK_COMMON_SERVER_DUTY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace waymark::server {

// Wakes a duty before its interval is over. Copyable, thread-safe, cheap: wakes while the duty runs
// become one more run. Shared between the duty and whoever has work for it.
class Wake {
 public:
  Wake();
  void Notify() const;
  // True when notified or stopped before `until` (real time); takes the notification.
  bool WaitUntil(absl::Time until) const;

 private:
  friend class DutyThread;
  void Stop() const;
  bool stopped() const;
  struct State;
  std::shared_ptr<State> state_;
};

struct Duty {
  // "relay": names the thread, its metrics (`waymark_duty_...{duty="relay"}`) and its log lines.
  std::string name;
  // Pause after each run, unless woken.
  absl::Duration interval = absl::Seconds(1);
  // One round. An error is counted, logged once per change of reason, and followed by the interval.
  std::function<absl::Status()> run_once;
  // Keep a copy to wake the duty after a commit.
  Wake wake;
};

// Runs one duty on its own thread until destroyed; then waits for the round in progress.
class DutyThread {
 public:
  explicit DutyThread(Duty duty);
  ~DutyThread();
  DutyThread(const DutyThread&) = delete;
  DutyThread& operator=(const DutyThread&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace waymark::server

#endif  // WAYMARK_COMMON_SERVER_DUTY_H_
