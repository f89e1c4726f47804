#include "tools/services/services.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace waymark::tools {

absl::StatusOr<std::vector<Service>> ReadServices(const std::string& root) {
  const std::string path = absl::StrCat(root, "/deploy/services");
  std::ifstream file(path);
  if (!file) return status::NotFound("SERVICES_MISSING", absl::StrCat("Cannot read ", path, "."));
  std::vector<Service> services;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    Service service;
    std::string peers;
    std::istringstream words(line);
    words >> service.name >> service.port >> service.metrics_port >> service.migrations >> peers;
    if (peers.empty()) {
      return status::InvalidArgument("SERVICES_MALFORMED",
                                     absl::StrCat("Not five words in ", path, ": ", line));
    }
    if (peers != "-") service.peers = absl::StrSplit(peers, ',');
    services.push_back(std::move(service));
  }
  return services;
}

absl::StatusOr<std::vector<db::MigrationLine>> LinesOf(absl::string_view service,
                                                       const std::string& root) {
  ASSIGN_OR_RETURN(const std::vector<Service> services, ReadServices(root));
  for (const Service& known : services) {
    if (known.name != service) continue;
    std::vector<db::MigrationLine> lines = {
        {.name = "common", .folder = absl::StrCat(root, "/common/db/migrations")}};
    for (const absl::string_view line : absl::StrSplit(known.migrations, ',')) {
      lines.push_back({.name = std::string(line),
                       .folder = absl::StrCat(root, "/services/", line, "/migrations")});
    }
    return lines;
  }
  return status::NotFound("SERVICE_UNKNOWN", absl::StrCat("No service is called ", service, "."));
}

}  // namespace waymark::tools
