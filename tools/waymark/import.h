// `waymark workforce import`: a CSV file from an HR system into the workforce service.
#ifndef WAYMARK_TOOLS_WAYMARK_IMPORT_H_
#define WAYMARK_TOOLS_WAYMARK_IMPORT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tools/waymark/remote.h"

namespace waymark::cli {

struct ImportQuestion {
  std::string file;
  // JSON: {"Payroll No": "external_id", "Grade": {"field": "workforce_type", "values": {"PC":
  // "OFFICER"}}}. Empty: columns are named as the fields are.
  std::string mapping;
  // JSON as interop.md 3.4; empty: FILE.manifest.json, and without that what the file itself says.
  std::string manifest;
  // Over the manifest's: "origin".
  std::string source;
  // The file holds changes only: who is missing stays.
  bool changes = false;
  // Reads the file here and sends nothing.
  bool check = false;
  bool apply = false;
  // So many leavers were looked at; let through a feed that the brake holds.
  int64_t confirm = -1;
  // Goes on with a run that broke off, or applies one that was previewed.
  std::string run;
};

// Prints the preview, and what became of it. NotInOrder when rows are refused or the brake holds
// it.
absl::Status ImportPeople(Remote& remote, const ImportQuestion& question);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_IMPORT_H_
