// A plan as a page that a clinician can read and sign, and files of such pages as tests.
#ifndef WAYMARK_SERVICES_CASEWORK_GOLDEN_H_
#define WAYMARK_SERVICES_CASEWORK_GOLDEN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// The plan in words: a heading, each step in order of due time with its dates as London's clocks
// show them, who does it, its tests, its ladder, and where it comes from; then what re-planning
// moved. The status is as it stands at `now`. The same plan always gives the same text, ending in a
// line feed.
std::string RenderStory(absl::string_view heading, const v1::Protocol& protocol,
                        const v1::Plan& plan, absl::Time now);

// "Sat 28 Mar 2026 23:30 GMT"; with seconds when there are any.
std::string LondonTime(absl::Time time);

// Compares `actual` with the file at `path`. Empty when equal; otherwise each differing line with
// "-" (in the file) or "+" (in `actual`) and how to accept it. With WAYMARK_UPDATE_GOLDEN=1 in the
// environment the file is written instead, and the answer is empty.
std::string GoldenDifference(absl::string_view path, absl::string_view actual);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_GOLDEN_H_
