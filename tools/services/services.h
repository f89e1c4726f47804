// The services there are (deploy/services), and which migration lines make up their databases.
#ifndef WAYMARK_TOOLS_SERVICES_SERVICES_H_
#define WAYMARK_TOOLS_SERVICES_SERVICES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/migrate.h"

namespace waymark::tools {

// One line of deploy/services.
struct Service {
  std::string name;
  int port = 0;
  int metrics_port = 0;
  // The migration line beside the common one: "casework" for a pathway. Several are separated
  // by commas, in their order.
  std::string migrations;
  // The services it calls; each is started before it.
  std::vector<std::string> peers;
};

// Every service, in the order in which they are started. `root` is the source tree or the folder
// they are installed in. NOT_FOUND SERVICES_MISSING when there is no such file in it.
absl::StatusOr<std::vector<Service>> ReadServices(const std::string& root);

// The migration lines of `service`, in the order in which they are applied. NOT_FOUND
// SERVICE_UNKNOWN.
absl::StatusOr<std::vector<db::MigrationLine>> LinesOf(absl::string_view service,
                                                       const std::string& root);

}  // namespace waymark::tools

#endif  // WAYMARK_TOOLS_SERVICES_SERVICES_H_
