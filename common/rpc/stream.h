// The corridors of a server-streaming call. A stream costs no thread: its reactor is fed through a
// Feed, from a notification (Watch) or from one worker with back-pressure (Export).
//
//   grpc::ServerWriteReactor<v1::WatchWorklistResponse>* SchedulingService::WatchWorklist(
//       grpc::CallbackServerContext* context, const v1::WatchWorklistRequest* request) {
//     return rpc::Watch<v1::WatchWorklistResponse>(
//         corridor_, context, request,
//         [this](const rpc::Call& call, const v1::WatchWorklistRequest& request,
//                std::shared_ptr<rpc::Feed<v1::WatchWorklistResponse>> feed) {
//           watchers_.Add(call.caller, request, feed);  // whoever holds the feed may Offer to it
//           return absl::OkStatus();                    // the stream stays open
//         });
//   }
//
// The corridor is that of rpc::Unary, except: no deadline is asked for; a `request_id` (UUID) is
// asked for in the first message of every stream; and rights are looked at again every minute. The
// stream ends at the token's expiry (UNAUTHENTICATED TOKEN_EXPIRED), when rights are gone, when the
// client does not read (RESOURCE_EXHAUSTED SLOW_READER) and at drain (UNAVAILABLE SERVER_STOPPING).
#ifndef WAYMARK_COMMON_RPC_STREAM_H_
#define WAYMARK_COMMON_RPC_STREAM_H_

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/corridor.h"

namespace waymark::rpc {

// What a reactor can do for its feed; all four are safe to call with the feed's lock held, because
// gRPC never runs a reaction inside them.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void StartWriteMessage(const google::protobuf::Message* message) = 0;
  virtual void FinishStream(const absl::Status& status) = 0;
  virtual void CancelStream() = 0;
};

// The queue between a room and a stream, without the type. Thread-safe. Outlives the stream: once
// ended, offers are refused and that is all.
class FeedCore {
 public:
  explicit FeedCore(size_t longest_queue) : longest_queue_(longest_queue) {}

  // False when the stream has ended or ends now because the client is too slow; forget the feed
  // then.
  bool OfferMessage(std::unique_ptr<google::protobuf::Message> message);
  // Waits for room. An error when the stream has ended or the client did not read until `until`.
  absl::Status PushMessage(std::unique_ptr<google::protobuf::Message> message, absl::Time until);
  // Sends what is queued, then ends with `status`. Only the first call counts.
  void Finish(absl::Status status);
  // Ends with `status` without sending what is queued.
  void Abort(absl::Status status);
  bool ended() const;
  // Asked every minute on a worker; an error ends the stream with it.
  void SetRecheck(std::function<absl::Status()> recheck);

  // The corridor's side.
  void Attach(StreamSink* sink);
  // Until the room has returned the stream is held: it may be ended, but its request and context
  // stay, because gRPC frees them once the stream is finished.
  void Release();
  void WriteDone(bool ok);
  // The client has gone; nothing may be started any more, the reactor only waits for its end.
  void Cancelled();
  // The reactor is about to disappear.
  void Detach();
  // Counts one look; breaks off a stream that has ended but whose last write did not finish within
  // `most` looks (two, when it was aborted).
  void CancelIfStuck(int most);
  std::function<absl::Status()> recheck() const;
  absl::Status final_status() const;

 private:
  void AbortLocked(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t longest_queue_;
  mutable absl::Mutex mutex_;
  StreamSink* sink_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::deque<std::unique_ptr<google::protobuf::Message>> queue_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<google::protobuf::Message> writing_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = true;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  int looks_while_writing_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status final_ ABSL_GUARDED_BY(mutex_);
  std::function<absl::Status()> recheck_ ABSL_GUARDED_BY(mutex_);
};

template <class Response>
class Feed : public FeedCore {
 public:
  using FeedCore::FeedCore;
  // For watches: never blocks.
  bool Offer(Response response) {
    return OfferMessage(std::make_unique<Response>(std::move(response)));
  }
  // For exports, on their worker: waits until the client has read enough.
  absl::Status Push(Response response, absl::Time until) {
    return PushMessage(std::make_unique<Response>(std::move(response)), until);
  }
};

// One open stream as the registry sees it: its call, its feed and what Tend needs.
struct OpenStream;

// Starts the corridor for a stream. `room` runs on a worker once the call is admitted; its error
// ends the stream. When `finish_after` the stream ends when the room returns.
std::shared_ptr<OpenStream> StartStream(Corridor& corridor, grpc::CallbackServerContext* context,
                                        const google::protobuf::Message* request,
                                        const google::protobuf::Descriptor* response,
                                        const std::shared_ptr<FeedCore>& feed, bool finish_after,
                                        absl::AnyInvocable<absl::Status(const Call&)> room);
// The stream is over: metric and access-log line.
void EndStream(Corridor& corridor, const std::shared_ptr<OpenStream>& stream);

template <class Response>
class StreamReactor final : public grpc::ServerWriteReactor<Response>, public StreamSink {
 public:
  StreamReactor(Corridor& corridor, grpc::CallbackServerContext* context,
                std::shared_ptr<Feed<Response>> feed)
      : corridor_(corridor), context_(context), feed_(std::move(feed)) {
    feed_->Attach(this);
  }
  void Opened(std::shared_ptr<OpenStream> stream) { stream_ = std::move(stream); }

  void OnWriteDone(bool ok) override { feed_->WriteDone(ok); }
  void OnCancel() override { feed_->Cancelled(); }
  void OnDone() override {
    feed_->Detach();
    EndStream(corridor_, stream_);
    delete this;
  }

 private:
  void StartWriteMessage(const google::protobuf::Message* message) override {
    this->StartWrite(static_cast<const Response*>(message));
  }
  void FinishStream(const absl::Status& status) override;
  void CancelStream() override { context_->TryCancel(); }

  Corridor& corridor_;
  grpc::CallbackServerContext* const context_;
  const std::shared_ptr<Feed<Response>> feed_;
  std::shared_ptr<OpenStream> stream_;
};

grpc::Status FinalStatus(const absl::Status& status);

template <class Response>
void StreamReactor<Response>::FinishStream(const absl::Status& status) {
  this->Finish(FinalStatus(status));
}

inline constexpr size_t kLongestFeed = 256;

// `open` is absl::Status(const Call&, const Request&, std::shared_ptr<Feed<Response>>): hand the
// feed to whoever is notified and return OK. The request is not valid after `open` returns.
template <class Response, class Request, class Room>
grpc::ServerWriteReactor<Response>* Watch(Corridor& corridor, grpc::CallbackServerContext* context,
                                          const Request* request, Room open) {
  auto feed = std::make_shared<Feed<Response>>(kLongestFeed);
  auto* reactor = new StreamReactor<Response>(corridor, context, feed);
  reactor->Opened(StartStream(corridor, context, request, Response::descriptor(), feed,
                              /*finish_after=*/false,
                              [request, feed, open = std::move(open)](const Call& call) mutable {
                                return open(call, *request, feed);
                              }));
  return reactor;
}

// `produce` is absl::Status(const Call&, const Request&, Writer) where Writer is
// absl::Status(Response): call it for each response, stop when it returns an error. At most a
// quarter of the workers run exports at once, so that a slow client never stops the unary calls.
template <class Response, class Request, class Room>
grpc::ServerWriteReactor<Response>* Export(Corridor& corridor, grpc::CallbackServerContext* context,
                                           const Request* request, Room produce) {
  auto feed = std::make_shared<Feed<Response>>(/*longest_queue=*/16);
  auto* reactor = new StreamReactor<Response>(corridor, context, feed);
  const absl::Duration patience = corridor.options().slowest_reader;
  reactor->Opened(StartStream(
      corridor, context, request, Response::descriptor(), feed, /*finish_after=*/true,
      [request, feed, patience, produce = std::move(produce)](const Call& call) mutable {
        return produce(call, *request, [&feed, patience](Response response) {
          return feed->Push(std::move(response), absl::Now() + patience);
        });
      }));
  return reactor;
}

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_STREAM_H_
