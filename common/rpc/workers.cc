#include "common/rpc/workers.h"

#include <pthread.h>

#include <utility>

namespace waymark::rpc {

Workers::Workers(int threads, int longest_queue)
    : longest_queue_(static_cast<size_t>(longest_queue)) {
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Workers::~Workers() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    wanted_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::TrySubmit(absl::AnyInvocable<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= longest_queue_) return false;
  queue_.push_back(std::move(work));
  wanted_.Signal();
  return true;
}

bool Workers::AwaitIdle(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  while (!queue_.empty() || running_ > 0) {
    if (idle_.WaitWithDeadline(&mutex_, deadline)) return queue_.empty() && running_ == 0;
  }
  return true;
}

int Workers::waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

void Workers::Loop() {
  pthread_setname_np(pthread_self(), "worker");
  absl::MutexLock lock(&mutex_);
  while (true) {
    while (!stopping_ && queue_.empty()) wanted_.Wait(&mutex_);
    if (queue_.empty()) return;  // stopping, and nothing accepted is left
    absl::AnyInvocable<void()> work = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    mutex_.Unlock();
    work();
    work = nullptr;  // what it holds goes outside the lock
    mutex_.Lock();
    if (--running_ == 0 && queue_.empty()) idle_.SignalAll();
  }
}

}  // namespace waymark::rpc
