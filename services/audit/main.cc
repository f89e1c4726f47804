#include "common/server/server.h"
#include "services/audit/audit_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::audit::AuditProgram());
}
