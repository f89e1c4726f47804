#include "services/referral/record_not_attended.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {
ReferralChange RecordNotAttended(const v1::ReferralCase& before,
                                 const v1::RecordNotAttendedRequest& request,
                                 const casework::Call& call) {
  v1::NotAttended missed = request.not_attended();
  casework::Fields fields(call.now);
  if (!missed.has_appointment_time() && !before.bookings().empty()) {
    *missed.mutable_appointment_time() = before.bookings().rbegin()->start_time();
  }
  const absl::Time time = PastInstant("not_attended.appointment_time", Beginning(before), fields,
                                      *missed.mutable_appointment_time());
  fields.Text("not_attended.note", missed.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("RecordNotAttended", time, call, after));
  if (!after.bookings().empty()) after.mutable_bookings()->rbegin()->set_not_attended(true);
  v1::Answer answer;
  *answer.mutable_not_attended() = std::move(missed);
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
