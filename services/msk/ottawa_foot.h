#ifndef WAYMARK_SERVICES_MSK_OTTAWA_FOOT_H_
#define WAYMARK_SERVICES_MSK_OTTAWA_FOOT_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// Ottawa foot rule (Stiell 1992; RCEMLearning): an X-ray if there is pain in the midfoot zone and
// any of: the base of the fifth metatarsal is tender; the navicular is tender; four steps were
// impossible.
bool FootNeedsXray(const v1::OttawaFoot& foot);

// Every item is yes or no. MISSING.
void CheckFoot(absl::string_view path, casework::Fields& fields, const v1::OttawaFoot& foot);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_OTTAWA_FOOT_H_
