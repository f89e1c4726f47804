#include "common/server/server.h"
#include "services/scheduling/scheduling_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::scheduling::SchedulingProgram());
}
