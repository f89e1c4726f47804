#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_NOT_ATTENDED_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_NOT_ATTENDED_H_

#include "services/referral/record.h"

namespace waymark::referral {

// The patient did not come. The provider books again, or declines.
ReferralChange RecordNotAttended(const v1::ReferralCase& before,
                                 const v1::RecordNotAttendedRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_NOT_ATTENDED_H_
