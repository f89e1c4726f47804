#ifndef WAYMARK_SERVICES_MSK_RETURN_REVIEWS_H_
#define WAYMARK_SERVICES_MSK_RETURN_REVIEWS_H_

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// A date on which the return is reviewed, and when that was done.
struct ReviewDate {
  absl::CivilDay date;
  std::optional<absl::Time> held;
};

// The plan that holds: the last, unless the part was hurt again after it. Null without one.
const v1::ReturnPlan* ReturnPlanOf(const v1::MskCase& msk_case);

// Every week of a phased return, and the dates that the plan names, in order, each once; at
// most 24. A review that was held ends every date that had come or is at most 3 days ahead.
std::vector<ReviewDate> ReviewDatesOf(const v1::MskCase& msk_case,
                                      const casework::v1::Protocol& protocol);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RETURN_REVIEWS_H_
