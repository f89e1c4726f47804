#include "common/civil/working_days.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/status/status.h"

namespace waymark::civil {
namespace {

absl::Status Invalid(absl::string_view detail) {
  return status::InvalidArgument(
      "BANK_HOLIDAYS_INVALID",
      absl::StrCat("Bank holidays must have the shape of https://www.gov.uk/bank-holidays.json: ",
                   detail));
}

}  // namespace

absl::StatusOr<WorkingDays> WorkingDays::Load(absl::string_view path, absl::string_view division) {
  std::ifstream file{std::string(path)};
  std::ostringstream json;
  json
      << file.rdbuf();  // turns an exception of the buffer (a folder, a bad disk) into a bad stream
  if (!file.is_open() || !json) {
    return status::FailedPrecondition("BANK_HOLIDAYS_UNREADABLE",
                                      absl::StrCat("Cannot read the bank holidays in ", path, "."));
  }
  return Parse(json.str(), division);
}

absl::StatusOr<WorkingDays> WorkingDays::Parse(absl::string_view json, absl::string_view division) {
  const nlohmann::json all =
      nlohmann::json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return Invalid("not a JSON object.");
  const auto part = all.find(std::string(division));
  if (part == all.end() || !part->is_object()) {
    return Invalid(absl::StrCat("no division ", division, "."));
  }
  const auto events = part->find("events");
  if (events == part->end() || !events->is_array() || events->empty()) {
    return Invalid(absl::StrCat("no events in ", division, "."));
  }
  absl::flat_hash_set<absl::CivilDay> holidays;
  absl::CivilYear last = absl::CivilYear::min();
  for (const nlohmann::json& event : *events) {
    const auto date = event.is_object() ? event.find("date") : event.end();
    if (date == event.end() || !date->is_string()) return Invalid("an event without a date.");
    auto day = ParseDay(date->get_ref<const std::string&>());
    if (!day.ok()) return Invalid("a date that is not YYYY-MM-DD.");
    holidays.insert(*day);
    last = std::max(last, absl::CivilYear(*day));
  }
  return WorkingDays(std::move(holidays), absl::CivilDay(last + 1) - 1);
}

bool WorkingDays::IsWorkingDay(absl::CivilDay day) const {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday &&
         !holidays_.contains(day);
}

absl::CivilDay WorkingDays::Add(absl::CivilDay day, int count) const {
  const int step = count < 0 ? -1 : 1;
  for (int64_t left = count; left != 0; left -= step) {
    do {
      day += step;
    } while (!IsWorkingDay(day));
  }
  return day;
}

absl::CivilDay WorkingDays::NextOrSame(absl::CivilDay day) const {
  while (!IsWorkingDay(day)) ++day;
  return day;
}

absl::CivilDay WorkingDays::PreviousOrSame(absl::CivilDay day) const {
  while (!IsWorkingDay(day)) --day;
  return day;
}

}  // namespace waymark::civil
