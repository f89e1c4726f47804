#ifndef WAYMARK_SERVICES_BBV_RECORD_RISK_ASSESSMENT_H_
#define WAYMARK_SERVICES_BBV_RECORD_RISK_ASSESSMENT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records the assessment of both risk and PEP by a competent person (PHE 2019: occupational health,
// or the nearest emergency or urgent care centre). What the assessor leaves open is as the rule
// says; deciding otherwise needs a reason. A later assessment replaces what the first said, not its
// time.
BbvChange RecordRiskAssessment(const v1::BbvCase& before,
                               const v1::RecordRiskAssessmentRequest& request,
                               const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_RISK_ASSESSMENT_H_
