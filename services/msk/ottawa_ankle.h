#ifndef WAYMARK_SERVICES_MSK_OTTAWA_ANKLE_H_
#define WAYMARK_SERVICES_MSK_OTTAWA_ANKLE_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// Ottawa ankle rule (Stiell 1992; BMJ summary, RCEMLearning): an X-ray if there is pain in the
// malleolar zone and any of: the posterior edge (distal 6 cm) or tip of the lateral malleolus is
// tender; the same of the medial one; four steps were impossible both at once and at the
// examination.
bool AnkleNeedsXray(const v1::OttawaAnkle& ankle);

// Every item is yes or no. MISSING.
void CheckAnkle(absl::string_view path, casework::Fields& fields, const v1::OttawaAnkle& ankle);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_OTTAWA_ANKLE_H_
