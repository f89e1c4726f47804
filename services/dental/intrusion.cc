#include "services/dental/intrusion.h"

#include "services/dental/teeth.h"

namespace waymark::dental {

v1::IntrusionAction DeriveIntrusion(const v1::ToothInjury& tooth, const IntrusionLimits& limits) {
  if (!Has(tooth, v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION) ||
      DentitionOf(tooth.tooth()) != v1::DENTITION_PERMANENT) {
    return v1::INTRUSION_ACTION_UNSPECIFIED;
  }
  if (HasOpenApex(tooth)) return v1::INTRUSION_ACTION_AWAIT_ERUPTION;
  if (!tooth.has_intrusion_mm()) return v1::INTRUSION_ACTION_UNSPECIFIED;
  if (tooth.intrusion_mm() < limits.await_below_mm) return v1::INTRUSION_ACTION_AWAIT_ERUPTION;
  return tooth.intrusion_mm() > limits.surgical_above_mm
             ? v1::INTRUSION_ACTION_SURGICAL
             : v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC;
}

}  // namespace waymark::dental
