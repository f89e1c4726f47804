#include "services/gateway/methods.h"

#include <google/protobuf/descriptor.pb.h>

#include "absl/strings/str_cat.h"
#include "common/access/rule.h"

namespace waymark::gateway {

Methods::Methods(const std::vector<Api>& apis) {
  for (const Api& api : apis) {
    services_[api.descriptor->full_name()] = api.service;
    for (int i = 0; i < api.descriptor->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = api.descriptor->method(i);
      const options::v1::Rule* rule = access::RuleFor(method->full_name());
      if (rule == nullptr || method->client_streaming()) continue;
      by_path_[absl::StrCat("/", api.descriptor->full_name(), "/", method->name())] = {
          .service = api.service,
          .descriptor = method,
          .for_people = rule->grants_size() > 0,
          .safe = method->options().idempotency_level() ==
                  google::protobuf::MethodOptions::NO_SIDE_EFFECTS};
    }
  }
}

const Method* Methods::Find(absl::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

bool Methods::IsService(absl::string_view path) const {
  if (path.empty()) return false;
  const absl::string_view name = path.substr(1, path.find('/', 1) - 1);
  return services_.contains(name);
}

}  // namespace waymark::gateway
