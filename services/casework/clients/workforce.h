// Tells workforce that a case proposes a fitness statement (AskForFitness, told.h).
#ifndef WAYMARK_SERVICES_CASEWORK_CLIENTS_WORKFORCE_H_
#define WAYMARK_SERVICES_CASEWORK_CLIENTS_WORKFORCE_H_

#include <memory>

#include "services/casework/duties.h"

namespace grpc {
class Channel;
}

namespace waymark::casework {

// Delivers a serialised ProposeFitnessRequest.
Teller WorkforceTeller(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CLIENTS_WORKFORCE_H_
