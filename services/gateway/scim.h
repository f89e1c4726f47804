// SCIM 2.0 at /scim/v2 (RFC 7643, 7644), which workforce speaks.
#ifndef WAYMARK_SERVICES_GATEWAY_SCIM_H_
#define WAYMARK_SERVICES_GATEWAY_SCIM_H_

#include "services/gateway/rest_door.h"

namespace waymark::gateway {

RestStandard Scim();

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_SCIM_H_
