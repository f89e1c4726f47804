#include "services/bbv/thresholds.h"

#include "common/civil/civil.h"
#include "services/bbv/record.h"
#include "services/casework/planner.h"

namespace waymark::bbv {

using casework::Parameter;

HepatitisBLimits HepatitisBLimitsOf(const casework::v1::Protocol& protocol) {
  return {.non_responder_below = Parameter(protocol, kHbvNonResponderBelow),
          .protected_from = Parameter(protocol, kHbvProtectedFrom),
          .booster_after_months = Parameter(protocol, kHbvBoosterAfterMonths)};
}

TetanusLimits TetanusLimitsOf(const casework::v1::Protocol& protocol) {
  return {.booster_after_years = Parameter(protocol, kTetanusBoosterYears),
          .immunoglobulin_iu = Parameter(protocol, kTetanusImmunoglobulinIu),
          .immunoglobulin_late_iu = Parameter(protocol, kTetanusImmunoglobulinLateIu),
          .late_after_hours = Parameter(protocol, kTetanusLateHours)};
}

HepatitisBAdvice AdviseHepatitisB(const v1::BbvCase& bbv_case,
                                  const casework::v1::Protocol& protocol) {
  return AdviseHepatitisB(bbv_case.exposure().hepatitis_b_status(), SignificanceOf(bbv_case),
                          bbv_case.source().hepatitis_b(), HasContinuingRisk(bbv_case),
                          civil::DateOf(IncidentOf(bbv_case), civil::London()),
                          HepatitisBLimitsOf(protocol));
}

bool HasContinuingRisk(const v1::BbvCase& bbv_case) {
  switch (bbv_case.risk_assessment().continuing_risk()) {
    case v1::ANSWER_YES:
      return true;
    case v1::ANSWER_NO:
      return false;
    default:
      return IsWorkforce(bbv_case);
  }
}

}  // namespace waymark::bbv
