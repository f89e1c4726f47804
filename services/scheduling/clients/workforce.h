// Workforce, as scheduling needs it: how people may be reached now.
#ifndef WAYMARK_SERVICES_SCHEDULING_CLIENTS_WORKFORCE_H_
#define WAYMARK_SERVICES_SCHEDULING_CLIENTS_WORKFORCE_H_

#include <memory>

#include "services/scheduling/duties/delivery.h"

namespace grpc {
class Channel;
}

namespace waymark::scheduling {

// Asks ResolveRoutes over `channel`. Nothing is connected before the first question, so workforce
// may start later, and come and go.
RouteFinder RoutesOver(std::shared_ptr<grpc::Channel> channel);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_CLIENTS_WORKFORCE_H_
