#include "services/bbv/record_baseline_sample.h"

#include <utility>

#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/bbv/thresholds.h"
#include "services/casework/fields.h"
#include "services/casework/planner.h"

namespace waymark::bbv {

BbvChange RecordBaselineSample(const v1::BbvCase& before,
                               const v1::RecordBaselineSampleRequest& request,
                               const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::BaselineSample baseline = request.baseline();
  fields.PastSince("baseline.taken_time", IncidentOf(before), *baseline.mutable_taken_time());
  fields.Text("baseline.laboratory_reference", baseline.laboratory_reference(),
              casework::kLongestName);
  fields.MayChoose("baseline.consent_to_test", baseline.consent_to_test(), v1::Answer_IsValid);
  fields.MayChoose("baseline.pep_baseline_taken", baseline.pep_baseline_taken(),
                   v1::Answer_IsValid);
  RETURN_IF_ERROR(fields.ToStatus());

  const int months = static_cast<int>(casework::Parameter(*call.protocol, kBaselineKeepMonths));
  *baseline.mutable_keep_until_date() = casework::ToCivilDate(civil::AddCivil(
      casework::InstantOf(baseline.taken_time()), {.months = months}, civil::London()));
  v1::BbvCase after = before;
  *after.mutable_baseline() = std::move(baseline);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
