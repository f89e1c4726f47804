// The workforce service as a program: its three gRPC faces, its duties and its flags.
#ifndef WAYMARK_SERVICES_WORKFORCE_WORKFORCE_SERVICE_H_
#define WAYMARK_SERVICES_WORKFORCE_WORKFORCE_SERVICE_H_

#include "common/server/server.h"

namespace waymark::workforce {

server::Program WorkforceProgram();

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_WORKFORCE_SERVICE_H_
