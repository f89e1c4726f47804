// The dental injury pathway as a service. Each method is one line that hands a pure function to
// casework; README.md tells what happens on the way.
#ifndef WAYMARK_SERVICES_DENTAL_DENTAL_SERVICE_H_
#define WAYMARK_SERVICES_DENTAL_DENTAL_SERVICE_H_

#include "common/server/server.h"

namespace waymark::dental {

// The flags of waymark-dental beside those of every service, and what it is made of.
server::Program DentalProgram();

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_DENTAL_SERVICE_H_
