// What leaves the force: the only place where a message for a provider is made out of a case.
#ifndef WAYMARK_SERVICES_REFERRAL_OUTBOUND_H_
#define WAYMARK_SERVICES_REFERRAL_OUTBOUND_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/casework/change.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::referral {

// The content without what never leaves: the need's origin, who recorded the consent and its id,
// and why each item is said.
v1::ReferralContent ForProvider(const v1::ReferralContent& content);

// Under which messages for a provider outside the suite leave: one for each, so that one that is
// away holds up nobody else's.
std::string PartnerDestination(absl::string_view organisation_code);

// The referral as it is sent, the same bytes each time: to the provider's copy, or to whoever
// carries it to a provider outside the suite; then with the number of the resend beside it.
casework::Outgoing ToProvider(const v1::ReferralCase& record, absl::string_view tenant);
// What is said about it since, under the same message id each time.
casework::Outgoing ToProvider(const v1::ReferralCase& record, absl::string_view tenant,
                              const v1::Update& update, const std::string& message_id);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_OUTBOUND_H_
