// The one catch ladder over libpqxx. Private to common/db.
#ifndef WAYMARK_COMMON_DB_FAILURE_H_
#define WAYMARK_COMMON_DB_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace waymark::db {

struct Failure {
  absl::Status status;
  bool conflict = false;  // 40001 or 40P01: a fresh run may succeed
  bool broken = false;    // the connection is of no more use
  bool stale = false;     // and so are its idle neighbours: the server stopped being the primary
};

// What went wrong, told from the exception in flight; call inside catch (...). Logs SQLSTATE and
// constraint name, never the server's message: it may quote the row.
Failure CurrentFailure();

// "postgresql://..." or "key=value ..." with `key` set to `value`, unless the DSN says it already.
std::string WithSetting(std::string dsn, absl::string_view key, absl::string_view value);

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_FAILURE_H_
