// What people have typed and not sent yet: each sees their own.
#ifndef WAYMARK_SERVICES_GATEWAY_DRAFT_SERVICE_H_
#define WAYMARK_SERVICES_GATEWAY_DRAFT_SERVICE_H_

#include "common/clock/clock.h"
#include "common/crypto/pseudonymiser.h"
#include "common/server/server.h"
#include "services/gateway/store.h"

namespace waymark::gateway {

// `pseudonymiser` is of a purpose of its own, so that drafts and sessions cannot be joined. `clock`
// is real time. Everything passed by reference outlives the service.
server::Exposed MakeDraftService(rpc::Corridor& corridor, store::Store& store,
                                 crypto::Pseudonymiser pseudonymiser, const clock::Clock& clock);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_DRAFT_SERVICE_H_
