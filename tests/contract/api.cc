#include "tests/contract/api.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/access/rule.h"
#include "tools/services/apis.h"

namespace waymark::contract {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string Method::path() const {
  return absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
}

const std::vector<Method>& Methods() {
  static const auto* methods = [] {
    auto* all = new std::vector<Method>();
    for (const tools::Api& api : tools::Apis()) {
      for (int i = 0; i < api.descriptor->method_count(); ++i) {
        const auto* method = api.descriptor->method(i);
        all->push_back({api.service, method, access::RuleFor(method->full_name())});
      }
    }
    return all;
  }();
  return *methods;
}

bool Grants(const options::v1::Rule& rule, options::v1::Role role) {
  return std::any_of(rule.grants().begin(), rule.grants().end(), [role](const auto& grant) {
    return std::find(grant.roles().begin(), grant.roles().end(), role) != grant.roles().end();
  });
}

namespace {

void Collect(const Descriptor& message, options::v1::Sensitivity sensitivity,
             const std::string& prefix, std::vector<const Descriptor*>& inside,
             std::vector<std::string>& found) {
  if (std::find(inside.begin(), inside.end(), &message) != inside.end()) return;
  inside.push_back(&message);
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string path =
        prefix.empty() ? field.name() : absl::StrCat(prefix, ".", field.name());
    const options::v1::Sensitivity own = field.options().GetExtension(options::v1::sensitivity);
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    // What is marked as a whole needs no mark on each part; only a search for a mark looks inside.
    const bool enter = is_message && own != options::v1::SENSITIVITY_CLINICAL &&
                       (sensitivity != options::v1::SENSITIVITY_UNSPECIFIED || own == sensitivity);
    if (enter) {
      Collect(*field.message_type(), sensitivity, path, inside, found);
    } else if (own == sensitivity) {
      found.push_back(path);
    }
  }
  inside.pop_back();
}

}  // namespace

std::vector<std::string> FieldsOf(const Descriptor& message, options::v1::Sensitivity sensitivity) {
  std::vector<const Descriptor*> inside;
  std::vector<std::string> found;
  Collect(message, sensitivity, "", inside, found);
  return found;
}

}  // namespace waymark::contract
