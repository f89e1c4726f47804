#include "services/referral/record.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/moves.h"
#include "services/referral/outbound.h"

namespace waymark::referral {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

// Two-phase transfer of care: the referrer answers for the need until the provider has accepted,
// and again once the provider has let go of it.
v1::CareHolder HolderIn(const v1::ReferralCase& record) {
  switch (record.state()) {
    case v1::REFERRAL_STATE_ACCEPTED:
    case v1::REFERRAL_STATE_BOOKED:
    case v1::REFERRAL_STATE_DID_NOT_ATTEND:
    case v1::REFERRAL_STATE_SEEN:
      return v1::CARE_HOLDER_PROVIDER;
    case v1::REFERRAL_STATE_OUTCOME_RECEIVED:
      return !record.outcomes().empty() && record.outcomes().rbegin()->discharged()
                 ? v1::CARE_HOLDER_REFERRER
                 : v1::CARE_HOLDER_PROVIDER;
    default:
      return v1::CARE_HOLDER_REFERRER;
  }
}

}  // namespace

absl::Status Enter(absl::string_view act, absl::Time time, const casework::Call& call,
                   v1::ReferralCase& record) {
  ASSIGN_OR_RETURN(const v1::ReferralState next, StateAfter(record.side(), record.state(), act));
  record.set_state(next);
  v1::Milestone& milestone = *record.add_milestones();
  milestone.set_state(next);
  *milestone.mutable_time() = ToTimestamp(time);
  *milestone.mutable_recorded_time() = ToTimestamp(call.now);
  record.set_care_holder(HolderIn(record));
  return absl::OkStatus();
}

std::optional<absl::Time> FirstTime(const v1::ReferralCase& record, v1::ReferralState state) {
  for (const v1::Milestone& milestone : record.milestones()) {
    if (milestone.state() == state) return FromTimestamp(milestone.time());
  }
  return std::nullopt;
}

std::optional<absl::Time> LastTime(const v1::ReferralCase& record, v1::ReferralState state) {
  std::optional<absl::Time> last;
  for (const v1::Milestone& milestone : record.milestones()) {
    if (milestone.state() == state) last = FromTimestamp(milestone.time());
  }
  return last;
}

absl::Time PastInstant(absl::string_view field, absl::Time since, casework::Fields& fields,
                       google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) {
    time = ToTimestamp(fields.now());
    return fields.now();
  }
  const absl::Time instant = FromTimestamp(time);
  if (instant > fields.now()) {
    fields.Wrong(field, "IN_FUTURE", "Give a time that has passed.");
  } else if (instant < since) {
    fields.Wrong(field, "BEFORE_REFERRAL", "Give a time that is not before the referral.");
  }
  return instant;
}

void Say(v1::Answer answer, const casework::Call& call,
         casework::Change<v1::ReferralCase>& change) {
  v1::ReferralCase& record = change.cases.front();
  answer.set_number(record.last_number_sent() + 1);
  record.set_last_number_sent(answer.number());
  if (!answer.has_answered_time()) *answer.mutable_answered_time() = ToTimestamp(call.now);
  v1::Parcel parcel;
  v1::ReceiveAnswerRequest& request = *parcel.mutable_answer();
  request.set_request_id(call.NewId("answer"));
  request.set_tenant(record.return_route().tenant());
  if (call.role != options::v1::ROLE_UNSPECIFIED) {
    request.mutable_actor()->set_user_id(call.user_id);
    request.mutable_actor()->set_role(call.role);
  }
  request.set_case_id(record.header().case_id());
  *request.mutable_answer() = std::move(answer);
  change.messages.push_back({.destination = kCounterpart, .payload = parcel.SerializeAsString()});
}

void Say(v1::Update update, const casework::Call& call,
         casework::Change<v1::ReferralCase>& change) {
  v1::ReferralCase& record = change.cases.front();
  if (!record.sending().has_sent_time()) return;
  update.set_number(record.last_number_sent() + 1);
  record.set_last_number_sent(update.number());
  *update.mutable_updated_time() = ToTimestamp(call.now);
  change.messages.push_back(ToProvider(record, call.tenant, update, call.NewId("update")));
}

absl::Time Beginning(const v1::ReferralCase& record) {
  if (record.side() == v1::SIDE_RECEIVED && record.sending().has_sent_time()) {
    return FromTimestamp(record.sending().sent_time());
  }
  return record.milestones().empty() ? absl::InfinitePast()
                                     : FromTimestamp(record.milestones(0).time());
}

}  // namespace waymark::referral
