#include "services/referral/testing/story.h"

#include <google/protobuf/text_format.h>

#include <utility>
#include <vector>

#include "services/casework/instants.h"
#include "services/referral/draft_referral.h"
#include "services/referral/facts.h"
#include "services/referral/receive_answer.h"
#include "services/referral/receive_referral.h"
#include "services/referral/receive_update.h"
#include "services/referral/send_referral.h"

namespace waymark::referral::testing {
namespace {

// What `function` needs besides the request: stories call plain functions.
std::vector<Material>* given_for_draft = nullptr;

ReferralChange DraftGiven(const v1::DraftReferralRequest& request, const casework::Call& call) {
  return DraftReferral(request, *given_for_draft, call);
}

const Identity* given_for_send = nullptr;

ReferralChange SendGiven(const v1::ReferralCase& before, const v1::SendReferralRequest& request,
                         const casework::Call& call) {
  return SendReferral(before, request, *given_for_send, call);
}

v1::Parcel ParcelOf(const std::vector<casework::Outgoing>& messages) {
  v1::Parcel parcel;
  for (const casework::Outgoing& message : messages) {
    if (message.destination != kCounterpart) continue;
    EXPECT_TRUE(parcel.ParseFromString(message.payload));
  }
  return parcel;
}

std::string TextOf(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

}  // namespace

const casework::Protocols& Protocols() {
  static const auto* const protocols = new casework::Protocols(
      casework::testing::LoadProtocols("services/referral/protocols", KnownFacts()));
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("referral"); }

Material Given(const std::string& closes) {
  Material material;
  material.pathway = waymark::testing::ParseProto<v1::PathwayContent>(R"pb(
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1301"
    jurisdiction: JURISDICTION_ENGLAND
    step_title: "Start HIV post-exposure prophylaxis"
    anchor: "incident"
    items {
      key: "exposure"
      kind: ITEM_KIND_EVENT
      code { system: "http://snomed.info/sct" code: "417981005" display: "Exposure to blood" }
      text: "needlestick"
      purpose: "The reason for the referral."
    }
    results {
      test: "ANTI_HBS"
      outcome: RESULT_OUTCOME_POSITIVE
      sampled_time { seconds: 1769000000 }
    }
  )pb");
  if (!closes.empty()) {
    const absl::Time shut = Clock(closes);
    *material.pathway.mutable_closes_time() = casework::ToTimestamp(shut);
    *material.pathway.mutable_due_time() = casework::ToTimestamp(shut - absl::Hours(48));
    *material.pathway.mutable_anchor_time() = casework::ToTimestamp(shut - absl::Hours(72));
  }
  material.identity.patient = waymark::testing::ParseProto<v1::Patient>(R"pb(
    family_name: "Example"
    given_name: "Sam"
    birth_date { year: 1988 month: 4 day: 2 }
    sex: SEX_FEMALE
    nhs_number: "9434765919"
    nhs_number_status: NHS_NUMBER_STATUS_TRACED
    routes { kind: CONTACT_KIND_MOBILE value: "+447700900123" }
    language: LANGUAGE_ENGLISH
  )pb");
  return material;
}

Story::Story() : casework::testing::Story<v1::ReferralCase>(Protocol(), &FactsOf) {}

absl::Status Story::Draft(const std::string& draft, const Material& material) {
  v1::DraftReferralRequest request;
  *request.add_drafts() = waymark::testing::ParseProto<v1::Draft>(kDraft);
  request.mutable_drafts(0)->MergeFrom(waymark::testing::ParseProto<v1::Draft>(draft));
  std::vector<Material> given = {material};
  given_for_draft = &given;
  return Open(&DraftGiven, request);
}

absl::Status Story::Send(const Material& material) {
  given_for_send = &material.identity;
  return Act(&SendGiven, "");
}

absl::Status Story::Hear(int number, const std::string& answer) {
  v1::ReceiveAnswerRequest request;
  *request.mutable_answer() = waymark::testing::ParseProto<v1::Answer>(answer);
  request.mutable_answer()->set_number(number);
  return Act(&ReceiveAnswer, TextOf(request));
}

v1::Parcel Story::LastParcel() const { return ParcelOf(messages()); }

Copy::Copy() : casework::testing::Story<v1::ReferralCase>(Protocol(), &FactsOf) {
  Role(options::v1::ROLE_NHS_CLINICIAN);
}

absl::Status Copy::Receive(const v1::Parcel& parcel) {
  return Open(&ReceiveReferral, parcel.referral());
}

absl::Status Copy::Hear(const v1::Parcel& parcel) {
  return Act(&ReceiveUpdate, TextOf(parcel.update()));
}

v1::Parcel Copy::LastParcel() const { return ParcelOf(messages()); }

}  // namespace waymark::referral::testing
