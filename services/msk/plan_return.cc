#include "services/msk/plan_return.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/injury_check.h"

namespace waymark::msk {
namespace {

constexpr int kMostPhases = 12;

void CheckPhases(casework::Fields& fields, absl::CivilDay first_shift, const v1::ReturnPlan& plan) {
  absl::CivilDay next = first_shift;
  for (int i = 0; i < plan.phases_size() && i < kMostPhases; ++i) {
    const v1::ReturnPhase& phase = plan.phases(i);
    const auto at = [i](absl::string_view field) {
      return absl::StrCat("return_plan.phases[", i, "].", field);
    };
    fields.Range(at("percent_of_hours"), phase.percent_of_hours(), 1, 100);
    CheckAdjustments(at("adjustments"), fields, phase.adjustments());
    const bool first = CheckDate(at("first_date"), fields, phase.first_date());
    const bool last = CheckDate(at("last_date"), fields, phase.last_date());
    if (!first || !last) return;
    if (casework::DayOf(phase.first_date()) != next) {
      fields.Wrong(at("first_date"), "GAP",
                   "The first phase begins with the first shift, each other the day after the one "
                   "before.");
    }
    if (casework::DayOf(phase.last_date()) < casework::DayOf(phase.first_date())) {
      fields.Wrong(at("last_date"), "OUT_OF_SEQUENCE", "Give a date not before the first.");
    }
    next = casework::DayOf(phase.last_date()) + 1;
  }
}

}  // namespace

MskChange PlanReturn(const v1::MskCase& before, const v1::PlanReturnRequest& request,
                     const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::ReturnPlan plan = request.return_plan();
  fields.PastSince("return_plan.written_time", CourseStart(before), *plan.mutable_written_time());
  const bool dated = CheckDate("return_plan.first_shift_date", fields, plan.first_shift_date());
  CheckAdjustments("return_plan.adjustments", fields, plan.adjustments());
  fields.MayChoose("return_plan.agreed_by_person", plan.agreed_by_person(), v1::Answer_IsValid);
  fields.Text("return_plan.note", plan.note(), casework::kLongestText);
  fields.Range("return_plan.phases", plan.phases_size(), 0, kMostPhases);
  fields.Range("return_plan.review_dates", plan.review_dates_size(), 0, kMostPhases);
  const absl::CivilDay first_shift =
      dated ? casework::DayOf(plan.first_shift_date()) : absl::CivilDay::min();
  if (dated) CheckPhases(fields, first_shift, plan);
  for (int i = 0; i < plan.review_dates_size() && i < kMostPhases; ++i) {
    const std::string path = absl::StrCat("return_plan.review_dates[", i, "]");
    if (CheckDate(path, fields, plan.review_dates(i)) && dated &&
        casework::DayOf(plan.review_dates(i)) < first_shift) {
      fields.Wrong(path, "OUT_OF_SEQUENCE", "Give a date not before the first shift.");
    }
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_return_plans() = std::move(plan);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
