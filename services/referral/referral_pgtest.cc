#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/casework/conformance.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"
#include "services/referral/accept_referral.h"
#include "services/referral/cancel_referral.h"
#include "services/referral/draft_referral.h"
#include "services/referral/facts.h"
#include "services/referral/receive_referral.h"
#include "services/referral/record_outcome.h"
#include "services/referral/referral_cases.h"
#include "services/referral/settle_message.h"
#include "services/referral/testing/story.h"

namespace waymark::referral {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

// A window that shuts 19 hours after `now`, for the person named as the case of the need.
Material GivenFor(const std::string& subject, absl::Time now) {
  Material material = testing::Given("");
  material.pathway.set_subject_id(subject);
  *material.pathway.mutable_closes_time() = casework::ToTimestamp(now + absl::Hours(19));
  return material;
}

struct ReferralPathway {
  using Case = v1::ReferralCase;
  using OpenRequest = v1::DraftReferralRequest;
  using OpenResponse = v1::DraftReferralResponse;
  using ChangeRequest = v1::CancelReferralRequest;
  using ChangeResponse = v1::CancelReferralResponse;
  using WaiveRequest = v1::WaiveStepRequest;
  using WaiveResponse = v1::WaiveStepResponse;
  using AssignRequest = v1::AssignCaseRequest;
  using AssignResponse = v1::AssignCaseResponse;
  using CloseRequest = v1::CloseCaseRequest;
  using CloseResponse = v1::CloseCaseResponse;
  using ReopenRequest = v1::ReopenCaseRequest;
  using ReopenResponse = v1::ReopenCaseResponse;
  using AdoptRequest = v1::AdoptProtocolRequest;
  using AdoptResponse = v1::AdoptProtocolResponse;
  using GetRequest = v1::GetCaseRequest;
  using GetResponse = v1::GetCaseResponse;
  using GetApartRequest = v1::GetCaseRequest;
  using GetApartResponse = v1::GetCaseResponse;
  using ListRequest = v1::ListCasesRequest;
  using ListResponse = v1::ListCasesResponse;
  using EventsRequest = v1::ListCaseEventsRequest;
  using EventsResponse = v1::ListCaseEventsResponse;

  static constexpr char kPathway[] = "referral";
  static constexpr char kService[] = "waymark.referral.v1.ReferralService";
  static constexpr char kOpenMethod[] = "DraftReferral";
  static constexpr char kChangeMethod[] = "CancelReferral";
  static constexpr char kGetApartMethod[] = "";
  static constexpr char kMarker[] = "referral-clinical-marker";
  static constexpr char kApartMarker[] = "";

  static casework::v1::Protocol Protocol() { return testing::Protocol(); }
  static casework::Facts FactsOf(const Case& record, const casework::v1::Protocol& protocol) {
    return referral::FactsOf(record, protocol);
  }

  // The case of the need is named like the person: what a pathway would say of whose it is.
  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time /*now*/) {
    OpenRequest request;
    for (const std::string& subject : subjects) {
      v1::Draft& draft = *request.add_drafts();
      draft = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
      draft.mutable_need()->set_case_id(subject);
      draft.set_question(kMarker);
    }
    return request;
  }

  static ReferralChange Open(const OpenRequest& request, const casework::Call& call) {
    std::vector<Material> material;
    for (const v1::Draft& draft : request.drafts()) {
      material.push_back(GivenFor(draft.need().case_id(), call.now));
    }
    return DraftReferral(request, material, call);
  }

  static void Answer(const std::vector<Case>& opened, const OpenRequest& request,
                     OpenResponse& response) {
    FillReceipts(opened, request, response);
  }

  static ChangeRequest Changing(const std::string& case_id, absl::Time /*now*/) {
    ChangeRequest request;
    request.set_case_id(case_id);
    request.mutable_cancelled()->set_reason(v1::CANCEL_REASON_NO_LONGER_NEEDED);
    return request;
  }

  // What every open case allows, as often as the suite likes.
  static ReferralChange Apply(const Case& before, const ChangeRequest& /*request*/,
                              const casework::Call& /*call*/) {
    return casework::ChangeOf(before);
  }
};

// Gives what a test says that others have.
class FakeSources final : public Sources {
 public:
  absl::StatusOr<v1::PathwayContent> ReadContent(const rpc::Call&, const v1::NeedOrigin&,
                                                 v1::CareService) const override {
    ++read;
    return material.pathway;
  }
  absl::StatusOr<Identity> Disclose(const rpc::Call&, const std::string&, const std::string&,
                                    const v1::Consent&) const override {
    if (!refused.ok()) return refused;
    return material.identity;
  }

  Material material;
  absl::Status refused;
  // How often a pathway was asked.
  mutable int read = 0;
};

constexpr char kForce[] = "demo";
constexpr char kProvider[] = "RX1";

// Both sides in one database, as the service is deployed.
class BothSides : public ::testing::Test {
 protected:
  BothSides() {
    keys_folder_ = absl::StrCat(::testing::TempDir(), "/keys-", ids::NewUuid());
    EXPECT_THAT(crypto::CreateKeyFile(keys_folder_), IsOk());
    keys_ = crypto::FileKeyProvider::Load(keys_folder_).value();
    cases_ = std::make_unique<casework::Cases<v1::ReferralCase>>(
        casework::CasesOptions{.pathway = "referral",
                               .protocols = &testing::Protocols(),
                               .working_days = &testing::BankHolidays(),
                               .database = pool_.get(),
                               .tenants = &tenants_,
                               .keys = keys_.get(),
                               .real_clock = &clock::Real()},
        &FactsOf);
    matches_ = std::make_unique<Matches>(*pool_, *keys_);
    trail_ = std::make_unique<casework::AuditTrail>("referral", *pool_, tenants_, *keys_,
                                                    clock::Real(), nullptr);
    directory_ = std::make_unique<Directory>(DirectoryOptions{.database = pool_.get(),
                                                              .tenants = &tenants_,
                                                              .keys = keys_.get(),
                                                              .real_clock = &clock::Real(),
                                                              .trail = trail_.get()});
    rooms_ = std::make_unique<ReferralCases>(*cases_, sources_, *matches_, *directory_, nullptr);
    sources_.material = GivenFor(ids::NewUuid(), now_);
  }
  ~BothSides() override { std::filesystem::remove_all(keys_folder_); }

  rpc::Call CallOf(const std::string& method, options::v1::Role role, const std::string& tenant) {
    rpc::Call call = Bare(method, tenant);
    call.caller.user_id = "user-1";
    call.caller.roles = {role};
    Authorise(call, "gateway");
    return call;
  }
  rpc::Call FromService(const std::string& method, const std::string& tenant,
                        const std::string& request_id) {
    rpc::Call call = Bare(method, tenant);
    call.request_id = request_id;
    call.caller.service = "referral";
    Authorise(call, "referral");
    return call;
  }

  // Drafts and sends; the id on both sides.
  std::string Send() {
    const rpc::Call draft = CallOf("DraftReferral", options::v1::ROLE_OH_NURSE, kForce);
    v1::DraftReferralRequest request;
    request.set_request_id(draft.request_id);
    *request.add_drafts() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
    v1::DraftReferralResponse drafted;
    EXPECT_THAT(rooms_->DraftReferral(draft, request, &drafted), IsOk());
    if (drafted.receipts().empty()) return "";
    std::string id = drafted.receipts(0).case_id();
    EXPECT_THAT(SendAgain(id), IsOk());
    return id;
  }
  absl::Status SendAgain(const std::string& id) {
    const rpc::Call call = CallOf("SendReferral", options::v1::ROLE_OH_NURSE, kForce);
    v1::SendReferralRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(id);
    v1::SendReferralResponse response;
    return rooms_->SendReferral(call, request, &response);
  }

  // Every message on its way from one side, delivered `times` times. The first refusal.
  absl::Status Deliver(const std::string& from, int times = 1) {
    absl::Status first;
    for (const v1::Parcel& parcel : Told<v1::Parcel>(kCounterpart, from)) {
      for (int i = 0; i < times; ++i) {
        const absl::Status done = DeliverOne(parcel);
        if (done.code() != absl::StatusCode::kAlreadyExists) first.Update(done);
      }
    }
    return first;
  }
  absl::Status DeliverOne(const v1::Parcel& parcel) {
    switch (parcel.kind_case()) {
      case v1::Parcel::kReferral: {
        v1::ReceiveReferralResponse response;
        const v1::ReceiveReferralRequest& request = parcel.referral();
        return cases_->RunOpen(
            FromService("ReceiveReferral", request.tenant(), request.request_id()), request,
            &response, &ReceiveReferral, &FillReceived);
      }
      case v1::Parcel::kAnswer: {
        v1::ReceiveAnswerResponse response;
        const v1::ReceiveAnswerRequest& request = parcel.answer();
        return rooms_->ReceiveAnswer(
            FromService("ReceiveAnswer", request.tenant(), request.request_id()), request,
            &response);
      }
      default: {
        v1::ReceiveUpdateResponse response;
        const v1::ReceiveUpdateRequest& request = parcel.update();
        return rooms_->ReceiveUpdate(
            FromService("ReceiveUpdate", request.tenant(), request.request_id()), request,
            &response);
      }
    }
  }

  absl::StatusOr<v1::ReferralCase> Get(const std::string& id, options::v1::Role role,
                                       const std::string& tenant) {
    v1::GetCaseRequest request;
    request.set_case_id(id);
    v1::GetCaseResponse response;
    absl::Status done = cases_->RunGetCase(CallOf("GetCase", role, tenant), request, &response);
    if (!done.ok()) return done;
    return response.case_();
  }
  v1::ReferralCase SentCase(const std::string& id) {
    auto read = Get(id, options::v1::ROLE_OH_NURSE, kForce);
    EXPECT_THAT(read, IsOk());
    return read.value_or(v1::ReferralCase());
  }
  v1::ReferralCase ReceivedCase(const std::string& id) {
    auto read = Get(id, options::v1::ROLE_NHS_CLINICIAN, kProvider);
    EXPECT_THAT(read, IsOk());
    return read.value_or(v1::ReferralCase());
  }

  template <typename Request, typename Response>
  absl::Status Clinician(const std::string& method, Request request,
                         ReferralChange (*act)(const v1::ReferralCase&, const Request&,
                                               const casework::Call&),
                         Response response = Response()) {
    const rpc::Call call = CallOf(method, options::v1::ROLE_NHS_CLINICIAN, kProvider);
    request.set_request_id(call.request_id);
    return cases_->RunChange(call, request, &response, act);
  }

  template <typename M>
  std::vector<M> Told(const std::string& destination, const std::string& tenant) {
    std::vector<M> told;
    EXPECT_THAT(
        pool_->Transact(absl::Now() + absl::Seconds(20), tenant,
                        [&](db::Transaction& txn) -> absl::Status {
                          told.clear();
                          ASSIGN_OR_RETURN(const pqxx::result rows,
                                           txn.Exec("SELECT event_id, payload FROM outbox WHERE "
                                                    "tenant = $1 AND destination = $2"
                                                    " ORDER BY appended_at, event_id",
                                                    txn.tenant(), destination));
                          for (const pqxx::row& row : rows) {
                            ASSIGN_OR_RETURN(const std::string bytes,
                                             outbox::Opened(*keys_, txn.tenant(), destination,
                                                            db::Text(row[0]), db::Bytes(row[1])));
                            EXPECT_TRUE(told.emplace_back().ParseFromString(bytes));
                          }
                          return absl::OkStatus();
                        }),
        IsOk());
    return told;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'781'085'600);
  ::waymark::testing::TestDatabase database_{
      {{std::string(casework::kCaseworkLine), std::string(casework::kCaseworkFolder)},
       {std::string(kReferralLine), std::string(kReferralFolder)}}};
  std::unique_ptr<db::Database> pool_ = database_.Open(8);
  db::Tenants tenants_{*pool_};
  std::string keys_folder_;
  std::unique_ptr<crypto::FileKeyProvider> keys_;
  std::unique_ptr<casework::Cases<v1::ReferralCase>> cases_;
  FakeSources sources_;
  std::unique_ptr<Matches> matches_;
  std::unique_ptr<casework::AuditTrail> trail_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<ReferralCases> rooms_;

 private:
  rpc::Call Bare(const std::string& method, const std::string& tenant) {
    rpc::Call call;
    call.method = absl::StrCat("waymark.referral.v1.ReferralService.", method);
    call.rule = access::RuleFor(call.method);
    EXPECT_NE(call.rule, nullptr) << call.method;
    call.caller.tenant = tenant;
    call.request_id = ids::NewUuid();
    call.now = now_;
    call.deadline = absl::Now() + absl::Seconds(20);
    return call;
  }
  void Authorise(rpc::Call& call, const std::string& peer) {
    absl::StatusOr<access::Granted> granted = access::Authorise(*call.rule, call.caller, peer);
    EXPECT_THAT(granted, IsOk());
    if (granted.ok()) call.granted = *std::move(granted);
  }
};

TEST_F(BothSides, ASentReferralIsThereOnceHoweverOftenItIsDelivered) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce, 3), IsOk());
  const v1::ReferralCase copy = ReceivedCase(id);
  EXPECT_EQ(copy.side(), v1::SIDE_RECEIVED);
  EXPECT_EQ(copy.content().patient().family_name(), "Example");
  EXPECT_FALSE(copy.has_return_route());
  ASSERT_THAT(Deliver(kProvider, 2), IsOk());
  EXPECT_EQ(SentCase(id).state(), v1::REFERRAL_STATE_RECEIVED);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM case_record"), "2");
}

TEST_F(BothSides, NeitherSideReadsTheOthersCase) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  EXPECT_THAT(Get(id, options::v1::ROLE_NHS_CLINICIAN, "RX2"),
              StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  v1::ListCasesRequest request;
  v1::ListCasesResponse response;
  ASSERT_THAT(cases_->RunListCases(CallOf("ListCases", options::v1::ROLE_NHS_CLINICIAN, kProvider),
                                   request, &response),
              IsOk());
  ASSERT_THAT(response.cases(), SizeIs(1));
  EXPECT_EQ(response.cases(0).side(), v1::SIDE_RECEIVED);
}

TEST_F(BothSides, AnswersSayAtWhichInstantTheyAreTrue) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  const rpc::Call call = CallOf("GetCase", options::v1::ROLE_NHS_CLINICIAN, kProvider);
  v1::GetCaseRequest which;
  which.set_case_id(id);
  v1::GetCaseResponse read;
  ASSERT_THAT(cases_->RunGetCase(call, which, &read), IsOk());
  EXPECT_EQ(casework::FromTimestamp(read.as_of_time()), call.now);
  v1::ListCasesResponse list;
  ASSERT_THAT(cases_->RunListCases(call, v1::ListCasesRequest(), &list), IsOk());
  EXPECT_EQ(casework::FromTimestamp(list.as_of_time()), call.now);
}

TEST_F(BothSides, TheProvidersHistoryNamesNobodyOfTheForce) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  v1::ListCaseEventsRequest request;
  request.set_case_id(id);
  v1::ListCaseEventsResponse response;
  ASSERT_THAT(
      cases_->RunListCaseEvents(
          CallOf("ListCaseEvents", options::v1::ROLE_NHS_CLINICIAN, kProvider), request, &response),
      IsOk());
  ASSERT_THAT(response.events(), SizeIs(1));
  EXPECT_EQ(response.events(0).actor(), "service:referral");
  EXPECT_EQ(response.events(0).on_behalf_of(), "");
  const std::string bytes = response.SerializeAsString();
  EXPECT_FALSE(absl::StrContains(bytes, kForce));
  EXPECT_FALSE(absl::StrContains(bytes, "user-1"));
}

TEST_F(BothSides, WhatTheProviderDoesArrivesInOrderAndGoesOnToThePathway) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  v1::AcceptReferralRequest accept;
  accept.set_case_id(id);
  accept.mutable_accepted()->set_provider_reference("ED-4711");
  ASSERT_THAT((Clinician<v1::AcceptReferralRequest, v1::AcceptReferralResponse>(
                  "AcceptReferral", accept, &AcceptReferral)),
              IsOk());
  v1::RecordOutcomeRequest outcome;
  outcome.set_case_id(id);
  v1::Treatment& started = *outcome.mutable_outcome()->add_treatments();
  started.set_kind(v1::TREATMENT_KIND_PEP_STARTED);
  *started.mutable_given_time() = casework::ToTimestamp(now_);
  ASSERT_THAT((Clinician<v1::RecordOutcomeRequest, v1::RecordOutcomeResponse>(
                  "RecordOutcome", outcome, &RecordOutcome)),
              IsOk());
  ASSERT_THAT(Deliver(kProvider, 2), IsOk());
  const v1::ReferralCase sent = SentCase(id);
  EXPECT_EQ(sent.state(), v1::REFERRAL_STATE_OUTCOME_RECEIVED);
  EXPECT_EQ(sent.accepted().provider_reference(), "ED-4711");
  EXPECT_THAT(sent.unfitting(), IsEmpty());
  const auto told = Told<v1::OutcomeForPathway>("bbv", kForce);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].origin().step_key(), "pep_start");
}

TEST_F(BothSides, ATimeIsBookedForOneReferralAndFreedWhenItIsCancelled) {
  // Two times tomorrow, published by the provider.
  const auto clinician = [&](const std::string& method) {
    return CallOf(method, options::v1::ROLE_NHS_CLINICIAN, kProvider);
  };
  v1::PutEntryRequest entry = ::waymark::testing::ParseProto<v1::PutEntryRequest>(R"pb(
    entry {
      organisation_code: "RX1"
      name: "City Hospital"
      kind: PROVIDER_KIND_NHS
      carrier: CARRIER_WAYMARK
      services {
        service: CARE_SERVICE_EMERGENCY_DEPARTMENT
        name: "ED"
        jurisdictions: JURISDICTION_ENGLAND
        publishes_slots: true
      }
    })pb");
  const std::string service = ids::NewUuid();
  entry.mutable_entry()->mutable_services(0)->set_service_id(service);
  v1::PutEntryResponse entered;
  ASSERT_THAT(directory_->PutEntry(clinician("AcceptReferral"), entry, &entered), IsOk());
  v1::PutSlotsRequest slots;
  slots.set_service_id(service);
  *slots.mutable_period()->mutable_start_time() = casework::ToTimestamp(now_);
  *slots.mutable_period()->mutable_end_time() = casework::ToTimestamp(now_ + absl::Hours(72));
  for (int i = 0; i < 2; ++i) {
    v1::Slot& slot = *slots.add_slots();
    slot.set_slot_id(ids::NewUuid());
    *slot.mutable_start_time() = casework::ToTimestamp(now_ + absl::Hours(24 + i));
    *slot.mutable_end_time() = casework::ToTimestamp(now_ + absl::Hours(25 + i));
  }
  v1::PutSlotsResponse published;
  ASSERT_THAT(directory_->PutSlots(clinician("AcceptReferral"), slots, &published), IsOk());

  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  const auto book = [&](const std::string& referral, int slot) {
    const rpc::Call call = clinician("BookReferral");
    v1::BookReferralRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(referral);
    request.mutable_booking()->set_slot_id(slots.slots(slot).slot_id());
    v1::BookReferralResponse response;
    return rooms_->BookReferral(call, request, &response);
  };
  const auto taken = [&] {
    return database_.Query("SELECT count(*) FROM slot_claim WHERE held_until IS NULL");
  };
  // Not accepted yet: no time is taken for it.
  EXPECT_THAT(book(id, 0), StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE"));
  EXPECT_EQ(taken(), "0");
  v1::AcceptReferralRequest accept;
  accept.set_case_id(id);
  ASSERT_THAT((Clinician<v1::AcceptReferralRequest, v1::AcceptReferralResponse>(
                  "AcceptReferral", accept, &AcceptReferral)),
              IsOk());
  ASSERT_THAT(book(id, 0), IsOk());
  // Its time is the slot's.
  EXPECT_EQ(casework::FromTimestamp(ReceivedCase(id).bookings(0).start_time()),
            now_ + absl::Hours(24));
  // Moved: the first time is free again, and nobody else gets the second.
  ASSERT_THAT(book(id, 1), IsOk());
  EXPECT_EQ(taken(), "1");
  EXPECT_THAT(directory_->Book(clinician("BookReferral"), slots.slots(1).slot_id(), ids::NewUuid()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SLOT_TAKEN"));
  ASSERT_THAT(Deliver(kProvider), IsOk());
  EXPECT_EQ(SentCase(id).state(), v1::REFERRAL_STATE_BOOKED);

  const rpc::Call cancel = CallOf("CancelReferral", options::v1::ROLE_OH_NURSE, kForce);
  v1::CancelReferralRequest cancelled;
  cancelled.set_request_id(cancel.request_id);
  cancelled.set_case_id(id);
  cancelled.mutable_cancelled()->set_reason(v1::CANCEL_REASON_NO_LONGER_NEEDED);
  v1::CancelReferralResponse done;
  ASSERT_THAT(cases_->RunChange(cancel, cancelled, &done, &CancelReferral), IsOk());
  ASSERT_THAT(Deliver(kForce), IsOk());
  EXPECT_EQ(ReceivedCase(id).state(), v1::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(taken(), "0");
}

TEST_F(BothSides, AResultFindsItsReferralByTheProvidersNumberOrByThePerson) {
  const std::string id = Send();
  ASSERT_THAT(Deliver(kForce), IsOk());
  v1::AcceptReferralRequest accept;
  accept.set_case_id(id);
  accept.mutable_accepted()->set_provider_reference("ED-4711");
  ASSERT_THAT((Clinician<v1::AcceptReferralRequest, v1::AcceptReferralResponse>(
                  "AcceptReferral", accept, &AcceptReferral)),
              IsOk());
  ASSERT_THAT(Deliver(kProvider), IsOk());

  const auto arrive = [&](const std::string& keys) {
    v1::ReceiveAnswerRequest request = ::waymark::testing::ParseProto<v1::ReceiveAnswerRequest>(
        absl::StrCat("keys { ", keys, " } answer { outcome { summary: 'Negative.' } }"));
    request.set_request_id(ids::NewUuid());
    request.set_tenant(kForce);
    v1::ReceiveAnswerResponse response;
    EXPECT_THAT(rooms_->ReceiveAnswer(FromService("ReceiveAnswer", kForce, request.request_id()),
                                      request, &response),
                IsOk());
    return response;
  };
  EXPECT_EQ(arrive("organisation_code: 'RX1' provider_reference: 'ED-4711'").case_id(), id);
  EXPECT_EQ(arrive("organisation_code: 'RX1' nhs_number: '9434765919' "
                   "birth_date { year: 1988 month: 4 day: 2 }")
                .case_id(),
            id);
  EXPECT_EQ(SentCase(id).outcomes_size(), 2);
  // Another number, another birth date, another provider: a task, and nothing is guessed.
  for (const char* keys : {"organisation_code: 'RX1' provider_reference: 'ED-4712'",
                           "organisation_code: 'RX1' nhs_number: '9434765919' "
                           "birth_date { year: 1988 month: 4 day: 3 }",
                           "organisation_code: 'RX2' provider_reference: 'ED-4711'"}) {
    const v1::ReceiveAnswerResponse unmatched = arrive(keys);
    EXPECT_FALSE(unmatched.matched()) << keys;
    EXPECT_EQ(SentCase(unmatched.case_id()).side(), v1::SIDE_UNMATCHED);
  }
  // A person may match it only to a referral that is one; then it is applied there.
  const std::string kept = arrive("organisation_code: 'RX2' provider_reference: '1'").case_id();
  const auto match = [&](const std::string& referral_id) {
    const rpc::Call call = CallOf("MatchAnswer", options::v1::ROLE_OH_NURSE, kForce);
    v1::MatchAnswerRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(kept);
    request.set_referral_id(referral_id);
    v1::MatchAnswerResponse response;
    return rooms_->MatchAnswer(call, request, &response);
  };
  EXPECT_THAT(match(ids::NewUuid()),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(match(kept), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(match(id), IsOk());
  ASSERT_THAT(Deliver(kForce), IsOk());
  EXPECT_EQ(SentCase(id).outcomes_size(), 3);
  // Two referrals of one person to one provider: which of them is for a person to say.
  Send();
  EXPECT_FALSE(arrive("organisation_code: 'RX1' nhs_number: '9434765919' "
                      "birth_date { year: 1988 month: 4 day: 2 }")
                   .matched());
}

TEST_F(BothSides, WhatAProviderOutsideTheSuiteSaysByTelephoneIsKeptWithItsNumberAndItsReceipts) {
  v1::PartnerList list;
  list.add_partners()->set_organisation_code("PTC");
  list.mutable_partners(0)->mutable_letter()->set_folder("/nowhere");
  const auto partners = Partners::Make(list, clock::Real());
  ASSERT_THAT(partners, IsOk());
  ReferralCases rooms(*cases_, sources_, *matches_, *directory_, partners->get());
  const rpc::Call draft = CallOf("DraftReferral", options::v1::ROLE_OH_NURSE, kForce);
  v1::DraftReferralRequest request;
  request.set_request_id(draft.request_id);
  *request.add_drafts() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  request.mutable_drafts(0)->mutable_provider()->set_organisation_code("PTC");
  request.mutable_drafts(0)->mutable_provider()->set_carrier(v1::CARRIER_LETTER);
  v1::DraftReferralResponse drafted;
  ASSERT_THAT(rooms.DraftReferral(draft, request, &drafted), IsOk());
  const std::string id = drafted.receipts(0).case_id();
  ASSERT_THAT(SendAgain(id), IsOk());

  const auto tell_receipt = [&] {
    v1::RecordReceiptRequest receipt = ::waymark::testing::ParseProto<v1::RecordReceiptRequest>(
        "receipt { what: 'referral' carrier: CARRIER_LETTER handover: HANDOVER_DELIVERED "
        "acknowledgement: 'x.en.html' }");
    receipt.set_request_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c90");
    receipt.set_tenant(kForce);
    receipt.set_case_id(id);
    v1::RecordReceiptResponse recorded;
    return rooms.RecordReceipt(FromService("RecordReceipt", kForce, receipt.request_id()), receipt,
                               &recorded);
  };
  ASSERT_THAT(tell_receipt(), IsOk());
  ASSERT_THAT(tell_receipt(), IsOk());
  ASSERT_EQ(SentCase(id).receipts_size(), 1);
  EXPECT_EQ(SentCase(id).receipts(0).acknowledgement(), "x.en.html");

  const rpc::Call say = CallOf("RecordPartnerAnswer", options::v1::ROLE_OH_NURSE, kForce);
  v1::RecordPartnerAnswerRequest said =
      ::waymark::testing::ParseProto<v1::RecordPartnerAnswerRequest>(
          "route: ANSWER_ROUTE_TELEPHONE answer { accepted { provider_reference: 'PTC-9' } }");
  said.set_request_id(say.request_id);
  said.set_case_id(id);
  v1::RecordPartnerAnswerResponse accepted;
  ASSERT_THAT(rooms.RecordPartnerAnswer(say, said, &accepted), IsOk());
  EXPECT_EQ(accepted.case_().state(), v1::REFERRAL_STATE_ACCEPTED);

  // A report that knows their number finds it; one that knows nothing opens nothing when it may
  // not.
  v1::ReceiveAnswerRequest report = ::waymark::testing::ParseProto<v1::ReceiveAnswerRequest>(
      "only_matched: true keys { organisation_code: 'PTC' provider_reference: 'PTC-8' } "
      "answer { outcome { summary: 'Negative.' } }");
  report.set_tenant(kForce);
  const auto arrive = [&] {
    report.set_request_id(ids::NewUuid());
    v1::ReceiveAnswerResponse response;
    return rooms.ReceiveAnswer(FromService("ReceiveAnswer", kForce, report.request_id()), report,
                               &response);
  };
  EXPECT_THAT(arrive(), StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  report.mutable_keys()->set_provider_reference("PTC-9");
  ASSERT_THAT(arrive(), IsOk());
  EXPECT_EQ(SentCase(id).state(), v1::REFERRAL_STATE_OUTCOME_RECEIVED);
}

TEST_F(BothSides, ANumberThatTwoReferralsHaveMeansNeitherUntilOneIsClosed) {
  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    ids.push_back(Send());
    v1::ReceiveAnswerRequest accepted;
    accepted.set_request_id(ids::NewUuid());
    accepted.set_tenant(kForce);
    accepted.set_case_id(ids.back());
    // The provider's number of the patient, not of the referral.
    accepted.mutable_answer()->mutable_accepted()->set_provider_reference("MRN-1");
    v1::ReceiveAnswerResponse response;
    ASSERT_THAT(rooms_->ReceiveAnswer(FromService("ReceiveAnswer", kForce, accepted.request_id()),
                                      accepted, &response),
                IsOk());
  }
  v1::MatchKeys keys;
  keys.set_organisation_code(kProvider);
  keys.set_provider_reference("MRN-1");
  const auto found = [&] {
    return matches_->Find(absl::Now() + absl::Seconds(20), kForce, keys).value_or("error");
  };
  EXPECT_EQ(found(), "");
  database_.Query(
      absl::StrCat("UPDATE case_record SET state = 2, closed_at = now() WHERE case_id = '", ids[0],
                   "' RETURNING 1"));
  EXPECT_EQ(found(), ids[1]);
}

TEST_F(BothSides, WhatAReferralIsKnownByGoesWithItsCase) {
  const std::string id = Send();
  EXPECT_EQ(database_.Query("SELECT count(*) FROM referral_match"), "1");
  database_.Query(absl::StrCat(
      "UPDATE case_record SET state = 2, closed_at = now() - interval '1 hour' WHERE case_id = '",
      id, "' RETURNING 1"));
  const auto erased = cases_->untyped().EraseClosedBefore(kForce, absl::Now(), 100,
                                                          absl::Now() + absl::Seconds(20));
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(*erased, 1);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM referral_match"), "0");
}

TEST_F(BothSides, APersonSettlesWhatBelongsToNoReferral) {
  v1::ReceiveAnswerRequest request = ::waymark::testing::ParseProto<v1::ReceiveAnswerRequest>(
      "keys { organisation_code: 'LAB1' nhs_number: '9434765919' } "
      "answer { outcome { summary: 'Negative.' } }");
  request.set_request_id(ids::NewUuid());
  request.set_tenant(kForce);
  v1::ReceiveAnswerResponse response;
  ASSERT_THAT(rooms_->ReceiveAnswer(FromService("ReceiveAnswer", kForce, request.request_id()),
                                    request, &response),
              IsOk());
  EXPECT_FALSE(response.matched());
  const auto task = [&] {
    const v1::ReferralCase unmatched = SentCase(response.case_id());
    const casework::v1::Step* step = casework::FindStep(unmatched.header().plan(), "match_answer");
    return step == nullptr ? casework::v1::STEP_STATUS_UNSPECIFIED : step->status();
  };
  EXPECT_EQ(task(), casework::v1::STEP_STATUS_OPEN);
  const rpc::Call call = CallOf("SettleMessage", options::v1::ROLE_OH_NURSE, kForce);
  v1::SettleMessageRequest settle;
  settle.set_request_id(call.request_id);
  settle.set_case_id(response.case_id());
  settle.set_key("1");
  settle.set_note("Nobody of ours: sent back to the laboratory.");
  v1::SettleMessageResponse settled;
  ASSERT_THAT(cases_->RunChange(call, settle, &settled, &SettleMessage), IsOk());
  EXPECT_EQ(task(), casework::v1::STEP_STATUS_DONE);
}

TEST_F(BothSides, MoreDraftsThanOneRequestTakesAreRefusedBeforeAnythingIsRead) {
  const rpc::Call draft = CallOf("DraftReferral", options::v1::ROLE_OH_NURSE, kForce);
  v1::DraftReferralRequest request;
  request.set_request_id(draft.request_id);
  for (int i = 0; i <= kMostDrafts; ++i) {
    *request.add_drafts() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  }
  v1::DraftReferralResponse response;
  EXPECT_THAT(rooms_->DraftReferral(draft, request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_EQ(sources_.read, 0);
}

TEST_F(BothSides, AProviderThatNothingReachesIsRefusedBeforeAnythingIsRead) {
  const rpc::Call draft = CallOf("DraftReferral", options::v1::ROLE_OH_NURSE, kForce);
  v1::DraftReferralRequest request;
  request.set_request_id(draft.request_id);
  *request.add_drafts() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  request.mutable_drafts(0)->mutable_provider()->set_carrier(v1::CARRIER_LETTER);
  v1::DraftReferralResponse response;
  EXPECT_THAT(rooms_->DraftReferral(draft, request, &response),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PARTNER_UNKNOWN"));
  EXPECT_EQ(sources_.read, 0);
}

TEST_F(BothSides, ConsentThatIsWithdrawnBeforeSendingStopsIt) {
  const rpc::Call draft = CallOf("DraftReferral", options::v1::ROLE_OH_NURSE, kForce);
  v1::DraftReferralRequest request;
  request.set_request_id(draft.request_id);
  *request.add_drafts() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  v1::DraftReferralResponse drafted;
  ASSERT_THAT(rooms_->DraftReferral(draft, request, &drafted), IsOk());
  sources_.refused = status::FailedPrecondition("CONSENT_REQUIRED", "Ask again.");
  EXPECT_THAT(SendAgain(drafted.receipts(0).case_id()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONSENT_REQUIRED"));
  EXPECT_THAT(Told<v1::Parcel>(kCounterpart, kForce), IsEmpty());
}

TEST_F(BothSides, NobodyRefersThemselvesAsStaff) {
  rpc::Call call = CallOf("PreviewReferral", options::v1::ROLE_OH_NURSE, kForce);
  call.caller.subject_id = sources_.material.pathway.subject_id();
  v1::PreviewReferralRequest request;
  *request.mutable_draft() = ::waymark::testing::ParseProto<v1::Draft>(testing::kDraft);
  v1::PreviewReferralResponse response;
  EXPECT_THAT(rooms_->PreviewReferral(call, request, &response),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_CASE_AS_STAFF"));
}

}  // namespace
}  // namespace waymark::referral

namespace waymark::casework {
INSTANTIATE_TYPED_TEST_SUITE_P(Referral, CaseLifecycle, referral::ReferralPathway);
}
