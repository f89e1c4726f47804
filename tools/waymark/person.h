// `waymark person ...`: everything that WorkforceService offers, one command a method, and the
// names beside the subject ids of lists.
#ifndef WAYMARK_TOOLS_WAYMARK_PERSON_H_
#define WAYMARK_TOOLS_WAYMARK_PERSON_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/waymark/commands.h"
#include "tools/waymark/remote.h"

namespace CLI {
class App;
}

namespace waymark::cli {

// One thing that is typed after a command.
struct PersonPart {
  // "subject" stands in its place, "--minutes" anywhere; "--protected!" is a flag.
  std::string name;
  // Where it goes in the request: "subject_id". A list takes each at the next place.
  std::string field;
  std::string help;
  // Of an enum's values: "ROUTE_" makes "work_email" ROUTE_WORK_EMAIL.
  std::string prefix;
  bool many = false;
};

// A command that is one call.
struct PersonCommand {
  // "transfer offer".
  std::string words;
  std::string help;
  // "workforce.OfferTransfer".
  std::string method;
  std::vector<PersonPart> parts;
  // What the command itself says: "accept=true".
  std::vector<std::string> says;
  // The request wants the version of the person as read.
  bool versioned = false;
};
const std::vector<PersonCommand>& PersonCommands();

// "field=value" for what was typed for `part`.
std::vector<std::string> SetsOf(const PersonPart& part, const std::vector<std::string>& typed);

// Adds the commands to `app`; `does` gives a command its action.
void AddPersonCommands(
    CLI::App& app,
    const std::function<void(CLI::App*, const std::function<absl::Status(Remote&)>&)>& does,
    const std::function<Output()>& output);

// The names of these subjects by one call, those of people whom the caller may see; a protected
// person's is their alias. Empty when the caller may see none or workforce does not answer: a list
// is shown without names rather than not at all.
std::map<std::string, std::string> NamesOf(Remote& remote, const std::set<std::string>& subjects);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_PERSON_H_
