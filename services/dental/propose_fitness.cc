#include "services/dental/propose_fitness.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/told.h"

namespace waymark::dental {
namespace {

constexpr int kMostRestrictions = 10;

workforce::v1::FitnessCode CodeFor(v1::FitnessOutcome outcome) {
  switch (outcome) {
    case v1::FITNESS_OUTCOME_FIT:
      return workforce::v1::FITNESS_CODE_FIT;
    case v1::FITNESS_OUTCOME_FIT_WITH_ADJUSTMENTS:
      return workforce::v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS;
    case v1::FITNESS_OUTCOME_TEMPORARILY_UNFIT:
      return workforce::v1::FITNESS_CODE_TEMPORARILY_UNFIT;
    case v1::FITNESS_OUTCOME_RECUPERATIVE:
      return workforce::v1::FITNESS_CODE_RECUPERATIVE;
    default:
      return workforce::v1::FITNESS_CODE_UNSPECIFIED;
  }
}

void CheckReviewDate(const v1::FitnessProposal& proposal, absl::CivilDay today,
                     casework::Fields& fields) {
  const bool unrestricted =
      proposal.outcome() == v1::FITNESS_OUTCOME_FIT && proposal.restrictions().empty();
  if (!proposal.has_review_date()) {
    if (!unrestricted) {
      fields.Wrong("proposal.review_date", "MISSING", "Say when it is looked at again.");
    }
    return;
  }
  const auto& date = proposal.review_date();
  const absl::CivilDay day = casework::DayOf(date);
  // A day that the calendar has not is normalised into another one.
  const bool exists = day.year() == date.year() && day.month() == date.month() &&
                      day.day() == date.day() && date.year() <= 9999;
  if (!exists || day < today) {
    fields.Wrong("proposal.review_date", "OUT_OF_RANGE", "Give a date from today on.");
  }
}

}  // namespace

DentalChange ProposeFitness(const v1::DentalCase& before, const v1::ProposeFitnessRequest& request,
                            const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::FitnessProposal proposal = request.proposal();
  fields.PastSince("proposal.decided_time", IncidentOf(before), *proposal.mutable_decided_time());
  fields.Choice("proposal.outcome", proposal.outcome(), v1::FitnessOutcome_IsValid);
  fields.Range("proposal.restrictions", proposal.restrictions_size(), 0, kMostRestrictions);
  std::set<int> seen;
  for (int i = 0; i < proposal.restrictions_size() && i < kMostRestrictions; ++i) {
    const std::string path = absl::StrCat("proposal.restrictions[", i, "]");
    fields.Choice(path, proposal.restrictions(i), v1::DutyRestriction_IsValid);
    if (!seen.insert(proposal.restrictions(i)).second) {
      fields.Wrong(path, "DUPLICATE", "Name each restriction once.");
    }
  }
  CheckReviewDate(proposal, civil::DateOf(call.now, civil::London()), fields);
  RETURN_IF_ERROR(fields.ToStatus());

  proposal.set_proposed_by(call.user_id);
  v1::DentalCase after = before;
  const workforce::v1::FitnessCode code = CodeFor(proposal.outcome());
  *after.add_fitness() = std::move(proposal);
  DentalChange change = Changed(std::move(after), call);
  if (!change.ok()) return change;
  change->messages.push_back(casework::AskForFitness(before.header(), code, call));
  return change;
}

}  // namespace waymark::dental
