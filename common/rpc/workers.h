// The one bounded pool of threads on which every room runs.
//
// The callback server has very few threads of its own; a room that blocks one of them starves the
// server (measured: two at a time on two cores). So a reaction hands its call to this pool and
// returns at once.
#ifndef WAYMARK_COMMON_RPC_WORKERS_H_
#define WAYMARK_COMMON_RPC_WORKERS_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace waymark::rpc {

class Workers {
 public:
  // As many threads as the database pool has connections; a short queue keeps what waits young.
  Workers(int threads, int longest_queue);
  // Runs what was accepted, then joins.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Never blocks. False when the queue is full or the pool is stopping; the work was then not
  // touched and is the caller's to refuse.
  bool TrySubmit(absl::AnyInvocable<void()> work);

  // Waits until the queue is empty and every thread is idle, or until `deadline`. True when idle.
  bool AwaitIdle(absl::Time deadline);

  int threads() const { return static_cast<int>(threads_.size()); }
  int waiting() const;

 private:
  void Loop();

  const size_t longest_queue_;
  mutable absl::Mutex mutex_;
  // Condition variables, not Mutex::Await: one call wakes one worker, and nobody evaluates the
  // conditions of sixteen idle ones at every unlock.
  absl::CondVar wanted_;
  absl::CondVar idle_;
  std::deque<absl::AnyInvocable<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_WORKERS_H_
