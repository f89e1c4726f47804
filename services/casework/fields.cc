#include "services/casework/fields.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"

namespace waymark::casework {
namespace {

constexpr absl::string_view kZone = "Europe/London";
constexpr int kFirstYear = 1900;

// "2026-03-28T22:30" or "2026-03-28T22:30:15", a reading that a clock can show.
std::optional<absl::CivilSecond> ParseCivil(absl::string_view text) {
  constexpr absl::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() != 16 && text.size() != 19) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == 'd' ? !absl::ascii_isdigit(text[i]) : text[i] != kShape[i]) {
      return std::nullopt;
    }
  }
  const auto digits = [text](size_t from, size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) value = value * 10 + (c - '0');
    return value;
  };
  const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
  const int hour = digits(11, 2), minute = digits(14, 2);
  const int second = text.size() == 19 ? digits(17, 2) : 0;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  const bool real = civil.year() == year && civil.month() == month && civil.day() == day &&
                    civil.hour() == hour && civil.minute() == minute && civil.second() == second;
  return real ? std::optional(civil) : std::nullopt;
}

}  // namespace

void Fields::Wrong(absl::string_view field, absl::string_view reason,
                   absl::string_view description) {
  violations_.Add(field, reason, description);
}

bool Fields::Past(absl::string_view field, v1::LocalTime& time) {
  time.clear_instant();
  if (time.civil().empty()) {
    Wrong(field, "MISSING", "Say when, such as 2026-03-28T22:30.");
    return false;
  }
  if (time.zone().empty()) time.set_zone(std::string(kZone));
  if (time.zone() != kZone) {
    Wrong(field, "ZONE_NOT_ACCEPTED", "Give the time as clocks in Europe/London show it.");
    return false;
  }
  const std::optional<absl::CivilSecond> civil = ParseCivil(time.civil());
  if (!civil) {
    Wrong(field, "MALFORMED",
          "Give a date and time that exist, as 2026-03-28T22:30 or 2026-03-28T22:30:15.");
    return false;
  }
  if (civil->year() < kFirstYear) {
    Wrong(field, "BEFORE_1900", "Give a time from 1900 on.");
    return false;
  }
  std::optional<absl::Duration> offset;
  if (time.has_utc_offset_minutes()) offset = absl::Minutes(time.utc_offset_minutes());
  const absl::StatusOr<absl::Time> instant = civil::ResolveLocal(*civil, civil::London(), offset);
  if (!instant.ok()) {
    Wrong(field, status::Reason(instant.status()), instant.status().message());
    return false;
  }
  if (*instant > now_) {
    Wrong(field, "IN_FUTURE", "Give a time that has passed.");
    return false;
  }
  *time.mutable_instant() = ToTimestamp(*instant);
  return true;
}

bool Fields::PastSince(absl::string_view field, absl::Time incident, v1::LocalTime& time) {
  if (!Past(field, time)) return false;
  // People give minutes; an incident that this service timed has seconds too.
  if (InstantOf(time) + absl::Minutes(1) <= incident) {
    Wrong(field, "BEFORE_INCIDENT",
          "Give a time after the incident, or correct the time of the incident first.");
    return false;
  }
  return true;
}

bool Fields::PastDate(absl::string_view field, const v1::CivilDate& date) {
  const absl::CivilDay day(date.year(), date.month(), date.day());
  if (day.year() != date.year() || day.month() != date.month() || day.day() != date.day()) {
    Wrong(field, "DATE_INVALID", "Give a date that exists.");
    return false;
  }
  if (day.year() < kFirstYear) {
    Wrong(field, "BEFORE_1900", "Give a date from 1900 on.");
    return false;
  }
  if (day > civil::DateOf(now_, civil::London())) {
    Wrong(field, "IN_FUTURE", "Give a date that has come.");
    return false;
  }
  return true;
}

void Fields::Text(absl::string_view field, absl::string_view text, size_t most) {
  if (text.size() > most) {
    Wrong(field, "TOO_LONG", absl::StrCat("Keep it within ", most, " bytes."));
  }
}

void Fields::RequiredText(absl::string_view field, absl::string_view text, size_t most) {
  if (absl::StripAsciiWhitespace(text).empty()) {
    Wrong(field, "MISSING", "Write a word or more.");
  }
  Text(field, text, most);
}

void Fields::Range(absl::string_view field, double value, double lowest, double highest) {
  if (!(value >= lowest && value <= highest)) {
    Wrong(field, "OUT_OF_RANGE", absl::StrCat("Give a number from ", lowest, " to ", highest, "."));
  }
}

bool Fields::CheckChoice(absl::string_view field, int value, bool valid, bool required) {
  if (!valid) {
    Wrong(field, "UNKNOWN_VALUE", "Choose one of the values that the API lists.");
    return false;
  }
  if (required && value == 0) {
    Wrong(field, "MISSING", "Choose one of the values.");
    return false;
  }
  return true;
}

}  // namespace waymark::casework
