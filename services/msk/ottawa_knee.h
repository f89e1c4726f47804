#ifndef WAYMARK_SERVICES_MSK_OTTAWA_KNEE_H_
#define WAYMARK_SERVICES_MSK_OTTAWA_KNEE_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// Ottawa knee rule (Stiell 1995; BMJ summary): an X-ray for any of: `from_age` (55) years or more;
// the head of the fibula is tender; the patella is tender and nothing else; the knee does not flex
// to 90 degrees; four steps were impossible.
bool KneeNeedsXray(const v1::OttawaKnee& knee, int age_years, double from_age);

// Every item is yes or no. MISSING.
void CheckKnee(absl::string_view path, casework::Fields& fields, const v1::OttawaKnee& knee);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_OTTAWA_KNEE_H_
