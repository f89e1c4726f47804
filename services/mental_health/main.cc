#include "services/mental_health/mental_health_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::mental_health::MentalHealthProgram());
}
