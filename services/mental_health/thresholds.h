// The protocol's thresholds by name, and the rules that take several of them, ready for a case.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_THRESHOLDS_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_THRESHOLDS_H_

#include "services/mental_health/progress.h"
#include "services/mental_health/trauma_treatment.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::mental_health {

inline constexpr char kPhq9Item9From[] = "phq9_item_9_from";
inline constexpr char kPhq9BlankMost[] = "phq9_blank_most";
inline constexpr char kGad7BlankMost[] = "gad7_blank_most";
inline constexpr char kPhq9CasenessFrom[] = "phq9_caseness_from";
inline constexpr char kGad7CasenessFrom[] = "gad7_caseness_from";
inline constexpr char kPhq9ReliableChange[] = "phq9_reliable_change";
inline constexpr char kGad7ReliableChange[] = "gad7_reliable_change";
inline constexpr char kPcl5ReliableChange[] = "pcl5_reliable_change";
inline constexpr char kPcl5BorderlineFrom[] = "pcl5_borderline_from";
inline constexpr char kPcl5PositiveFrom[] = "pcl5_positive_from";
inline constexpr char kPcl5FromDays[] = "pcl5_from_days";
inline constexpr char kItqFromDays[] = "itq_from_days";
inline constexpr char kTsqFromDays[] = "tsq_from_days";
inline constexpr char kIesRFromDays[] = "ies_r_from_days";
inline constexpr char kTrimFromHours[] = "trim_assessment_from_hours";
inline constexpr char kUrgentPhq9From[] = "urgent_phq9_from";
inline constexpr char kUrgentPcl5From[] = "urgent_pcl5_from";
inline constexpr char kEmdrConsiderFromMonths[] = "emdr_consider_from_months";
inline constexpr char kEmdrOfferFromMonths[] = "emdr_offer_from_months";
inline constexpr char kComputerisedFromMonths[] = "computerised_from_months";

// A parameter that counts something whole.
int Whole(const casework::v1::Protocol& protocol, const char* key);

ProgressLimits ProgressLimitsOf(const casework::v1::Protocol& protocol);
TraumaLimits TraumaLimitsOf(const casework::v1::Protocol& protocol);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_THRESHOLDS_H_
