#include "services/msk/return_reviews.h"

#include <algorithm>
#include <set>

#include "common/civil/civil.h"
#include "services/casework/planner.h"
#include "services/msk/record.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

// A plan has room for so many steps.
constexpr size_t kMostReviews = 24;

}  // namespace

const v1::ReturnPlan* ReturnPlanOf(const v1::MskCase& msk_case) {
  if (msk_case.return_plans().empty()) return nullptr;
  const v1::ReturnPlan& last = *msk_case.return_plans().rbegin();
  return casework::InstantOf(last.written_time()) < CourseStart(msk_case) ? nullptr : &last;
}

std::vector<ReviewDate> ReviewDatesOf(const v1::MskCase& msk_case,
                                      const casework::v1::Protocol& protocol) {
  const v1::ReturnPlan* plan = ReturnPlanOf(msk_case);
  if (plan == nullptr) return {};
  const auto every = static_cast<int>(casework::Parameter(protocol, kPhasedReviewDays));
  const auto early = static_cast<int>(casework::Parameter(protocol, kReviewEarlyDays));
  const absl::CivilDay first_shift = casework::DayOf(plan->first_shift_date());
  std::set<absl::CivilDay> dates;
  if (!plan->phases().empty()) {
    const absl::CivilDay end = casework::DayOf(plan->phases().rbegin()->last_date());
    for (absl::CivilDay day = first_shift + every; day <= end && dates.size() < kMostReviews;
         day += every) {
      dates.insert(day);
    }
  }
  for (const casework::v1::CivilDate& date : plan->review_dates()) {
    dates.insert(casework::DayOf(date));
  }
  std::vector<absl::Time> held;
  for (const v1::ReturnReview& review : msk_case.return_reviews()) {
    held.push_back(casework::InstantOf(review.held_time()));
  }
  std::sort(held.begin(), held.end());

  std::vector<ReviewDate> reviews;
  absl::CivilDay before = first_shift;
  for (const absl::CivilDay date : dates) {
    if (reviews.size() == kMostReviews) break;
    // From after the date before, so that one early review does not end two.
    const absl::CivilDay from = std::max(date - early, before);
    const auto done = std::find_if(held.begin(), held.end(), [from](absl::Time time) {
      return civil::DateOf(time, civil::London()) >= from;
    });
    reviews.push_back({date, done == held.end() ? std::nullopt : std::optional(*done)});
    before = date;
  }
  return reviews;
}

}  // namespace waymark::msk
