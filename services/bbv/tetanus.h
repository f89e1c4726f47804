// What a wound asks for against tetanus.
//
// Green Book chapter 30, rules of November 2018, as summarised for Scotland (clinical
// reference 1.10; the cells for immunoglobulin were not read).
#ifndef WAYMARK_SERVICES_BBV_TETANUS_H_
#define WAYMARK_SERVICES_BBV_TETANUS_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// Thresholds of the protocol.
struct TetanusLimits {
  // Years since the last dose up to which a primed person needs nothing (10).
  double booster_after_years;
  // International units of immunoglobulin (250), and of the larger dose (500) ...
  double immunoglobulin_iu;
  double immunoglobulin_late_iu;
  // ... which is given when more hours than this passed since the injury (24), or for heavy
  // contamination or burns.
  double late_after_hours;
};

// Unspecified when no skin was broken. Adequate priming is at least three doses at proper
// intervals; priming that nobody knows counts as incomplete, a last dose that nobody can date as
// long ago.
v1::TetanusAction DeriveTetanus(const v1::Exposure& exposure, absl::CivilDay incident_date,
                                const TetanusLimits& limits);

// Dose of immunoglobulin when it is given at `given`; 0 when the action asks for none.
int TetanusImmunoglobulinIu(v1::TetanusAction action, const v1::Exposure& exposure,
                            absl::Time incident, absl::Time given, const TetanusLimits& limits);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_TETANUS_H_
