// The mental health pathway as a service. Each method is one line that hands a pure function to
// casework; README.md tells what happens on the way.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_MENTAL_HEALTH_SERVICE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_MENTAL_HEALTH_SERVICE_H_

#include "common/server/server.h"

namespace waymark::mental_health {

// The flags of waymark-mental_health beside those of every service, and what it is made of.
server::Program MentalHealthProgram();

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_MENTAL_HEALTH_SERVICE_H_
