// The thresholds that the record is compared with, by their names in the protocol.
#ifndef WAYMARK_SERVICES_MSK_THRESHOLDS_H_
#define WAYMARK_SERVICES_MSK_THRESHOLDS_H_

namespace waymark::msk {

inline constexpr char kStartBackRiskFromTotal[] = "start_back_risk_from_total";
inline constexpr char kStartBackHighFromPsychosocial[] = "start_back_high_from_psychosocial";
inline constexpr char kMskHqImportantChange[] = "msk_hq_important_change";
inline constexpr char kOrebroHigherRiskFrom[] = "orebro_higher_risk_from";
inline constexpr char kOttawaFromAge[] = "ottawa_from_age";
inline constexpr char kOttawaKneeAge[] = "ottawa_knee_age";
inline constexpr char kSelfCertifiedDays[] = "self_certified_days";
inline constexpr char kFitNoteMonths[] = "fit_note_months";
inline constexpr char kFitNoteFirstMonths[] = "fit_note_first_months";
inline constexpr char kLongAbsenceDays[] = "long_absence_days";
inline constexpr char kPhasedReviewDays[] = "phased_review_days";
inline constexpr char kReviewEarlyDays[] = "review_early_days";
inline constexpr char kReturnReviewFromDays[] = "return_review_from_days";
inline constexpr char kMskHqRepeatFromDays[] = "msk_hq_repeat_from_days";
inline constexpr char kRiddorOverDays[] = "riddor_over_days";
inline constexpr char kRiddorRecordDays[] = "riddor_record_days";

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_THRESHOLDS_H_
