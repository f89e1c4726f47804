// Tells the blood-borne virus service of an exposure that a dental case came upon.
#ifndef WAYMARK_SERVICES_DENTAL_CLIENTS_BBV_H_
#define WAYMARK_SERVICES_DENTAL_CLIENTS_BBV_H_

#include <memory>

#include "services/casework/duties.h"

namespace grpc {
class Channel;
}

namespace waymark::dental {

// Delivers a serialised OpenLinkedCaseRequest.
casework::Teller BbvTeller(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_CLIENTS_BBV_H_
