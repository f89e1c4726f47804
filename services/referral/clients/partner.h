// Tells providers outside the suite, and tells the referrer that they have it.
#ifndef WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_
#define WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_

#include <memory>

#include "services/casework/duties.h"
#include "services/referral/carriers/partners.h"

namespace grpc {
class Channel;
}

namespace waymark::referral {

// Delivers a serialised PartnerMessage. Where the carrier's answer is a receipt, the referrer's
// case hears that it was received, over `self`, this service. `partners` may be empty: then every
// message is refused with PARTNER_UNKNOWN.
casework::Teller PartnerTeller(std::shared_ptr<Partners> partners,
                               const std::shared_ptr<grpc::Channel>& self);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CLIENTS_PARTNER_H_
