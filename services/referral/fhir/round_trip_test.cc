// What is written is R4, says what was meant, says it the same way every time, and reads back as it
// was.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/referral/fhir/answers.h"
#include "services/referral/fhir/bars_receiver.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/reader.h"
#include "services/referral/fhir/referral_reader.h"
#include "services/referral/fhir/referral_writer.h"

namespace waymark::referral::fhir {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kReferral[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";
const Addressing kAddressing = {"https://fhir.nhs.uk/Id/product-id", "P.1234", "1.0", ""};

// Contents of every shape, the same for the same seed.
class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  v1::ReferralContent Content() {
    v1::ReferralContent content;
    v1::Patient& patient = *content.mutable_patient();
    patient.set_family_name(Words());
    patient.set_given_name(Words());
    if (Chance()) patient.set_title("Ms");
    patient.set_alias(Chance());
    if (!patient.alias()) {
      if (Chance()) Date(*patient.mutable_birth_date());
      patient.set_sex(static_cast<v1::Sex>(Below(5)));
      if (Chance()) {
        patient.set_nhs_number("9000000009");
        patient.set_nhs_number_status(static_cast<v1::NhsNumberStatus>(Below(4)));
      }
      Routes(patient);
    }
    patient.set_language(static_cast<v1::Language>(Below(3)));

    v1::Need& need = *content.mutable_need();
    need.mutable_origin()->set_pathway("PLANTED-pathway");
    need.mutable_origin()->set_case_id("PLANTED-case");
    need.set_service(static_cast<v1::CareService>(Below(16)));
    if (Chance()) Code(*need.mutable_code());
    need.set_title(Words());
    need.set_priority(static_cast<v1::Priority>(Below(5)));
    need.set_anchor(Words());
    Time(*need.mutable_anchor_time());
    if (Chance()) Time(*need.mutable_opens_time());
    if (Chance()) Time(*need.mutable_due_time());
    if (Chance()) Time(*need.mutable_closes_time());
    need.set_jurisdiction(static_cast<casework::v1::Jurisdiction>(Below(3)));
    for (int i = Below(3); i > 0; --i) {
      v1::WaitingTime& waiting = *need.add_waiting_times();
      waiting.set_kind(static_cast<v1::WaitingTimeKind>(1 + Below(6)));
      Date(*waiting.mutable_start_date());
    }
    for (int i = Below(6); i > 0; --i) Item(*content.add_items(), i);
    for (int i = Below(4); i > 0; --i) Result(*content.add_results(), i);
    for (int i = Below(3); i > 0; --i) {
      content.add_safety_needs(static_cast<v1::SafetyNeed>(1 + Below(6)));
    }
    v1::Referrer& referrer = *content.mutable_referrer();
    referrer.set_organisation_name("Occupational health service");
    referrer.set_practitioner_name(Words());
    referrer.set_practitioner_role("Occupational health nurse");
    if (Chance()) {
      referrer.mutable_registration()->set_system("https://fhir.hl7.org.uk/Id/nmc-number");
      referrer.mutable_registration()->set_code("12A3456E");
    }
    referrer.set_phone("+441632960000");
    content.mutable_consent()->set_basis(static_cast<v1::ConsentBasis>(1 + Below(3)));
    Time(*content.mutable_consent()->mutable_given_time());
    content.mutable_consent()->set_recorded_by("PLANTED-user");
    content.mutable_consent()->set_consent_id("PLANTED-consent");
    if (Chance()) content.set_question(absl::StrCat(Words(), "\n", Words()));
    return content;
  }

  void Result(v1::TestResult& result, int number) {
    result.set_result_id(absl::StrCat("R", number, Below(1000)));
    if (Chance()) result.set_test("HIV_AG_AB");
    Code(*result.mutable_code());
    result.set_status(static_cast<v1::ResultStatus>(1 + Below(4)));
    result.set_outcome(static_cast<v1::ResultOutcome>(Below(5)));
    if (result.outcome() != v1::RESULT_OUTCOME_NOT_TESTED && Chance()) {
      Quantity(*result.mutable_quantity());
    }
    Time(*result.mutable_sampled_time());
    if (Chance()) result.set_laboratory_reference(Words());
    if (result.status() >= v1::RESULT_STATUS_CORRECTED) result.set_replaces("R-before");
  }

  v1::Outcome Outcome() {
    v1::Outcome outcome;
    outcome.set_outcome_id(ids::DeriveUuid("outcome", absl::StrCat(random_())));
    Time(*outcome.mutable_outcome_time());
    for (int i = Below(4); i > 0; --i) Result(*outcome.add_results(), i);
    for (int i = Below(3); i > 0; --i) {
      v1::Treatment& treatment = *outcome.add_treatments();
      treatment.set_kind(static_cast<v1::TreatmentKind>(1 + Below(9)));
      Code(*treatment.mutable_code());
      Time(*treatment.mutable_given_time());
      if (Chance()) treatment.set_detail(Words());
    }
    if (Chance()) outcome.set_summary(Words());
    outcome.set_discharged(Chance());
    outcome.set_more_to_come(Chance());
    return outcome;
  }

  v1::Answer Answer(int kind) {
    v1::Answer answer;
    answer.set_answered_by(Words());
    Time(*answer.mutable_answered_time());
    switch (kind) {
      case 0:
        *answer.mutable_received()->mutable_received_time() = answer.answered_time();
        break;
      case 1:
        answer.mutable_asked()->set_question_id(ids::DeriveUuid("question", Words()));
        answer.mutable_asked()->set_text(Words());
        *answer.mutable_asked()->mutable_asked_time() = answer.answered_time();
        break;
      case 2:
        answer.mutable_accepted()->set_provider_reference(Chance() ? Words() : "");
        answer.mutable_accepted()->set_note(Chance() ? Words() : "");
        break;
      case 3: {
        constexpr int kReasons[] = {21, 22, 23, 24, 26, 27, 31, 32, 40, 41, 42, 99};
        answer.mutable_declined()->set_reason(static_cast<v1::DeclineReason>(kReasons[Below(12)]));
        answer.mutable_declined()->set_note(Chance() ? Words() : "");
        answer.mutable_declined()->set_alternatives(Chance() ? Words() : "");
        break;
      }
      case 4:
        answer.mutable_redirected()->set_organisation_code("RYE");
        answer.mutable_redirected()->set_organisation_name(Words());
        answer.mutable_redirected()->set_note(Chance() ? Words() : "");
        break;
      case 5:
        answer.mutable_booked()->set_slot_id(Chance() ? "slot-1" : "");
        Time(*answer.mutable_booked()->mutable_start_time());
        Time(*answer.mutable_booked()->mutable_end_time());
        Time(*answer.mutable_booked()->mutable_booked_time());
        answer.mutable_booked()->set_place(Words());
        break;
      case 6:
        if (Chance()) Time(*answer.mutable_not_attended()->mutable_appointment_time());
        answer.mutable_not_attended()->set_note(Chance() ? Words() : "");
        break;
      default:
        Time(*answer.mutable_seen()->mutable_seen_time());
        answer.mutable_seen()->set_note(Chance() ? Words() : "");
    }
    return answer;
  }

 private:
  bool Chance() { return Below(2) == 1; }
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint32_t>(limit)); }

  std::string Words() {
    static const char* const kWords[] = {"Llŷr",  "O'Neil", "<b>",   "\"q\"", "back pain", "50%",
                                         "ŵyneb", "a\\b",   "x & y", "Siân",  "{}",        "9"};
    return absl::StrCat(kWords[Below(12)], " ", kWords[Below(12)]);
  }

  void Time(google::protobuf::Timestamp& time) {
    time.set_seconds(1'700'000'000 + Below(100'000'000));
    time.set_nanos(Chance() ? Below(1000) * 1'000'000 : 0);
  }

  void Date(casework::v1::CivilDate& date) {
    date.set_year(1950 + Below(70));
    date.set_month(1 + Below(12));
    date.set_day(1 + Below(28));
  }

  void Code(v1::Coding& code) {
    code.set_display(Words());
    if (!Chance()) return;
    code.set_system("http://snomed.info/sct");
    code.set_code(absl::StrCat(100000 + Below(1000)));
  }

  void Quantity(v1::Quantity& quantity) {
    quantity.set_exact(absl::StrFormat("%d.%d0", Below(100), Below(10)));
    quantity.set_value(std::stod(quantity.exact()));
    if (Chance()) quantity.set_unit("mIU/mL");
    if (Chance()) quantity.set_ucum("m[IU]/mL");
  }

  void Item(v1::ClinicalItem& item, int number) {
    item.set_key(absl::StrCat("item-", number));
    item.set_kind(static_cast<v1::ItemKind>(1 + Below(7)));
    Code(*item.mutable_code());
    switch (Below(5)) {
      case 0:
        item.set_text(Words());
        break;
      case 1:
        Quantity(*item.mutable_quantity());
        break;
      case 2:
        Code(*item.mutable_coded());
        break;
      case 3:
        item.set_yes(Chance());
        break;
      default:
        break;
    }
    if (Chance()) Time(*item.mutable_effective_time());
    item.set_purpose("PLANTED-purpose");
  }

  void Routes(v1::Patient& patient) {
    bool post = false;
    for (int i = Below(4); i > 0; --i) {
      v1::ContactRoute& route = *patient.add_routes();
      const int kind = 1 + Below(post ? 3 : 4);
      route.set_kind(static_cast<v1::ContactKind>(kind));
      post |= kind == 4;
      route.set_value(kind == 4   ? "1 High Street\nLlanelli\nSA15 1AA"
                      : kind == 3 ? "a@example.org"
                                  : "+447700900000");
    }
  }

  std::mt19937 random_;
};

ReferralToWrite Written(const v1::ReferralContent& content) {
  ReferralToWrite referral;
  referral.referral_id = kReferral;
  referral.provider.set_organisation_code("RYE");
  referral.provider.set_organisation_name("Royal Example Hospital");
  referral.provider.set_service_id("2000012345");
  referral.provider.set_service_name("Physiotherapy");
  referral.content = content;
  referral.sending.set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81");
  referral.sending.set_correlation_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c82");
  referral.sending.mutable_sent_time()->set_seconds(1'790'000'000);
  return referral;
}

// What may come back: without what never leaves.
v1::ReferralContent Leaving(v1::ReferralContent content) {
  content.mutable_need()->clear_origin();
  content.mutable_consent()->clear_recorded_by();
  content.mutable_consent()->clear_consent_id();
  for (v1::ClinicalItem& item : *content.mutable_items()) item.clear_purpose();
  // A code without a number is its text, which is the title's place in a need.
  if (content.need().code().code().empty()) content.mutable_need()->clear_code();
  if (content.patient().nhs_number().empty()) content.mutable_patient()->clear_nhs_number_status();
  return content;
}

std::string Difference(const google::protobuf::Message& one,
                       const google::protobuf::Message& other) {
  std::string said;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&said);
  differencer.Compare(one, other);
  return said;
}

TEST(Referrals, KeepTheirMeaningThereAndBack) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    const v1::ReferralContent content = Maker(seed).Content();
    for (const bool message : {false, true}) {
      const absl::StatusOr<Json> bundle = message ? ReferralMessage(Written(content), kAddressing)
                                                  : ReferralTransaction(Written(content));
      ASSERT_TRUE(bundle.ok()) << bundle.status() << " seed " << seed << " "
                               << status::Metadata(bundle.status(), "location");
      const std::string text = WriteJson(*bundle);
      EXPECT_FALSE(absl::StrContains(text, "PLANTED"));
      const Reading read = ReadResource(text);
      ASSERT_FALSE(HasError(read.issues)) << read.issues[0].location;
      const ReferralReading referral = ReadReferral(read.resource);
      EXPECT_EQ(referral.referral_id, kReferral);
      EXPECT_EQ(referral.provider.organisation_code(), "RYE");
      EXPECT_EQ(referral.provider.service_id(), "2000012345");
      EXPECT_EQ(Difference(Leaving(content), referral.content), "") << "seed " << seed;
    }
  }
}

TEST(Referrals, AreTheSameBytesEveryTime) {
  const ReferralToWrite referral = Written(Maker(7).Content());
  EXPECT_EQ(WriteJson(*ReferralMessage(referral, kAddressing)),
            WriteJson(*ReferralMessage(referral, kAddressing)));
  EXPECT_EQ(WriteJson(*ReferralTransaction(referral)), WriteJson(*ReferralTransaction(referral)));
}

TEST(Referrals, AreNewReferralsToAReceiverOfTheStandard) {
  const Json bundle = *ReferralMessage(Written(Maker(3).Content()), kAddressing);
  const BarsMessageReading reading = ReadBarsMessage(bundle);
  ASSERT_FALSE(reading.error.has_value());
  EXPECT_EQ(DecideBars(reading.message, {}).action, BarsAction::kNewReferral);
  EXPECT_EQ(reading.message.message_id, "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81");
  // What the standard says MUST be there.
  const Json& patient = FirstOf(bundle, "Patient");
  const Json& contact = Item(Member(patient, "contact"), 0);
  EXPECT_EQ(Text(Item(Member(contact, "telecom"), 0), "system"), "phone");
  for (const Json& entry : Member(bundle, "entry")) {
    EXPECT_FALSE(Text(Member(Member(entry, "resource"), "meta"), "lastUpdated").empty());
  }
}

TEST(Referrals, AreCancelledByAMessageThatSaysSoAndLittleElse) {
  v1::Cancelled cancelled;
  cancelled.set_reason(v1::CANCEL_REASON_PATIENT_WITHDREW);
  const Json bundle = *CancellationMessage(Written(Maker(3).Content()), cancelled, kReferral,
                                           absl::FromUnixSeconds(1'790'000'100), kAddressing);
  const BarsMessageReading reading = ReadBarsMessage(bundle);
  ASSERT_FALSE(reading.error.has_value());
  EXPECT_EQ(DecideBars(reading.message, {}).action, BarsAction::kCancelledReferral);
  EXPECT_EQ(Member(bundle, "entry").size(), 5);
  EXPECT_EQ(ReferralIdOf(bundle, Item(Member(FirstOf(bundle, "MessageHeader"), "focus"), 0)),
            kReferral);
}

TEST(Referrals, DoNotLeaveWithAWrongNhsNumberOrWithoutATelephone) {
  v1::ReferralContent content = Maker(3).Content();
  content.mutable_patient()->set_nhs_number("9000000000");
  EXPECT_EQ(status::Reason(ReferralMessage(Written(content), kAddressing).status()),
            "NHS_NUMBER_INVALID");
  content.mutable_patient()->clear_nhs_number();
  content.mutable_patient()->clear_routes();
  content.mutable_referrer()->clear_phone();
  EXPECT_EQ(status::Reason(ReferralTransaction(Written(content)).status()),
            "CONTACT_PHONE_REQUIRED");
}

TEST(Referrals, NameTheEmployerOnlyWhenTheContentDoes) {
  v1::ReferralContent content = Maker(3).Content();
  EXPECT_FALSE(absl::StrContains(WriteJson(*ReferralTransaction(Written(content))), "mployer"));
  content.mutable_employer()->set_organisation_name("Heddlu Gwent");
  const Json bundle = *ReferralMessage(Written(content), kAddressing);
  EXPECT_EQ(ReadReferral(bundle).content.employer().organisation_name(), "Heddlu Gwent");
}

TEST(NhsNumbers, AreTenDigitsThatAddUp) {
  for (const char* right : {"9000000009", "9000000025", "9912003888", "9476719931", "4010232137",
                            "9876543210", "9990000018"}) {
    EXPECT_TRUE(IsNhsNumber(right)) << right;
  }
  for (const char* wrong : {"9000000000", "3478526985", "9999999991", "1234567890", "9999999999",
                            "0000000000", "900000000", "90000000090", "900000000x", ""}) {
    EXPECT_FALSE(IsNhsNumber(wrong)) << wrong;
  }
}

TEST(NhsNumbers, ThatComeWrongAreLeftOutWithAWarning) {
  const Json bundle = *ParseJson(R"({"resourceType": "Bundle", "type": "message", "entry": [
      {"resource": {"resourceType": "Patient", "identifier": [
          {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "3478526985"}]}}]})");
  const ReferralReading reading = ReadReferral(bundle);
  EXPECT_EQ(reading.content.patient().nhs_number(), "");
  ASSERT_EQ(reading.issues.size(), 1);
  EXPECT_EQ(reading.issues[0].severity, Severity::kWarning);
}

// Answers ----------------------------------------------------------------------------------------

TEST(Answers, KeepTheirMeaningThereAndBackAsTasks) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    const v1::Answer answer = Maker(seed).Answer(static_cast<int>(seed % 8));
    const std::string text =
        WriteJson(TaskOfAnswer(kReferral, answer, WriteTime(answer.answered_time())));
    const Reading read = ReadResource(text);
    ASSERT_FALSE(HasError(read.issues)) << read.issues[0].location << text;
    const AnswerReading reading = ReadTaskAnswer(read.resource);
    ASSERT_EQ(reading.answers.size(), 1) << text;
    EXPECT_EQ(reading.answers[0].referral_id, kReferral);
    EXPECT_EQ(Difference(answer, reading.answers[0].answer), "") << text;
  }
}

TEST(Answers, KeepTheirMeaningThereAndBackAsReports) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    const v1::Outcome outcome = Maker(seed).Outcome();
    const std::string text =
        WriteJson(ReportOfOutcome(kReferral, outcome, WriteTime(outcome.outcome_time())));
    const Reading read = ReadResource(text);
    ASSERT_FALSE(HasError(read.issues)) << read.issues[0].location << text;
    ASSERT_TRUE(IsReport(read.resource));
    const AnswerReading reading = ReadReport(read.resource);
    ASSERT_EQ(reading.answers.size(), 1) << text;
    EXPECT_EQ(reading.answers[0].referral_id, kReferral);
    EXPECT_EQ(Difference(outcome, reading.answers[0].answer.outcome()), "") << text;
  }
}

TEST(Answers, OfALaboratoryAreMatchedByCodeAndTakenWithTheirCorrections) {
  const char* report = R"({"resourceType": "Bundle", "id": "b1", "type": "message",
    "timestamp": "2026-11-22T10:00:00Z", "entry": [
    {"resource": {"resourceType": "MessageHeader",
      "eventCoding": {"system": "http://snomed.info/sct", "code": "371528001"},
      "source": {"endpoint": "https://lab.example"}}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "DiagnosticReport", "id": "d1",
      "status": "STATUS", "code": {"text": "Virology"}, "issued": "2026-11-22T09:00:00Z",
      "subject": {"reference": "urn:uuid:2"}, "specimen": [{"reference": "urn:uuid:5"}],
      "basedOn": [{"identifier": {"system": "https://lab.example/orders", "value": "ORDER-7"}}],
      "result": [{"reference": "urn:uuid:3"}, {"reference": "urn:uuid:4"}]}},
    {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "birthDate": "1990-02-01",
      "identifier": [{"system": "http://fhir.nhs.uk/id/nhs-number", "value": "9000000009"}]}},
    {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Observation", "id": "o1",
      "status": "final", "code": {"coding": [
        {"system": "http://snomed.info/sct", "code": "51061000237103"}]},
      "valueCodeableConcept": {"coding": [
        {"system": "http://snomed.info/sct", "code": "260415000"}]}}},
    {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "Observation", "id": "o2",
      "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "56888-1"}]},
      "effectiveDateTime": "2026-11-20T09:00:00Z",
      "interpretation": [{"coding": [{"system":
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "POS"}]}],
      "valueCodeableConcept": {"coding": [
        {"system": "http://snomed.info/sct", "code": "260415000"}]}}},
    {"fullUrl": "urn:uuid:5", "resource": {"resourceType": "Specimen",
      "collection": {"collectedDateTime": "2026-11-19"}}}]})";
  const auto read = [report](absl::string_view status) {
    const Reading reading = ReadResource(absl::StrReplaceAll(report, {{"STATUS", status}}));
    EXPECT_FALSE(HasError(reading.issues)) << reading.issues[0].location;
    return ReadReport(reading.resource);
  };
  const AnswerReading first = read("final");
  ASSERT_EQ(first.answers.size(), 1);
  const PartnerAnswer& answer = first.answers[0];
  EXPECT_EQ(answer.referral_id, "");
  EXPECT_EQ(answer.keys.provider_reference(), "ORDER-7");
  EXPECT_EQ(answer.keys.nhs_number(), "9000000009");
  EXPECT_EQ(answer.keys.birth_date().day(), 1);
  ASSERT_EQ(answer.answer.outcome().results_size(), 2);
  const v1::TestResult& hepatitis = answer.answer.outcome().results(0);
  EXPECT_EQ(hepatitis.test(), "HBSAG");
  EXPECT_EQ(hepatitis.outcome(), v1::RESULT_OUTCOME_NEGATIVE);
  EXPECT_EQ(WriteTime(hepatitis.sampled_time()), "2026-11-19T12:00:00+00:00");
  const v1::TestResult& hiv = answer.answer.outcome().results(1);
  EXPECT_EQ(hiv.test(), "HIV_AG_AB");
  // Interpretation and value disagree: nobody guesses.
  EXPECT_EQ(hiv.outcome(), v1::RESULT_OUTCOME_UNSPECIFIED);
  EXPECT_EQ(first.issues.size(), 2);

  const AnswerReading corrected = read("corrected");
  EXPECT_EQ(corrected.answers[0].answer.outcome().results(0).status(), v1::RESULT_STATUS_CORRECTED);
  EXPECT_EQ(corrected.answers[0].answer.outcome().results(0).replaces(), "o1");
  EXPECT_NE(corrected.answers[0].answer.outcome().outcome_id(),
            first.answers[0].answer.outcome().outcome_id());
  EXPECT_EQ(read("entered-in-error").answers[0].answer.outcome().results(1).status(),
            v1::RESULT_STATUS_ENTERED_IN_ERROR);
  EXPECT_EQ(read("amended").answers[0].answer.outcome().results(0).status(),
            v1::RESULT_STATUS_CORRECTED);
  EXPECT_TRUE(read("preliminary").answers[0].answer.outcome().more_to_come());
}

TEST(Answers, TakeNoValueWithAComparator) {
  const v1::TestResult result = ReadTestResult(*ParseJson(
      R"({"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "anti-HBs"},
          "valueQuantity": {"value": 10, "comparator": "<", "unit": "mIU/mL"}})"));
  EXPECT_FALSE(result.has_quantity());
}

TEST(Answers, OfTheStandardAreNoShowsAndBookings) {
  const Json no_show = *ParseJson(R"({"resourceType": "Bundle", "type": "message",
    "timestamp": "2026-11-22T10:00:00Z", "meta": {"versionId": "1.4.0"}, "entry": [
    {"resource": {"resourceType": "MessageHeader", "response": {
        "identifier": "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81", "code": "ok"},
      "focus": [{"reference": "urn:uuid:1"}]}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "ServiceRequest", "status": "revoked",
      "identifier": [{"system": "urn:ietf:rfc:3986",
        "value": "urn:uuid:0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80"}],
      "note": [{"text": "Did not come."}]}}]})");
  const AnswerReading missed = ReadBarsAnswer(no_show, BarsAction::kNotAttended);
  ASSERT_EQ(missed.answers.size(), 1);
  EXPECT_EQ(missed.answers[0].referral_id, kReferral);
  EXPECT_EQ(missed.answers[0].response_to, "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81");
  EXPECT_EQ(missed.answers[0].answer.not_attended().note(), "Did not come.");

  EXPECT_TRUE(HasError(ReadBarsAnswer(no_show, BarsAction::kNewValidation).issues));
  EXPECT_FALSE(HasError(ReadBarsAnswer(no_show, BarsAction::kCancelledBooking).issues));
}

TEST(Cases, ShowAsTaskServiceRequestAndAppointment) {
  v1::ReferralCase referral;
  referral.mutable_header()->set_case_id(kReferral);
  referral.mutable_header()->set_version(4);
  *referral.mutable_content() = Maker(3).Content();
  referral.mutable_provider()->set_organisation_code("RYE");
  for (int state = 1; state <= v1::ReferralState_MAX; ++state) {
    referral.set_state(static_cast<v1::ReferralState>(state));
    const Json task = TaskOfCase(referral);
    EXPECT_TRUE(CheckResource(task).empty()) << WriteJson(task);
    EXPECT_EQ(Text(Member(task, "meta"), "versionId"), "4");
    const absl::StatusOr<Json> all = SearchsetOfCase(referral);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_TRUE(CheckResource(*all).empty());
    EXPECT_FALSE(absl::StrContains(WriteJson(*all), "PLANTED"));
  }
  EXPECT_TRUE(AppointmentOfCase(referral).is_null());
  *referral.add_bookings() = Maker(5).Answer(5).booked();
  EXPECT_TRUE(CheckResource(AppointmentOfCase(referral)).empty());
}

}  // namespace
}  // namespace waymark::referral::fhir
