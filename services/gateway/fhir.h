// FHIR R4 at /fhir/R4 for providers' systems, which the referral service speaks.
#ifndef WAYMARK_SERVICES_GATEWAY_FHIR_H_
#define WAYMARK_SERVICES_GATEWAY_FHIR_H_

#include "services/gateway/rest_door.h"

namespace waymark::gateway {

RestStandard Fhir();

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_FHIR_H_
