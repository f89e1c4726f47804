// Checks what a provider says came of a referral.
#ifndef WAYMARK_SERVICES_REFERRAL_OUTCOME_CHECK_H_
#define WAYMARK_SERVICES_REFERRAL_OUTCOME_CHECK_H_

#include <string>

#include "services/casework/fields.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::referral {

// Results and treatments: at most 60 each, every one with its time, not in the future. Something
// must be said at all. `path` ends with a dot.
void CheckOutcome(const std::string& path, casework::Fields& fields, const v1::Outcome& outcome);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_OUTCOME_CHECK_H_
