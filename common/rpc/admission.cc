#include "common/rpc/admission.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <exception>
#include <typeinfo>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/validate.h"
#include "common/status/status.h"

namespace waymark::rpc {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

constexpr absl::string_view kSpiffePrefix = "spiffe://waymark/";
constexpr char kNoMethod[] = "unknown";

const FieldDescriptor* TextField(const Descriptor* type, const char* name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  const bool text =
      field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return text ? field : nullptr;
}

const Method* DescribeMethod(const Descriptor* request, const Descriptor* response) {
  const google::protobuf::MethodDescriptor* found = nullptr;
  const google::protobuf::FileDescriptor* file = request->file();
  for (int s = 0; s < file->service_count(); ++s) {
    for (int m = 0; m < file->service(s)->method_count(); ++m) {
      const google::protobuf::MethodDescriptor* method = file->service(s)->method(m);
      if (method->input_type() != request) continue;
      if (found != nullptr) return nullptr;
      found = method;
    }
  }
  if (found == nullptr || found->output_type() != response) return nullptr;
  auto* method = new Method();  // lives as long as the descriptors
  method->name = found->full_name();
  method->rule = access::RuleFor(found->full_name());
  method->request_id = TextField(request, "request_id");
  method->tenant = TextField(request, "tenant");
  if (const FieldDescriptor* actor = request->FindFieldByName("actor");
      actor != nullptr && actor->type() == FieldDescriptor::TYPE_MESSAGE && !actor->is_repeated()) {
    method->actor_user_id = TextField(actor->message_type(), "user_id");
    if (method->actor_user_id != nullptr) method->actor = actor;
  }
  return method;
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// The service named by the client's certificate; empty when it names none, or more than one.
std::string PeerService(const grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return "";
  const std::vector<grpc::string_ref> ids = auth->FindPropertyValues("peer_spiffe_id");
  if (ids.size() != 1) return "";
  absl::string_view service(ids[0].data(), ids[0].size());
  if (!absl::ConsumePrefix(&service, kSpiffePrefix)) return "";
  std::string name(service);
  return name;
}

// Empty when the call carries no token at all.
absl::StatusOr<std::string> BearerToken(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto range = metadata.equal_range("authorization");
  if (range.first == range.second) return "";
  const absl::string_view value(range.first->second.data(), range.first->second.size());
  if (std::next(range.first) != range.second || !absl::StartsWithIgnoreCase(value, "bearer ") ||
      value.size() == 7) {
    return status::Unauthenticated("TOKEN_MALFORMED",
                                   "Send one `authorization` metadata: Bearer and the token.");
  }
  std::string token(value.substr(7));
  return token;
}

}  // namespace

const Method* MethodOf(const Descriptor* request, const Descriptor* response) {
  static auto* mutex = new absl::Mutex();
  static auto* methods =
      new absl::flat_hash_map<std::pair<const Descriptor*, const Descriptor*>, const Method*>();
  {
    absl::ReaderMutexLock lock(mutex);
    if (const auto found = methods->find({request, response}); found != methods->end()) {
      return found->second;
    }
  }
  absl::MutexLock lock(mutex);
  const auto [place, is_new] = methods->try_emplace({request, response}, nullptr);
  if (is_new) place->second = DescribeMethod(request, response);
  return place->second;
}

absl::Status Busy() {
  return status::WithRetryAfter(
      status::ResourceExhausted("SERVER_BUSY",
                                "The service is busy. Nothing was done: try again shortly."),
      absl::Milliseconds(200));
}

Admission::Admission(Corridor& corridor, const grpc::CallbackServerContext& context,
                     const Message& request, const Descriptor* response)
    : corridor_(corridor),
      request_(request),
      method_(MethodOf(request.GetDescriptor(), response)),
      started_(corridor.options().real_clock->Now()) {
  call_.context = &context;
  call_.method = method_ == nullptr ? kNoMethod : method_->name;
  has_deadline_ = context.deadline() != std::chrono::system_clock::time_point::max();
  if (has_deadline_) {
    call_.deadline =
        std::min(absl::FromChrono(context.deadline()), started_ + corridor.options().longest_call);
  }
}

bool Admission::expired() const { return corridor_.options().real_clock->Now() >= call_.deadline; }

absl::Status Admission::AdmitIdentity() {
  call_.caller.service = PeerService(*call_.context);
  if (call_.caller.service.empty()) {
    return status::Unauthenticated("PEER_UNKNOWN",
                                   "The client certificate names no waymark service.");
  }
  ASSIGN_OR_RETURN(token_, BearerToken(*call_.context));
  if (!token_.empty()) {
    ASSIGN_OR_RETURN(access::Caller person, corridor_.options().verifier->Verify(token_));
    person.service = std::move(call_.caller.service);
    call_.caller = std::move(person);
  }
  ASSIGN_OR_RETURN(call_.granted,
                   access::Authorise(*call_.rule, call_.caller, call_.caller.service));
  return absl::OkStatus();
}

absl::Status Admission::ReadRequest(bool stream) {
  RETURN_IF_ERROR(CheckRequest(request_));
  const bool needs_id =
      stream || (call_.caller.is_user() && call_.rule->audit() == options::v1::AUDIT_CHANGE);
  call_.request_id = TextOf(request_, method_->request_id);
  if ((needs_id || !call_.request_id.empty()) && !ids::IsUuid(call_.request_id)) {
    call_.request_id.clear();  // what is no id must not reach a log line
    return status::InvalidArgument("REQUEST_ID_INVALID",
                                   "Send a `request_id`: a UUID in lower case, new for each act, "
                                   "the same when the act is repeated.");
  }
  const std::string tenant = TextOf(request_, method_->tenant);
  if (call_.caller.is_user()) {
    // A person's organisation is that of the token, whatever a request says.
    if (!tenant.empty() && tenant != call_.caller.tenant) {
      return status::PermissionDenied("TENANT_MISMATCH",
                                      "The request names another organisation than the token.");
    }
    return absl::OkStatus();
  }
  if (!tenant.empty() && !access::IsTenant(tenant)) {
    return status::InvalidArgument("TENANT_MALFORMED", "`tenant` names no organisation.");
  }
  call_.caller.tenant = tenant;
  if (method_->actor != nullptr && request_.GetReflection()->HasField(request_, method_->actor)) {
    call_.on_behalf_of = TextOf(request_.GetReflection()->GetMessage(request_, method_->actor),
                                method_->actor_user_id);
  }
  return absl::OkStatus();
}

absl::Status Admission::Admit(bool stream) {
  const Corridor::Options& options = corridor_.options();
  if (method_ == nullptr || method_->rule == nullptr) {
    return status::PermissionDenied("METHOD_WITHOUT_RULE",
                                    "Nobody may call this method: it carries no rule.");
  }
  call_.rule = method_->rule;
  call_.now = options.clinical_clock->Now();
  RETURN_IF_ERROR(AdmitIdentity());
  if (!stream && !has_deadline_) {
    return status::InvalidArgument("DEADLINE_REQUIRED",
                                   "Set a deadline on the call: ten seconds is usual.");
  }
  RETURN_IF_ERROR(ReadRequest(stream));
  if (!stream && expired()) {
    return status::DeadlineExceeded("DEADLINE_PASSED",
                                    "The deadline passed before the call could begin.");
  }
  return absl::OkStatus();
}

absl::Status Admission::CheckAgain() const {
  access::Caller caller;
  caller.service = call_.caller.service;
  if (!token_.empty()) {
    ASSIGN_OR_RETURN(caller, corridor_.options().verifier->Verify(token_));
  }
  return access::Authorise(*call_.rule, caller, call_.caller.service).status();
}

absl::Status Admission::Guard(absl::AnyInvocable<absl::Status(const Call&)>& room,
                              const Call& call) {
  const char* type = "unknown";
  try {
    return room(call);
  } catch (const std::exception& e) {
    type = typeid(e).name();  // never what(): it may hold what was sent
  } catch (...) {
  }
  log::Error("exception left a room", {{"type", type}});
  return status::Internal("INTERNAL", "Something went wrong on our side.");
}

void Admission::Report(const absl::Status& status) const {
  const Corridor::Options& options = corridor_.options();
  const double seconds = absl::ToDoubleSeconds(options.real_clock->Now() - started_);
  const std::string& method = options.discreet ? options.service : call_.method;
  corridor_.metrics().Count(method, status.code(), seconds);
  const std::string actor = call_.actor();
  const bool person = call_.caller.is_user() || !call_.on_behalf_of.empty();
  log::Info("call", {{"method", method},
                     {"code", absl::StatusCodeToString(status.code())},
                     {"reason", status::Reason(status)},
                     {"ms", seconds * 1000},
                     {"request_id", call_.request_id},
                     {"tenant", call_.caller.tenant},
                     {"actor", person && options.pseudonym != nullptr
                                   ? options.pseudonym(call_.caller.tenant, actor)
                                   : std::string()},
                     {"peer", call_.caller.service}});
}

struct CallMetrics::State {
  struct OfMethod {
    explicit OfMethod(metrics::Histogram seconds) : seconds(seconds) {}
    metrics::Histogram seconds;
    absl::flat_hash_map<int, metrics::Counter> calls;
  };
  explicit State(const std::string& service)
      : prefix("waymark_" + absl::StrReplaceAll(service, {{"-", "_"}})),
        waiting(metrics::Default().GetGauge(prefix + "_calls_waiting",
                                            "Calls in the queue before the workers.")),
        streams(metrics::Default().GetGauge(prefix + "_streams_open", "Open streams.")) {}

  const std::string prefix;
  const metrics::Gauge waiting;
  const metrics::Gauge streams;
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, OfMethod> methods ABSL_GUARDED_BY(mutex);
};

CallMetrics::CallMetrics(const std::string& service) : state_(std::make_unique<State>(service)) {}
CallMetrics::~CallMetrics() = default;

void CallMetrics::SetWaiting(int calls) { state_->waiting.Set(calls); }
void CallMetrics::SetStreams(int streams) { state_->streams.Set(streams); }

void CallMetrics::Count(const std::string& method, absl::StatusCode code, double seconds) {
  // Handles are cheap to copy out; observing happens outside the lock.
  absl::MutexLock lock(&state_->mutex);
  auto found = state_->methods.find(method);
  if (found == state_->methods.end()) {
    found = state_->methods
                .try_emplace(method, metrics::Default().GetHistogram(
                                         state_->prefix + "_call_seconds", "Length of calls.",
                                         metrics::CallSeconds(), {{"method", method}}))
                .first;
  }
  auto counter = found->second.calls.find(static_cast<int>(code));
  if (counter == found->second.calls.end()) {
    counter = found->second.calls
                  .try_emplace(static_cast<int>(code),
                               metrics::Default().GetCounter(
                                   state_->prefix + "_calls_total", "Calls by method and outcome.",
                                   {{"method", method}, {"code", absl::StatusCodeToString(code)}}))
                  .first;
  }
  found->second.seconds.Observe(seconds);
  counter->second.Increment();
}

}  // namespace waymark::rpc
