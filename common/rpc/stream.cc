#include "common/rpc/stream.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/admission.h"
#include "common/rpc/stream_registry.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"

namespace waymark::rpc {

bool FeedCore::OfferMessage(std::unique_ptr<google::protobuf::Message> message) {
  absl::MutexLock lock(&mutex_);
  if (ending_) return false;
  if (queue_.size() >= longest_queue_) {
    AbortLocked(
        status::ResourceExhausted("SLOW_READER", "The stream was read too slowly: open it again."));
    return false;
  }
  queue_.push_back(std::move(message));
  Pump();
  return true;
}

absl::Status FeedCore::PushMessage(std::unique_ptr<google::protobuf::Message> message,
                                   absl::Time until) {
  const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ending_ || queue_.size() < longest_queue_;
  };
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithDeadline(absl::Condition(&room), until)) {
    AbortLocked(
        status::ResourceExhausted("SLOW_READER", "The stream was read too slowly: open it again."));
  }
  if (ending_) {
    return final_.ok() ? status::Cancelled("STREAM_ENDED", "The stream has ended.") : final_;
  }
  queue_.push_back(std::move(message));
  Pump();
  return absl::OkStatus();
}

void FeedCore::Finish(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  if (ending_) return;
  ending_ = true;
  final_ = std::move(status);
  Pump();
}

void FeedCore::Abort(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  AbortLocked(std::move(status));
}

void FeedCore::AbortLocked(absl::Status status) {
  if (aborted_) return;
  aborted_ = true;
  // An export that has already said its last word is cut short by this all the same.
  if (!ending_ || !queue_.empty()) final_ = std::move(status);
  ending_ = true;
  queue_.clear();
  Pump();
}

bool FeedCore::ended() const {
  absl::MutexLock lock(&mutex_);
  return ending_;
}

absl::Status FeedCore::final_status() const {
  absl::MutexLock lock(&mutex_);
  return final_;
}

void FeedCore::SetRecheck(std::function<absl::Status()> recheck) {
  absl::MutexLock lock(&mutex_);
  recheck_ = std::move(recheck);
}

std::function<absl::Status()> FeedCore::recheck() const {
  absl::MutexLock lock(&mutex_);
  return recheck_;
}

void FeedCore::Attach(StreamSink* sink) {
  absl::MutexLock lock(&mutex_);
  sink_ = sink;
}

void FeedCore::Release() {
  absl::MutexLock lock(&mutex_);
  held_ = false;
  Pump();
}

void FeedCore::WriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_.reset();
  looks_while_writing_ = 0;
  if (!ok) AbortLocked(status::Cancelled("CLIENT_GONE", "The client has gone."));
  Pump();
}

void FeedCore::Cancelled() {
  absl::MutexLock lock(&mutex_);
  AbortLocked(status::Cancelled("CLIENT_GONE", "The client has gone."));
}

void FeedCore::Detach() {
  absl::MutexLock lock(&mutex_);
  sink_ = nullptr;
}

void FeedCore::CancelIfStuck(int most) {
  absl::MutexLock lock(&mutex_);
  if (sink_ == nullptr || writing_ == nullptr || !ending_) return;
  if (++looks_while_writing_ >= (aborted_ ? 2 : most)) sink_->CancelStream();
}

void FeedCore::Pump() {
  if (sink_ == nullptr || writing_ != nullptr || finished_) return;
  if (!queue_.empty()) {
    writing_ = std::move(queue_.front());
    queue_.pop_front();
    sink_->StartWriteMessage(writing_.get());
  } else if (ending_ && !held_) {
    finished_ = true;
    sink_->FinishStream(final_);
  }
}

grpc::Status FinalStatus(const absl::Status& status) { return status::ToGrpc(status); }

struct OpenStream {
  OpenStream(Corridor& corridor, const grpc::CallbackServerContext& context,
             const google::protobuf::Message& request, const google::protobuf::Descriptor* response,
             std::shared_ptr<FeedCore> feed)
      : admission(corridor, context, request, response), feed(std::move(feed)) {}

  // Touched by one thread at a time: the worker that opens the stream, and once `admitted` only for
  // reading.
  Admission admission;
  const std::shared_ptr<FeedCore> feed;

  absl::Mutex mutex;
  bool admitted ABSL_GUARDED_BY(mutex) = false;
  absl::Time next_check ABSL_GUARDED_BY(mutex) = absl::InfiniteFuture();
};

bool StreamRegistry::Add(std::shared_ptr<OpenStream> stream, bool is_export) {
  absl::MutexLock lock(&mutex_);
  ++alive_;
  if (draining_) {
    stream->feed->Abort(status::Unavailable("SERVER_STOPPING", "The service is stopping."));
    return false;
  }
  if (static_cast<int>(streams_.size()) >= most_streams_ ||
      (is_export && exports_ >= most_exports_)) {
    stream->feed->Abort(status::WithRetryAfter(
        status::ResourceExhausted("TOO_MANY_STREAMS",
                                  "Too many streams of this kind are open: try again shortly."),
        absl::Seconds(2)));
    return false;
  }
  if (is_export) ++exports_;
  streams_.insert(std::move(stream));
  return true;
}

absl::Status StreamRegistry::Count(const std::shared_ptr<OpenStream>& stream, std::string person) {
  absl::MutexLock lock(&mutex_);
  if (!streams_.contains(stream)) return absl::OkStatus();  // its client has gone
  int& open = streams_of_[person];
  if (open >= most_streams_each_) {
    return status::ResourceExhausted(
        "TOO_MANY_STREAMS", "You have too many streams of this kind open: close one first.");
  }
  ++open;
  person_of_[stream.get()] = std::move(person);
  return absl::OkStatus();
}

void StreamRegistry::ExportDone() {
  absl::MutexLock lock(&mutex_);
  --exports_;
}

bool StreamRegistry::AwaitNone(absl::Duration most) {
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return alive_ == 0; };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&none), most);
}

void StreamRegistry::Remove(const std::shared_ptr<OpenStream>& stream) {
  absl::MutexLock lock(&mutex_);
  --alive_;
  streams_.erase(stream);
  const auto counted = person_of_.find(stream.get());
  if (counted == person_of_.end()) return;
  const auto open = streams_of_.find(counted->second);
  if (--open->second == 0) streams_of_.erase(open);
  person_of_.erase(counted);
}

void StreamRegistry::Drain() {
  std::vector<std::shared_ptr<OpenStream>> streams;
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) {
    stream->feed->Abort(status::Unavailable("SERVER_STOPPING", "The service is stopping."));
  }
}

int StreamRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(streams_.size());
}

void StreamRegistry::Tend(const Corridor::Options& options) {
  std::vector<std::shared_ptr<OpenStream>> streams;
  {
    absl::MutexLock lock(&mutex_);
    streams.assign(streams_.begin(), streams_.end());
  }
  const absl::Time now = options.real_clock->Now();
  const int patience =
      std::max<int>(2, static_cast<int>(options.slowest_reader / absl::Seconds(1)));
  for (const std::shared_ptr<OpenStream>& stream : streams) {
    if (stream->feed->ended()) {
      stream->feed->CancelIfStuck(patience);
      continue;
    }
    bool check = false;
    {
      absl::MutexLock lock(&stream->mutex);
      if (!stream->admitted) continue;
      check = now >= stream->next_check;
      if (check) stream->next_check = now + options.recheck_every;
    }
    if (now >= stream->admission.call().caller.token_expiry) {
      stream->feed->Abort(status::Unauthenticated(
          "TOKEN_EXPIRED", "The token has expired: sign in and open the stream again."));
    } else if (check) {
      const bool taken = options.workers->TrySubmit([stream] {
        absl::Status status = stream->admission.CheckAgain();
        if (const auto recheck = stream->feed->recheck(); status.ok() && recheck != nullptr) {
          status = recheck();
        }
        if (!status.ok()) stream->feed->Abort(std::move(status));
      });
      if (!taken) {
        // Too busy to look: at the next tick, not in a minute.
        absl::MutexLock lock(&stream->mutex);
        stream->next_check = now;
      }
    }
  }
}

std::shared_ptr<OpenStream> StartStream(Corridor& corridor, grpc::CallbackServerContext* context,
                                        const google::protobuf::Message* request,
                                        const google::protobuf::Descriptor* response,
                                        const std::shared_ptr<FeedCore>& feed, bool finish_after,
                                        absl::AnyInvocable<absl::Status(const Call&)> room) {
  auto stream = std::make_shared<OpenStream>(corridor, *context, *request, response, feed);
  if (!corridor.streams().Add(stream, finish_after)) {
    feed->Release();
    return stream;
  }
  const bool taken = corridor.options().workers->TrySubmit([&corridor, stream, feed, finish_after,
                                                            room = std::move(room)]() mutable {
    absl::Status status = stream->admission.Admit(/*stream=*/true);
    const access::Caller& caller = stream->admission.call().caller;
    if (status.ok() && caller.is_user()) {
      status = corridor.streams().Count(stream, absl::StrCat(caller.tenant, "/", caller.user_id));
    }
    if (status.ok()) {
      {
        absl::MutexLock lock(&stream->mutex);
        stream->admitted = true;
        stream->next_check =
            corridor.options().real_clock->Now() + corridor.options().recheck_every;
      }
      status = Admission::Guard(room, stream->admission.call());
    }
    room = nullptr;
    stream->admission.Forget();
    if (finish_after) corridor.streams().ExportDone();
    if (!status.ok()) {
      feed->Abort(std::move(status));
    } else if (finish_after) {
      feed->Finish(absl::OkStatus());
    }
    feed->Release();
  });
  if (!taken) {
    if (finish_after) corridor.streams().ExportDone();
    feed->Abort(Busy());
    feed->Release();
  }
  return stream;
}

void EndStream(Corridor& corridor, const std::shared_ptr<OpenStream>& stream) {
  stream->admission.Report(stream->feed->final_status());
  corridor.streams().Remove(stream);
}

}  // namespace waymark::rpc
