// What one row says of one person: read from named texts, checked, and compared. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_PERSON_ROW_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_PERSON_ROW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {

// The names by which a column mapping means the fields of FeedPerson, in the order of README.md.
const std::vector<absl::string_view>& FeedFields();

// Sets `field` from a text as HR systems write it; an empty text leaves it unset. The answer is
// empty, or why the text cannot be taken: DATE_INVALID (only YYYY-MM-DD), NUMBER_INVALID,
// VALUE_UNKNOWN (an enum's name without its prefix, in any case; true, false, yes, no, 1, 0 for the
// yes-or-no fields), FIELD_UNKNOWN.
absl::string_view SetFeedField(v1::FeedPerson& person, absl::string_view field,
                               absl::string_view text);

struct FieldFault {
  absl::string_view field;
  absl::string_view reason;
};

// The first thing that makes the row unfit, after spelling telephone numbers alike:
// REQUIRED, TOO_LONG, NOT_UTF8, CONTROL_CHARACTER, FORMULA (a spreadsheet would run it),
// EMAIL_INVALID, PHONE_INVALID, CHARACTER_INVALID, DATE_INVALID, DATE_ORDER, RANGE, MANAGER_SELF,
// FORCE_FOREIGN (another force's code than `force`).
std::optional<FieldFault> CheckFeedPerson(v1::FeedPerson& person, absl::string_view force,
                                          absl::CivilDay today);

// First day on which it is true: its own, else the day of the extract in London.
absl::CivilDay EffectiveDay(const v1::FeedPerson& person, absl::Time extract);
// Its own version, else the instant of the extract in microseconds.
int64_t VersionOf(const v1::FeedPerson& person, absl::Time extract);
// First day without the employment, if an end is known: the day after end_date; not later than the
// effective day when the row is not active.
std::optional<absl::CivilDay> EndsOn(const v1::FeedPerson& person, absl::CivilDay effective);
// Where an employment begins that was not known: its start date, else the effective day.
absl::CivilDay BeginsOn(const v1::FeedPerson& person, absl::CivilDay effective);

// Everything the row says but when it says it: two rows with the same text say the same. The texts
// hold names; only their keyed digests are stored.
std::string RowText(const v1::FeedPerson& person);
// Site, role and manager alone: who differs here is a mover.
std::string PlaceText(const v1::FeedPerson& person);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_PERSON_ROW_H_
