#include "services/referral/cancel_booking.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {

ReferralChange CancelBooking(const v1::ReferralCase& before,
                             const v1::CancelBookingRequest& request, const casework::Call& call) {
  v1::BookingCancelled cancelled = request.booking_cancelled();
  casework::Fields fields(call.now);
  fields.Text("booking_cancelled.note", cancelled.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("CancelBooking", call.now, call, after));
  cancelled.clear_appointment_time();
  if (!after.bookings().empty()) {
    v1::Booking& booking = *after.mutable_bookings()->rbegin();
    booking.set_called_off(true);
    *cancelled.mutable_appointment_time() = booking.start_time();
  }
  v1::Answer answer;
  *answer.mutable_booking_cancelled() = std::move(cancelled);
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
