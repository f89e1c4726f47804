#include "services/mental_health/record_off_duty.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordOffDuty(const v1::MentalHealthCase& before,
                                 const v1::RecordOffDutyRequest& request,
                                 const casework::Call& call) {
  v1::MentalHealthCase after = before;
  const bool off = !before.off_duty().empty() && !before.off_duty().rbegin()->has_until_time();
  casework::Fields fields(call.now);
  switch (request.act_case()) {
    case v1::RecordOffDutyRequest::kOffTime: {
      if (off) {
        return status::FailedPrecondition("ALREADY_OFF_DUTY", "They are off duty already.");
      }
      v1::OffDuty& spell = *after.add_off_duty();
      spell.set_number(after.off_duty_size());
      *spell.mutable_from_time() = request.off_time();
      fields.Past("off_time", *spell.mutable_from_time());
      break;
    }
    case v1::RecordOffDutyRequest::kBackTime: {
      if (!off) return status::FailedPrecondition("NOT_OFF_DUTY", "They are on duty.");
      v1::OffDuty& spell = *after.mutable_off_duty()->rbegin();
      *spell.mutable_until_time() = request.back_time();
      fields.PastSince("back_time", casework::InstantOf(spell.from_time()),
                       *spell.mutable_until_time());
      break;
    }
    case v1::RecordOffDutyRequest::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say whether they are off duty or back.");
      break;
  }
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
