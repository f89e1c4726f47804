#include "services/gateway/forward.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <set>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"

namespace waymark::gateway {
namespace {

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);  // a buffer without a slice is not sent at all
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToText(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  text.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::unique_ptr<grpc::ClientContext> ContextOf(const BackendCall& call) {
  auto context = rpc::MakeContext({.deadline = call.deadline, .token = call.token});
  if (!call.request_id.empty()) context->AddMetadata("x-request-id", call.request_id);
  return context;
}

}  // namespace

struct Forwarder::State {
  explicit State(Channels channels) : channels(std::move(channels)) {}

  const Channels channels;
  absl::Mutex mutex;
  std::set<grpc::ClientContext*> contexts ABSL_GUARDED_BY(mutex);
  int streams ABSL_GUARDED_BY(mutex) = 0;
  bool stopping ABSL_GUARDED_BY(mutex) = false;

  bool Enter(grpc::ClientContext* context, bool stream) {
    absl::MutexLock lock(&mutex);
    if (stopping) return false;
    contexts.insert(context);
    streams += stream ? 1 : 0;
    return true;
  }
  void Leave(grpc::ClientContext* context, bool stream) {
    absl::MutexLock lock(&mutex);
    contexts.erase(context);
    streams -= stream ? 1 : 0;
  }
};

namespace {

absl::Status Stopping() {
  return status::WithRetryAfter(
      status::Unavailable("SERVER_STOPPING", "The server is about to restart. Try again."),
      absl::Seconds(1));
}

}  // namespace

// Held by itself until gRPC has called OnDone; by then nobody reads any more.
class StreamCall final : public BackendStream,
                         public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamCall(std::shared_ptr<Forwarder::State> state, std::shared_ptr<grpc::Channel> channel,
             const BackendCall& call, std::function<void(std::string)> message,
             std::function<void(absl::Status)> done)
      : state_(std::move(state)),
        stub_(std::move(channel)),
        path_(call.path),
        context_(ContextOf(call)),
        request_(ToBuffer(call.request)),
        message_(std::move(message)),
        done_(std::move(done)) {}

  bool Begin(std::shared_ptr<StreamCall> self) {
    if (!state_->Enter(context_.get(), /*stream=*/true)) return false;
    self_ = std::move(self);
    stub_.PrepareBidiStreamingCall(context_.get(), path_, grpc::StubOptions(), this);
    // Reads are asked for from outside of reactions.
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&response_);
    StartCall();
    return true;
  }

  void ReadNext() override {
    {
      absl::MutexLock lock(&mutex_);
      if (released_ || reading_) return;
      reading_ = true;
    }
    StartRead(&response_);
  }

  void Cancel() override {
    bool release = false;
    {
      absl::MutexLock lock(&mutex_);
      if (released_) return;
      context_->TryCancel();
      // With a read under way, that read ends and lets go.
      if (!reading_) release = released_ = true;
    }
    if (release) RemoveHold();
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) {
      {
        absl::MutexLock lock(&mutex_);
        reading_ = false;
        if (released_) return;
        released_ = true;
      }
      RemoveHold();
      return;
    }
    std::string bytes = ToText(response_);
    response_.Clear();
    {
      absl::MutexLock lock(&mutex_);
      reading_ = false;
    }
    message_(std::move(bytes));
  }

  void OnDone(const grpc::Status& status) override {
    state_->Leave(context_.get(), /*stream=*/true);
    done_(status::FromGrpc(status));
    message_ = nullptr;
    done_ = nullptr;
    // May be the last of it.
    const std::shared_ptr<StreamCall> last = std::move(self_);
  }

  const std::shared_ptr<Forwarder::State> state_;
  grpc::GenericStub stub_;
  const std::string path_;
  const std::unique_ptr<grpc::ClientContext> context_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::function<void(std::string)> message_;
  std::function<void(absl::Status)> done_;
  std::shared_ptr<StreamCall> self_;
  absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
};

Forwarder::Forwarder(Channels channels) : state_(std::make_shared<State>(std::move(channels))) {}

Forwarder::~Forwarder() {
  absl::MutexLock lock(&state_->mutex);
  state_->stopping = true;
  for (grpc::ClientContext* context : state_->contexts) context->TryCancel();
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex) {
    return state_->contexts.empty();
  };
  state_->mutex.AwaitWithTimeout(absl::Condition(&none), absl::Seconds(5));
}

void Forwarder::Unary(const BackendCall& call,
                      std::function<void(absl::StatusOr<std::string>)> done) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = state_->channels(call.service);
  if (!channel.ok()) return done(channel.status());
  struct Call {
    explicit Call(std::shared_ptr<grpc::Channel> channel) : stub(std::move(channel)) {}
    grpc::GenericStub stub;
    std::unique_ptr<grpc::ClientContext> context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
  };
  auto under_way = std::make_shared<Call>(*std::move(channel));
  under_way->context = ContextOf(call);
  under_way->request = ToBuffer(call.request);
  if (!state_->Enter(under_way->context.get(), /*stream=*/false)) return done(Stopping());
  under_way->stub.UnaryCall(
      under_way->context.get(), call.path, grpc::StubOptions(), &under_way->request,
      &under_way->response,
      [under_way, state = state_, done = std::move(done)](const grpc::Status& status) {
        state->Leave(under_way->context.get(), /*stream=*/false);
        if (!status.ok()) return done(status::FromGrpc(status));
        done(ToText(under_way->response));
      });
}

std::shared_ptr<BackendStream> Forwarder::Stream(const BackendCall& call,
                                                 std::function<void(std::string)> message,
                                                 const std::function<void(absl::Status)>& done) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = state_->channels(call.service);
  if (!channel.ok()) {
    done(channel.status());
    return nullptr;
  }
  auto stream =
      std::make_shared<StreamCall>(state_, *std::move(channel), call, std::move(message), done);
  if (!stream->Begin(stream)) {
    done(Stopping());
    return nullptr;
  }
  return stream;
}

int Forwarder::open_streams() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->streams;
}

}  // namespace waymark::gateway
