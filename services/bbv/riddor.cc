#include "services/bbv/riddor.h"

#include <algorithm>

namespace waymark::bbv {
namespace {

// Statute, not policy: regulation 4(2) says "more than seven consecutive days".
constexpr int kDaysInLaw = 7;

}  // namespace

v1::RiddorCategory DeriveRiddor(const RiddorRecord& record) {
  if (!record.workforce) return v1::RIDDOR_CATEGORY_NOT_REPORTABLE;
  if (record.infection_acquired) return v1::RIDDOR_CATEGORY_DISEASE;
  if (record.significant && record.source_infected) {
    return v1::RIDDOR_CATEGORY_DANGEROUS_OCCURRENCE;
  }
  if (record.over_seven_days) return v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS;
  if (!record.significant || record.source_clear || record.last_test_done) {
    return v1::RIDDOR_CATEGORY_NOT_REPORTABLE;
  }
  return v1::RIDDOR_CATEGORY_NOT_YET_KNOWN;
}

int DaysOfIncapacity(absl::CivilDay accident, absl::CivilDay first, absl::CivilDay last) {
  const absl::CivilDay from = std::max(first, accident + 1);
  return last < from ? 0 : static_cast<int>(last - from + 1);
}

bool IsOverSevenDays(int days_of_incapacity) { return days_of_incapacity > kDaysInLaw; }

}  // namespace waymark::bbv
