// The protocol's thresholds by name, and the rules that take several of them, ready for a case.
#ifndef WAYMARK_SERVICES_BBV_THRESHOLDS_H_
#define WAYMARK_SERVICES_BBV_THRESHOLDS_H_

#include "services/bbv/hepatitis_b_prophylaxis.h"
#include "services/bbv/tetanus.h"
#include "waymark/bbv/v1/bbv_case.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::bbv {

inline constexpr char kPepWindowHours[] = "pep_window_hours";
inline constexpr char kPepGapHours[] = "pep_gap_hours";
inline constexpr char kPepCourseDays[] = "pep_course_days";
inline constexpr char kPepMidReviewFromDays[] = "pep_mid_review_from_days";
inline constexpr char kHivWindowDays[] = "hiv_window_days";
inline constexpr char kHivTestMonths[] = "hiv_test_months";
inline constexpr char kHbigWindowHours[] = "hbig_window_hours";
inline constexpr char kHbvVaccineWindowHours[] = "hbv_vaccine_window_hours";
inline constexpr char kHbvNonResponderBelow[] = "hbv_non_responder_below";
inline constexpr char kHbvProtectedFrom[] = "hbv_protected_from";
inline constexpr char kHbvBoosterAfterMonths[] = "hbv_booster_after_months";
inline constexpr char kTetanusBoosterYears[] = "tetanus_booster_years";
inline constexpr char kTetanusImmunoglobulinIu[] = "tetanus_immunoglobulin_iu";
inline constexpr char kTetanusImmunoglobulinLateIu[] = "tetanus_immunoglobulin_late_iu";
inline constexpr char kTetanusLateHours[] = "tetanus_late_hours";
inline constexpr char kBaselineDays[] = "baseline_days";
inline constexpr char kBaselineKeepMonths[] = "baseline_keep_months";

HepatitisBLimits HepatitisBLimitsOf(const casework::v1::Protocol& protocol);
TetanusLimits TetanusLimitsOf(const casework::v1::Protocol& protocol);

// The cell of the hepatitis B table for the case as it stands.
HepatitisBAdvice AdviseHepatitisB(const v1::BbvCase& bbv_case,
                                  const casework::v1::Protocol& protocol);

// Exposed again tomorrow: what the assessor said, else yes for the workforce, by policy.
bool HasContinuingRisk(const v1::BbvCase& bbv_case);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_THRESHOLDS_H_
