#include "services/referral/record_seen.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {
ReferralChange RecordSeen(const v1::ReferralCase& before, const v1::RecordSeenRequest& request,
                          const casework::Call& call) {
  v1::Seen seen = request.seen();
  casework::Fields fields(call.now);
  const absl::Time time =
      PastInstant("seen.seen_time", Beginning(before), fields, *seen.mutable_seen_time());
  fields.Text("seen.note", seen.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("RecordSeen", time, call, after));
  *after.add_seen() = seen;
  v1::Answer answer;
  *answer.mutable_seen() = std::move(seen);
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
