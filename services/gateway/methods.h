// Which methods the gateway serves: those that the services' descriptors name, and no other.
#ifndef WAYMARK_SERVICES_GATEWAY_METHODS_H_
#define WAYMARK_SERVICES_GATEWAY_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace waymark::gateway {

// A service that serves an API: "bbv" and its descriptor.
struct Api {
  std::string service;
  const google::protobuf::ServiceDescriptor* descriptor = nullptr;
};

struct Method {
  std::string service;  // which back end to ask
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  // The rule names people. Otherwise it is for services alone and refused at the door.
  bool for_people = false;
  // Declared free of side effects (idempotency_level): may be asked for with GET.
  bool safe = false;
};

class Methods {
 public:
  explicit Methods(const std::vector<Api>& apis);

  // By path, "/waymark.bbv.v1.BbvService/GetCase"; null when there is none. A method without a rule
  // is none.
  const Method* Find(absl::string_view path) const;
  // Whether the first part of the path names a service that is served.
  bool IsService(absl::string_view path) const;

 private:
  absl::flat_hash_map<std::string, Method> by_path_;
  absl::flat_hash_map<std::string, std::string> services_;
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_METHODS_H_
