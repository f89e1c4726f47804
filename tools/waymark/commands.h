// What each subcommand does, apart from how it is typed (main.cc).
#ifndef WAYMARK_TOOLS_WAYMARK_COMMANDS_H_
#define WAYMARK_TOOLS_WAYMARK_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/waymark/remote.h"
#include "tools/waymark/show.h"

namespace waymark::cli {

// Returned by a command that ran well and found what it checked not in order: exit code 1.
absl::Status NotInOrder();
bool IsNotInOrder(const absl::Status& status);

struct Output {
  // Messages as JSON instead of pages.
  bool json = false;
  Style style;
};

absl::Status ListMethods();
absl::Status CallMethod(Remote& remote, const std::string& method, const std::string& body,
                        const std::vector<std::string>& sets, const std::string& service);

// Opens cases from a report: by the method `opening` of the pathway, or its first when that is
// empty. With `id_only` prints the id of the first case and nothing else.
absl::Status LogReport(Remote& remote, const std::string& pathway, const std::string& opening,
                       const std::string& file, const std::vector<std::string>& sets, bool id_only,
                       const Output& output);

absl::Status ShowCase(Remote& remote, const std::string& case_id, const std::string& pathway,
                      const Output& output);
// Any act of the pathway on one case: "RecordRiskAssessment", "CloseCase". Prints what it moved.
absl::Status Act(Remote& remote, const std::string& case_id, const std::string& pathway,
                 const std::string& act, const std::string& body,
                 const std::vector<std::string>& sets, const Output& output);
// One RecordTestResult a test, all of one sample: "HIV_AG_AB", "negative", sampled "now".
absl::Status RecordResults(Remote& remote, const std::string& case_id, const std::string& outcome,
                           const std::vector<std::string>& tests, const std::string& sampled,
                           const Output& output);
// RecordResultTold for every result that the patient has not been told.
absl::Status RecordTold(Remote& remote, const std::string& case_id, const std::string& told,
                        const Output& output);
absl::Status ListCases(Remote& remote, const std::string& pathway, const Output& output);
absl::Status ShowEvents(Remote& remote, const std::string& case_id, const std::string& pathway,
                        const Output& output);

struct WorklistQuestion {
  std::string tab;
  std::string role;
  std::string case_id;
  bool mine = false;
  bool all = false;
  bool watch = false;
};
absl::Status ShowWorklist(Remote& remote, const WorklistQuestion& question, const Output& output);
absl::Status Acknowledge(Remote& remote, const std::string& step_ref, absl::Duration hold);
absl::Status Claim(Remote& remote, const std::string& step_ref);
absl::Status ShowNotices(Remote& remote, bool watch, const Output& output);

struct RotaQuestion {
  std::string role;
  std::string person;
  std::string address;
  absl::Duration length;
};
absl::Status ShowRota(Remote& remote, const Output& output);
absl::Status PutOnRota(Remote& remote, const RotaQuestion& question);
// `telephone` is where officers may ring, for their reminders; empty: nowhere; unset: where they
// may ring already.
absl::Status SetDutyAddress(Remote& remote, const std::string& address,
                            const std::optional<std::string>& telephone);
absl::Status Activate(Remote& remote);

// Writes the log as `audit verify` reads it, one record a line; "-" is standard output.
absl::Status ExportLog(Remote& remote, const std::string& file, bool with_contents);
struct AuditQuestion {
  // An export; empty: exports from the server first.
  std::string file;
  // Verifier keys, or files that hold one; none: the settings' `audit_key`, then the export's own.
  std::vector<std::string> keys;
  // Files with checkpoints kept from earlier.
  std::vector<std::string> held;
};
// `remote` is null for a file. NotInOrder when a fault was found.
absl::Status VerifyAudit(Remote* remote, const Settings* settings, const AuditQuestion& question);
// The newest checkpoint, to be kept somewhere else.
absl::Status ShowCheckpoint(Remote& remote, const Output& output);

absl::Status ShowHealth(Remote& remote);

absl::Status ShowClock(const Settings& settings);
absl::Status AdvanceClock(const Settings& settings, absl::Duration step);

absl::Status LintProtocols(const std::vector<std::string>& files);
absl::Status ShowProtocol(const std::string& file);
absl::Status DiffProtocols(const std::string& before, const std::string& after);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_COMMANDS_H_
