// The musculoskeletal pathway as a service. Each method is one line that hands a pure function to
// casework; README.md tells what happens on the way.
#ifndef WAYMARK_SERVICES_MSK_MSK_SERVICE_H_
#define WAYMARK_SERVICES_MSK_MSK_SERVICE_H_

#include "common/server/server.h"

namespace waymark::msk {

// The flags of waymark-msk beside those of every service, and what it is made of.
server::Program MskProgram();

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_MSK_SERVICE_H_
