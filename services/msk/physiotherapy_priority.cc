#include "services/msk/physiotherapy_priority.h"

#include "services/msk/record.h"

namespace waymark::msk {

v1::Priority DerivePriority(const v1::MskCase& msk_case) {
  const v1::Score* start_back = LastStartBack(msk_case);
  const bool high_risk = start_back != nullptr && start_back->band() == v1::BAND_HIGH_RISK;
  return high_risk || IsUnableToWork(msk_case) ? v1::PRIORITY_URGENT : v1::PRIORITY_ROUTINE;
}

}  // namespace waymark::msk
