// Whole referrals on both sides, through the real functions, planner and protocol; and what each
// act refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/golden.h"
#include "services/casework/status.h"
#include "services/referral/accept_referral.h"
#include "services/referral/answer_question.h"
#include "services/referral/ask_for_information.h"
#include "services/referral/book_referral.h"
#include "services/referral/build_content.h"
#include "services/referral/cancel_referral.h"
#include "services/referral/complete_referral.h"
#include "services/referral/decline_referral.h"
#include "services/referral/draft_referral.h"
#include "services/referral/match_answer.h"
#include "services/referral/neutral.h"
#include "services/referral/receive_answer.h"
#include "services/referral/receive_update.h"
#include "services/referral/record_not_attended.h"
#include "services/referral/record_outcome.h"
#include "services/referral/record_receipt.h"
#include "services/referral/record_seen.h"
#include "services/referral/redirect_referral.h"
#include "services/referral/refer_again.h"
#include "services/referral/resend_referral.h"
#include "services/referral/settle_message.h"
#include "services/referral/testing/story.h"

namespace waymark::referral {
namespace {

using testing::Copy;
using ::testing::ElementsAre;
using testing::Given;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

// PEP may start until 18:00 on 5 February; 19 hours before that the referral is drafted.
constexpr char kCloses[] = "2026-02-05T18:00";
constexpr char kNineteenHoursLeft[] = "2026-02-04T23:00";

Story Sent(const std::string& draft = "") {
  Story story;
  story.At(kNineteenHoursLeft);
  EXPECT_THAT(story.Draft(draft, Given(kCloses)), IsOk());
  EXPECT_THAT(story.Send(Given(kCloses)), IsOk());
  return story;
}

// A booked referral's answers, as one side says them and the other hears.
Copy CopyOf(const Story& sent) {
  Copy copy;
  copy.At("2026-02-04T23:01");
  EXPECT_THAT(copy.Receive(sent.LastParcel()), IsOk());
  return copy;
}

void ExpectPage(const std::string& name, absl::string_view heading, const casework::v1::Plan& plan,
                absl::Time now) {
  const std::string page = casework::RenderStory(heading, testing::Protocol(), plan, now);
  EXPECT_EQ(casework::GoldenDifference(
                absl::StrCat("services/referral/protocols/stories/", name, ".txt"), page),
            "");
}

TEST(Stories, PepWithNineteenHoursLeft) {
  Story sent = Sent();
  Copy copy = CopyOf(sent);
  EXPECT_EQ(copy.Due("window_shuts"), "2026-02-05 18:00 GMT");
  sent.At("2026-02-04T23:01");
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  copy.At("2026-02-04T23:12");
  ASSERT_THAT(copy.Act(&AcceptReferral, "accepted { provider_reference: 'ED-4711' }"), IsOk());
  EXPECT_EQ(copy.Case().care_holder(), v1::CARE_HOLDER_PROVIDER);
  sent.At("2026-02-04T23:12");
  EXPECT_EQ(sent.Case().care_holder(), v1::CARE_HOLDER_REFERRER);
  ASSERT_THAT(sent.Hear(2, "accepted { provider_reference: 'ED-4711' }"), IsOk());
  EXPECT_EQ(sent.Case().care_holder(), v1::CARE_HOLDER_PROVIDER);
  ASSERT_THAT(sent.Hear(3, "booked { start_time { seconds: 1770251400 } }"), IsOk());
  ASSERT_THAT(sent.Hear(4, "seen { seen_time { seconds: 1770246720 } }"), IsOk());
  EXPECT_EQ(sent.Status("hard_stop"), "DONE");
  ExpectPage(
      "pep_with_19_hours_left",
      "HIV PEP, 19 hours before the window shuts: sent, received, accepted, booked, seen. The "
      "outcome is awaited.",
      sent.plan(), sent.now());
}

TEST(Stories, AnUnacknowledgedReferralIsOverdueAfterAQuarterOfAnHour) {
  Story sent = Sent();
  sent.At("2026-02-04T23:16");
  EXPECT_EQ(sent.Status("receipt_now"), "OVERDUE");
  ExpectPage("nobody_acknowledges",
             "HIV PEP: sent, and the provider's side does not say that it came.", sent.plan(),
             sent.now());
}

TEST(Stories, ADeclinedReferralComesBackWithTheTimeLeftAndTheClockGoesOn) {
  Story sent = Sent();
  sent.At("2026-02-05T00:00");
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "declined { reason: DECLINE_REASON_CAPACITY alternatives: 'RX2' }"),
              IsOk());
  EXPECT_EQ(sent.Case().care_holder(), v1::CARE_HOLDER_REFERRER);
  EXPECT_EQ(sent.Due("find_another_now"), "2026-02-05 00:30 GMT");
  EXPECT_EQ(sent.Due("hard_stop"), "2026-02-05 18:00 GMT");
  ExpectPage("declined", "HIV PEP: declined for want of room; another provider is to be found.",
             sent.plan(), sent.now());

  casework::Call call = sent.NextCall("ReferAgain");
  const auto again = ReferAgain(sent.Case(),
                                ::waymark::testing::ParseProto<v1::ReferAgainRequest>(
                                    "provider { organisation_code: 'RX2' }"),
                                call);
  ASSERT_THAT(again, IsOk());
  ASSERT_THAT(again->cases, SizeIs(2));
  const v1::ReferralCase& next = again->cases[1];
  EXPECT_EQ(next.content().need().SerializeAsString(),
            sent.Case().content().need().SerializeAsString());
  EXPECT_EQ(next.sending().correlation_id(), sent.Case().sending().correlation_id());
  EXPECT_EQ(next.follows(), sent.Case().header().case_id());
  EXPECT_EQ(again->cases[0].followed_by(), next.header().case_id());
  EXPECT_EQ(next.state(), v1::REFERRAL_STATE_DRAFT);
}

TEST(Stories, TalkingTherapiesInWales) {
  Story sent;
  sent.At("2026-02-02T10:00");
  Material material = Given("");
  material.pathway.set_jurisdiction(casework::v1::JURISDICTION_WALES);
  material.pathway.set_step_title("Primary mental health support: assessment within 28 days");
  *material.pathway.mutable_due_time() = [] {
    google::protobuf::Timestamp time;
    time.set_seconds(absl::ToUnixSeconds(testing::Clock("2026-03-02T23:59:59")));
    return time;
  }();
  ASSERT_THAT(sent.Draft("service: CARE_SERVICE_TALKING_THERAPIES priority: PRIORITY_ROUTINE "
                         "waiting_times { kind: WAITING_TIME_KIND_WALES_MENTAL_HEALTH "
                         "start_date { year: 2026 month: 1 day: 26 } }",
                         material),
              IsOk());
  ASSERT_THAT(sent.Send(material), IsOk());
  EXPECT_EQ(sent.Case().content().need().waiting_times(0).start_date().day(), 26);
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ExpectPage("talking_therapies_in_wales",
             "Talking therapies in Wales: a waiting time that began a week before goes on.",
             sent.plan(), sent.now());
}

TEST(Stories, AMissedAppointmentIsBookedAgainAndTheNeedsClockStays) {
  Story sent = Sent();
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "accepted {}"), IsOk());
  ASSERT_THAT(sent.Hear(3, "booked { start_time { seconds: 1770251400 } }"), IsOk());
  sent.At("2026-02-05T02:00");
  ASSERT_THAT(sent.Hear(4, "not_attended { appointment_time { seconds: 1770251400 } }"), IsOk());
  EXPECT_EQ(sent.Due("rebook_now"), "2026-02-05 01:30 GMT");
  EXPECT_TRUE(sent.Case().bookings(0).not_attended());
  EXPECT_EQ(sent.Due("hard_stop"), "2026-02-05 18:00 GMT");
  ASSERT_THAT(sent.Hear(5, "booked { start_time { seconds: 1770282000 } }"), IsOk());
  EXPECT_EQ(sent.Status("rebook_now"), "DONE");
}

TEST(Stories, AResultThatComesAfterTheEndIsReadAgain) {
  Story sent = Sent();
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "outcome { summary: 'First dose given.' }"), IsOk());
  ASSERT_THAT(sent.Act(&CompleteReferral, ""), IsOk());
  EXPECT_EQ(sent.Status("complete_now"), "DONE");
  sent.At("2026-03-20T09:00");
  ASSERT_THAT(sent.Hear(3, "outcome { summary: 'Corrected.' }"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_OUTCOME_RECEIVED);
  EXPECT_EQ(sent.Status("complete_now"), "OPEN");
}

TEST(Messages, LateAndDoubledOnesChangeNothing) {
  Story sent = Sent();
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "accepted {}"), IsOk());
  EXPECT_THAT(sent.Hear(2, "accepted {}"),
              StatusIs(absl::StatusCode::kAlreadyExists, "MESSAGE_KNOWN"));
  EXPECT_THAT(sent.Hear(1, "received {}"),
              StatusIs(absl::StatusCode::kAlreadyExists, "MESSAGE_KNOWN"));
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_ACCEPTED);
}

TEST(Messages, ComeInAnyOrderAndAreAppliedInTheirs) {
  Story sent = Sent();
  ASSERT_THAT(sent.Hear(3, "booked { start_time { seconds: 1770251400 } }"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_SENT);
  EXPECT_TRUE(sent.Plans("missing_message"));
  ASSERT_THAT(sent.Hear(2, "accepted {}"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_SENT);
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_BOOKED);
  EXPECT_EQ(sent.Status("missing_message"), "SUPERSEDED");
  EXPECT_THAT(sent.Case().waiting(), IsEmpty());
  EXPECT_EQ(sent.Case().last_number_received(), 3);
}

TEST(Messages, OneThatDoesNotFitIsATaskAndNotLost) {
  Story sent = Sent();
  ASSERT_THAT(sent.Act(&CancelReferral, "cancelled { reason: CANCEL_REASON_NO_LONGER_NEEDED }"),
              IsOk());
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(sent.Case().unfitting(0).reason(), "ILLEGAL_MOVE");
  EXPECT_EQ(sent.Status("settle_message#1"), "OPEN");
  EXPECT_EQ(sent.Due("settle_message#1"), "2026-02-05 03:00 GMT");
  EXPECT_THAT(sent.Act(&SettleMessage, "key: '2' note: 'x'"),
              StatusIs(absl::StatusCode::kNotFound, "MESSAGE_NOT_FOUND"));
  ASSERT_THAT(sent.Act(&SettleMessage, "key: '1' note: 'They know.'"), IsOk());
  EXPECT_EQ(sent.Status("settle_message#1"), "DONE");
}

TEST(Messages, AnOutcomeThatComesToACancelledReferralStillReachesTheCaseItIsAbout) {
  Story sent = Sent();
  ASSERT_THAT(sent.Act(&CancelReferral, "cancelled { reason: CANCEL_REASON_NO_LONGER_NEEDED }"),
              IsOk());
  ASSERT_THAT(sent.Hear(1, "outcome { results { test: 'HBSAG' } }"), IsOk());
  ASSERT_THAT(sent.messages(), SizeIs(1));
  EXPECT_EQ(sent.messages()[0].destination, "bbv");
  EXPECT_EQ(sent.Case().unfitting_size(), 1);
}

TEST(Messages, OutcomesThatWaitedTogetherGoOnAsMessagesOfTheirOwn) {
  Story sent = Sent();
  // What came before them was lost for a while, and says no: none of them fits the state.
  ASSERT_THAT(sent.Hear(3, "outcome { summary: 'A second result.' }"), IsOk());
  ASSERT_THAT(sent.Hear(2, "outcome { summary: 'A first result.' }"), IsOk());
  ASSERT_THAT(sent.Hear(1, "declined { reason: DECLINE_REASON_CAPACITY }"), IsOk());
  std::vector<std::string> ids;
  for (const casework::Outgoing& message : sent.messages()) {
    v1::OutcomeForPathway told;
    ASSERT_TRUE(told.ParseFromString(message.payload));
    EXPECT_EQ(told.referral_id(), sent.Case().header().case_id());
    ids.push_back(told.request_id());
  }
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_NE(ids[0], ids[1]);
}

TEST(Messages, AnOutcomeThatItsCaseRefusesIsATask) {
  Story sent = Sent();
  ASSERT_THAT(sent.Act(&RecordReceipt,
                       "receipt { what: 'outcome' carrier: CARRIER_WAYMARK handover: "
                       "HANDOVER_REFUSED reason: 'CASE_NOT_FOUND' }"),
              IsOk());
  EXPECT_EQ(sent.Status("settle_message#1"), "OPEN");
  EXPECT_EQ(sent.Case().unfitting(0).reason(), "OUTCOME_REFUSED");
  ASSERT_THAT(sent.Act(&SettleMessage, "key: '1' note: 'Typed in by hand.'"), IsOk());
  EXPECT_EQ(sent.Status("settle_message#1"), "DONE");
}

TEST(Messages, AnOutcomeNamesTheStepThatTheCareWasFor) {
  Story sent = Sent();
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "outcome { treatments { kind: TREATMENT_KIND_PEP_STARTED } }"), IsOk());
  ASSERT_THAT(sent.messages(), SizeIs(1));
  v1::OutcomeForPathway told;
  ASSERT_TRUE(told.ParseFromString(sent.messages()[0].payload));
  EXPECT_EQ(told.origin().step_key(), "pep_start");
  EXPECT_EQ(told.tenant(), "demo");
}

TEST(Messages, QuestionsGoThereAndBack) {
  Story sent = Sent();
  Copy copy = CopyOf(sent);
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(copy.Act(&AskForInformation, "question: 'Any allergies?'"), IsOk());
  const v1::Answer asked = copy.LastParcel().answer().answer();
  EXPECT_EQ(asked.number(), 2);
  ASSERT_THAT(sent.Hear(2, absl::StrCat("asked { question_id: '", asked.asked().question_id(),
                                        "' text: 'Any allergies?' }")),
              IsOk());
  EXPECT_THAT(sent.Act(&AnswerQuestion, "question_id: 'other' answer: 'None.'"),
              StatusIs(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND"));
  ASSERT_THAT(sent.Act(&AnswerQuestion, absl::StrCat("question_id: '", asked.asked().question_id(),
                                                     "' answer: 'None known.'")),
              IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_RECEIVED);
  const v1::Parcel update = sent.LastParcel();
  ASSERT_THAT(copy.Hear(update), IsOk());
  EXPECT_EQ(copy.Case().questions(0).answer(), "None known.");
  EXPECT_EQ(copy.Case().state(), v1::REFERRAL_STATE_RECEIVED);
  EXPECT_THAT(copy.Hear(update), StatusIs(absl::StatusCode::kAlreadyExists, "MESSAGE_KNOWN"));
}

TEST(Messages, ACancellationThatComesAfterThePatientWasSeenIsAPersonsTask) {
  Story sent = Sent();
  Copy copy = CopyOf(sent);
  ASSERT_THAT(copy.Act(&AcceptReferral, ""), IsOk());
  ASSERT_THAT(copy.Act(&RecordSeen, ""), IsOk());
  ASSERT_THAT(sent.Act(&CancelReferral, "cancelled { reason: CANCEL_REASON_NO_LONGER_NEEDED }"),
              IsOk());
  ASSERT_THAT(copy.Hear(sent.LastParcel()), IsOk());
  EXPECT_EQ(copy.Case().state(), v1::REFERRAL_STATE_SEEN);
  EXPECT_EQ(copy.Status("settle_update#1"), "OPEN");
}

TEST(Messages, ResendingSendsTheSameBytes) {
  Story sent = Sent();
  const std::string first = sent.messages().at(0).payload;
  sent.At("2026-02-04T23:30");
  ASSERT_THAT(sent.Act(&ResendReferral, ""), IsOk());
  EXPECT_EQ(sent.messages().at(0).payload, first);
  EXPECT_THAT(sent.Case().sending().resent_times(), SizeIs(1));
}

TEST(Messages, WhatIsUnmatchedIsATaskWithADeadline) {
  Story kept;
  kept.At(kNineteenHoursLeft);
  v1::ReceiveAnswerRequest request = ::waymark::testing::ParseProto<v1::ReceiveAnswerRequest>(
      "keys { organisation_code: 'RX1' provider_reference: '99' } "
      "answer { outcome { summary: 'Negative.' } }");
  ASSERT_THAT(kept.Open(&KeepUnmatched, request), IsOk());
  EXPECT_EQ(kept.Due("match_answer"), "2026-02-05 03:00 GMT");
  EXPECT_THAT(casework::BlockingSteps(kept.plan()), ElementsAre("match_answer"));
  ASSERT_THAT(kept.Act(&MatchAnswer, "referral_id: '2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c02'"),
              IsOk());
  EXPECT_EQ(kept.Status("match_answer"), "DONE");
  EXPECT_EQ(kept.LastParcel().answer().case_id(), "2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c02");
  EXPECT_EQ(kept.LastParcel().answer().answer().outcome().summary(), "Negative.");
}

// --- What leaves -------------------------------------------------------------------------------

TEST(Leaves, TheNeedsOriginAndWhoRecordedTheConsentStayBehind) {
  const Story sent = Sent();
  const v1::ReferralContent content = sent.LastParcel().referral().content();
  EXPECT_FALSE(content.need().has_origin());
  EXPECT_EQ(content.consent().recorded_by(), "");
  EXPECT_EQ(content.consent().consent_id(), "");
  EXPECT_EQ(content.referrer().organisation_name(), kNeutralName);
  EXPECT_FALSE(content.has_employer());
}

TEST(Leaves, TheDisclosureNamesWhatWentToWhom) {
  const Story sent = Sent("withhold: 'patient.routes'");
  ASSERT_THAT(sent.Case().disclosures(), SizeIs(1));
  const v1::Disclosure& disclosure = sent.Case().disclosures(0);
  EXPECT_EQ(disclosure.recipient(), "RX1");
  EXPECT_EQ(disclosure.basis(), v1::CONSENT_BASIS_EXPLICIT);
  EXPECT_THAT(disclosure.fields(), ::testing::Contains("patient.nhs_number"));
  EXPECT_THAT(disclosure.fields(), ::testing::Contains("items.exposure"));
  EXPECT_THAT(disclosure.fields(), Not(::testing::Contains("patient.routes")));
  EXPECT_THAT(disclosure.fields(), Not(::testing::Contains("employer")));
}

TEST(Leaves, ThePreviewShowsEveryFieldAndWhyItDoesNotLeave) {
  Story story;
  v1::PreviewReferralRequest request;
  *request.mutable_draft() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  request.mutable_draft()->add_withhold("patient.nhs_number");
  request.mutable_draft()->add_withhold("items.exposure");
  const auto preview = PreviewReferral(request, Given(kCloses), story.NextCall("PreviewReferral"));
  ASSERT_THAT(preview, IsOk());
  std::vector<std::string> withheld;
  for (const v1::PreviewField& field : preview->fields()) {
    EXPECT_FALSE(field.why().empty()) << field.path();
    if (field.leaves()) continue;
    EXPECT_EQ(field.value(), "") << field.path();
    withheld.push_back(field.path());
  }
  EXPECT_THAT(withheld, ::testing::UnorderedElementsAre("patient.nhs_number", "items.exposure",
                                                        "employer", "work_contacts"));
  EXPECT_EQ(preview->content().patient().nhs_number(), "");
  EXPECT_THAT(preview->content().items(), IsEmpty());
}

TEST(Leaves, AProtectedPersonGoesUnderAnAlias) {
  Material material = Given(kCloses);
  material.identity.patient = ::waymark::testing::ParseProto<v1::Patient>(
      "alias: true family_name: 'Robin Grey' sex: SEX_FEMALE");
  Story story;
  story.At(kNineteenHoursLeft);
  ASSERT_THAT(story.Draft("", material), IsOk());
  ASSERT_THAT(story.Send(material), IsOk());
  const v1::Patient patient = story.LastParcel().referral().content().patient();
  EXPECT_EQ(patient.family_name(), "Robin Grey");
  EXPECT_FALSE(patient.has_birth_date());
}

TEST(Leaves, NothingThatNamesTheEmployerInAnyMessageUnlessThePatientAgreed) {
  // Planted wherever the force is named: its code, its staff's sign-ins, and what a nurse may type.
  Story story;
  story.At(kNineteenHoursLeft);
  for (const char* typed :
       {"question: 'Constable Example was stuck.'", "question: 'Works for the POLICE.'",
        "question: 'Swyddog heddlu.'", "question: 'Ask demo about it.'",
        "referrer { practitioner_role: 'Police nurse' }"}) {
    EXPECT_THAT(story.Draft(typed, Given(kCloses)),
                StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"))
        << typed;
  }
  Story sent = Sent();
  std::vector<std::string> outbound = {sent.LastParcel().referral().content().SerializeAsString(),
                                       sent.LastParcel().referral().provider().DebugString()};
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "asked { question_id: 'q' text: 'Where do they work?' }"), IsOk());
  EXPECT_THAT(sent.Act(&AnswerQuestion, "question_id: 'q' answer: 'At the police station.'"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(sent.Act(&AnswerQuestion, "question_id: 'q' answer: 'That is not for us to say.'"),
              IsOk());
  outbound.push_back(sent.messages().at(0).payload);
  EXPECT_THAT(sent.Act(&CancelReferral,
                       "cancelled { reason: CANCEL_REASON_NO_LONGER_NEEDED note: 'Constabulary' }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(sent.Act(&CancelReferral, "cancelled { reason: CANCEL_REASON_PATIENT_WITHDREW }"),
              IsOk());
  outbound.push_back(sent.messages().at(0).payload);
  for (const std::string& bytes : outbound) {
    EXPECT_FALSE(NamesEmployer(bytes, "demo")) << bytes;
    EXPECT_THAT(bytes, Not(HasSubstr("user-1")));
    EXPECT_THAT(bytes, Not(HasSubstr("2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c01")));
    EXPECT_THAT(bytes, Not(HasSubstr("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1301")));
  }
  // With consent it may.
  Story open = Sent("disclose_employer: true referrer { organisation_name: 'Anyshire Police' }");
  EXPECT_EQ(open.LastParcel().referral().content().employer().organisation_name(),
            "Anyshire Police");
}

TEST(Leaves, APrivateRouteThatIsOneAtWorkStaysBehind) {
  Material material = Given(kCloses);
  v1::ContactRoute& email = *material.identity.patient.add_routes();
  email.set_kind(v1::CONTACT_KIND_EMAIL);
  email.set_value("sam.example@anyshire.police.uk");
  Story story;
  story.At(kNineteenHoursLeft);
  ASSERT_THAT(story.Draft("", material), IsOk());
  ASSERT_THAT(story.Send(material), IsOk());
  EXPECT_THAT(story.LastParcel().referral().content().patient().routes(), SizeIs(1));
}

TEST(Leaves, TheEmployerNeedsAnExplicitConsent) {
  Story story;
  EXPECT_THAT(story.Draft("disclose_employer: true consent { basis: CONSENT_BASIS_DIRECT_CARE }",
                          Given(kCloses)),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Leaves, WordsThatOnlyLookAlikeAreNoEmployer) {
  EXPECT_FALSE(NamesEmployer("Removed with forceps; demonstrated the movement.", "demo"));
  EXPECT_TRUE(NamesEmployer("From DEMO.", "demo"));
  EXPECT_TRUE(NamesEmployer("in custody", "demo"));
  EXPECT_FALSE(NamesEmployer("", "demo"));
}

TEST(Send, IsRefusedWhenThePatientIsNotWhoWasDrafted) {
  Story story;
  story.At(kNineteenHoursLeft);
  ASSERT_THAT(story.Draft("", Given(kCloses)), IsOk());
  Material changed = Given(kCloses);
  changed.identity.patient.clear_routes();
  EXPECT_THAT(story.Send(changed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONTENT_CHANGED"));
}

TEST(Copies, HoldNothingOfTheForce) {
  const Story sent = Sent();
  const Copy copy = CopyOf(sent);
  v1::ReferralCase shown = copy.Case();
  shown.clear_return_route();  // held apart: in no answer
  const std::string bytes = shown.SerializeAsString();
  EXPECT_FALSE(NamesEmployer(bytes, "demo"));
  EXPECT_EQ(shown.header().subject_id(), "");
  EXPECT_EQ(copy.LastParcel().answer().tenant(), "demo");
  EXPECT_EQ(copy.LastParcel().answer().answer().number(), 1);
}

TEST(Provider, SaysWhatItDidInOneActEach) {
  const Story sent = Sent();
  Copy copy = CopyOf(sent);
  EXPECT_THAT(copy.Act(&DeclineReferral, "declined { reason: DECLINE_REASON_OTHER }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(copy.Act(&RecordSeen, ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE"));
  copy.At("2026-02-04T23:10");
  ASSERT_THAT(copy.Act(&AcceptReferral, ""), IsOk());
  EXPECT_THAT(copy.Act(&BookReferral, ""),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(copy.Act(&BookReferral, "booking { start_time { seconds: 1770246600 } }"), IsOk());
  EXPECT_THAT(copy.Act(&RecordSeen, "seen { seen_time { seconds: 1970246600 } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  copy.At("2026-02-04T23:45");
  ASSERT_THAT(copy.Act(&RecordNotAttended, ""), IsOk());
  EXPECT_EQ(copy.Due("book_again_now"), "2026-02-05 00:10 GMT");
  ASSERT_THAT(copy.Act(&RecordSeen, ""), IsOk());
  EXPECT_THAT(copy.Act(&RecordOutcome, "outcome { results { outcome: RESULT_OUTCOME_NEGATIVE } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(copy.Act(&RecordOutcome,
                       "outcome { summary: 'Started.' discharged: true treatments { kind: "
                       "TREATMENT_KIND_PEP_STARTED given_time { seconds: 1770248700 } } }"),
              IsOk());
  EXPECT_EQ(copy.Case().care_holder(), v1::CARE_HOLDER_REFERRER);
  EXPECT_EQ(copy.LastParcel().answer().answer().number(), 6);
  EXPECT_EQ(copy.Status("report_now"), "DONE");
}

TEST(Provider, RedirectsAndTheReferrerDecides) {
  Story sent = Sent();
  Copy copy = CopyOf(sent);
  ASSERT_THAT(copy.Act(&RedirectReferral, "redirected { organisation_code: 'RX9' }"), IsOk());
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "redirected { organisation_code: 'RX9' }"), IsOk());
  EXPECT_TRUE(sent.Plans("find_another_now"));
  EXPECT_EQ(sent.Case().redirected().organisation_code(), "RX9");
}

}  // namespace
}  // namespace waymark::referral
