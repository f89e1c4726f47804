// The ten items of a TRiM assessment, 0 to 2 each. There is no published cut-off: a sum that has
// not fallen a month later is what asks for help (clinical reference 2.2, S33, S35).

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_TRIM_SCORE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_TRIM_SCORE_H_

#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

inline constexpr int kTrimItems = 10;
inline constexpr int kTrimLargest = 2;

// Sets total and persistence of every assessment of the path, whose answers were checked. A
// follow-up persists when it found anything and no less than the last individual assessment did;
// without one, when it found anything.
void ScoreTrim(v1::TrimPath& path);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_TRIM_SCORE_H_
