#include "services/mental_health/thresholds.h"

#include "services/casework/planner.h"

namespace waymark::mental_health {

int Whole(const casework::v1::Protocol& protocol, const char* key) {
  return static_cast<int>(casework::Parameter(protocol, key));
}

ProgressLimits ProgressLimitsOf(const casework::v1::Protocol& protocol) {
  return {.phq9_caseness_from = Whole(protocol, kPhq9CasenessFrom),
          .gad7_caseness_from = Whole(protocol, kGad7CasenessFrom),
          .phq9_reliable_change = Whole(protocol, kPhq9ReliableChange),
          .gad7_reliable_change = Whole(protocol, kGad7ReliableChange),
          .pcl5_reliable_change = Whole(protocol, kPcl5ReliableChange)};
}

TraumaLimits TraumaLimitsOf(const casework::v1::Protocol& protocol) {
  return {.emdr_consider_from_months = Whole(protocol, kEmdrConsiderFromMonths),
          .emdr_offer_from_months = Whole(protocol, kEmdrOfferFromMonths),
          .computerised_from_months = Whole(protocol, kComputerisedFromMonths)};
}

}  // namespace waymark::mental_health
