// From the command line to Options. Apart, because CLI11 is slow to compile.
#ifndef WAYMARK_COMMON_SERVER_FLAGS_H_
#define WAYMARK_COMMON_SERVER_FLAGS_H_

#include <optional>

#include "common/server/server.h"

namespace waymark::server {

// Fills `options`. An exit code when the process is to end: 0 after --help or --version, 2 for
// wrong flags; what was wrong is then on standard error.
std::optional<int> ParseFlags(int argc, char** argv, const Program& program, Options& options);

}  // namespace waymark::server

#endif  // WAYMARK_COMMON_SERVER_FLAGS_H_
