#include "services/referral/referral_service.h"

int main(int argc, char** argv) {
  return waymark::server::Main(argc, argv, waymark::referral::ReferralProgram());
}
