// Times and dates as people say them, and what they mean.
#ifndef WAYMARK_SERVICES_CASEWORK_LOCAL_TIME_H_
#define WAYMARK_SERVICES_CASEWORK_LOCAL_TIME_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/local_time.pb.h"

namespace waymark::casework {

// The instant of a time that Fields::Past has resolved.
absl::Time InstantOf(const v1::LocalTime& time);

// The instant as a person in London would say it, resolved.
v1::LocalTime LondonLocalTime(absl::Time instant);

absl::CivilDay DayOf(const v1::CivilDate& date);
v1::CivilDate ToCivilDate(absl::CivilDay day);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_LOCAL_TIME_H_
