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

  v1::ReferralCase record;
  v1::AcceptReferralRequest accepted;
  std::string accepted_by;
  v1::ReceiveReferralRequest received;
  v1::ReceiveUpdateRequest updated;

 private:
  rpc::Corridor& corridor_;
};

class PartnerServiceTest : public ::testing::Test {
 protected:
  PartnerServiceTest() : simulator_("take") {
    referrals_server_ = Start([this](server::Ground& ground) {
      auto service = std::make_shared<FakeReferrals>(ground.corridor);
      referrals_ = service.get();
      return server::Expose<v1::ReferralService>(service);
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
    auto partners = Partners::Make(list, clock::Real());
    EXPECT_THAT(partners, IsOk());
    partners_ = *std::move(partners);
    partners_server_ = Start([this](server::Ground& ground) {
      return ExposePartners(ground.corridor, self_, partners_);
    });
    stub_ = v1::PartnerService::NewStub(
        surroundings_.Channel("gateway", partners_server_->port(), "referral"));
  }

  std::unique_ptr<server::Server> Start(
      const std::function<server::Exposed(server::Ground&)>& expose) {
    auto server = server::Server::Start(
        {.name = "referral",
         .about = "Of a test.",
         .assemble = [&expose](server::Ground& ground) -> absl::StatusOr<server::Parts> {
           return server::Parts{.services = {expose(ground)}};
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
  referral.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  referral.mutable_content()->mutable_need()->set_title("HIV test");
  referral.mutable_sending()->set_message_id(kRequest);
  referral.mutable_sending()->set_correlation_id(kReferral);
  referral.mutable_sending()->mutable_sent_time()->set_seconds(1'790'000'000);
  message.set_message_id(kRequest);
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  ASSERT_THAT(tell(message.SerializeAsString(), deadline), IsOk());
  EXPECT_EQ(referrals_->received.referral_id(), kReferral);

  message.mutable_update()->mutable_updated_time()->set_seconds(1'790'000'100);
  message.mutable_update()->mutable_cancelled()->set_reason(v1::CANCEL_REASON_DIED);
  message.set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c91");
  ASSERT_THAT(tell(message.SerializeAsString(), deadline), IsOk());
  EXPECT_EQ(referrals_->updated.tenant(), "RYE");
  EXPECT_TRUE(referrals_->updated.update().has_cancelled());

  EXPECT_EQ(status::Reason(PartnerTeller(nullptr, self_)(message.SerializeAsString(), deadline)),
            "PARTNER_UNKNOWN");
}

}  // namespace
}  // namespace waymark::referral
