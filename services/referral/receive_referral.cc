#include "services/referral/receive_referral.h"

#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/outbound.h"

namespace waymark::referral {

ReferralChange ReceiveReferral(const v1::ReceiveReferralRequest& request,
                               const casework::Call& call) {
  casework::Fields fields(call.now);
  if (!ids::IsUuid(request.referral_id())) {
    fields.Wrong("referral_id", "NOT_A_UUID", "Give the referral's id, a UUID in lower case.");
  }
  fields.RequiredText("return_route.tenant", request.return_route().tenant(),
                      casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  casework::Change<v1::ReferralCase> change;
  v1::ReferralCase& copy = change.cases.emplace_back();
  casework::v1::CaseHeader& header = *copy.mutable_header();
  header.set_case_id(request.referral_id());
  header.set_subject_kind(casework::v1::SUBJECT_KIND_THIRD_PARTY);
  header.set_jurisdiction(request.content().need().jurisdiction());
  header.set_hidden_from_managers(true);
  copy.set_side(v1::SIDE_RECEIVED);
  *copy.mutable_provider() = request.provider();
  *copy.mutable_content() = ForProvider(request.content());
  *copy.mutable_sending() = request.sending();
  *copy.mutable_return_route() = request.return_route();
  copy.set_state(v1::REFERRAL_STATE_RECEIVED);
  copy.set_care_holder(v1::CARE_HOLDER_REFERRER);
  v1::Milestone& milestone = *copy.add_milestones();
  milestone.set_state(v1::REFERRAL_STATE_RECEIVED);
  *milestone.mutable_time() = casework::ToTimestamp(call.now);
  *milestone.mutable_recorded_time() = casework::ToTimestamp(call.now);
  v1::Answer answer;
  *answer.mutable_received()->mutable_received_time() = casework::ToTimestamp(call.now);
  Say(std::move(answer), call, change);
  return change;
}

void FillReceived(const std::vector<v1::ReferralCase>& opened,
                  const v1::ReceiveReferralRequest& /*request*/,
                  v1::ReceiveReferralResponse& response) {
  response.set_case_id(opened.front().header().case_id());
}

}  // namespace waymark::referral
