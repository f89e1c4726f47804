#ifndef WAYMARK_SERVICES_REFERRAL_REFERRAL_SERVICE_H_
#define WAYMARK_SERVICES_REFERRAL_REFERRAL_SERVICE_H_

#include "common/server/server.h"

namespace waymark::referral {

server::Program ReferralProgram();

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_REFERRAL_SERVICE_H_
