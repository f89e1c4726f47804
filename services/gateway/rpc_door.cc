#include "services/gateway/rpc_door.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/gateway/http_head.h"
#include "services/gateway/sign_in.h"
#include "services/gateway/static_files.h"

namespace waymark::gateway {
namespace {

absl::Status TooMany() {
  return status::WithRetryAfter(
      status::ResourceExhausted("TOO_MANY_CALLS",
                                "You have too many requests under way. Try again shortly."),
      absl::Seconds(1));
}

}  // namespace

struct RpcDoor::Call {
  HttpRequest request;
  std::shared_ptr<Exchange> exchange;
  const Method* method = nullptr;
  ContentType type;
  absl::Time started;
  absl::Time deadline;
  std::shared_ptr<const Session> session;  // null with a bearer token
  std::string token;
  std::string who;  // the key that calls are counted by
};

struct RpcDoor::OpenStream {
  std::string session_key;
  std::string tenant;
  std::shared_ptr<Exchange> exchange;
  // What each step of a stream changes; its own lock, because the steps come from three threads.
  absl::Mutex mutex;
  std::shared_ptr<BackendStream> backend ABSL_GUARDED_BY(mutex);
  bool over ABSL_GUARDED_BY(mutex) = false;
  bool writing ABSL_GUARDED_BY(mutex) = false;
  // A message was taken before `backend` was known: the next is still to be asked for.
  bool waiting ABSL_GUARDED_BY(mutex) = false;
  // The end, when it came while a message was being written.
  std::function<void()> then ABSL_GUARDED_BY(mutex);
};

RpcDoor::RpcDoor(DoorOptions options, const Methods& methods, Sessions& sessions,
                 access::TokenVerifier& verifier, Forwarder& forwarder, rpc::Workers& blocking,
                 const clock::Clock& clock)
    : options_(std::move(options)),
      methods_(methods),
      sessions_(sessions),
      verifier_(verifier),
      forwarder_(forwarder),
      blocking_(blocking),
      clock_(clock) {}

// Names the service and never the method: that somebody asked for their mental health case is
// nobody's business.
void RpcDoor::Report(const Call& call, absl::StatusCode code) const {
  const std::string service = call.method == nullptr ? "none" : call.method->service;
  const metrics::Labels labels = {{"service_called", service},
                                  {"code", std::string(CodeName(code))}};
  if (call.type.stream) {
    // Open for as long as somebody watches: no measure of how fast we are.
    metrics::Default()
        .GetCounter("waymark_gateway_streams_ended_total", "Streams that ended.", labels)
        .Increment();
  } else {
    metrics::Default()
        .GetHistogram("waymark_gateway_http_call_seconds", "From the request to its answer.",
                      metrics::CallSeconds(), labels)
        .Observe(absl::ToDoubleSeconds(clock_.Now() - call.started));
  }
  log::Info("call", {{"service_called", service},
                     {"code", CodeName(code)},
                     {"request_id", call.request.id},
                     {"milliseconds", absl::ToInt64Milliseconds(clock_.Now() - call.started)}});
}

void RpcDoor::Answer(const Call& call, HttpResponse response) {
  CompressFor(call.request, response);
  call.exchange->Respond(std::move(response));
}

void RpcDoor::Refuse(const Call& call, const absl::Status& status) {
  Report(call, status.code());
  if (!call.type.stream) return Answer(call, ErrorResponse(status));
  // A stream's errors are in its last message, whatever the HTTP status.
  call.exchange->Respond({.headers = {{"content-type", std::string(ContentTypeName(call.type))},
                                      {"cache-control", "no-store"}},
                          .body = Envelope(kEndOfStream, EndOfStreamJson(status))});
}

void RpcDoor::Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->exchange = std::move(exchange);
  call->started = clock_.Now();
  call->method = methods_.Find(call->request.path);
  const HttpRequest& asked = call->request;
  const Method* method = call->method;
  const auto type = ParseContentType(asked.Header("content-type"));
  if (method == nullptr) {
    call->type.stream = type.has_value() && type->stream;
    HttpResponse response =
        ErrorResponse(status::Unimplemented("METHOD_UNKNOWN", "The service has no such method."));
    response.status = 404;
    Report(*call, absl::StatusCode::kUnimplemented);
    return call->exchange->Respond(std::move(response));
  }
  const bool stream = method->descriptor->server_streaming();
  const bool get = asked.method == "GET";
  if (asked.method != "POST" && !(get && method->safe && !stream)) {
    return call->exchange->Respond({.status = 405,
                                    .headers = {{"allow", method->safe ? "GET, POST" : "POST"},
                                                {"cache-control", "no-store"}}});
  }
  if (get) {
    absl::StatusOr<GetRequest> query = ParseGet(asked.query);
    if (!query.ok()) return Refuse(*call, query.status());
    call->type = {.codec = query->codec, .stream = false};
    call->request.body = std::move(query->message);
  } else {
    if (!type.has_value() || type->stream != stream) {
      return call->exchange->Respond(
          {.status = 415,
           .headers = {
               {"accept-post", stream ? "application/connect+json, application/connect+proto"
                                      : "application/json, application/proto"},
               {"cache-control", "no-store"}}});
    }
    call->type = *type;
  }
  const absl::string_view version = asked.Header("connect-protocol-version");
  if (!version.empty() && version != "1") {
    return Refuse(*call, status::InvalidArgument("PROTOCOL_VERSION",
                                                 "Only version 1 of the protocol is spoken here."));
  }
  for (const char* header : {"content-encoding", "connect-content-encoding"}) {
    const absl::string_view encoding = asked.Header(header);
    if (!encoding.empty() && encoding != "identity") {
      // A small body that unpacks to a large one is the oldest way to use up a server.
      return Refuse(
          *call, status::Unimplemented("COMPRESSION_UNSUPPORTED", "Send requests uncompressed."));
    }
  }
  const auto timeout = ParseTimeout(asked.Header("connect-timeout-ms"));
  if (!timeout.has_value()) {
    return Refuse(*call, status::InvalidArgument("TIMEOUT_INVALID",
                                                 "Connect-Timeout-Ms is up to ten digits."));
  }
  // A stream stays open; one with a time-out ends at it.
  call->deadline = call->started + (stream ? *timeout : std::min(*timeout, options_.longest_call));
  if (!method->for_people) {
    return Refuse(*call, status::PermissionDenied("METHOD_FOR_SERVICES",
                                                  "Only Waymark's own services call this method."));
  }
  if (stream) {
    absl::StatusOr<std::string> message = OpenEnvelope(asked.body);
    if (!message.ok()) return Refuse(*call, message.status());
    call->request.body = *std::move(message);
  }
  Admit(call);
}

void RpcDoor::Admit(const std::shared_ptr<Call>& call) {
  absl::string_view authorization = call->request.Header("authorization");
  if (!authorization.empty()) {
    // A program. Its cookies, if it has any, count for nothing.
    if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
      return Refuse(*call, status::Unauthenticated("TOKEN_MISSING", "Send a bearer token."));
    }
    call->token = std::string(authorization);
    // May fetch keys.
    if (!blocking_.TrySubmit([this, call] {
          const absl::StatusOr<access::Caller> caller = verifier_.Verify(call->token);
          if (!caller.ok()) return Refuse(*call, caller.status());
          call->who = absl::StrCat(caller->tenant, "/", caller->user_id);
          Forward(call);
        })) {
      Refuse(*call, TooMany());
    }
    return;
  }
  const auto cookie = Cookie(call->request.Header("cookie"), kSessionCookie);
  if (!cookie.has_value()) {
    return Refuse(*call, status::Unauthenticated("SESSION_MISSING", "Sign in first."));
  }
  call->session = sessions_.Believed(*cookie);
  if (call->session != nullptr) return FindSession(call);
  if (!blocking_.TrySubmit([this, call, cookie = *cookie] {
        // A page that is only looked at reopens its streams; that is no use of a session.
        auto session = sessions_.Find(clock_.Now() + absl::Seconds(5), cookie, call->type.stream);
        if (!session.ok()) return Refuse(*call, session.status());
        call->session = *std::move(session);
        FindSession(call);
      })) {
    Refuse(*call, TooMany());
  }
}

void RpcDoor::FindSession(const std::shared_ptr<Call>& call) {
  if (absl::Status own = CheckOwnPage(call->request, *call->session, options_.public_url);
      !own.ok()) {
    return Refuse(*call, own);
  }
  absl::StatusOr<std::string> token = call->type.stream ? sessions_.StreamToken(*call->session)
                                                        : sessions_.CallToken(*call->session);
  if (!token.ok()) return Refuse(*call, token.status());
  call->token = *std::move(token);
  const Person& person = call->session->person;
  call->who = absl::StrCat(person.tenant, "/", person.user_id);
  Forward(call);
}

bool RpcDoor::Enter(const Call& call) {
  absl::MutexLock lock(&mutex_);
  int& count = call.type.stream ? streams_each_[call.who] : calls_each_[call.who];
  if (count >= (call.type.stream ? options_.most_streams_each : options_.most_calls_each)) {
    return false;
  }
  ++count;
  return true;
}

void RpcDoor::Leave(const Call& call) {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, int>& each = call.type.stream ? streams_each_ : calls_each_;
  const auto found = each.find(call.who);
  if (found != each.end() && --found->second == 0) each.erase(found);
}

void RpcDoor::Forward(const std::shared_ptr<Call>& call) {
  BackendCall out = {.service = call->method->service,
                     .path = call->request.path,
                     .token = call->token,
                     .request_id = call->request.id,
                     .deadline = call->deadline};
  if (call->type.codec == Codec::kJson) {
    absl::StatusOr<std::string> binary =
        JsonToBinary(*call->method->descriptor->input_type(), call->request.body);
    if (!binary.ok()) return Refuse(*call, binary.status());
    out.request = *std::move(binary);
  } else {
    out.request = std::move(call->request.body);
  }
  if (clock_.Now() >= call->deadline) {
    return Refuse(*call, status::DeadlineExceeded("DEADLINE_PASSED", "The time for this is over."));
  }
  if (!Enter(*call)) return Refuse(*call, TooMany());
  if (call->type.stream) {
    ForwardStream(call, std::move(out));
  } else {
    ForwardUnary(call, std::move(out));
  }
}

void RpcDoor::ForwardUnary(const std::shared_ptr<Call>& call, BackendCall out) {
  forwarder_.Unary(out, [this, call](absl::StatusOr<std::string> answer) {
    Leave(*call);
    if (answer.ok() && call->type.codec == Codec::kJson) {
      answer = BinaryToJson(*call->method->descriptor->output_type(), *answer);
    }
    if (!answer.ok()) return Refuse(*call, answer.status());
    Report(*call, absl::StatusCode::kOk);
    Answer(*call, {.headers = {{"content-type", std::string(ContentTypeName(call->type))},
                               {"cache-control", "no-store"},
                               {"vary", "accept-encoding"}},
                   .body = *std::move(answer)});
  });
}

void RpcDoor::ForwardStream(const std::shared_ptr<Call>& call, BackendCall out) {
  auto stream = std::make_shared<OpenStream>();
  stream->exchange = call->exchange;
  if (call->session != nullptr) {
    stream->session_key = call->session->key;
    stream->tenant = call->session->person.tenant;
  }
  {
    absl::MutexLock lock(&mutex_);
    streams_.push_back(stream);
  }
  static const metrics::Gauge open =
      metrics::Default().GetGauge("waymark_gateway_streams", "Streams that are open.");
  open.Add(1);
  // Once, when both sides have ended.
  auto forget = [this, call, stream] {
    {
      absl::MutexLock lock(&mutex_);
      streams_.remove(stream);
    }
    open.Add(-1);
    Leave(*call);
  };
  call->exchange->Begin({.headers = {{"content-type", std::string(ContentTypeName(call->type))},
                                     {"cache-control", "no-store"}}},
                        [stream] {
                          std::shared_ptr<BackendStream> backend;
                          {
                            absl::MutexLock lock(&stream->mutex);
                            stream->over = true;
                            stream->then = nullptr;
                            backend = stream->backend;
                          }
                          if (backend != nullptr) backend->Cancel();
                        });
  const auto on_message = [call, stream](std::string bytes) {
    if (call->type.codec == Codec::kJson) {
      auto json = BinaryToJson(*call->method->descriptor->output_type(), bytes);
      bytes = json.ok() ? *std::move(json) : "{}";
    }
    {
      absl::MutexLock lock(&stream->mutex);
      if (stream->over) return;
      stream->writing = true;
    }
    // The next message is asked for when this one has been taken: a slow reader is felt by the back
    // end, and nothing piles up here.
    stream->exchange->Write(Envelope(0, bytes), [stream] {
      std::shared_ptr<BackendStream> backend;
      std::function<void()> then;
      {
        absl::MutexLock lock(&stream->mutex);
        stream->writing = false;
        backend = stream->backend;
        stream->waiting = backend == nullptr;
        then = std::move(stream->then);
        stream->then = nullptr;
      }
      if (then) return then();
      if (backend != nullptr) backend->ReadNext();
    });
  };
  const auto on_done = [this, call, stream, forget](absl::Status status) {
    // The token was for as long as a stream may last; the session may go on.
    if (call->session != nullptr && status::Reason(status) == "TOKEN_EXPIRED") {
      status = status::WithRetryAfter(
          status::Unavailable("STREAM_RENEWAL", "Open the stream again."), absl::ZeroDuration());
    }
    Report(*call, status.code());
    const auto end = [stream, status] {
      stream->exchange->Write(Envelope(kEndOfStream, EndOfStreamJson(status)),
                              [stream] { stream->exchange->Finish(); });
    };
    bool now = false;
    {
      absl::MutexLock lock(&stream->mutex);
      stream->backend = nullptr;
      if (!stream->over) {
        stream->over = true;
        now = !stream->writing;
        if (!now) stream->then = end;
      }
    }
    if (now) end();
    forget();
  };
  std::shared_ptr<BackendStream> backend = forwarder_.Stream(out, on_message, on_done);
  if (backend == nullptr) return;
  bool over = false;
  bool waiting = false;
  {
    absl::MutexLock lock(&stream->mutex);
    over = stream->over;
    waiting = stream->waiting;
    if (!over) stream->backend = backend;
  }
  if (over) {
    backend->Cancel();
  } else if (waiting) {
    backend->ReadNext();
  }
}

void RpcDoor::EndStreams(const std::function<bool(const OpenStream&)>& which,
                         const absl::Status& status) {
  std::vector<std::shared_ptr<OpenStream>> chosen;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& stream : streams_) {
      if (which(*stream)) chosen.push_back(stream);
    }
  }
  for (const auto& stream : chosen) {
    std::shared_ptr<BackendStream> backend;
    const auto end = [stream, status] {
      stream->exchange->Write(Envelope(kEndOfStream, EndOfStreamJson(status)),
                              [stream] { stream->exchange->Finish(); });
    };
    bool now = false;
    {
      absl::MutexLock lock(&stream->mutex);
      if (stream->over) continue;
      stream->over = true;
      backend = stream->backend;
      now = !stream->writing;
      if (!now) stream->then = end;
    }
    if (now) end();
    if (backend != nullptr) backend->Cancel();
  }
}

void RpcDoor::EndStreamsOf(const std::string& session_key) {
  EndStreams([&](const OpenStream& stream) { return stream.session_key == session_key; },
             status::Unauthenticated("SESSION_EXPIRED", "Your session is over: sign in again."));
}

absl::Status RpcDoor::TendStreams(absl::Time deadline) {
  std::set<std::pair<std::string, std::string>> open;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& stream : streams_) {
      if (!stream->session_key.empty()) open.emplace(stream->tenant, stream->session_key);
    }
  }
  for (const auto& [tenant, key] : open) {
    ASSIGN_OR_RETURN(const bool live, sessions_.IsLive(deadline, tenant, key));
    if (!live) EndStreamsOf(key);
  }
  return absl::OkStatus();
}

void RpcDoor::Drain() {
  EndStreams([](const OpenStream&) { return true; },
             status::WithRetryAfter(
                 status::Unavailable("SERVER_STOPPING", "The server is about to restart."),
                 absl::Seconds(1)));
}

}  // namespace waymark::gateway
