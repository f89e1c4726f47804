#include "services/msk/imaging_rule.h"

#include "common/status/status.h"
#include "services/msk/ottawa.h"
#include "services/msk/record.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {
namespace {

bool HasSpecificCause(const v1::Triage* triage) {
  if (triage == nullptr) return false;
  switch (triage->diagnosis()) {
    case v1::DIAGNOSIS_FRACTURE:
    case v1::DIAGNOSIS_DISLOCATION:
    case v1::DIAGNOSIS_INFLAMMATORY:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<v1::ImagingBasis> DecideImaging(const v1::MskCase& msk_case,
                                               const v1::Care& requested) {
  if (!requested.red_flag_id().empty()) {
    for (const v1::RedFlag& flag : msk_case.red_flags()) {
      if (flag.red_flag_id() != requested.red_flag_id()) continue;
      if (!IsSettled(flag)) return v1::IMAGING_BASIS_RED_FLAG;
      return status::FailedPrecondition("RED_FLAG_SETTLED",
                                        "That red flag was ruled out, or treated and handed back.");
    }
    return status::NotFound("RED_FLAG_NOT_FOUND", "The case has no red flag with this id.");
  }
  if (requested.has_specialist()) return v1::IMAGING_BASIS_SPECIALIST;
  const v1::Region region = requested.region();
  if (requested.modality() == v1::MODALITY_XRAY) {
    switch (OttawaAdviceFor(region, msk_case)) {
      case v1::XRAY_ADVICE_XRAY:
        return v1::IMAGING_BASIS_OTTAWA;
      case v1::XRAY_ADVICE_NO_XRAY:
        return status::FailedPrecondition(
            "IMAGING_NOT_INDICATED",
            "The Ottawa rule, as it was examined, asks for no X-ray. Examine again, record a red "
            "flag, or name the specialist who asks and say that it would change the management.");
      default:
        break;
    }
  }
  if (region == v1::REGION_LOW_BACK && !HasSpecificCause(TriageOf(msk_case))) {
    return status::FailedPrecondition(
        "IMAGING_NOT_INDICATED",
        "NICE NG59: imaging is not offered routinely for back pain, with or without sciatica, "
        "outside "
        "a specialist setting. Record a red flag, or name the specialist who asks and say that it "
        "would change the management.");
  }
  return v1::IMAGING_BASIS_CLINICAL;
}

}  // namespace waymark::msk
