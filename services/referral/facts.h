#ifndef WAYMARK_SERVICES_REFERRAL_FACTS_H_
#define WAYMARK_SERVICES_REFERRAL_FACTS_H_

#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::referral {

// The names that a protocol of referrals may use.
const casework::KnownFacts& KnownFacts();

// What the planner needs to know of a referral.
casework::Facts FactsOf(const v1::ReferralCase& record, const casework::v1::Protocol& protocol);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_FACTS_H_
