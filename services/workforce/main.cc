#include "common/server/server.h"
#include "services/workforce/workforce_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::workforce::WorkforceProgram());
}
