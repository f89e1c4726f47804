// Tells providers outside the suite, and opens the copy that their answers are about.
#ifndef WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_
#define WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_

#include <memory>

#include "services/casework/duties.h"
#include "services/referral/carriers/partners.h"

namespace grpc {
class Channel;
}

namespace waymark::referral {

// Delivers a serialised PartnerMessage. Where the carrier's answer is a receipt, the provider's
// copy of the referral opens in its organisation over `self`, this service, which tells the
// referrer so; what the provider's systems answer at /fhir/R4 is about that copy.
casework::Teller PartnerTeller(std::shared_ptr<Partners> partners,
                               const std::shared_ptr<grpc::Channel>& self);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_
