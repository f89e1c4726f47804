#include "services/casework/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/testing/matchers.h"

namespace waymark::casework {
namespace {

using testing::IsOk;

constexpr absl::CivilSecond kIncident(2026, 3, 28, 22, 30, 41);

// Whether an act at `civil` is taken for an incident that the service timed to the second.
absl::Status ActAt(const char* civil) {
  const absl::Time incident = absl::FromCivil(kIncident, absl::UTCTimeZone());
  Fields fields(incident + absl::Hours(1));
  v1::LocalTime time;
  time.set_civil(civil);
  (void)fields.PastSince("act.time", incident, time);
  return fields.ToStatus();
}

TEST(PastSince, TakesTheMinuteOfTheIncidentAndNoneBefore) {
  EXPECT_THAT(ActAt("2026-03-28T22:30"), IsOk());
  EXPECT_THAT(ActAt("2026-03-28T22:31"), IsOk());
  const absl::Status before = ActAt("2026-03-28T22:29");
  ASSERT_EQ(status::Violations(before).size(), 1u);
  EXPECT_EQ(status::Violations(before)[0].reason, "BEFORE_INCIDENT");
}

}  // namespace
}  // namespace waymark::casework
