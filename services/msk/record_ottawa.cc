#include "services/msk/record_ottawa.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/ottawa.h"
#include "services/msk/ottawa_ankle.h"
#include "services/msk/ottawa_foot.h"
#include "services/msk/ottawa_knee.h"

namespace waymark::msk {

MskChange RecordOttawa(const v1::MskCase& before, const v1::RecordOttawaRequest& request,
                       const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::OttawaAssessment assessment = request.assessment();
  fields.PastSince("assessment.assessed_time", IncidentOf(before),
                   *assessment.mutable_assessed_time());
  CheckOttawaExclusions("assessment.exclusions", fields, assessment.exclusions());
  if (assessment.has_ankle()) CheckAnkle("assessment.ankle", fields, assessment.ankle());
  if (assessment.has_foot()) CheckFoot("assessment.foot", fields, assessment.foot());
  if (assessment.has_knee()) CheckKnee("assessment.knee", fields, assessment.knee());
  if (!assessment.has_ankle() && !assessment.has_foot() && !assessment.has_knee()) {
    fields.Wrong("assessment", "MISSING", "Give the answers of at least one rule.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_ottawa_assessments() = std::move(assessment);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
