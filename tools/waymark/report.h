// How an error reaches a person and a script: sentence, reason, fields, what to do, exit code.
#ifndef WAYMARK_TOOLS_WAYMARK_REPORT_H_
#define WAYMARK_TOOLS_WAYMARK_REPORT_H_

#include <string>

#include "absl/status/status.h"

namespace waymark::cli {

// Shown by `waymark --help`.
inline constexpr char kExitCodes[] =
    "Exit codes: 0 done; 1 what was checked is not in order (verify, lint, health); 2 wrong "
    "usage;\n"
    "3 refused, the request or the state does not allow it; 4 not found; 5 not allowed or no "
    "token;\n"
    "6 not reachable or too late, try again; 7 anything else.";

int ExitCode(const absl::Status& status);

// Several lines, ended by a line feed.
std::string Describe(const absl::Status& status);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_REPORT_H_
