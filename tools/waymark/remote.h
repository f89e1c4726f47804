// Calls on any service by the name of its method. Services that are linked in are known by their
// descriptors; others are asked by reflection, which only development servers answer.
#ifndef WAYMARK_TOOLS_WAYMARK_REMOTE_H_
#define WAYMARK_TOOLS_WAYMARK_REMOTE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "tools/waymark/settings.h"

namespace grpc {
class Channel;
}

namespace waymark::cli {

// Every method of every service that is linked in, in order of name.
std::vector<const google::protobuf::MethodDescriptor*> LinkedMethods();

// "BbvService.GetCase", "bbv.GetCase" or "waymark.bbv.v1.BbvService/GetCase", whatever the case of
// its letters. NOT_FOUND METHOD_UNKNOWN names the nearest ones.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindLinkedMethod(absl::string_view name);

// "bbv" for waymark.bbv.v1.BbvService.
std::string ServiceOf(const google::protobuf::MethodDescriptor& method);

// Services that hold cases, in order of starting: "bbv" ...
std::vector<std::string> Pathways();

// The methods of a pathway that open cases, in the order of the service: the one called `name`, or
// all when that is empty. NOT_FOUND METHOD_UNKNOWN; INVALID_ARGUMENT NOT_AN_OPENING.
absl::StatusOr<std::vector<const google::protobuf::MethodDescriptor*>> FindOpenings(
    absl::string_view pathway, absl::string_view name);

// Reads JSON into `message`, then sets `sets` ("a.b.0.c=value"; a value that is JSON is taken as
// such), then turns every LocalTime whose civil is "now", "now-40m" or "now+2h" into that time in
// London at `now`. A Timestamp may be written so too, and a CivilDate "2026-02-02", "today" or
// "today-3d". An empty request_id is filled with a new UUID where the message has that field.
// INVALID_ARGUMENT JSON_INVALID says what is wrong and where.
absl::Status FillMessage(absl::string_view json, const std::vector<std::string>& sets,
                         absl::Time now, google::protobuf::Message& message);

// Indented JSON with the field names of the proto files.
std::string ToJson(const google::protobuf::Message& message);

class Remote {
 public:
  Remote(Settings settings, Identity identity, absl::Duration timeout);
  ~Remote();

  const Settings& settings() const { return settings_; }
  const Identity& identity() const { return identity_; }

  // As FindLinkedMethod, then by reflection of the service called `service` if that is not empty.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(absl::string_view name,
                                                                       absl::string_view service);

  std::unique_ptr<google::protobuf::Message> NewRequest(
      const google::protobuf::MethodDescriptor& method);

  // One request, one answer. Without roles in the identity the first role that the method's rule
  // names is used (OH_NURSE where it is one of them).
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Call(
      const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request);

  // One request, each answer to `each` until it says false or the stream ends.
  absl::Status Stream(const google::protobuf::MethodDescriptor& method,
                      const google::protobuf::Message& request,
                      absl::FunctionRef<bool(const google::protobuf::Message&)> each);

  // For a client stream, which takes a stub: the channel to the method's service, and the token.
  struct Line {
    std::shared_ptr<grpc::Channel> channel;
    std::string token;
  };
  absl::StatusOr<Line> LineTo(const google::protobuf::MethodDescriptor& method);

  // "SERVING", "NOT_SERVING", "UNKNOWN".
  absl::StatusOr<std::string> Health(absl::string_view service);

  // Call with types known here.
  template <typename Response>
  absl::StatusOr<Response> Ask(absl::string_view method_name,
                               const google::protobuf::Message& request) {
    auto method = FindLinkedMethod(method_name);
    if (!method.ok()) return method.status();
    auto answer = Call(**method, request);
    if (!answer.ok()) return answer.status();
    return static_cast<Response&>(**answer);
  }

 private:
  struct Reflected;

  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(absl::string_view service);
  absl::StatusOr<std::string> Token(const google::protobuf::MethodDescriptor& method) const;
  absl::Status Exchange(absl::string_view service, const std::string& path,
                        const std::string& token, absl::Duration timeout,
                        const std::string& request, absl::FunctionRef<bool(std::string)> each);
  absl::Status Reflect(absl::string_view service, absl::string_view symbol);

  const Settings settings_;
  const Identity identity_;
  const absl::Duration timeout_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
  std::unique_ptr<Reflected> reflected_;
};

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_REMOTE_H_
