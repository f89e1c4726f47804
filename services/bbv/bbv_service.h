// The blood-borne virus pathway as a service. Each method is one line that hands a pure function to
// casework; README.md tells what happens on the way.
#ifndef WAYMARK_SERVICES_BBV_BBV_SERVICE_H_
#define WAYMARK_SERVICES_BBV_BBV_SERVICE_H_

#include "common/server/server.h"

namespace waymark::bbv {

// The flags of waymark-bbv beside those of every service, and what it is made of.
server::Program BbvProgram();

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_BBV_SERVICE_H_
