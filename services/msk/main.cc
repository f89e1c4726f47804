#include "services/msk/msk_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::msk::MskProgram());
}
