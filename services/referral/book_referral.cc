#include "services/referral/book_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

constexpr int kMostBookings = 60;

}  // namespace

ReferralChange BookReferral(const v1::ReferralCase& before, const v1::BookReferralRequest& request,
                            const casework::Call& call) {
  v1::Booking booking = request.booking();
  booking.clear_not_attended();
  booking.clear_called_off();
  casework::Fields fields(call.now);
  fields.Text("booking.slot_id", booking.slot_id(), 100);
  fields.Text("booking.place", booking.place(), casework::kLongestName);
  if (!booking.has_start_time() && booking.slot_id().empty()) {
    fields.Wrong("booking.start_time", "MISSING", "Say when the appointment is, or name a slot.");
  } else if (booking.has_end_time() && casework::FromTimestamp(booking.end_time()) <
                                           casework::FromTimestamp(booking.start_time())) {
    fields.Wrong("booking.end_time", "BEFORE_START", "An appointment ends after it begins.");
  }
  if (before.bookings_size() >= kMostBookings) {
    fields.Wrong("booking", "TOO_MANY", "A referral takes at most 60 appointments.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("BookReferral", call.now, call, after));
  *booking.mutable_booked_time() = casework::ToTimestamp(call.now);
  *after.add_bookings() = booking;
  v1::Answer answer;
  *answer.mutable_booked() = std::move(booking);
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
