#include "tools/migrate/lines.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::tools {
namespace {

struct Line {
  absl::string_view name;
  absl::string_view folder;
};

constexpr Line kCommon = {"common", "common/db/migrations"};
constexpr Line kCasework = {"casework", "services/casework/migrations"};

std::vector<Line> Named(absl::string_view service) {
  if (service == "bbv") return {kCommon, kCasework};
  if (service == "scheduling") return {kCommon, {"scheduling", "services/scheduling/migrations"}};
  if (service == "audit") return {kCommon, {"audit", "services/audit/migrations"}};
  return {};
}

}  // namespace

const std::vector<std::string>& ServicesWithDatabase() {
  static const auto* const kServices = new std::vector<std::string>{"audit", "scheduling", "bbv"};
  return *kServices;
}

absl::StatusOr<std::vector<db::MigrationLine>> LinesOf(absl::string_view service,
                                                       const std::string& root) {
  std::vector<db::MigrationLine> lines;
  for (const Line& line : Named(service)) {
    lines.push_back(
        {.name = std::string(line.name), .folder = absl::StrCat(root, "/", line.folder)});
  }
  if (lines.empty()) {
    return status::NotFound("SERVICE_UNKNOWN", absl::StrCat("No service is called ", service, "."));
  }
  return lines;
}

}  // namespace waymark::tools
