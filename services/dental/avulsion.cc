#include "services/dental/avulsion.h"

#include "services/dental/teeth.h"

namespace waymark::dental {

v1::ReplantAdvice DeriveReplant(const v1::ToothInjury& tooth) {
  if (!Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION)) return v1::REPLANT_ADVICE_UNSPECIFIED;
  return IsReplantable(tooth) ? v1::REPLANT_ADVICE_REPLANT : v1::REPLANT_ADVICE_NEVER;
}

v1::PdlViability DerivePdl(const v1::ToothInjury& tooth, std::optional<absl::Duration> replanted,
                           const DryLimits& limits) {
  if (!IsReplantable(tooth)) return v1::PDL_VIABILITY_UNSPECIFIED;
  if (tooth.has_dry_minutes() && tooth.dry_minutes() >= limits.viable_below_minutes) {
    return v1::PDL_VIABILITY_NON_VIABLE;
  }
  // Back within the quarter of an hour it cannot have been dry for longer.
  if (replanted && *replanted <= limits.likely_up_to_minutes * absl::Minutes(1)) {
    return v1::PDL_VIABILITY_LIKELY_VIABLE;
  }
  return tooth.has_dry_minutes() ? v1::PDL_VIABILITY_MAYBE_VIABLE : v1::PDL_VIABILITY_UNSPECIFIED;
}

}  // namespace waymark::dental
