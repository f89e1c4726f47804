#include "services/referral/record_partner_answer.h"

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/moves.h"
#include "services/referral/neutral.h"
#include "services/referral/outcome_check.h"
#include "services/referral/receive_answer.h"

namespace waymark::referral {
namespace {

constexpr int kMostOfAKind = 60;

void CheckDeclined(const v1::Declined& declined, casework::Fields& fields) {
  fields.Choice("answer.declined.reason", declined.reason(), v1::DeclineReason_IsValid);
  if (declined.reason() == v1::DECLINE_REASON_OTHER) {
    fields.RequiredText("answer.declined.note", declined.note(), casework::kLongestText);
  } else {
    fields.Text("answer.declined.note", declined.note(), casework::kLongestText);
  }
  fields.Text("answer.declined.alternatives", declined.alternatives(), casework::kLongestText);
}

void CheckBooked(const casework::Call& call, casework::Fields& fields, v1::Booking& booked) {
  fields.Text("answer.booked.place", booked.place(), casework::kLongestName);
  if (!booked.has_start_time()) {
    fields.Wrong("answer.booked.start_time", "MISSING", "Say when the appointment is.");
  } else if (booked.has_end_time() && casework::FromTimestamp(booked.end_time()) <
                                          casework::FromTimestamp(booked.start_time())) {
    fields.Wrong("answer.booked.end_time", "BEFORE_START", "An appointment ends after it begins.");
  }
  // A slot of the directory is the provider's to book.
  booked.clear_slot_id();
  booked.clear_not_attended();
  booked.clear_called_off();
  *booked.mutable_booked_time() = casework::ToTimestamp(call.now);
}

// Checks what was said, and fills in what this side gives: ids, and times that were left out.
void Complete(const v1::ReferralCase& before, const casework::Call& call, casework::Fields& fields,
              v1::Answer& answer) {
  const absl::Time since = Beginning(before);
  switch (answer.kind_case()) {
    case v1::Answer::kReceived:
      *answer.mutable_received()->mutable_received_time() = answer.answered_time();
      return;
    case v1::Answer::kAsked:
      fields.RequiredText("answer.asked.text", answer.asked().text(), casework::kLongestText);
      // The answer quotes it, in the nurse's words.
      CheckNeutral("answer.asked.text", answer.asked().text(), before.content(), call.tenant,
                   fields);
      if (before.questions_size() >= kMostOfAKind) {
        fields.Wrong("answer.asked", "TOO_MANY", "A referral takes at most 60 questions.");
      }
      answer.mutable_asked()->set_question_id(call.NewId("question"));
      *answer.mutable_asked()->mutable_asked_time() = answer.answered_time();
      answer.mutable_asked()->clear_answer();
      answer.mutable_asked()->clear_answered_time();
      return;
    case v1::Answer::kAccepted:
      fields.Text("answer.accepted.provider_reference", answer.accepted().provider_reference(),
                  100);
      fields.Text("answer.accepted.note", answer.accepted().note(), casework::kLongestText);
      return;
    case v1::Answer::kDeclined:
      CheckDeclined(answer.declined(), fields);
      return;
    case v1::Answer::kRedirected:
      fields.RequiredText("answer.redirected.organisation_code",
                          answer.redirected().organisation_code(), 40);
      fields.Text("answer.redirected.organisation_name", answer.redirected().organisation_name(),
                  casework::kLongestName);
      fields.Text("answer.redirected.note", answer.redirected().note(), casework::kLongestText);
      return;
    case v1::Answer::kBooked:
      CheckBooked(call, fields, *answer.mutable_booked());
      if (before.bookings_size() >= kMostOfAKind) {
        fields.Wrong("answer.booked", "TOO_MANY", "A referral takes at most 60 appointments.");
      }
      return;
    case v1::Answer::kBookingCancelled:
      fields.Text("answer.booking_cancelled.note", answer.booking_cancelled().note(),
                  casework::kLongestText);
      answer.mutable_booking_cancelled()->clear_appointment_time();
      if (!before.bookings().empty()) {
        *answer.mutable_booking_cancelled()->mutable_appointment_time() =
            before.bookings().rbegin()->start_time();
      }
      return;
    case v1::Answer::kNotAttended: {
      v1::NotAttended& missed = *answer.mutable_not_attended();
      if (!missed.has_appointment_time() && !before.bookings().empty()) {
        *missed.mutable_appointment_time() = before.bookings().rbegin()->start_time();
      }
      PastInstant("answer.not_attended.appointment_time", since, fields,
                  *missed.mutable_appointment_time());
      fields.Text("answer.not_attended.note", missed.note(), casework::kLongestText);
      return;
    }
    case v1::Answer::kSeen:
      PastInstant("answer.seen.seen_time", since, fields,
                  *answer.mutable_seen()->mutable_seen_time());
      fields.Text("answer.seen.note", answer.seen().note(), casework::kLongestText);
      return;
    case v1::Answer::kOutcome:
      PastInstant("answer.outcome.outcome_time", since, fields,
                  *answer.mutable_outcome()->mutable_outcome_time());
      CheckOutcome("answer.outcome.", fields, answer.outcome());
      if (before.outcomes_size() >= kMostOfAKind) {
        fields.Wrong("answer.outcome", "TOO_MANY", "A referral takes at most 60 outcomes.");
      }
      answer.mutable_outcome()->set_outcome_id(call.NewId("outcome"));
      return;
    case v1::Answer::KIND_NOT_SET:
      fields.Wrong("answer", "MISSING", "Say what the provider said.");
      return;
  }
}

}  // namespace

ReferralChange RecordPartnerAnswer(const v1::ReferralCase& before,
                                   const v1::RecordPartnerAnswerRequest& request,
                                   const casework::Call& call) {
  if (before.side() != v1::SIDE_SENT) {
    return status::FailedPrecondition("NOT_AN_ANSWER", "This is no referral that was sent.");
  }
  if (before.provider().carrier() == v1::CARRIER_WAYMARK ||
      before.provider().carrier() == v1::CARRIER_UNSPECIFIED) {
    return status::FailedPrecondition(
        "PROVIDER_ANSWERS_ITSELF",
        "This provider has the referral in this suite and answers there. Ask them to.");
  }
  v1::ReceiveAnswerRequest received;
  v1::Answer& answer = *received.mutable_answer();
  answer = request.answer();
  answer.clear_number();
  casework::Fields fields(call.now);
  fields.Choice("route", request.route(), v1::AnswerRoute_IsValid);
  fields.Text("answer.answered_by", answer.answered_by(), casework::kLongestName);
  PastInstant("answer.answered_time", Beginning(before), fields, *answer.mutable_answered_time());
  Complete(before, call, fields, answer);
  RETURN_IF_ERROR(fields.ToStatus());
  // A message that does not fit is kept for a person; here the person is told at once.
  RETURN_IF_ERROR(StateAfter(before.side(), before.state(), NameOf(answer)).status());
  received.mutable_actor()->set_user_id(call.user_id);
  received.mutable_actor()->set_role(call.role);
  received.set_case_id(before.header().case_id());
  return ReceiveAnswer(before, received, call);
}

}  // namespace waymark::referral
