// What the audit log of one organisation holds: exported by an auditor with its contents, and
// verified as `waymark audit verify` does, from the export alone.
#ifndef WAYMARK_TESTS_HARNESS_TRAIL_H_
#define WAYMARK_TESTS_HARNESS_TRAIL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/harness/suite.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace waymark::harness {

// Every act that the log has, in its order. An error when the log does not verify or a number of a
// source is missing: its message is the report. Waits until what `services` have told is in the log
// and signed.
absl::StatusOr<std::vector<audit::v1::AuditEvent>> VerifiedTrail(
    Suite& suite, const std::string& tenant, const std::vector<std::string>& services);

// The acts that changed one record, in the order of its versions: "1 DraftReferral", "2
// SendReferral". A version that the log has twice, or not at all, shows.
std::vector<std::string> ActsOn(const std::vector<audit::v1::AuditEvent>& trail,
                                const std::string& object_type, const std::string& object_id);

}  // namespace waymark::harness

#endif  // WAYMARK_TESTS_HARNESS_TRAIL_H_
