// The gateway as a program: HTTPS for browsers and clients in front, gRPC over mTLS behind.
#ifndef WAYMARK_SERVICES_GATEWAY_GATEWAY_H_
#define WAYMARK_SERVICES_GATEWAY_GATEWAY_H_

#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/db/migrate.h"
#include "common/server/server.h"
#include "services/gateway/http_server.h"
#include "services/gateway/methods.h"
#include "services/gateway/sessions.h"

namespace waymark::gateway {

db::SchemaRange Schema();

// What main.cc leaves as it is and tests change.
struct GatewaySetup {
  // What is served; each is asked for under --peer <service>.
  std::vector<Api> apis;
  // Sessions run out by this one; null: real time.
  const clock::Clock* clock = nullptr;
  // Limits; address and certificates come from the flags.
  HttpOptions http;
  SessionOptions sessions;
};

server::Program GatewayProgram(GatewaySetup setup);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_GATEWAY_H_
