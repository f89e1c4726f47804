#include "common/civil/civil.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "common/status/status.h"

namespace waymark::civil {
namespace {

absl::Time Instant(const std::string& rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, &error)) << error;
  return time;
}

absl::CivilDay Day(absl::string_view text) { return ParseDay(text).value(); }

TEST(London, ChangesItsClocksOnTheLastSundays) {
  const struct {
    const char *spring, *autumn;
  } kYears[] = {
      {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"},
      {"2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"},
      {"2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"},
  };
  for (const auto& year : kYears) {
    for (const char* change : {year.spring, year.autumn}) {
      absl::TimeZone::CivilTransition transition;
      const absl::Time at = Instant(change);
      ASSERT_TRUE(London().NextTransition(at - absl::Seconds(1), &transition));
      EXPECT_EQ(London().At(at).offset, change == year.spring ? 3600 : 0);
      EXPECT_EQ(London().At(at - absl::Seconds(1)).offset, change == year.spring ? 0 : 3600);
    }
  }
}

TEST(LondonDeathTest, EndsTheProcessWithoutTimeZoneData) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        setenv("TZDIR", "/nowhere", 1);
        London();
        std::exit(0);
      },
      ::testing::KilledBySignal(SIGABRT), "install tzdata");
}

TEST(LoadZone, TakesIanaNamesOnly) {
  EXPECT_TRUE(LoadZone("Europe/London").ok());
  EXPECT_TRUE(LoadZone("Etc/GMT+1").ok());
  EXPECT_TRUE(LoadZone("UTC").ok());
  for (const std::string& name :
       {std::string(), std::string("Europe/Lundon"), std::string("Europe"),
        std::string("/etc/localtime"), std::string("/usr/share/zoneinfo/Europe/London"),
        std::string("../zoneinfo/Europe/London"), std::string("file:Europe/London"),
        std::string("Fixed/UTC+01:00:00"), std::string("localtime"), std::string("leapseconds"),
        std::string("zone.tab"), std::string("Europe/London\0x", 15), std::string(500, 'A')}) {
    EXPECT_EQ(status::Reason(LoadZone(name).status()), "ZONE_UNKNOWN") << name;
  }
}

TEST(ResolveLocal, GivesTheInstantOfAClockReading) {
  using S = absl::CivilSecond;
  const absl::Duration kHour = absl::Hours(1);
  const struct {
    absl::CivilSecond local;
    std::optional<absl::Duration> offset;
    const char* instant;  // or
    const char* reason;
  } kCases[] = {
      {S(2026, 1, 30, 2, 15, 0), std::nullopt, "2026-01-30T02:15:00Z", ""},
      {S(2026, 7, 1, 9, 0, 0), std::nullopt, "2026-07-01T08:00:00Z", ""},
      {S(2026, 7, 1, 9, 0, 0), kHour, "2026-07-01T08:00:00Z", ""},
      {S(2026, 7, 1, 9, 0, 0), absl::ZeroDuration(), "", "OFFSET_NOT_IN_ZONE"},
      {S(2026, 1, 30, 2, 15, 0), kHour, "", "OFFSET_NOT_IN_ZONE"},
      {S(2026, 1, 30, 2, 15, 0), absl::InfiniteDuration(), "", "OFFSET_NOT_IN_ZONE"},
      // The hour the clocks go forward over, its edges, and no offset makes it real.
      {S(2026, 3, 29, 0, 59, 59), std::nullopt, "2026-03-29T00:59:59Z", ""},
      {S(2026, 3, 29, 1, 0, 0), std::nullopt, "", "LOCAL_TIME_SKIPPED"},
      {S(2026, 3, 29, 1, 30, 0), std::nullopt, "", "LOCAL_TIME_SKIPPED"},
      {S(2026, 3, 29, 1, 30, 0), kHour, "", "LOCAL_TIME_SKIPPED"},
      {S(2026, 3, 29, 1, 30, 0), absl::ZeroDuration(), "", "LOCAL_TIME_SKIPPED"},
      {S(2026, 3, 29, 2, 0, 0), std::nullopt, "2026-03-29T01:00:00Z", ""},
      // X7: the hour that comes twice.
      {S(2026, 10, 25, 0, 59, 59), std::nullopt, "2026-10-24T23:59:59Z", ""},
      {S(2026, 10, 25, 1, 30, 0), std::nullopt, "", "LOCAL_TIME_REPEATED"},
      {S(2026, 10, 25, 1, 30, 0), kHour, "2026-10-25T00:30:00Z", ""},
      {S(2026, 10, 25, 1, 30, 0), absl::ZeroDuration(), "2026-10-25T01:30:00Z", ""},
      {S(2026, 10, 25, 1, 30, 0), absl::Hours(2), "", "OFFSET_NOT_IN_ZONE"},
      {S(2026, 10, 25, 2, 0, 0), std::nullopt, "2026-10-25T02:00:00Z", ""},
      {S(0, 1, 1, 0, 0, 0), std::nullopt, "", "LOCAL_TIME_OUT_OF_RANGE"},
      {S(10000, 1, 1, 0, 0, 0), std::nullopt, "", "LOCAL_TIME_OUT_OF_RANGE"},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<absl::Time> time = ResolveLocal(c.local, London(), c.offset);
    if (*c.reason != '\0') {
      EXPECT_EQ(time.status().code(), absl::StatusCode::kInvalidArgument) << c.local;
      EXPECT_EQ(status::Reason(time.status()), c.reason) << c.local;
    } else {
      ASSERT_TRUE(time.ok()) << c.local << " " << time.status();
      EXPECT_EQ(*time, Instant(c.instant)) << c.local;
    }
  }
}

TEST(ResolveLocal, NamesBothInstantsOfARepeatedTime) {
  const absl::Status status =
      ResolveLocal(absl::CivilSecond(2026, 10, 25, 1, 30, 0), London()).status();
  EXPECT_EQ(status::Metadata(status, "earlier"), "2026-10-25T01:30:00+01:00");
  EXPECT_EQ(status::Metadata(status, "later"), "2026-10-25T01:30:00+00:00");
  EXPECT_NE(status.message().find("2026-10-25T01:30:00+01:00"), absl::string_view::npos);
  EXPECT_NE(status.message().find("2026-10-25T01:30:00+00:00"), absl::string_view::npos);
}

TEST(AddMonths, ClampsToTheCorrespondingDate) {
  const struct {
    const char* from;
    int months;
    const char* to;
  } kCases[] = {
      {"1978-09-30", 4, "1979-01-30"},  // X1
      {"2026-01-31", 1, "2026-02-28"},  // X2
      {"2028-01-31", 1, "2028-02-29"},  // X2
      {"2026-01-31", 2, "2026-03-31"},  // counted from the anchor, not from 28 February
      {"2026-01-30", 3, "2026-04-30"},   {"2026-08-31", 6, "2027-02-28"},
      {"2024-02-29", 12, "2025-02-28"},  {"2024-02-29", 48, "2028-02-29"},
      {"2026-12-15", 1, "2027-01-15"},   {"2026-03-31", -1, "2026-02-28"},
      {"2026-01-15", -13, "2024-12-15"}, {"2026-05-05", 0, "2026-05-05"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatDay(AddMonths(Day(c.from), c.months)), c.to) << c.from << " + " << c.months;
  }
}

TEST(AddCivil, CountsFromTheAnchorsLocalDate) {
  const struct {
    const char* anchor;
    CivilOffset offset;
    const char* day;
  } kCases[] = {
      // 00:30 on 2 July in London is still 1 July in UTC.
      {"2026-07-01T23:30:00Z", {.days = 1}, "2026-07-03"},
      {"2026-07-01T22:30:00Z", {.days = 1}, "2026-07-02"},
      // Over both clock changes the date stays the same.
      {"2026-03-20T09:00:00Z", {.weeks = 4}, "2026-04-17"},
      {"2026-10-20T08:00:00Z", {.weeks = 6}, "2026-12-01"},
      {"2026-02-28T12:00:00Z", {.days = 28}, "2026-03-28"},
      {"2026-01-30T02:15:00Z", {.months = 1, .days = 1}, "2026-03-01"},
      {"2026-01-30T02:15:00Z", {.months = 6}, "2026-07-30"},
      {"2026-01-30T02:15:00Z", {.weeks = -1, .days = -1}, "2026-01-22"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatDay(AddCivil(Instant(c.anchor), c.offset, London())), c.day) << c.anchor;
  }
}

TEST(EndOfDay, IsTheLastSecondOfTheLocalDay) {
  EXPECT_EQ(EndOfDay(Day("2026-01-30"), London()), Instant("2026-01-30T23:59:59Z"));
  EXPECT_EQ(EndOfDay(Day("2026-07-30"), London()), Instant("2026-07-30T22:59:59Z"));
  // Days of 23 and 25 hours.
  EXPECT_EQ(EndOfDay(Day("2026-03-29"), London()) - StartOfDay(Day("2026-03-29"), London()),
            absl::Hours(23) - absl::Seconds(1));
  EXPECT_EQ(EndOfDay(Day("2026-10-25"), London()) - StartOfDay(Day("2026-10-25"), London()),
            absl::Hours(25) - absl::Seconds(1));
}

TEST(FormatLocal, ShowsTheOffset) {
  EXPECT_EQ(FormatLocal(Instant("2026-07-01T08:00:00.9Z"), London()), "2026-07-01T09:00:00+01:00");
}

TEST(ParseDay, TakesDatesThatExistOnly) {
  EXPECT_EQ(ParseDay("2026-02-28").value(), absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(ParseDay("2028-02-29").value(), absl::CivilDay(2028, 2, 29));
  EXPECT_EQ(FormatDay(ParseDay("0001-01-01").value()), "0001-01-01");
  for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31",
                           "2026-1-1", "20260101", "2026/01/01", " 2026-01-01", "2026-01-01 ",
                           "2026-01-01T00:00", "0000-01-01", "-001-01-01", "2026-0a-01"}) {
    EXPECT_EQ(status::Reason(ParseDay(text).status()), "DATE_INVALID") << text;
  }
}

}  // namespace
}  // namespace waymark::civil
