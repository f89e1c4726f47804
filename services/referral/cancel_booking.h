#ifndef WAYMARK_SERVICES_REFERRAL_CANCEL_BOOKING_H_
#define WAYMARK_SERVICES_REFERRAL_CANCEL_BOOKING_H_

#include "services/referral/record.h"

namespace waymark::referral {

// The provider calls the appointment off. The referral is accepted as before, and another
// appointment is due by the same clock.
ReferralChange CancelBooking(const v1::ReferralCase& before,
                             const v1::CancelBookingRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CANCEL_BOOKING_H_
