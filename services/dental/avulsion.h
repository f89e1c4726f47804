// An avulsed tooth: does it go back, and are the cells on its root alive?
//
// IADT 2020 part 2 (clinical reference 4.2; the cells were not read). A primary tooth is never
// replanted: Dental Trauma Guide, Primary teeth, avulsion.
#ifndef WAYMARK_SERVICES_DENTAL_AVULSION_H_
#define WAYMARK_SERVICES_DENTAL_AVULSION_H_

#include <optional>

#include "absl/time/time.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

struct DryLimits {
  // Out of the mouth for no longer than this when it was put back: likely viable (15 minutes).
  double likely_up_to_minutes;
  // Viable only below this (60 minutes): exactly sixty is not.
  double viable_below_minutes;
};

// Unspecified for a tooth that was not avulsed.
v1::ReplantAdvice DeriveReplant(const v1::ToothInjury& tooth);

// Unspecified when it was not avulsed or is primary, and while the dry time is not known.
// `replanted` is how long after the incident it was put back, if it was.
v1::PdlViability DerivePdl(const v1::ToothInjury& tooth, std::optional<absl::Duration> replanted,
                           const DryLimits& limits);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_AVULSION_H_
