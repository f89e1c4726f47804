#ifndef WAYMARK_SERVICES_MSK_IMAGING_RULE_H_
#define WAYMARK_SERVICES_MSK_IMAGING_RULE_H_

#include "absl/status/statusor.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// Why the image may be asked for. In this order: a red flag of the case that is not ruled out; a
// specialist, who says that it would change the management; the Ottawa rule of the region. NICE
// NG59 1.1.4 to 1.1.6: low back pain with or without sciatica is not imaged outside a specialist
// setting, unless triage found a specific cause. Everything else is left to the clinician.
//
// FAILED_PRECONDITION IMAGING_NOT_INDICATED, RED_FLAG_SETTLED; NOT_FOUND RED_FLAG_NOT_FOUND.
absl::StatusOr<v1::ImagingBasis> DecideImaging(const v1::MskCase& msk_case,
                                               const v1::Care& requested);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_IMAGING_RULE_H_
