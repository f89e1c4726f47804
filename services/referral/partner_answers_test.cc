// What comes from providers outside the suite, and what becomes of what went to them.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/referral/accept_referral.h"
#include "services/referral/book_referral.h"
#include "services/referral/cancel_booking.h"
#include "services/referral/draft_referral.h"
#include "services/referral/outbound.h"
#include "services/referral/record_partner_answer.h"
#include "services/referral/record_receipt.h"
#include "services/referral/resend_referral.h"
#include "services/referral/testing/story.h"
#include "waymark/referral/v1/partner.pb.h"

namespace waymark::referral {
namespace {

using testing::Copy;
using testing::Given;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

constexpr char kCloses[] = "2026-02-05T18:00";
constexpr char kSent[] = "2026-02-04T23:00";
constexpr char kByLetter[] = "provider { organisation_code: 'PTC' carrier: CARRIER_LETTER }";

Story Sent(const std::string& draft) {
  Story story;
  story.At(kSent);
  EXPECT_THAT(story.Draft(draft, Given(kCloses)), IsOk());
  EXPECT_THAT(story.Send(Given(kCloses)), IsOk());
  return story;
}

absl::Status Said(Story& story, const std::string& answer) {
  return story.Act(&RecordPartnerAnswer,
                   absl::StrCat("route: ANSWER_ROUTE_TELEPHONE answer { ", answer, " }"));
}

TEST(PartnerAnswer, ATelephoneCallMovesTheReferralAsAMessageWould) {
  Story sent = Sent(kByLetter);
  sent.At("2026-02-04T23:20");
  EXPECT_EQ(sent.Status("receipt_now"), "OVERDUE");
  ASSERT_THAT(Said(sent, "answered_by: 'Sister Jones' accepted { provider_reference: 'PTC-9' }"),
              IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(sent.Case().care_holder(), v1::CARE_HOLDER_PROVIDER);
  EXPECT_EQ(sent.Case().accepted().provider_reference(), "PTC-9");
  EXPECT_EQ(sent.Status("receipt_now"), "DONE");
  ASSERT_THAT(Said(sent,
                   "booked { start_time { seconds: 1770251400 } place: 'Clinic 4' "
                   "slot_id: 'not theirs' }"),
              IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_BOOKED);
  EXPECT_EQ(sent.Case().bookings(0).place(), "Clinic 4");
  EXPECT_EQ(sent.Case().bookings(0).slot_id(), "");
  sent.At("2026-02-05T01:00");
  ASSERT_THAT(Said(sent, "seen { seen_time { seconds: 1770251500 } }"), IsOk());
  EXPECT_EQ(sent.Status("hard_stop"), "DONE");
}

TEST(PartnerAnswer, AnOutcomeByLetterReachesTheCaseThatTheCareWasFor) {
  Story sent = Sent(kByLetter);
  ASSERT_THAT(sent.Act(&RecordPartnerAnswer,
                       "route: ANSWER_ROUTE_LETTER answer { outcome { treatments { kind: "
                       "TREATMENT_KIND_PEP_STARTED given_time { seconds: 1770246000 } } } }"),
              IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_OUTCOME_RECEIVED);
  ASSERT_THAT(sent.messages(), SizeIs(1));
  EXPECT_EQ(sent.messages()[0].destination, "bbv");
  v1::OutcomeForPathway told;
  ASSERT_TRUE(told.ParseFromString(sent.messages()[0].payload));
  EXPECT_EQ(told.origin().step_key(), "pep_start");
  // The nurse who heard it recorded it.
  EXPECT_EQ(told.actor().role(), options::v1::ROLE_OH_NURSE);
  EXPECT_NE(told.outcome().outcome_id(), "");
}

TEST(PartnerAnswer, ARefusalOpensTheSearchForAnotherWithTheTimeLeft) {
  Story sent = Sent(kByLetter);
  ASSERT_THAT(Said(sent, "declined { reason: DECLINE_REASON_CAPACITY }"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_DECLINED);
  EXPECT_EQ(sent.Status("find_another_now"), "OPEN");
  EXPECT_EQ(sent.Closes("hard_stop"), "2026-02-05 18:00 GMT");
}

TEST(PartnerAnswer, AQuestionByTelephoneCanBeAnswered) {
  Story sent = Sent(kByLetter);
  ASSERT_THAT(Said(sent, "asked { text: 'Any allergies?' }"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_INFORMATION_ASKED);
  EXPECT_NE(sent.Case().questions(0).question_id(), "");
}

TEST(PartnerAnswer, IsRefusedWithTheReason) {
  Story inside = Sent("");
  EXPECT_THAT(Said(inside, "accepted {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PROVIDER_ANSWERS_ITSELF"));
  Story sent = Sent(kByLetter);
  EXPECT_THAT(sent.Act(&RecordPartnerAnswer, "answer { accepted {} }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Said(sent, ""), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Said(sent, "declined {}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Said(sent, "booked {}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Said(sent, "seen { seen_time { seconds: 1999999999 } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Said(sent, "booking_cancelled {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE"));
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_SENT);
  EXPECT_EQ(sent.Case().unfitting_size(), 0);
}

TEST(BookingCancelled, TheReferralIsAcceptedAgainAndTheBookingDueByTheSameClock) {
  Story sent = Sent("");
  Copy copy;
  copy.At("2026-02-04T23:01");
  ASSERT_THAT(copy.Receive(sent.LastParcel()), IsOk());
  ASSERT_THAT(copy.Act(&AcceptReferral, ""), IsOk());
  const std::string due = copy.Due("book_now");
  ASSERT_THAT(copy.Act(&BookReferral, "booking { start_time { seconds: 1770251400 } }"), IsOk());
  EXPECT_EQ(copy.Status("book_now"), "DONE");
  copy.At("2026-02-04T23:10");
  ASSERT_THAT(copy.Act(&CancelBooking, "booking_cancelled { note: 'Doctor is ill.' }"), IsOk());
  EXPECT_EQ(copy.Case().state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_TRUE(copy.Case().bookings(0).called_off());
  EXPECT_EQ(copy.Status("book_now"), "OPEN");
  EXPECT_EQ(copy.Due("book_now"), due);
  EXPECT_EQ(copy.Due("window_shuts"), "2026-02-05 18:00 GMT");
  EXPECT_NE(copy.Status("attend"), "OPEN");

  sent.At("2026-02-04T23:10");
  ASSERT_THAT(sent.Hear(1, "received {}"), IsOk());
  ASSERT_THAT(sent.Hear(2, "accepted {}"), IsOk());
  ASSERT_THAT(sent.Hear(3, "booked { start_time { seconds: 1770251400 } }"), IsOk());
  EXPECT_EQ(sent.Status("appointment_now"), "DONE");
  v1::Answer said = copy.LastParcel().answer().answer();
  EXPECT_EQ(said.booking_cancelled().appointment_time().seconds(), 1770251400);
  ASSERT_THAT(sent.Hear(4, "booking_cancelled { note: 'Doctor is ill.' }"), IsOk());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(sent.Case().care_holder(), v1::CARE_HOLDER_PROVIDER);
  EXPECT_EQ(sent.Status("appointment_now"), "OPEN");
  EXPECT_EQ(sent.Closes("hard_stop"), "2026-02-05 18:00 GMT");

  ASSERT_THAT(sent.Hear(5, "booked { start_time { seconds: 1770255000 } }"), IsOk());
  EXPECT_EQ(sent.Status("appointment_now"), "DONE");
}

TEST(Receipts, SayWhatBecameOfAMessageAndChangeNoState) {
  Story sent = Sent(kByLetter);
  const std::string receipt =
      "receipt { what: 'referral' carrier: CARRIER_LETTER handover: HANDOVER_DELIVERED "
      "message_id: 'm1' }";
  ASSERT_THAT(sent.Act(&RecordReceipt, receipt), IsOk());
  ASSERT_THAT(sent.Act(&RecordReceipt, receipt), IsOk());
  ASSERT_THAT(sent.Case().receipts(), SizeIs(1));
  EXPECT_TRUE(sent.Case().receipts(0).has_time());
  EXPECT_EQ(sent.Case().state(), v1::REFERRAL_STATE_SENT);
  EXPECT_EQ(sent.Status("receipt_now"), "OPEN");
  ASSERT_THAT(sent.Act(&RecordReceipt,
                       "receipt { what: 'referral' carrier: CARRIER_LETTER handover: "
                       "HANDOVER_DELIVERED message_id: 'm1' resend: 1 }"),
              IsOk());
  EXPECT_THAT(sent.Case().receipts(), SizeIs(2));
  EXPECT_THAT(sent.Act(&RecordReceipt, "receipt { what: 'referral' }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Resend, OutsideTheSuiteIsNumberedAndOtherwiseTheSameMessage) {
  Story sent = Sent(kByLetter);
  v1::PartnerMessage first;
  ASSERT_TRUE(first.ParseFromString(sent.messages().at(0).payload));
  EXPECT_EQ(first.resend(), 0);
  for (int i = 1; i <= 2; ++i) {
    sent.At(absl::StrCat("2026-02-04T23:", 30 + i));
    ASSERT_THAT(sent.Act(&ResendReferral, ""), IsOk());
    v1::PartnerMessage again;
    ASSERT_TRUE(again.ParseFromString(sent.messages().at(0).payload));
    EXPECT_EQ(again.resend(), i);
    again.clear_resend();
    EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  }
}

TEST(PartnerAnswer, ATypedQuestionMayNotNameTheEmployerForTheAnswerQuotesIt) {
  Story sent = Sent(kByLetter);
  EXPECT_THAT(Said(sent, "asked { text: 'Is she a police officer?' }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

// Every text, time, date and choice of a message, as the preview writes it.
void EachSaid(const google::protobuf::Message& message, std::vector<std::string>& said) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    said.push_back(
        absl::FormatTime("%Y-%m-%d %H:%M", casework::FromTimestamp(*time), civil::London()));
    return;
  }
  if (const auto* date = dynamic_cast<const casework::v1::CivilDate*>(&message)) {
    said.push_back(absl::StrCat(date->year(), "-"));
    return;
  }
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    // Which vocabulary a code is of, and its machine's unit, say nothing of the patient.
    if (field->name() == "system" || field->name() == "ucum" || field->name() == "key" ||
        field->name() == "kind") {
      continue;
    }
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        EachSaid(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                      : reflection->GetMessage(message, field),
                 said);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        said.push_back(reflection->GetString(message, field));
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_ENUM) {
        said.push_back(field->is_repeated() ? reflection->GetRepeatedEnum(message, field, i)->name()
                                            : reflection->GetEnum(message, field)->name());
      }
    }
  }
}

v1::PreviewReferralResponse Previewed(const std::string& draft, const Material& material) {
  Story story;
  story.At(kSent);
  v1::PreviewReferralRequest request;
  *request.mutable_draft() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  request.mutable_draft()->MergeFrom(::waymark::testing::ParseProto<v1::Draft>(draft));
  const auto preview = PreviewReferral(request, material, story.NextCall("PreviewReferral"));
  EXPECT_THAT(preview, IsOk());
  return preview.ok() ? *preview : v1::PreviewReferralResponse();
}

TEST(Preview, ShowsEverythingThatLeaves) {
  Material material = Given(kCloses);
  material.pathway.mutable_items(0)->mutable_effective_time()->set_seconds(1769000000);
  v1::ClinicalItem& weight = *material.pathway.add_items();
  weight = ::waymark::testing::ParseProto<v1::ClinicalItem>(
      "key: 'weight' code { code: '27113001' display: 'Body weight' } "
      "quantity { value: 70 exact: '70.0' unit: 'kg' }");
  material.pathway.mutable_results(0)->set_laboratory_reference("L-1");
  material.pathway.mutable_results(0)->set_result_id("r-1");
  material.identity.patient.set_title("Dr");
  const v1::PreviewReferralResponse preview = Previewed(
      "waiting_times { kind: WAITING_TIME_KIND_RTT start_date { year: 2026 month: 1 day: 5 } } "
      "safety_needs: SAFETY_NEED_CHAPERONE "
      "referrer { practitioner_role: 'Nurse' registration { code: '18A0001E' } }",
      material);
  std::string shown;
  for (const v1::PreviewField& field : preview.fields()) {
    if (field.leaves()) absl::StrAppend(&shown, field.value(), "\n");
  }
  std::vector<std::string> said;
  EachSaid(ForProvider(preview.content()), said);
  EXPECT_GT(said.size(), 25u);
  for (const std::string& one : said) EXPECT_THAT(shown, ::testing::HasSubstr(one));
}

TEST(Preview, ShowsWhatTheLimitOfSixtyLeavesOutAsLeftOut) {
  Material material = Given(kCloses);
  for (int i = 0; i < 70; ++i) {
    v1::ClinicalItem& item = *material.pathway.add_items();
    item.set_key(absl::StrCat("item_", i));
    item.set_text("x");
    v1::TestResult& result = *material.pathway.add_results();
    result.set_test("HBSAG");
    result.set_result_id(absl::StrCat("r", i));
  }
  const v1::PreviewReferralResponse preview = Previewed("withhold: 'items.item_3'", material);
  EXPECT_EQ(preview.content().items_size(), 60);
  EXPECT_EQ(preview.content().results_size(), 60);
  int items = 0;
  int results = 0;
  std::map<std::string, std::string> why;
  for (const v1::PreviewField& field : preview.fields()) {
    why[field.path()] = field.why();
    if (!field.leaves()) continue;
    if (absl::StartsWith(field.path(), "items.")) ++items;
    if (absl::StartsWith(field.path(), "results.")) ++results;
  }
  EXPECT_EQ(why["items.item_3"], "Withheld by you.");
  EXPECT_THAT(why["items.item_69"], ::testing::HasSubstr("60"));
  EXPECT_EQ(items, 60);
  EXPECT_EQ(results, 60);
}

TEST(Preview, ShowsThatWhatNamesTheEmployerStaysBehind) {
  Material material = Given(kCloses);
  material.pathway.set_step_title("Consider Police Treatment Centre or Flint House");
  v1::ClinicalItem& item = *material.pathway.add_items();
  item.set_key("where");
  item.set_text("In custody");
  const v1::PreviewReferralResponse preview = Previewed("", material);
  EXPECT_EQ(preview.content().need().title(), "Referral to accident and emergency doctor");
  EXPECT_THAT(preview.content().items(), SizeIs(1));
  for (const v1::PreviewField& field : preview.fields()) {
    if (field.path() != "items.where") continue;
    EXPECT_FALSE(field.leaves());
    EXPECT_EQ(field.value(), "");
    EXPECT_THAT(field.why(), ::testing::HasSubstr("where the patient works"));
  }
}

}  // namespace
}  // namespace waymark::referral
