// Protocol files: read, checked, and kept by key and version.
#ifndef WAYMARK_SERVICES_CASEWORK_PROTOCOL_LOADER_H_
#define WAYMARK_SERVICES_CASEWORK_PROTOCOL_LOADER_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/casework/linter.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// Reads a protocol in text format and appends everything wrong with it to `faults`: all unknown
// fields and misread values (reason SYNTAX), and when there are none of those, all that the linter
// finds. Bytes from anyone are safe. The result is only good when no fault was added.
v1::Protocol ParseProtocol(absl::string_view text, const KnownFacts* known,
                           std::vector<Fault>& faults);

// One line a fault, as compilers write them: "bbv.v1.textproto:12:3: STEP_UNOWNED: ...".
std::string DescribeFaults(absl::string_view file, const std::vector<Fault>& faults);

// A protocol together with the file it came from.
struct ProtocolFile {
  v1::Protocol protocol;
  // Name within its folder.
  std::string name;
  // SHA-256 of the file, lower-case hex.
  std::string sha256;
  // Listed in RELEASED. Cases only ever follow released protocols.
  bool released = false;
};

// The protocols of one pathway. Immutable once made.
class Protocols {
 public:
  // Every *.textproto of `folder`. The file RELEASED in it lists the released ones, a line each as
  // sha256sum writes it ("<hex>  <name>", # begins a comment). INVALID_ARGUMENT PROTOCOL_FAULTS
  // with all faults of all files; also when a released file is missing or differs from its hash,
  // and when two files are the same version. FAILED_PRECONDITION PROTOCOLS_UNREADABLE for the
  // folder.
  static absl::StatusOr<Protocols> Load(absl::string_view folder, const KnownFacts* known);
  // As released, without files. For tests.
  static Protocols Of(std::vector<v1::Protocol> protocols);

  // The released protocol, for as long as this object lives. NOT_FOUND PROTOCOL_NOT_FOUND.
  absl::StatusOr<const v1::Protocol*> Find(absl::string_view key, int version) const;
  // The highest released version. NOT_FOUND PROTOCOL_NOT_FOUND when there is none.
  absl::StatusOr<const v1::Protocol*> Latest(absl::string_view key) const;
  // Drafts too, by key and version.
  const std::map<std::pair<std::string, int>, ProtocolFile>& files() const { return files_; }

 private:
  std::map<std::pair<std::string, int>, ProtocolFile> files_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_PROTOCOL_LOADER_H_
