// The protocol's thresholds by name.
#ifndef WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_
#define WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_

namespace waymark::dental {

inline constexpr char kPdlLikelyViableUpToMinutes[] = "pdl_likely_viable_up_to_minutes";
inline constexpr char kPdlViableBelowMinutes[] = "pdl_viable_below_minutes";
inline constexpr char kIntrusionAwaitBelowMm[] = "intrusion_await_below_mm";
inline constexpr char kIntrusionSurgicalAboveMm[] = "intrusion_surgical_above_mm";
inline constexpr char kTetanusBoosterYears[] = "tetanus_booster_years";

// A case has at most 200 steps (scheduling). A tooth comes to eighteen at most, the mouth itself to
// eleven: ten teeth fit whatever happened to them (services/decisions/0025).
inline constexpr int kMostTeeth = 10;

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_THRESHOLDS_H_
