// Every method of every service, as its descriptors say it is.
#ifndef WAYMARK_TESTS_CONTRACT_API_H_
#define WAYMARK_TESTS_CONTRACT_API_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "waymark/options/v1/rule.pb.h"
#include "waymark/options/v1/sensitivity.pb.h"

namespace waymark::contract {

struct Method {
  std::string service;
  const google::protobuf::MethodDescriptor* descriptor;
  // Null when there is none.
  const options::v1::Rule* rule;

  std::string path() const;  // "/waymark.bbv.v1.BbvService/GetCase"
};
const std::vector<Method>& Methods();

// True when a grant of `rule` names `role`.
bool Grants(const options::v1::Rule& rule, options::v1::Role role);

// Paths ("case.exposure.route") of the fields of `sensitivity` that `message` can hold, however
// deep; each message type is entered once a path, so recursion ends. A CLINICAL message is named as
// a whole. For UNSPECIFIED, a message field that is marked at all marks everything inside it.
std::vector<std::string> FieldsOf(const google::protobuf::Descriptor& message,
                                  options::v1::Sensitivity sensitivity);

}  // namespace waymark::contract

#endif  // WAYMARK_TESTS_CONTRACT_API_H_
