#include "services/referral/receive_answer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/lifecycle.h"
#include "services/referral/moves.h"

namespace waymark::referral {
namespace {

using Change = casework::Change<v1::ReferralCase>;

void Keep(const v1::Answer& answer, const std::string& reason, const casework::Call& call,
          v1::ReferralCase& record) {
  v1::Unfitting& kept = *record.add_unfitting();
  kept.set_key(absl::StrCat(record.unfitting_size()));
  *kept.mutable_received_time() = casework::ToTimestamp(call.now);
  *kept.mutable_answer() = answer;
  kept.set_reason(reason);
}

// The outcome, on its way to the case that the care was for.
void TellPathway(const v1::Outcome& outcome, const v1::ReceiveAnswerRequest& request,
                 const casework::Call& call, Change& change) {
  const v1::ReferralCase& record = change.cases.front();
  const v1::NeedOrigin& origin = record.content().need().origin();
  if (origin.pathway().empty()) return;
  v1::OutcomeForPathway told;
  // Several may go on in one call: those that waited for this answer.
  told.set_request_id(call.NewId(absl::StrCat("outcome/", change.messages.size())));
  told.set_tenant(call.tenant);
  *told.mutable_actor() = request.actor();
  if (told.actor().user_id().empty()) told.mutable_actor()->set_user_id("service:referral");
  *told.mutable_origin() = origin;
  told.set_service(record.content().need().service());
  told.set_provider_name(record.provider().organisation_name());
  *told.mutable_outcome() = outcome;
  told.set_referral_id(record.header().case_id());
  change.messages.push_back({.destination = origin.pathway(), .payload = told.SerializeAsString()});
}

void Note(const v1::Answer& answer, v1::ReferralCase& record) {
  switch (answer.kind_case()) {
    case v1::Answer::kAsked:
      *record.add_questions() = answer.asked();
      break;
    case v1::Answer::kAccepted:
      *record.mutable_accepted() = answer.accepted();
      break;
    case v1::Answer::kDeclined:
      *record.mutable_declined() = answer.declined();
      break;
    case v1::Answer::kRedirected:
      *record.mutable_redirected() = answer.redirected();
      break;
    case v1::Answer::kBooked:
      *record.add_bookings() = answer.booked();
      break;
    case v1::Answer::kNotAttended:
      if (!record.bookings().empty()) record.mutable_bookings()->rbegin()->set_not_attended(true);
      break;
    case v1::Answer::kBookingCancelled:
      if (!record.bookings().empty()) record.mutable_bookings()->rbegin()->set_called_off(true);
      break;
    case v1::Answer::kSeen:
      *record.add_seen() = answer.seen();
      break;
    case v1::Answer::kOutcome:
      *record.add_outcomes() = answer.outcome();
      break;
    default:
      break;
  }
}

// When it was so, as the provider says it; not in the future whatever their clock shows.
absl::Time TimeOf(const v1::Answer& answer, const casework::Call& call) {
  absl::Time time =
      answer.has_answered_time() ? casework::FromTimestamp(answer.answered_time()) : call.now;
  if (answer.has_seen()) time = casework::FromTimestamp(answer.seen().seen_time());
  if (answer.has_outcome() && answer.outcome().has_outcome_time()) {
    time = casework::FromTimestamp(answer.outcome().outcome_time());
  }
  if (answer.has_not_attended() && answer.not_attended().has_appointment_time()) {
    time = casework::FromTimestamp(answer.not_attended().appointment_time());
  }
  return std::min(time, call.now);
}

void Apply(const v1::Answer& answer, const v1::ReceiveAnswerRequest& request,
           const casework::Call& call, Change& change) {
  v1::ReferralCase& record = change.cases.front();
  const std::string name = NameOf(answer);
  if (!StateAfter(record.side(), record.state(), name).ok()) {
    Keep(answer, "ILLEGAL_MOVE", call, record);
    // What was found is clinical whatever the state: the case that the care was for hears of it.
    if (answer.has_outcome()) TellPathway(answer.outcome(), request, call, change);
    return;
  }
  Note(answer, record);
  // Cannot fail: the move was looked up above.
  Enter(name, TimeOf(answer, call), call, record).IgnoreError();
  if (answer.has_outcome()) TellPathway(answer.outcome(), request, call, change);
}

}  // namespace

ReferralChange ReceiveAnswer(const v1::ReferralCase& before,
                             const v1::ReceiveAnswerRequest& request, const casework::Call& call) {
  const v1::Answer& answer = request.answer();
  if (before.side() != v1::SIDE_SENT || answer.kind_case() == v1::Answer::KIND_NOT_SET) {
    return status::FailedPrecondition("NOT_AN_ANSWER", "This is no answer to a referral sent.");
  }
  Change change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  if (after.header().state() == casework::v1::CASE_STATE_CLOSED) {
    RETURN_IF_ERROR(casework::ReopenCase("The provider sent something.", *after.mutable_header()));
  }
  if (answer.number() == 0) {
    Apply(answer, request, call, change);
    return change;
  }
  const auto known = [&](const v1::Waiting& waiting) {
    return waiting.answer().number() == answer.number();
  };
  if (answer.number() <= before.last_number_received() ||
      std::any_of(before.waiting().begin(), before.waiting().end(), known)) {
    return status::AlreadyExists("MESSAGE_KNOWN", "This answer came before.");
  }
  v1::Waiting& waiting = *after.add_waiting();
  *waiting.mutable_received_time() = casework::ToTimestamp(call.now);
  *waiting.mutable_answer() = answer;
  for (bool found = true; found;) {
    found = false;
    for (int i = 0; i < after.waiting_size() && !found; ++i) {
      if (after.waiting(i).answer().number() != after.last_number_received() + 1) continue;
      const v1::Answer next = after.waiting(i).answer();
      after.mutable_waiting()->DeleteSubrange(i, 1);
      after.set_last_number_received(next.number());
      Apply(next, request, call, change);
      found = true;
    }
  }
  return change;
}

ReferralChange KeepUnmatched(const v1::ReceiveAnswerRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.RequiredText("keys.organisation_code", request.keys().organisation_code(), 40);
  if (request.answer().kind_case() == v1::Answer::KIND_NOT_SET) {
    fields.Wrong("answer", "MISSING", "Say what the answer is.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  Change change;
  v1::ReferralCase& opened = change.cases.emplace_back();
  casework::v1::CaseHeader& header = *opened.mutable_header();
  header.set_case_id(call.NewId("case/0"));
  header.set_subject_kind(casework::v1::SUBJECT_KIND_THIRD_PARTY);
  header.set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
  header.set_hidden_from_managers(true);
  opened.set_side(v1::SIDE_UNMATCHED);
  opened.set_state(v1::REFERRAL_STATE_RECEIVED);
  opened.set_care_holder(v1::CARE_HOLDER_REFERRER);
  opened.mutable_provider()->set_organisation_code(request.keys().organisation_code());
  opened.mutable_accepted()->set_provider_reference(request.keys().provider_reference());
  v1::Patient& patient = *opened.mutable_content()->mutable_patient();
  patient.set_nhs_number(request.keys().nhs_number());
  if (request.keys().has_birth_date()) {
    *patient.mutable_birth_date() = request.keys().birth_date();
  }
  v1::Milestone& milestone = *opened.add_milestones();
  milestone.set_state(v1::REFERRAL_STATE_RECEIVED);
  *milestone.mutable_time() = casework::ToTimestamp(call.now);
  *milestone.mutable_recorded_time() = casework::ToTimestamp(call.now);
  Keep(request.answer(), "UNMATCHED_RESULT", call, opened);
  return change;
}

void FillUnmatched(const std::vector<v1::ReferralCase>& opened,
                   const v1::ReceiveAnswerRequest& /*request*/,
                   v1::ReceiveAnswerResponse& response) {
  response.set_case_id(opened.front().header().case_id());
  response.set_matched(false);
}

}  // namespace waymark::referral
