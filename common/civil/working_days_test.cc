#include "common/civil/working_days.h"

#include <gtest/gtest.h>

#include <string>

#include "common/civil/civil.h"
#include "common/status/status.h"

namespace waymark::civil {
namespace {

// Tests run from the root of the checkout.
constexpr char kPath[] = "common/civil/bank_holidays.json";

absl::CivilDay Day(absl::string_view text) { return ParseDay(text).value(); }

WorkingDays Table() { return WorkingDays::Load(kPath).value(); }

TEST(WorkingDays, SkipWeekendsAndBankHolidays) {
  const WorkingDays table = Table();
  const struct {
    const char* from;
    int count;
    const char* to;
  } kCases[] = {
      {"2026-04-01", 2, "2026-04-07"},  // X4: over Easter
      {"2026-12-23", 2, "2026-12-29"},  // X5: Christmas and the substitute of Boxing Day
      {"2026-12-23", 5, "2027-01-04"},  // X5
      {"2026-06-01", 1, "2026-06-02"},  {"2026-06-05", 1, "2026-06-08"},
      {"2026-06-06", 1, "2026-06-08"},  // from a Saturday the Monday is the first
      {"2026-06-06", 0, "2026-06-06"},  {"2026-04-07", -2, "2026-04-01"},
      {"2027-01-04", -5, "2026-12-23"}, {"2027-12-24", 1, "2027-12-29"},  // two substitutes
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatDay(table.Add(Day(c.from), c.count)), c.to) << c.from << " + " << c.count;
  }
}

TEST(WorkingDays, EveryBankHolidayOf2026And2027IsNotOne) {
  const WorkingDays table = Table();
  for (const char* day :
       {"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31",
        "2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03",
        "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28"}) {
    EXPECT_FALSE(table.IsWorkingDay(Day(day))) << day;
  }
  // Eight a year, and each on a weekday: that is what substitutes are for.
  for (int year = 2025; year <= 2028; ++year) {
    int holidays = 0;
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      const absl::Weekday weekday = absl::GetWeekday(day);
      if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) {
        EXPECT_FALSE(table.IsWorkingDay(day));
      } else if (!table.IsWorkingDay(day)) {
        ++holidays;
      }
    }
    EXPECT_EQ(holidays, 8) << year;
  }
}

TEST(WorkingDays, OffersTheNearestOnEitherSide) {
  const WorkingDays table = Table();
  EXPECT_EQ(table.NextOrSame(Day("2026-04-03")), Day("2026-04-07"));
  EXPECT_EQ(table.PreviousOrSame(Day("2026-04-06")), Day("2026-04-02"));
  EXPECT_EQ(table.NextOrSame(Day("2026-04-02")), Day("2026-04-02"));
  EXPECT_EQ(table.PreviousOrSame(Day("2026-04-02")), Day("2026-04-02"));
}

TEST(WorkingDays, SaysHowFarItsTableReaches) {
  const WorkingDays table = Table();
  EXPECT_EQ(table.known_until(), Day("2028-12-31"));
  // Beyond it only weekends are known: early, never late.
  EXPECT_EQ(table.Add(Day("2029-12-24"), 1), Day("2029-12-25"));
}

TEST(WorkingDays, RefusesWhatIsNotATable) {
  EXPECT_EQ(status::Reason(WorkingDays::Load("/nowhere.json").status()),
            "BANK_HOLIDAYS_UNREADABLE");
  EXPECT_FALSE(WorkingDays::Load("/tmp").ok());
  for (const char* json :
       {"", "{", "[]", "null", "{}", R"({"scotland": {"events": [{"date": "2026-01-01"}]}})",
        R"({"england-and-wales": []})", R"({"england-and-wales": {}})",
        R"({"england-and-wales": {"events": []}})", R"({"england-and-wales": {"events": [1]}})",
        R"({"england-and-wales": {"events": [{}]}})",
        R"({"england-and-wales": {"events": [{"date": 20260101}]}})",
        R"({"england-and-wales": {"events": [{"date": "2026-02-30"}]}})"}) {
    EXPECT_EQ(status::Reason(WorkingDays::Parse(json).status()), "BANK_HOLIDAYS_INVALID") << json;
  }
  EXPECT_TRUE(
      WorkingDays::Parse(R"({"scotland": {"events": [{"date": "2026-01-02"}]}})", "scotland").ok());
}

}  // namespace
}  // namespace waymark::civil
