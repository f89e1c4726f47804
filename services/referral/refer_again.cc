#include "services/referral/refer_again.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/draft_referral.h"
#include "services/referral/moves.h"
#include "services/referral/neutral.h"

namespace waymark::referral {
ReferralChange ReferAgain(const v1::ReferralCase& before, const v1::ReferAgainRequest& request,
                          const casework::Call& call) {
  casework::Fields fields(call.now);
  CheckProvider("provider", request.provider(), fields);
  fields.Text("question", request.question(), casework::kLongestText);
  CheckNeutral("question", request.question(), before.content(), call.tenant, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  RETURN_IF_ERROR(StateAfter(before.side(), before.state(), "ReferAgain").status());
  if (!before.followed_by().empty()) {
    return status::FailedPrecondition("ALREADY_FOLLOWED",
                                      "This referral was followed by another. Go on with that.");
  }
  v1::ReferralCase next;
  casework::v1::CaseHeader& header = *next.mutable_header();
  header.set_case_id(call.NewId("case/0"));
  header.set_subject_id(before.header().subject_id());
  header.set_subject_kind(before.header().subject_kind());
  header.set_care_owner(before.header().care_owner());
  header.set_jurisdiction(before.header().jurisdiction());
  header.set_hidden_from_managers(before.header().hidden_from_managers());
  *header.mutable_links() = before.header().links();
  next.set_side(v1::SIDE_SENT);
  *next.mutable_content() = before.content();
  if (!request.question().empty()) next.mutable_content()->set_question(request.question());
  *next.mutable_provider() = request.provider();
  if (request.provider().carrier() == v1::CARRIER_UNSPECIFIED) {
    next.mutable_provider()->set_carrier(v1::CARRIER_WAYMARK);
  }
  next.mutable_sending()->set_correlation_id(before.sending().correlation_id());
  next.set_follows(before.header().case_id());
  BeginDraft(call, next);
  change.cases.front().set_followed_by(header.case_id());
  *change.cases.front().mutable_followed_time() = casework::ToTimestamp(call.now);
  change.cases.push_back(std::move(next));
  return change;
}

}  // namespace waymark::referral
