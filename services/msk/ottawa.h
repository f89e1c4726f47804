// Whom the Ottawa rules were made for. The rules themselves: ottawa_ankle.h, ottawa_foot.h,
// ottawa_knee.h.
#ifndef WAYMARK_SERVICES_MSK_OTTAWA_H_
#define WAYMARK_SERVICES_MSK_OTTAWA_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// Yes or no; an Ottawa rule has no place for "not known". MISSING.
void CheckYesOrNo(absl::string_view path, casework::Fields& fields, v1::Answer answer);

// Every exclusion answered, and an age of 0 to 120. MISSING, OUT_OF_RANGE.
void CheckOttawaExclusions(absl::string_view path, casework::Fields& fields,
                           const v1::OttawaExclusions& exclusions);

// False for the intoxicated, for several injuries, reduced sensation and below 18 (local rules
// vary).
bool OttawaApplies(const v1::OttawaExclusions& exclusions, const casework::v1::Protocol& protocol);

// Fills in the advice of every rule that was asked.
void AdviseOttawa(const casework::v1::Protocol& protocol, v1::OttawaAssessment& assessment);

// What the last examination of the present course says of the region; unset when none asked its
// rule.
v1::XrayAdvice OttawaAdviceFor(v1::Region region, const v1::MskCase& msk_case);

// The region has a rule, and it is no gradual onset.
bool HasOttawaRule(const v1::Injury& injury);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_OTTAWA_H_
