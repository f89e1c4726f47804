// A partner's systems at the service, and the service at a partner: over gRPC and HTTP as deployed,
// with one provider's cases in memory behind them.
#include "services/referral/partner_service.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/client.h"
#include "common/rpc/unary.h"
#include "common/server/server.h"
#include "common/server/testing/pki.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/referral/carriers/partners.h"
#include "services/referral/carriers/testing/simulator.h"
#include "services/referral/clients/partner.h"
#include "waymark/referral/v1/directory_service.grpc.pb.h"
#include "waymark/referral/v1/partner_service.grpc.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::referral {
namespace {

using waymark::testing::IsOk;

constexpr char kReferral[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";
constexpr char kRequest[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c90";

class FakeReferrals final : public v1::ReferralService::CallbackService {
 public:
  explicit FakeReferrals(rpc::Corridor& corridor) : corridor_(corridor) {
    record.mutable_header()->set_case_id(kReferral);
    record.mutable_header()->set_version(3);
    record.set_state(v1::REFERRAL_STATE_RECEIVED);
    record.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  }

  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const v1::GetCaseRequest* request,
                                    v1::GetCaseResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::GetCaseRequest& asked,
                             v1::GetCaseResponse* answer) -> absl::Status {
                        if (asked.case_id() != kReferral || call.caller.tenant != "RYE") {
                          return status::NotFound("CASE_NOT_FOUND", "There is none.");
                        }
                        *answer->mutable_case_() = record;
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* AcceptReferral(grpc::CallbackServerContext* context,
                                           const v1::AcceptReferralRequest* request,
                                           v1::AcceptReferralResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::AcceptReferralRequest& asked,
                             v1::AcceptReferralResponse* answer) -> absl::Status {
                        if (asked.expected_version() != 0 &&
                            asked.expected_version() != record.header().version()) {
                          return status::FailedPrecondition("STALE_VERSION", "Read it again.");
                        }
                        accepted = asked;
                        accepted_by = call.caller.user_id;
                        record.mutable_header()->set_version(record.header().version() + 1);
                        record.set_state(v1::REFERRAL_STATE_ACCEPTED);
                        *answer->mutable_case_() = record;
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* ReceiveReferral(grpc::CallbackServerContext* context,
                                            const v1::ReceiveReferralRequest* request,
                                            v1::ReceiveReferralResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call&, const v1::ReceiveReferralRequest& asked,
                             v1::ReceiveReferralResponse*) -> absl::Status {
                        received = asked;
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* ReceiveUpdate(grpc::CallbackServerContext* context,
                                          const v1::ReceiveUpdateRequest* request,
                                          v1::ReceiveUpdateResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call&, const v1::ReceiveUpdateRequest& asked,
                             v1::ReceiveUpdateResponse*) -> absl::Status {
                        updated = asked;
                        return absl::OkStatus();
                      });
  }

  grpc::ServerUnaryReactor* RecordReceipt(grpc::CallbackServerContext* context,
                                          const v1::RecordReceiptRequest* request,
                                          v1::RecordReceiptResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call&, const v1::RecordReceiptRequest& asked,
                             v1::RecordReceiptResponse*) -> absl::Status {
                        receipts.push_back(asked);
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* ReceiveAnswer(grpc::CallbackServerContext* context,
                                          const v1::ReceiveAnswerRequest* request,
                                          v1::ReceiveAnswerResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call&, const v1::ReceiveAnswerRequest& asked,
                             v1::ReceiveAnswerResponse*) -> absl::Status {
                        answers.push_back(asked);
                        if (asked.only_matched() && asked.tenant() != has_the_referral) {
                          return status::NotFound("CASE_NOT_FOUND", "There is none.");
                        }
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* ListCases(grpc::CallbackServerContext* context,
                                      const v1::ListCasesRequest* request,
                                      v1::ListCasesResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [](const rpc::Call&, const v1::ListCasesRequest&,
                         v1::ListCasesResponse*) -> absl::Status { return absl::OkStatus(); });
  }

  std::vector<v1::RecordReceiptRequest> receipts;
  std::vector<v1::ReceiveAnswerRequest> answers;
  // The organisation that knows the patient of a report.
  std::string has_the_referral;
  v1::ReferralCase record;
  v1::AcceptReferralRequest accepted;
  std::string accepted_by;
  v1::ReceiveReferralRequest received;
  v1::ReceiveUpdateRequest updated;

 private:
  rpc::Corridor& corridor_;
};

constexpr char kService[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7ca0";

class FakeDirectory final : public v1::DirectoryService::CallbackService {
 public:
  explicit FakeDirectory(rpc::Corridor& corridor) : corridor_(corridor) {}

  grpc::ServerUnaryReactor* ListEntries(grpc::CallbackServerContext* context,
                                        const v1::ListEntriesRequest* request,
                                        v1::ListEntriesResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [](const rpc::Call&, const v1::ListEntriesRequest& asked,
                         v1::ListEntriesResponse* answer) -> absl::Status {
                        // On the second page.
                        if (asked.page_token().empty()) {
                          answer->set_next_page_token("2");
                          return absl::OkStatus();
                        }
                        v1::DirectoryEntry& entry = *answer->add_entries();
                        entry.set_organisation_code("RYE");
                        entry.add_services()->set_service_id(kService);
                        return absl::OkStatus();
                      });
  }
  grpc::ServerUnaryReactor* ListSlots(grpc::CallbackServerContext* context,
                                      const v1::ListSlotsRequest* request,
                                      v1::ListSlotsResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [](const rpc::Call&, const v1::ListSlotsRequest& asked,
                         v1::ListSlotsResponse* answer) -> absl::Status {
                        v1::Slot& slot = *answer->add_slots();
                        slot.set_slot_id(kReferral);
                        slot.set_service_id(asked.service_id());
                        slot.set_state(v1::SLOT_STATE_FREE);
                        *slot.mutable_start_time() = asked.period().start_time();
                        *slot.mutable_end_time() = asked.period().end_time();
                        return absl::OkStatus();
                      });
  }

 private:
  rpc::Corridor& corridor_;
};

class PartnerServiceTest : public ::testing::Test {
 protected:
  PartnerServiceTest() : simulator_("take") {
    referrals_server_ = Start([this](server::Ground& ground) {
      auto service = std::make_shared<FakeReferrals>(ground.corridor);
      referrals_ = service.get();
      return std::vector<server::Exposed>{
          server::Expose<v1::ReferralService>(service),
          server::Expose<v1::DirectoryService>(std::make_shared<FakeDirectory>(ground.corridor))};
    });
    self_ = surroundings_.Channel("referral", referrals_server_->port(), "referral");
    v1::PartnerList list;
    list.set_loopback(true);
    list.set_source_system("urn:ietf:rfc:3986");
    list.set_source_value("urn:uuid:0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c70");
    v1::Partner& partner = *list.add_partners();
    partner.set_organisation_code("RYE");
    partner.mutable_bars()->set_url(absl::StrCat("http://127.0.0.1:", simulator_.port()));
    partner.mutable_bars()->set_target_system("https://fhir.nhs.uk/Id/dos-service-id");
    partner.mutable_bars()->set_target_value("1");
    v1::Laboratory& laboratory = *list.add_laboratories();
    laboratory.set_organisation_code("RQL");
    laboratory.add_tenants("E1");
    laboratory.add_tenants("E2");
    laboratory.set_unmatched_tenant("E2");
    auto partners = Partners::Make(list, clock::Real());
    EXPECT_THAT(partners, IsOk());
    partners_ = *std::move(partners);
    partners_server_ = Start([this](server::Ground& ground) {
      return std::vector<server::Exposed>{ExposePartners(ground.corridor, self_, partners_)};
    });
    stub_ = v1::PartnerService::NewStub(
        surroundings_.Channel("gateway", partners_server_->port(), "referral"));
  }

  std::unique_ptr<server::Server> Start(
      const std::function<std::vector<server::Exposed>(server::Ground&)>& expose) {
    auto server = server::Server::Start(
        {.name = "referral",
         .about = "Of a test.",
         .assemble = [&expose](server::Ground& ground) -> absl::StatusOr<server::Parts> {
           return server::Parts{.services = expose(ground)};
         }},
        surroundings_.OptionsFor("referral"));
    EXPECT_THAT(server, IsOk());
    return *std::move(server);
  }

  absl::Status Invoke(const std::string& token,
                      absl::FunctionRef<grpc::Status(grpc::ClientContext*)> call) {
    return rpc::Invoke({.deadline = absl::Now() + absl::Seconds(10), .token = token}, call);
  }

  v1::FhirAnswer Put(const std::string& body, const std::string& if_match) {
    v1::ChangeFhirRequest request;
    request.set_request_id(kRequest);
    request.set_http_method("PUT");
    request.set_path(absl::StrCat("/Task/", kReferral));
    v1::FhirHeader& header = *request.add_headers();
    header.set_name("if-match");
    header.set_value(if_match);
    request.set_body(body);
    v1::ChangeFhirResponse response;
    EXPECT_THAT(Invoke(surroundings_.TokenFor({"NHS_CLINICIAN"}, "RYE", "pas"),
                       [&](grpc::ClientContext* context) {
                         return stub_->ChangeFhir(context, request, &response);
                       }),
                IsOk());
    return response.answer();
  }

  testing::Simulator simulator_;
  waymark::testing::Surroundings surroundings_;
  FakeReferrals* referrals_ = nullptr;
  std::unique_ptr<server::Server> referrals_server_;
  std::shared_ptr<grpc::Channel> self_;
  std::shared_ptr<Partners> partners_;
  std::unique_ptr<server::Server> partners_server_;
  std::unique_ptr<v1::PartnerService::Stub> stub_;
};

TEST_F(PartnerServiceTest, DoesWhatATaskSaysInTheCallersName) {
  const std::string accepts =
      absl::StrCat(R"({"resourceType": "Task", "id": ")", kReferral, R"(", "status": "accepted",
      "intent": "order", "lastModified": "2026-11-22T10:00:00Z",
      "identifier": [{"system": "https://pas.example", "value": "P77"}],
      "focus": {"reference": "ServiceRequest/)",
                   kReferral, R"("}})");
  EXPECT_EQ(Put(accepts, "W/\"2\"").status(), 412);
  const v1::FhirAnswer answer = Put(accepts, "W/\"3\"");
  EXPECT_EQ(answer.status(), 200) << answer.body();
  EXPECT_TRUE(absl::StrContains(answer.body(), "\"accepted\""));
  EXPECT_EQ(referrals_->accepted_by, "pas");
  EXPECT_EQ(referrals_->accepted.request_id(), kRequest);
  EXPECT_EQ(referrals_->accepted.accepted().provider_reference(), "P77");
}

TEST_F(PartnerServiceTest, ShowsAnOrganisationItsOwn) {
  v1::ReadFhirRequest request;
  request.set_http_method("GET");
  request.set_path(absl::StrCat("/Task/", kReferral));
  const auto status_for = [&](const std::string& token) {
    v1::ReadFhirResponse response;
    EXPECT_THAT(Invoke(token,
                       [&](grpc::ClientContext* context) {
                         return stub_->ReadFhir(context, request, &response);
                       }),
                IsOk());
    return response.answer().status();
  };
  EXPECT_EQ(status_for(surroundings_.TokenFor({"NHS_CLINICIAN"}, "RYE")), 200);
  EXPECT_EQ(status_for(surroundings_.TokenFor({"NHS_CLINICIAN"}, "RVE")), 404);
}

TEST_F(PartnerServiceTest, FindsSlotsOfTheDirectory) {
  v1::ReadFhirRequest request;
  request.set_http_method("GET");
  request.set_path("/Slot");
  request.set_query(
      absl::StrCat("Schedule.actor:HealthcareService=", kService,
                   "&start=ge2026-11-22T10:00:00Z&start=le2026-11-23T10:00:00Z&status=free"
                   "&_include=Slot:schedule&_include=Schedule:actor:HealthcareService"
                   "&_include=Schedule:actor:Practitioner"));
  v1::ReadFhirResponse response;
  ASSERT_THAT(Invoke(surroundings_.TokenFor({"NHS_CLINICIAN"}, "RYE"),
                     [&](grpc::ClientContext* context) {
                       return stub_->ReadFhir(context, request, &response);
                     }),
              IsOk());
  EXPECT_EQ(response.answer().status(), 200) << response.answer().body();
  EXPECT_TRUE(absl::StrContains(response.answer().body(), "\"HealthcareService\""));
}

// A laboratory's report that says whose it is and nothing else.
constexpr char kReport[] = R"({"resourceType": "Bundle", "id": "b", "type": "message",
  "timestamp": "2026-11-22T10:00:00Z", "entry": [
  {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example"},
    "eventCoding": {"system": "http://snomed.info/sct", "code": "371528001"}}},
  {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "DiagnosticReport", "status": "final",
    "code": {"text": "Virology"}, "issued": "2026-11-22T09:00:00Z", "conclusion": "Negative.",
    "subject": {"reference": "urn:uuid:2"}}},
  {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "birthDate": "1990-02-01",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}]}}]})";

TEST_F(PartnerServiceTest, TakesReportsInForTheForcesThatALaboratoryTestsFor) {
  v1::ChangeFhirRequest request;
  request.set_request_id(kRequest);
  request.set_http_method("POST");
  request.set_path("/$process-message");
  request.set_body(kReport);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"x-request-id", kRequest},
           {"x-correlation-id", kReferral},
           {"nhsd-target-identifier", absl::Base64Escape(R"({"system": "s", "value": "v"})")},
           {"nhsd-requesting-software", absl::Base64Escape("{}")},
           {"nhsd-end-user-organisation", absl::Base64Escape("{}")}}) {
    v1::FhirHeader& header = *request.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  const auto status_for = [&](const std::string& organisation) {
    referrals_->answers.clear();
    v1::ChangeFhirResponse response;
    EXPECT_THAT(Invoke(surroundings_.TokenFor({"NHS_CLINICIAN"}, organisation, "lims"),
                       [&](grpc::ClientContext* context) {
                         return stub_->ChangeFhir(context, request, &response);
                       }),
                IsOk());
    return response.answer().status();
  };
  referrals_->has_the_referral = "E2";
  EXPECT_EQ(status_for("RQL"), 200);
  ASSERT_EQ(referrals_->answers.size(), 2);
  EXPECT_EQ(referrals_->answers[0].tenant(), "E1");
  EXPECT_TRUE(referrals_->answers[0].only_matched());
  EXPECT_EQ(referrals_->answers[1].keys().nhs_number(), "9434765919");
  EXPECT_EQ(referrals_->answers[1].keys().organisation_code(), "RQL");
  EXPECT_EQ(referrals_->answers[1].answer().outcome().summary(), "Negative.");
  // Nobody's: a task for those who are named for that.
  referrals_->has_the_referral = "";
  EXPECT_EQ(status_for("RQL"), 202);
  ASSERT_EQ(referrals_->answers.size(), 3);
  EXPECT_EQ(referrals_->answers[2].tenant(), "E2");
  EXPECT_FALSE(referrals_->answers[2].only_matched());
  // Of an organisation that is no laboratory of anybody: it stays with its sender.
  EXPECT_EQ(status_for("RVE"), 202);
  ASSERT_EQ(referrals_->answers.size(), 1);
  EXPECT_EQ(referrals_->answers[0].tenant(), "RVE");
}

TEST_F(PartnerServiceTest, ListsHowPartnersAre) {
  v1::ListPartnersResponse response;
  ASSERT_THAT(Invoke(surroundings_.TokenFor({"OH_NURSE"}),
                     [&](grpc::ClientContext* context) {
                       return stub_->ListPartners(context, {}, &response);
                     }),
              IsOk());
  ASSERT_EQ(response.partners_size(), 1);
  EXPECT_EQ(response.partners(0).organisation_code(), "RYE");
  EXPECT_EQ(response.partners(0).carrier(), v1::CARRIER_BARS);
  EXPECT_EQ(response.partners(0).circuit(), v1::CIRCUIT_STATE_CLOSED);
}

TEST_F(PartnerServiceTest, OpensTheCopyThatAPartnersAnswersAreAbout) {
  const casework::Teller tell = PartnerTeller(partners_, self_);
  v1::PartnerMessage message;
  v1::ReceiveReferralRequest& referral = *message.mutable_referral();
  referral.set_request_id(kRequest);
  referral.set_tenant("RYE");
  referral.set_referral_id(kReferral);
  referral.mutable_provider()->set_organisation_code("RYE");
  referral.mutable_return_route()->set_tenant("E1");
  referral.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  referral.mutable_content()->mutable_need()->set_title("HIV test");
  referral.mutable_sending()->set_message_id(kRequest);
  referral.mutable_sending()->set_correlation_id(kReferral);
  referral.mutable_sending()->mutable_sent_time()->set_seconds(1'790'000'000);
  message.set_message_id(kRequest);
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  ASSERT_THAT(tell(message.SerializeAsString(), deadline), IsOk());
  EXPECT_EQ(referrals_->received.referral_id(), kReferral);
  ASSERT_EQ(referrals_->receipts.size(), 1);
  EXPECT_EQ(referrals_->receipts[0].tenant(), "E1");
  EXPECT_EQ(referrals_->receipts[0].case_id(), kReferral);
  EXPECT_EQ(referrals_->receipts[0].receipt().what(), "referral");
  EXPECT_EQ(referrals_->receipts[0].receipt().carrier(), v1::CARRIER_BARS);
  EXPECT_EQ(referrals_->receipts[0].receipt().handover(), v1::HANDOVER_ACKNOWLEDGED);
  EXPECT_EQ(referrals_->receipts[0].receipt().message_id(), kRequest);
  // Delivered again, it is the same receipt under the same request id.
  ASSERT_THAT(tell(message.SerializeAsString(), deadline), IsOk());
  ASSERT_EQ(referrals_->receipts.size(), 2);
  EXPECT_EQ(referrals_->receipts[1].request_id(), referrals_->receipts[0].request_id());

  message.mutable_update()->mutable_updated_time()->set_seconds(1'790'000'100);
  message.mutable_update()->mutable_cancelled()->set_reason(v1::CANCEL_REASON_DIED);
  message.set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c91");
  ASSERT_THAT(tell(message.SerializeAsString(), deadline), IsOk());
  EXPECT_EQ(referrals_->updated.tenant(), "RYE");
  EXPECT_TRUE(referrals_->updated.update().has_cancelled());
  EXPECT_EQ(referrals_->receipts.back().receipt().what(), "cancellation");
}

v1::PartnerMessage ToRye() {
  v1::PartnerMessage message;
  v1::ReceiveReferralRequest& referral = *message.mutable_referral();
  referral.set_tenant("RYE");
  referral.set_referral_id(kReferral);
  referral.mutable_provider()->set_organisation_code("RYE");
  referral.mutable_return_route()->set_tenant("E1");
  referral.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  referral.mutable_sending()->set_message_id(kRequest);
  referral.mutable_sending()->set_correlation_id(kReferral);
  referral.mutable_sending()->mutable_sent_time()->set_seconds(1'790'000'000);
  message.set_message_id(kRequest);
  return message;
}

std::shared_ptr<Partners> ServedAt(int port) {
  v1::PartnerList list;
  list.set_loopback(true);
  v1::Partner& partner = *list.add_partners();
  partner.set_organisation_code("RYE");
  partner.mutable_bars()->set_url(absl::StrCat("http://127.0.0.1:", port));
  partner.mutable_bars()->set_target_system("https://fhir.nhs.uk/Id/dos-service-id");
  partner.mutable_bars()->set_target_value("1");
  auto partners = Partners::Make(list, clock::Real());
  EXPECT_THAT(partners, IsOk());
  return *std::move(partners);
}

TEST_F(PartnerServiceTest, SaysOnTheCaseThatAPartnerRefusesAndStillTellsItsCopyOfUpdates) {
  const testing::Simulator refusing("refuse");
  const casework::Teller tell = PartnerTeller(ServedAt(refusing.port()), self_);
  v1::PartnerMessage message = ToRye();
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  EXPECT_EQ(status::Reason(tell(message.SerializeAsString(), deadline)), "PARTNER_REFUSED");
  ASSERT_EQ(referrals_->receipts.size(), 1);
  EXPECT_EQ(referrals_->receipts[0].receipt().handover(), v1::HANDOVER_REFUSED);
  EXPECT_EQ(referrals_->receipts[0].receipt().reason(), "PARTNER_REFUSED");
  EXPECT_EQ(referrals_->received.referral_id(), "");

  message.mutable_update()->set_number(1);
  message.mutable_update()->mutable_answered()->set_answer("None.");
  message.mutable_update()->mutable_updated_time()->set_seconds(1'790'000'100);
  message.set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c91");
  EXPECT_EQ(status::Reason(tell(message.SerializeAsString(), deadline)), "PARTNER_REFUSED");
  EXPECT_EQ(referrals_->receipts.back().receipt().what(), "answer");
  EXPECT_EQ(referrals_->updated.update().answered().answer(), "None.");
}

TEST_F(PartnerServiceTest, SaysOnTheCaseOnceThatAPartnerIsBeingLeftAlone) {
  const casework::Teller tell = PartnerTeller(ServedAt(9), self_);  // nobody listens there
  const std::string message = ToRye().SerializeAsString();
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(status::Reason(tell(message, deadline)), "PARTNER_UNAVAILABLE");
  }
  EXPECT_TRUE(referrals_->receipts.empty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(status::Reason(tell(message, deadline)), "PARTNER_UNAVAILABLE");
  }
  ASSERT_EQ(referrals_->receipts.size(), 3);
  for (const v1::RecordReceiptRequest& request : referrals_->receipts) {
    EXPECT_EQ(request.receipt().handover(), v1::HANDOVER_DELAYED);
    EXPECT_EQ(request.request_id(), referrals_->receipts[0].request_id());
  }
}

}  // namespace
}  // namespace waymark::referral
