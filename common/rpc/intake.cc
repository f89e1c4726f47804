#include "common/rpc/intake.h"

#include <algorithm>
#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/admission.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"

namespace waymark::rpc {
namespace {

// In this process. A process has one corridor, tests aside.
std::atomic<int> intakes_at_work = 0;

}  // namespace

grpc::Status IntakeStatus(const absl::Status& status) { return status::ToGrpc(status); }

struct IntakeCore::State {
  State(Corridor& corridor, grpc::CallbackServerContext* context, google::protobuf::Message* first,
        const google::protobuf::Descriptor* response,
        absl::AnyInvocable<absl::Status(const Call&, IntakeCore&)> room)
      : corridor(corridor),
        context(context),
        first(first),
        admission(corridor, *context, *first, response),
        room(std::move(room)) {}

  Corridor& corridor;
  grpc::CallbackServerContext* const context;
  google::protobuf::Message* const first;
  Admission admission;
  absl::AnyInvocable<absl::Status(const Call&, IntakeCore&)> room;
  IntakeSource* source = nullptr;
  absl::Time next_check = absl::InfiniteFuture();

  absl::Mutex mutex;
  bool begun ABSL_GUARDED_BY(mutex) = false;  // the first message was read
  bool reading ABSL_GUARDED_BY(mutex) = false;
  bool read_ok ABSL_GUARDED_BY(mutex) = false;
  bool closed ABSL_GUARDED_BY(mutex) = false;  // a read has failed: nothing more comes
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
};

IntakeCore::IntakeCore(Corridor& corridor, grpc::CallbackServerContext* context,
                       google::protobuf::Message* first,
                       const google::protobuf::Descriptor* response,
                       absl::AnyInvocable<absl::Status(const Call&, IntakeCore&)> room)
    : state_(std::make_unique<State>(corridor, context, first, response, std::move(room))) {}

IntakeCore::~IntakeCore() = default;

void IntakeCore::Start(IntakeSource* source) {
  state_->source = source;
  {
    absl::MutexLock lock(&state_->mutex);
    state_->reading = true;
  }
  source->StartReadMessage(state_->first);
}

void IntakeCore::ReadDone(bool ok) {
  bool first = false;
  {
    absl::MutexLock lock(&state_->mutex);
    state_->reading = false;
    state_->read_ok = ok;
    if (!ok) state_->closed = true;
    first = !state_->begun;
    state_->begun = true;
  }
  if (!first) return;
  // Also without any message: the corridor then says what is missing.
  if (intakes_at_work.fetch_add(1) >=
      std::max(1, state_->corridor.options().workers->threads() / 4)) {
    intakes_at_work.fetch_sub(1);
    const absl::Status busy = status::WithRetryAfter(
        status::ResourceExhausted("TOO_MANY_STREAMS",
                                  "Too many streams of this kind are open: try again shortly."),
        absl::Seconds(2));
    state_->corridor.metrics().Count(state_->admission.call().method, busy.code(), 0);
    state_->source->FinishCall(busy);
    return;
  }
  const bool taken =
      state_->corridor.options().workers->TrySubmit([core = shared_from_this()] { core->Run(); });
  if (!taken) {
    intakes_at_work.fetch_sub(1);
    state_->corridor.metrics().Count(state_->admission.call().method, Busy().code(), 0);
    state_->source->FinishCall(Busy());
  }
}

void IntakeCore::Run() {
  State& state = *state_;
  absl::Status status = state.admission.Admit(/*stream=*/true);
  if (status.ok()) {
    const Corridor::Options& options = state.corridor.options();
    state.next_check = options.real_clock->Now() + options.recheck_every;
    absl::AnyInvocable<absl::Status(const Call&)> room = [this, &state](const Call& call) {
      return state.room(call, *this);
    };
    status = Admission::Guard(room, state.admission.call());
  }
  state.room = nullptr;
  state.admission.Forget();
  state.admission.Report(status);
  intakes_at_work.fetch_sub(1);
  // The reactor, and the first message in it, may be gone after this.
  state.source->FinishCall(status);
}

absl::StatusOr<bool> IntakeCore::Next(google::protobuf::Message* message, absl::Time until) {
  State& state = *state_;
  const absl::Time now = state.corridor.options().real_clock->Now();
  if (now >= state.admission.call().caller.token_expiry) {
    return status::Unauthenticated("TOKEN_EXPIRED",
                                   "The token has expired: sign in and begin again; what arrived "
                                   "is kept.");
  }
  if (now >= state.next_check) {
    state.next_check = now + state.corridor.options().recheck_every;
    RETURN_IF_ERROR(state.admission.CheckAgain());
  }
  {
    absl::MutexLock lock(&state.mutex);
    if (state.cancelled) return status::Cancelled("CLIENT_GONE", "The client has gone.");
    if (state.closed) return false;
    state.reading = true;
  }
  message->Clear();
  state.source->StartReadMessage(message);
  const auto done = [&state]()
                        ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) { return !state.reading; };
  absl::MutexLock lock(&state.mutex);
  if (!state.mutex.AwaitWithDeadline(absl::Condition(&done), until)) {
    // gRPC still holds the message: only a cancelled call gives it back.
    state.context->TryCancel();
    state.mutex.Await(absl::Condition(&done));
    return status::DeadlineExceeded("CLIENT_SILENT",
                                    "Nothing came for too long: begin again; what arrived is "
                                    "kept.");
  }
  if (state.cancelled || (!state.read_ok && state.context->IsCancelled())) {
    return status::Cancelled("CLIENT_GONE", "The client has gone.");
  }
  return state.read_ok;
}

void IntakeCore::Cancelled() {
  absl::MutexLock lock(&state_->mutex);
  state_->cancelled = true;
}

}  // namespace waymark::rpc
