// What every service offers, as its descriptors say it.
#ifndef WAYMARK_TOOLS_SERVICES_APIS_H_
#define WAYMARK_TOOLS_SERVICES_APIS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace waymark::tools {

struct Api {
  // As in deploy/services, certificates and folders: "bbv" of waymark.bbv.v1.
  std::string service;
  const google::protobuf::ServiceDescriptor* descriptor;
};

// Every service's, in the order of this file. tests/contract compares it with proto/.
const std::vector<Api>& Apis();

}  // namespace waymark::tools

#endif  // WAYMARK_TOOLS_SERVICES_APIS_H_
