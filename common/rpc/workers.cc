#include "common/rpc/workers.h"

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
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::TrySubmit(absl::AnyInvocable<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= longest_queue_) return false;
  queue_.push_back(std::move(work));
  return true;
}

bool Workers::AwaitIdle(absl::Time deadline) {
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return queue_.empty() && running_ == 0;
  };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
}

int Workers::waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

void Workers::Loop() {
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  };
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(&wanted));
    if (queue_.empty()) return;  // stopping, and nothing accepted is left
    absl::AnyInvocable<void()> work = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    mutex_.Unlock();
    work();
    work = nullptr;  // what it holds goes outside the lock
    mutex_.Lock();
    --running_;
  }
}

}  // namespace waymark::rpc
