// The protocol's thresholds by name.
#ifndef WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_
#define WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_

namespace waymark::dental {

inline constexpr char kPdlLikelyViableUpToMinutes[] = "pdl_likely_viable_up_to_minutes";
inline constexpr char kPdlViableBelowMinutes[] = "pdl_viable_below_minutes";
inline constexpr char kIntrusionAwaitBelowMm[] = "intrusion_await_below_mm";
inline constexpr char kIntrusionSurgicalAboveMm[] = "intrusion_surgical_above_mm";
inline constexpr char kTetanusBoosterYears[] = "tetanus_booster_years";

// Steps that a case may have are at most 200 (scheduling). A tooth has at most fourteen at a time
// and the case itself ten: twelve teeth fit whatever happened to them (services/decisions/0025).
inline constexpr int kMostTeeth = 12;

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_
