#include "common/civil/civil.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status.h"

namespace waymark::civil {
namespace {

constexpr int kMinYear = 1;
constexpr int kMaxYear = 9999;

absl::TimeZone LoadLondon() {
  absl::TimeZone zone;
  // LoadTimeZone leaves UTC behind when it fails, and a truncated image may hold a zone without
  // rules: July tells both apart from the real one.
  if (!absl::LoadTimeZone("Europe/London", &zone) ||
      zone.At(absl::FromUnixSeconds(1783944000)).offset != 3600) {
    std::fputs(
        "waymark: the time zone Europe/London is missing or has no summer time; install tzdata\n",
        stderr);
    std::abort();
  }
  return zone;
}

// The library reads whatever path a zone is called ("/etc/shadow", "../x") and remembers every name
// it failed to load for ever, so only plain names of existing zone files get as far as it.
bool IsZoneFile(absl::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/') return false;
  if (name == "localtime") return false;  // whatever this machine is set to
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '+' && c != '-' && c != '/') return false;
  }
  const char* folder = std::getenv("TZDIR");
  std::error_code error;
  return std::filesystem::is_regular_file(
      absl::StrCat(folder == nullptr ? "/usr/share/zoneinfo" : folder, "/", name), error);
}

}  // namespace

absl::TimeZone London() {
  static const absl::TimeZone zone = LoadLondon();
  return zone;
}

absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name) {
  absl::TimeZone zone;
  if (name != "UTC" && !(IsZoneFile(name) && absl::LoadTimeZone(name, &zone))) {
    return status::InvalidArgument("ZONE_UNKNOWN",
                                   "The time zone must be an IANA name such as Europe/London.");
  }
  return zone;
}

absl::StatusOr<absl::Time> ResolveLocal(absl::CivilSecond local, absl::TimeZone zone,
                                        std::optional<absl::Duration> utc_offset) {
  if (local.year() < kMinYear || local.year() > kMaxYear) {
    return status::InvalidArgument("LOCAL_TIME_OUT_OF_RANGE", "The year must be from 1 to 9999.");
  }
  const absl::TimeZone::TimeInfo info = zone.At(local);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    return status::InvalidArgument(
        "LOCAL_TIME_SKIPPED",
        "This local time never happened: the clocks went forward over it. Give the time before or "
        "after the change.");
  }
  if (utc_offset) {
    const absl::Time instant = absl::FromCivil(local, absl::UTCTimeZone()) - *utc_offset;
    if (instant != info.pre && instant != info.post) {
      return status::InvalidArgument(
          "OFFSET_NOT_IN_ZONE",
          absl::StrCat("The time zone did not have this offset then; the local time means ",
                       FormatLocal(info.pre, zone), "."));
    }
    return instant;
  }
  if (info.kind == absl::TimeZone::TimeInfo::REPEATED) {
    const std::string earlier = FormatLocal(info.pre, zone);
    const std::string later = FormatLocal(info.post, zone);
    return status::WithMetadata(
        status::WithMetadata(
            status::InvalidArgument(
                "LOCAL_TIME_REPEATED",
                absl::StrCat("This local time happened twice, at ", earlier, " and at ", later,
                             ". Give the offset that is meant.")),
            "earlier", earlier),
        "later", later);
  }
  return info.pre;
}

absl::CivilDay AddMonths(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

absl::CivilDay AddCivil(absl::CivilDay day, CivilOffset offset) {
  return AddMonths(day, offset.months) + (int64_t{7} * offset.weeks + offset.days);
}

absl::CivilDay AddCivil(absl::Time anchor, CivilOffset offset, absl::TimeZone zone) {
  return AddCivil(DateOf(anchor, zone), offset);
}

absl::CivilDay DateOf(absl::Time instant, absl::TimeZone zone) {
  return absl::ToCivilDay(instant, zone);
}

absl::Time StartOfDay(absl::CivilDay day, absl::TimeZone zone) {
  return absl::FromCivil(day, zone);
}

absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone) {
  return absl::FromCivil(day + 1, zone) - absl::Seconds(1);
}

std::string FormatLocal(absl::Time instant, absl::TimeZone zone) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%S%Ez", instant, zone);
}

std::string FormatDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text) {
  const auto digits = [&](size_t from, size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) value = value * 10 + (c - '0');
    return value;
  };
  bool shaped = text.size() == 10;
  for (size_t i = 0; shaped && i < text.size(); ++i) {
    shaped = i == 4 || i == 7 ? text[i] == '-' : absl::ascii_isdigit(text[i]);
  }
  if (shaped) {
    const absl::CivilDay day(digits(0, 4), digits(5, 2), digits(8, 2));
    // A date that does not exist turns into another one.
    if (day.year() >= kMinYear && FormatDay(day) == text) return day;
  }
  return status::InvalidArgument("DATE_INVALID",
                                 "The date must exist and be written as YYYY-MM-DD.");
}

}  // namespace waymark::civil
