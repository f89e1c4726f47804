// The gRPC face of the log. Each method is one line; what it does is in queries.h.
#ifndef WAYMARK_SERVICES_AUDIT_AUDIT_SERVICE_H_
#define WAYMARK_SERVICES_AUDIT_AUDIT_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/server/server.h"

namespace waymark::audit {

// The flags of waymark-audit beside those of every service.
server::Program AuditProgram();

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_AUDIT_SERVICE_H_
