// `waymark fitness ...`: what a clinician and an officer do with a fitness statement.
#ifndef WAYMARK_TOOLS_WAYMARK_FITNESS_H_
#define WAYMARK_TOOLS_WAYMARK_FITNESS_H_

#include <functional>

#include "absl/status/status.h"
#include "tools/waymark/remote.h"

namespace CLI {
class App;
}

namespace waymark::cli {

// Adds the subcommands to `app`; `does` gives a command its action.
void AddFitnessCommands(
    CLI::App& app,
    const std::function<void(CLI::App*, const std::function<absl::Status(Remote&)>&)>& does);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_FITNESS_H_
