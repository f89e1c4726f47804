#include "services/mental_health/propose_fitness.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/told.h"

namespace waymark::mental_health {

namespace {

constexpr int kLongestYears = 2;

workforce::v1::FitnessCode CodeFor(v1::FitnessOutcome outcome) {
  switch (outcome) {
    case v1::FITNESS_OUTCOME_FIT:
      return workforce::v1::FITNESS_CODE_FIT;
    case v1::FITNESS_OUTCOME_FIT_WITH_ADJUSTMENTS:
      return workforce::v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS;
    case v1::FITNESS_OUTCOME_TEMPORARILY_UNFIT:
      return workforce::v1::FITNESS_CODE_TEMPORARILY_UNFIT;
    case v1::FITNESS_OUTCOME_RECUPERATIVE_DUTY:
      return workforce::v1::FITNESS_CODE_RECUPERATIVE;
    case v1::FITNESS_OUTCOME_ADJUSTED_DUTY:
      return workforce::v1::FITNESS_CODE_ADJUSTED;
    default:
      // Whether it is permanent is what the review is to find out.
      return workforce::v1::FITNESS_CODE_UNSPECIFIED;
  }
}

void CheckReviewDate(casework::Fields& fields, const v1::FitnessProposal& fitness) {
  const casework::v1::CivilDate& date = fitness.review_date();
  const absl::CivilDay day = casework::DayOf(date);
  const absl::CivilDay proposed = DateOf(fitness.proposed_time());
  if (day.year() != date.year() || day.month() != date.month() || day.day() != date.day()) {
    fields.Wrong("fitness.review_date", "DATE_INVALID", "Give a date that exists.");
  } else if (day < proposed || day.year() > proposed.year() + kLongestYears) {
    fields.Wrong("fitness.review_date", "OUT_OF_RANGE",
                 "Give a date from the proposal on, within two years.");
  }
}

}  // namespace

MentalHealthChange ProposeFitness(const v1::MentalHealthCase& before,
                                  const v1::ProposeFitnessRequest& request,
                                  const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::FitnessProposal fitness = request.fitness();
  const bool dated =
      fields.PastSince("fitness.proposed_time", BeginOf(before), *fitness.mutable_proposed_time());
  fields.Choice("fitness.outcome", fitness.outcome(), v1::FitnessOutcome_IsValid);
  if (!fitness.has_review_date()) {
    if (fitness.outcome() != v1::FITNESS_OUTCOME_FIT) {
      fields.Wrong("fitness.review_date", "MISSING", "Say when it is reviewed.");
    }
  } else if (dated) {
    CheckReviewDate(fields, fitness);
  }
  RETURN_IF_ERROR(fields.ToStatus());

  fitness.set_proposed_by(call.user_id);
  v1::MentalHealthCase after = before;
  const workforce::v1::FitnessCode code = CodeFor(fitness.outcome());
  *after.add_fitness() = std::move(fitness);
  MentalHealthChange change = Changed(std::move(after), call);
  if (!change.ok()) return change;
  change->messages.push_back(casework::AskForFitness(before.header(), code, call));
  return change;
}

}  // namespace waymark::mental_health
