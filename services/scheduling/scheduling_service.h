// The scheduling service as a program: its gRPC face, its duties and its flags.
#ifndef WAYMARK_SERVICES_SCHEDULING_SCHEDULING_SERVICE_H_
#define WAYMARK_SERVICES_SCHEDULING_SCHEDULING_SERVICE_H_

#include "common/server/server.h"

namespace waymark::scheduling {

server::Program SchedulingProgram();

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_SCHEDULING_SERVICE_H_
