// PartnerService as the referral program serves it beside ReferralService.
#ifndef WAYMARK_SERVICES_REFERRAL_PARTNER_SERVICE_H_
#define WAYMARK_SERVICES_REFERRAL_PARTNER_SERVICE_H_

#include <memory>

#include "common/server/server.h"
#include "services/referral/carriers/partners.h"

namespace grpc {
class Channel;
}
namespace waymark::rpc {
class Corridor;
}

namespace waymark::referral {

// `self` reaches ReferralService of this program. `partners` may be empty. `corridor` outlives the
// service.
server::Exposed ExposePartners(rpc::Corridor& corridor, const std::shared_ptr<grpc::Channel>& self,
                               std::shared_ptr<Partners> partners);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_PARTNER_SERVICE_H_
