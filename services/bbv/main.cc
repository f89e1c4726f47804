#include "services/bbv/bbv_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::bbv::BbvProgram());
}
