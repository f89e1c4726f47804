#include "services/msk/propose_fitness.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/told.h"
#include "services/msk/injury_check.h"

namespace waymark::msk {
namespace {

workforce::v1::FitnessCode CodeFor(v1::FitnessCode code) {
  switch (code) {
    case v1::FITNESS_CODE_FIT:
      return workforce::v1::FITNESS_CODE_FIT;
    case v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS:
      return workforce::v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS;
    case v1::FITNESS_CODE_TEMPORARILY_UNFIT:
      return workforce::v1::FITNESS_CODE_TEMPORARILY_UNFIT;
    case v1::FITNESS_CODE_RECUPERATIVE:
      return workforce::v1::FITNESS_CODE_RECUPERATIVE;
    case v1::FITNESS_CODE_ADJUSTED:
      return workforce::v1::FITNESS_CODE_ADJUSTED;
    case v1::FITNESS_CODE_PERMANENTLY_UNFIT:
      return workforce::v1::FITNESS_CODE_PERMANENTLY_UNFIT;
    default:
      return workforce::v1::FITNESS_CODE_UNSPECIFIED;
  }
}

}  // namespace

MskChange ProposeFitness(const v1::MskCase& before, const v1::ProposeFitnessRequest& request,
                         const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  const v1::FitnessProposal& proposal = request.proposal();
  fields.Choice("proposal.code", proposal.code(), v1::FitnessCode_IsValid);
  const bool dated = CheckDate("proposal.first_date", fields, proposal.first_date());
  CheckAdjustments("proposal.adjustments", fields, proposal.adjustments());
  if (proposal.has_review_date()) {
    if (CheckDate("proposal.review_date", fields, proposal.review_date()) && dated &&
        casework::DayOf(proposal.review_date()) < casework::DayOf(proposal.first_date())) {
      fields.Wrong("proposal.review_date", "OUT_OF_SEQUENCE", "Give a date not before the first.");
    }
  } else if (proposal.code() == v1::FITNESS_CODE_TEMPORARILY_UNFIT) {
    fields.Wrong("proposal.review_date", "MISSING", "Temporarily: until which review?");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_fitness_proposals() = proposal;
  MskChange change = Changed(std::move(after), call);
  if (!change.ok()) return change;
  change->messages.push_back(
      casework::AskForFitness(before.header(), CodeFor(proposal.code()), call));
  return change;
}

}  // namespace waymark::msk
