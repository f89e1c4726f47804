#include "services/scheduling/domain/compliance.h"

#include <algorithm>
#include <string>

namespace waymark::scheduling {
namespace {

void SetDuration(absl::Duration from, google::protobuf::Duration* to) {
  const int64_t seconds = absl::IDivDuration(from, absl::Seconds(1), &from);
  to->set_seconds(seconds);
  to->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from)));
}

// `sorted` is not empty.
absl::Duration Percentile(const std::vector<absl::Duration>& sorted, int percent) {
  const size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<size_t>(rank, 1) - 1];
}

}  // namespace

v1::ComplianceFigure Figure(absl::string_view measure, const std::vector<Measured>& steps,
                            absl::Time now) {
  v1::ComplianceFigure figure;
  figure.set_measure(std::string(measure));
  int64_t in_time = 0, late = 0, overdue = 0, to_come = 0, not_done = 0;
  std::vector<absl::Duration> taken;
  for (const Measured& step : steps) {
    if (step.completed) {
      ++(*step.completed <= step.instants.due ? in_time : late);
      taken.push_back(*step.completed - step.anchor);
    } else if (step.instants.ending != casework::v1::ENDING_UNSPECIFIED) {
      ++not_done;
    } else {
      ++(IsOverdue(step.instants, now) ? overdue : to_come);
    }
  }
  figure.set_in_time_count(in_time);
  figure.set_late_count(late);
  figure.set_overdue_count(overdue);
  figure.set_to_come_count(to_come);
  figure.set_not_done_count(not_done);
  if (!taken.empty()) {
    std::sort(taken.begin(), taken.end());
    SetDuration(Percentile(taken, 50), figure.mutable_median());
    SetDuration(Percentile(taken, 90), figure.mutable_ninetieth_percentile());
  }
  return figure;
}

}  // namespace waymark::scheduling
