// The gateway's own API: signing a person out everywhere.
#ifndef WAYMARK_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
#define WAYMARK_SERVICES_GATEWAY_GATEWAY_SERVICE_H_

#include "common/server/server.h"
#include "services/gateway/sessions.h"

namespace waymark::gateway {

// `corridor` and `sessions` outlive the service.
server::Exposed MakeGatewayService(rpc::Corridor& corridor, Sessions& sessions);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
