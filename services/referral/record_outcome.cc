#include "services/referral/record_outcome.h"

#include <utility>

#include "common/status/status.h"
#include "services/referral/outcome_check.h"

namespace waymark::referral {
namespace {

constexpr int kMostOutcomes = 40;

}  // namespace

ReferralChange RecordOutcome(const v1::ReferralCase& before,
                             const v1::RecordOutcomeRequest& request, const casework::Call& call) {
  v1::Outcome outcome = request.outcome();
  casework::Fields fields(call.now);
  const absl::Time time = PastInstant("outcome.outcome_time", Beginning(before), fields,
                                      *outcome.mutable_outcome_time());
  CheckOutcome("outcome.", fields, outcome);
  if (before.outcomes_size() >= kMostOutcomes) {
    fields.Wrong("outcome", "TOO_MANY", "A referral takes at most 40 outcomes.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  outcome.set_outcome_id(call.NewId("outcome"));
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  *after.add_outcomes() = outcome;
  RETURN_IF_ERROR(Enter("RecordOutcome", time, call, after));
  v1::Answer answer;
  *answer.mutable_outcome() = std::move(outcome);
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
