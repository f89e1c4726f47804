// One call on its way through the corridor: what unary calls and streams share.
#ifndef WAYMARK_COMMON_RPC_ADMISSION_H_
#define WAYMARK_COMMON_RPC_ADMISSION_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/corridor.h"

namespace waymark::rpc {

// What the descriptors say about a method.
struct Method {
  std::string name;
  const options::v1::Rule* rule = nullptr;
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  const google::protobuf::FieldDescriptor* tenant = nullptr;
  // `actor.user_id`, both steps.
  const google::protobuf::FieldDescriptor* actor = nullptr;
  const google::protobuf::FieldDescriptor* actor_user_id = nullptr;
};

// The one method, in the file that declares the request, that takes this request and gives this
// response. Null when there is none or more than one: nobody then knows which rule applies.
const Method* MethodOf(const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* response);

class Admission {
 public:
  // In the reaction: takes down when the call came and until when it may last.
  Admission(Corridor& corridor, const grpc::CallbackServerContext& context,
            const google::protobuf::Message& request, const google::protobuf::Descriptor* response);

  // On a worker: steps 1 to 6 of unary.h. Fills call().
  absl::Status Admit(bool stream);
  // Rights again, as they are now: token, rule and roles.
  absl::Status CheckAgain() const;
  // Runs the room; an exception becomes INTERNAL with a text that says nothing.
  static absl::Status Guard(absl::AnyInvocable<absl::Status(const Call&)>& room, const Call& call);
  // Metric and access-log line. Touches neither context nor request, which may be gone.
  void Report(const absl::Status& status) const;

  absl::Time deadline() const { return call_.deadline; }
  bool expired() const;
  const Call& call() const { return call_; }
  // The context and request are about to disappear.
  void Forget() { call_.context = nullptr; }

 private:
  absl::Status AdmitIdentity();
  absl::Status ReadRequest(bool stream);

  Corridor& corridor_;
  const google::protobuf::Message& request_;
  const Method* const method_;
  const absl::Time started_;
  bool has_deadline_ = false;
  std::string token_;
  Call call_;
};

// The metrics of one service's calls, kept by the corridor.
class CallMetrics {
 public:
  explicit CallMetrics(const std::string& service);
  ~CallMetrics();
  void Count(const std::string& method, absl::StatusCode code, double seconds);
  void SetWaiting(int calls);
  void SetStreams(int streams);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The refusal of a call that found the queue full.
absl::Status Busy();

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_ADMISSION_H_
