// Civil time: dates as people and guidelines mean them, in the zone of the incident.
//
// Hours are elapsed time on the UTC line. Days, weeks and months are civil: counted from the
// anchor's local date, never chained, months to the corresponding date and clamped to the month's
// end (31 January + 1 month = 28 February); a limit on a date ends at 23:59:59 local on that date.
#ifndef WAYMARK_COMMON_CIVIL_CIVIL_H_
#define WAYMARK_COMMON_CIVIL_CIVIL_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace waymark::civil {

// Europe/London. Ends the process when the time zone data is missing or knows no summer time:
// silently counting in UTC would move every deadline of the summer by an hour.
absl::TimeZone London();

// INVALID_ARGUMENT ZONE_UNKNOWN unless `name` is an IANA name that this machine knows
// ("Europe/London"). Names from outside are safe: nothing but the zone database is read.
absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name);

// The instant that a local clock reading means. INVALID_ARGUMENT:
// - LOCAL_TIME_SKIPPED: the clocks went forward over it; it never happened.
// - LOCAL_TIME_REPEATED: it happened twice and no offset says which. The message names both; so do
//   the metadata "earlier" and "later" (RFC 3339 with offset). The earlier, which leaves less time,
//   is what a client may pre-select; never chosen here.
// - OFFSET_NOT_IN_ZONE: the zone had not `utc_offset` at that time.
absl::StatusOr<absl::Time> ResolveLocal(absl::CivilSecond local, absl::TimeZone zone,
                                        std::optional<absl::Duration> utc_offset = std::nullopt);

// A distance in calendar units. Months (12 a year) are applied first and clamped, then the days.
struct CivilOffset {
  int months = 0;
  int weeks = 0;
  int days = 0;
};

absl::CivilDay AddMonths(absl::CivilDay day, int months);
absl::CivilDay AddCivil(absl::CivilDay day, CivilOffset offset);
// From the anchor's date in `zone`; the time of day plays no part.
absl::CivilDay AddCivil(absl::Time anchor, CivilOffset offset, absl::TimeZone zone);

absl::CivilDay DateOf(absl::Time instant, absl::TimeZone zone);
// The first instant of the day; a day may be 23 or 25 hours long.
absl::Time StartOfDay(absl::CivilDay day, absl::TimeZone zone);
// The start of the day's last second, 23:59:59 local.
absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone);

// "2026-03-29T01:30:00+01:00", seconds rounded down.
std::string FormatLocal(absl::Time instant, absl::TimeZone zone);
// "2026-03-29".
std::string FormatDay(absl::CivilDay day);
// Only "YYYY-MM-DD" of a date that exists, years 0001 to 9999; INVALID_ARGUMENT DATE_INVALID.
absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text);

}  // namespace waymark::civil

#endif  // WAYMARK_COMMON_CIVIL_CIVIL_H_
