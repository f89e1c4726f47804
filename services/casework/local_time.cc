#include "services/casework/local_time.h"

#include "common/civil/civil.h"
#include "services/casework/instants.h"

namespace waymark::casework {

absl::Time InstantOf(const v1::LocalTime& time) { return FromTimestamp(time.instant()); }

v1::LocalTime LondonLocalTime(absl::Time instant) {
  v1::LocalTime time;
  time.set_civil(absl::FormatTime("%Y-%m-%dT%H:%M:%S", instant, civil::London()));
  time.set_zone("Europe/London");
  time.set_utc_offset_minutes(civil::London().At(instant).offset / 60);
  *time.mutable_instant() = ToTimestamp(instant);
  return time;
}

absl::CivilDay DayOf(const v1::CivilDate& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

v1::CivilDate ToCivilDate(absl::CivilDay day) {
  v1::CivilDate date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

}  // namespace waymark::casework
