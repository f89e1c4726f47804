#include <vector>

#include "common/server/server.h"
#include "services/gateway/gateway.h"
#include "tools/services/apis.h"

int main(int argc, char** argv) {
  std::vector<waymark::gateway::Api> apis;
  for (const waymark::tools::Api& api : waymark::tools::Apis()) {
    apis.push_back({api.service, api.descriptor});
  }
  return waymark::server::Main(argc, argv, waymark::gateway::GatewayProgram({.apis = apis}));
}
