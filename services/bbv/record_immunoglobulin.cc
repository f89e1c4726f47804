#include "services/bbv/record_immunoglobulin.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/thresholds.h"
#include "services/casework/fields.h"
#include "services/casework/override.h"
#include "services/casework/planner.h"

namespace waymark::bbv {
namespace {

constexpr int kMostDoses = 2;
constexpr int kHighestDoseIu = 5000;

}  // namespace

BbvChange RecordImmunoglobulin(const v1::BbvCase& before,
                               const v1::RecordImmunoglobulinRequest& request,
                               const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Immunoglobulin given = request.immunoglobulin();
  const bool dated = fields.PastSince("immunoglobulin.given_time", IncidentOf(before),
                                      *given.mutable_given_time());
  fields.Range("immunoglobulin.dose_iu", given.dose_iu(), 1, kHighestDoseIu);
  fields.Text("immunoglobulin.batch", given.batch(), casework::kLongestName);
  fields.Text("override_reason", request.override_reason(), casework::kLongestReason);
  if (before.immunoglobulin_size() >= kMostDoses) {
    fields.Wrong("immunoglobulin", "OUT_OF_RANGE", "Two doses are all that the table knows.");
  }
  if (dated && !before.immunoglobulin().empty() &&
      casework::InstantOf(given.given_time()) <
          casework::InstantOf(before.immunoglobulin(0).given_time())) {
    fields.Wrong("immunoglobulin.given_time", "OUT_OF_SEQUENCE",
                 "Give a time after the dose before.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  given.clear_override_reason();
  // The second dose, after a month, is outside the window by design.
  if (before.immunoglobulin().empty() &&
      !WithinWindow(IncidentOf(before), casework::InstantOf(given.given_time()),
                    casework::Parameter(*call.protocol, kHbigWindowHours))) {
    RETURN_IF_ERROR(casework::CheckOverride(call, request.override_reason()));
    given.set_override_reason(request.override_reason());
  }
  v1::BbvCase after = before;
  *after.add_immunoglobulin() = std::move(given);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
