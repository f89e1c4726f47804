// The worklist: one query behind list, count, export and watch.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_WORKLIST_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_WORKLIST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"
#include "services/scheduling/domain/compliance.h"
#include "services/scheduling/store/references.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/scheduling/v1/worklist.pb.h"

namespace waymark::scheduling {

// The place of a line in the list: least time left first. It does not depend on the time of asking,
// so pages hold together while time passes.
struct WorklistPlace {
  absl::Time due = absl::InfinitePast();
  absl::Time closes = absl::InfinitePast();
  std::string step_ref = "00000000-0000-0000-0000-000000000000";
};

struct WorklistQuery {
  v1::Tab tab = v1::TAB_ALL_OPEN;
  // ROLE_UNSPECIFIED: every role.
  options::v1::Role responsible = options::v1::ROLE_UNSPECIFIED;
  // Empty: everybody's. Else steps claimed by one of these people, and unclaimed ones of cases
  // assigned to one of them.
  std::vector<std::string> people;
  // Empty: every case.
  std::string case_id;
  // The caller as a patient: steps of this subject's cases are not on the list.
  std::optional<std::string> not_subject;
  // Clinical time at which the tabs are told apart.
  absl::Time as_of;
  // Lines behind this place.
  WorklistPlace after;
  int limit = 50;
};

struct WorklistLines {
  std::vector<v1::WorklistItem> items;
  // subject_id of each line's case, empty for a third party: for the audit trail.
  std::vector<std::string> subjects;
  // The place of the last line.
  WorklistPlace last;
  // More lines lie behind it.
  bool more = false;
  // All lines that match, whatever `after` and `limit`.
  int64_t total = 0;
};

// The page, its total and the titles come from one statement, so they are of one moment.
absl::StatusOr<WorklistLines> ReadWorklist(db::Transaction& txn, const crypto::KeyProvider& keys,
                                           const References& references,
                                           const WorklistQuery& query);

// The figure of each measure whose clock started in [from, until), in order of key.
absl::StatusOr<std::vector<v1::ComplianceFigure>> ReadCompliance(db::Transaction& txn,
                                                                 const crypto::KeyProvider& keys,
                                                                 absl::Time from, absl::Time until,
                                                                 absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_WORKLIST_H_
