#include "services/dental/visits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "common/testing/matchers.h"
#include "services/casework/status.h"
#include "services/dental/record_review.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/testing/story.h"

namespace waymark::dental {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Story;
using ::waymark::testing::IsOk;

constexpr absl::CivilDay kDay(2026, 1, 1);

Window Days(int first, int last) { return {.first = kDay + first, .last = kDay + last}; }

TEST(FewestAppointments, IsEmptyForNothing) { EXPECT_THAT(FewestAppointments({}), IsEmpty()); }

TEST(FewestAppointments, SharesADayAtWhichTwoWindowsOnlyTouch) {
  const auto appointments = FewestAppointments({Days(84, 90), Days(77, 84), Days(200, 200)});
  ASSERT_EQ(appointments.size(), 2u);
  EXPECT_THAT(appointments[0].windows, ElementsAre(0, 1));
  EXPECT_EQ(appointments[0].days.first, kDay + 84);
  EXPECT_EQ(appointments[0].days.last, kDay + 84);
  EXPECT_THAT(appointments[1].windows, ElementsAre(2));
}

TEST(FewestAppointments, SaysWhichDaysSuitEverythingInOne) {
  const auto appointments = FewestAppointments({Days(0, 14), Days(11, 15), Days(13, 20)});
  ASSERT_EQ(appointments.size(), 1u);
  EXPECT_EQ(appointments[0].days.first, kDay + 13);
  EXPECT_EQ(appointments[0].days.last, kDay + 14);
}

// Tries every set of days, fewest first.
size_t FewestByTrying(const std::vector<Window>& windows, int days) {
  size_t fewest = windows.size();
  for (unsigned set = 0; set < (1u << days); ++set) {
    size_t size = 0;
    for (int day = 0; day < days; ++day) size += (set >> day) & 1u;
    if (size >= fewest) continue;
    const bool all = std::all_of(windows.begin(), windows.end(), [&](const Window& window) {
      for (int day = 0; day < days; ++day) {
        if ((set >> day & 1u) != 0 && kDay + day >= window.first && kDay + day <= window.last) {
          return true;
        }
      }
      return false;
    });
    if (all) fewest = size;
  }
  return fewest;
}

TEST(FewestAppointments, NeedsNoMoreDaysThanTheBestOfAllChoices) {
  std::mt19937 random(4);
  constexpr int kDays = 12;
  for (int round = 0; round < 300; ++round) {
    std::vector<Window> windows;
    const int count = 1 + static_cast<int>(random() % 8);
    for (int i = 0; i < count; ++i) {
      const int first = static_cast<int>(random() % kDays);
      windows.push_back(Days(first, first + static_cast<int>(random() % (kDays - first))));
    }
    const auto appointments = FewestAppointments(windows);
    EXPECT_EQ(appointments.size(), FewestByTrying(windows, kDays));
    std::set<size_t> served;
    for (const Appointment& appointment : appointments) {
      ASSERT_LE(appointment.days.first, appointment.days.last);
      for (const size_t i : appointment.windows) {
        EXPECT_TRUE(served.insert(i).second);
        // Every day offered suits everything in the appointment.
        EXPECT_LE(windows[i].first, appointment.days.first);
        EXPECT_GE(windows[i].last, appointment.days.last);
      }
    }
    EXPECT_EQ(served.size(), windows.size());
  }
}

constexpr char kThreeTeeth[] =
    "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION medium: STORAGE_MEDIUM_MILK } "
    "teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION } "
    "teeth { tooth: '22' injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE }";

std::vector<v1::Visit> VisitsOf(const Story& story) {
  casework::v1::Plan plan = story.plan();
  casework::SetStatuses(story.now(), plan);
  return MergeVisits(plan);
}

TEST(MergeVisits, SeesThreeTeethOfDifferentInjuriesTogether) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log(kThreeTeeth), IsOk());
  // Twelve weeks of one tooth and three months of another meet on 24 April.
  EXPECT_EQ(story.Visits(),
            "2026-02-13 2026-02-27 2026-03-27 2026-04-24 2026-07-30 2027-01-30 2028-01-30 "
            "2029-01-30 2030-01-30 2031-01-30");
  const auto visits = VisitsOf(story);
  EXPECT_THAT(visits[0].step_keys(),
              ElementsAre("review_2_weeks#11", "review_2_weeks#21", "root_canal_start#11",
                          "splint_removal_2_weeks#11"));
  EXPECT_THAT(visits[1].step_keys(),
              ElementsAre("review_4_weeks#11", "review_4_weeks#21", "splint_removal_4_weeks#21"));
  EXPECT_THAT(visits[2].step_keys(), ElementsAre("review_6_to_8_weeks#22", "review_8_weeks#21"));
  EXPECT_EQ(casework::DayOf(visits[2].earliest_date()), absl::CivilDay(2026, 3, 20));
  EXPECT_THAT(visits[3].step_keys(), ElementsAre("review_12_weeks#21", "review_3_months#11"));
}

TEST(MergeVisits, PutsWhatIsLateFirstAndLeavesOutWhatIsDone) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log(kThreeTeeth), IsOk());
  story.At("2026-02-13T11:00");
  ASSERT_THAT(story.Act(&RecordReview,
                        "review { held_time { civil: '2026-02-13T10:00' } findings { tooth: '11' "
                        "} findings { tooth: '21' } }"),
              IsOk());
  story.At("2026-02-16T09:00");
  const auto visits = VisitsOf(story);
  EXPECT_TRUE(visits[0].overdue());
  EXPECT_THAT(visits[0].step_keys(),
              ElementsAre("root_canal_start#11", "splint_removal_2_weeks#11"));
  EXPECT_FALSE(visits[1].overdue());
  EXPECT_THAT(visits[1].step_keys(),
              ElementsAre("review_4_weeks#11", "review_4_weeks#21", "splint_removal_4_weeks#21"));
}

TEST(MergeVisits, ATelephoneCallIsNoAppointment) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_ENAMEL_INFRACTION }"),
              IsOk());
  EXPECT_THAT(VisitsOf(story), IsEmpty());
}

}  // namespace
}  // namespace waymark::dental
