#include "services/bbv/record_vaccine_dose.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/thresholds.h"
#include "services/casework/fields.h"
#include "services/casework/override.h"
#include "services/casework/planner.h"

namespace waymark::bbv {
namespace {

constexpr int kMostDoses = 4;

}  // namespace

BbvChange RecordVaccineDose(const v1::BbvCase& before, const v1::RecordVaccineDoseRequest& request,
                            const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::VaccineDose dose = request.dose();
  const bool dated =
      fields.PastSince("dose.given_time", IncidentOf(before), *dose.mutable_given_time());
  fields.Choice("dose.course", dose.course(), v1::VaccineCourse_IsValid);
  fields.Text("dose.batch", dose.batch(), casework::kLongestName);
  fields.Text("override_reason", request.override_reason(), casework::kLongestReason);
  fields.Range("dose.number", dose.number(), 1, kMostDoses);
  if (fields.ok() && dose.number() != before.vaccine_doses_size() + 1) {
    fields.Wrong("dose.number", "OUT_OF_SEQUENCE",
                 "Record the doses in the order of their number.");
  }
  if (dated && !before.vaccine_doses().empty() &&
      casework::InstantOf(dose.given_time()) <
          casework::InstantOf(before.vaccine_doses().rbegin()->given_time())) {
    fields.Wrong("dose.given_time", "OUT_OF_SEQUENCE", "Give a time after the dose before.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  dose.clear_override_reason();
  if (dose.number() == 1 && SignificanceOf(before) == v1::SIGNIFICANCE_SIGNIFICANT &&
      !WithinWindow(IncidentOf(before), casework::InstantOf(dose.given_time()),
                    casework::Parameter(*call.protocol, kHbvVaccineWindowHours))) {
    RETURN_IF_ERROR(casework::CheckOverride(call, request.override_reason()));
    dose.set_override_reason(request.override_reason());
  }
  v1::BbvCase after = before;
  *after.add_vaccine_doses() = std::move(dose);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
