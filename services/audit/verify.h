// `waymark audit verify`: takes an export of one log and nothing else, no service and no network,
// and derives everything again: every leaf's hash, the chain, the root at every checkpoint, every
// signature, every commitment, every source's numbers. It names the first entry that was edited,
// removed, reordered or cut off. Pure but for reading the stream it is given.
#ifndef WAYMARK_SERVICES_AUDIT_VERIFY_H_
#define WAYMARK_SERVICES_AUDIT_VERIFY_H_

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/audit/checkpoint.h"
#include "services/audit/merkle.h"
#include "waymark/audit/v1/audit_entry.pb.h"
#include "waymark/audit/v1/audit_service.pb.h"

namespace waymark::audit {

inline constexpr absl::string_view kExportFormat = "waymark-audit-export/v1";

// One record of an export as its line of the file: the message as JSON, with a line feed.
std::string ExportLine(const v1::ExportLogResponse& record);

enum class FaultKind {
  // A line that is no record, or a record where none of its kind may stand.
  kUnreadable,
  // The bytes of an entry are not those that were logged.
  kEdited,
  // The content beside an entry is not what the entry committed to.
  kContentEdited,
  kRemoved,
  kReordered,
  // An entry that stands twice.
  kRepeated,
  // The end is missing: of the file, or of the log as a checkpoint knows it.
  kCutOff,
  // Entries were changed together with their hashes: the root differs from a checkpoint's.
  kRewritten,
  // A checkpoint that the log's key did not sign, or of another log.
  kCheckpointForged,
  // A checkpoint that the export was made with is no longer in it.
  kCheckpointMissing,
  // No checkpoint signs a single entry: whoever wrote the export could have made it all up.
  kUnsigned,
  // A number of a source that is in no entry: lost before it reached the log.
  kNumberMissing,
  // One number of a source on two entries: the source was restored from a backup.
  kNumberRepeated,
};

// "edited", "cut off".
absl::string_view FaultName(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kUnreadable;
  // The first entry concerned.
  uint64_t sequence = 0;
  // One sentence for people.
  std::string what;
};

// What a log says of one service's deliveries.
struct SourceSummary {
  int64_t highest_number = 0;
  int64_t entries = 0;
  // Ranges of numbers below the highest that are in no entry.
  std::vector<v1::NumberRange> missing;
};

struct VerifyOptions {
  // Keys that the reader holds. When empty, the key in the export's own header is used, which finds
  // damage but not a forger who signed again.
  std::vector<VerifierKey> keys;
  // Checkpoints that the reader kept from earlier, each a whole note.
  std::vector<std::string> held;
};

struct VerifyReport {
  std::string tenant;
  std::string origin;
  uint64_t entries = 0;
  uint64_t erased = 0;
  // Entries whose content was in the export and agrees with its commitment.
  uint64_t contents_verified = 0;
  uint64_t checkpoints_verified = 0;
  uint64_t held_verified = 0;
  // Entries under the largest checkpoint that holds.
  uint64_t covered = 0;
  // Of all entries.
  Hash root;
  bool key_from_export = false;
  std::map<std::string, SourceSummary> sources;
  // Faults of the log by entry, then missing numbers. At most kMaxFaults; `faults_found` counts
  // all.
  std::vector<Fault> faults;
  uint64_t faults_found = 0;

  bool ok() const { return faults_found == 0; }
};

inline constexpr size_t kMaxFaults = 100;

// Reads the whole export; memory grows by about 100 bytes an entry. INVALID_ARGUMENT
// EXPORT_UNREADABLE when the first line is no header of this format, or a held checkpoint is no
// note.
absl::StatusOr<VerifyReport> VerifyExport(std::istream& in, const VerifyOptions& options);

// The report as a person reads it, several lines.
std::string FormatReport(const VerifyReport& report);

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_VERIFY_H_
