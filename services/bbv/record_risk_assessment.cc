#include "services/bbv/record_risk_assessment.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/pep_indication.h"
#include "services/bbv/significance.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordRiskAssessment(const v1::BbvCase& before,
                               const v1::RecordRiskAssessmentRequest& request,
                               const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::RiskAssessment assessment = request.risk_assessment();
  fields.PastSince("risk_assessment.assessed_time", IncidentOf(before),
                   *assessment.mutable_assessed_time());
  fields.Choice("risk_assessment.competence", assessment.competence(), v1::Competence_IsValid);
  fields.MayChoose("risk_assessment.significance", assessment.significance(),
                   v1::Significance_IsValid);
  fields.MayChoose("risk_assessment.pep_indication", assessment.pep_indication(),
                   v1::PepIndication_IsValid);
  fields.MayChoose("risk_assessment.continuing_risk", assessment.continuing_risk(),
                   v1::Answer_IsValid);
  fields.Text("risk_assessment.override_reason", assessment.override_reason(),
              casework::kLongestReason);

  assessment.set_derived(DeriveSignificance(before.exposure()));
  if (assessment.significance() == v1::SIGNIFICANCE_UNSPECIFIED) {
    assessment.set_significance(assessment.derived());
  }
  assessment.set_pep_derived(
      DerivePepIndication(before.exposure(), before.source(), assessment.significance()));
  const bool decided_pep = assessment.pep_indication() != v1::PEP_INDICATION_UNSPECIFIED;
  // What the rule leaves open is the assessor's to decide without defending it.
  const bool overrides =
      assessment.significance() != assessment.derived() ||
      (decided_pep && assessment.pep_derived() != v1::PEP_INDICATION_UNSPECIFIED &&
       assessment.pep_indication() != assessment.pep_derived());
  if (overrides) {
    fields.RequiredText("risk_assessment.override_reason", assessment.override_reason(),
                        casework::kLongestReason);
  }
  RETURN_IF_ERROR(fields.ToStatus());

  assessment.set_assessor(call.user_id);
  *assessment.mutable_first_assessed_time() = before.has_risk_assessment()
                                                  ? before.risk_assessment().first_assessed_time()
                                                  : assessment.assessed_time();
  v1::BbvCase after = before;
  *after.mutable_risk_assessment() = std::move(assessment);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
