// The bank holidays as GOV.UK publishes them (JSON).
#include "common/civil/civil.h"
#include "common/civil/working_days.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::civil {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<WorkingDays> days = WorkingDays::Parse(fuzz::Text(data, size));
  if (!days.ok()) return 0;
  const absl::CivilDay start(2026, 3, 31);
  FUZZ_REQUIRE(days->known_until() >= absl::CivilDay(1, 1, 1));
  for (const int count : {1, 2, 10, -1, -10}) {
    const absl::CivilDay end = days->Add(start, count);
    FUZZ_REQUIRE(days->IsWorkingDay(end) && (count > 0 ? end > start : end < start));
  }
  FUZZ_REQUIRE(days->NextOrSame(start) >= start && days->PreviousOrSame(start) <= start);
  return 0;
}

}  // namespace waymark::civil
