#include "services/dental/dental_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::dental::DentalProgram());
}
