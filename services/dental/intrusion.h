// What is done with an intruded tooth: by its depth and its root.
//
// Dental Trauma Guide, Permanent teeth, intrusion (depths); IADT 2020 part 1 (waiting times, not
// read).
#ifndef WAYMARK_SERVICES_DENTAL_INTRUSION_H_
#define WAYMARK_SERVICES_DENTAL_INTRUSION_H_

#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

struct IntrusionLimits {
  // Less deep than this it is left to come down by itself (3 mm).
  double await_below_mm;
  // Deeper than this it is repositioned surgically (7 mm).
  double surgical_above_mm;
};

// Unspecified for a permanent tooth that was not intruded, for a primary one, and while a closed
// apex is not measured. An open apex is left to erupt.
v1::IntrusionAction DeriveIntrusion(const v1::ToothInjury& tooth, const IntrusionLimits& limits);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_INTRUSION_H_
