#include "services/referral/resend_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/moves.h"
#include "services/referral/outbound.h"

namespace waymark::referral {
ReferralChange ResendReferral(const v1::ReferralCase& before,
                              const v1::ResendReferralRequest& /*request*/,
                              const casework::Call& call) {
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  ASSIGN_OR_RETURN(const v1::ReferralState state,
                   StateAfter(before.side(), before.state(), "ResendReferral"));
  after.set_state(state);
  *after.mutable_sending()->add_resent_times() = casework::ToTimestamp(call.now);
  change.messages.push_back(ToProvider(after, call.tenant));
  return change;
}

}  // namespace waymark::referral
