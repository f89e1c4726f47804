// Which migration lines make up each service's database.
#ifndef WAYMARK_TOOLS_MIGRATE_LINES_H_
#define WAYMARK_TOOLS_MIGRATE_LINES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/migrate.h"

namespace waymark::tools {

// Services that have a database, in the order in which they are started.
const std::vector<std::string>& ServicesWithDatabase();

// The lines of `service`, in the order in which they are applied. `root` is the source tree or the
// folder they are installed in. NOT_FOUND SERVICE_UNKNOWN.
absl::StatusOr<std::vector<db::MigrationLine>> LinesOf(absl::string_view service,
                                                       const std::string& root);

}  // namespace waymark::tools

#endif  // WAYMARK_TOOLS_MIGRATE_LINES_H_
