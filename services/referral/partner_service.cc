#include "services/referral/partner_service.h"

#include <grpcpp/channel.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/ids/ids.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/rest.h"
#include "waymark/referral/v1/partner_service.grpc.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::referral {
namespace {

// Each holds a worker while it calls this same program: more would leave none to answer.
constexpr int kMostAtOnce = 4;

// The bearer token of the call; empty when there is none.
std::string TokenOf(const rpc::Call& call) {
  const auto& metadata = call.context->client_metadata();
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return "";
  absl::string_view value(found->second.data(), found->second.size());
  return absl::ConsumePrefix(&value, "Bearer ") ? std::string(value) : "";
}

// The caller's cases over ReferralService, in the caller's name.
class CasesOverRpc final : public fhir::FhirBackend {
 public:
  CasesOverRpc(v1::ReferralService::Stub& stub, const rpc::Call& call)
      : stub_(stub), call_(call), token_(TokenOf(call)) {}

  absl::StatusOr<v1::ReferralCase> Get(const std::string& id) override {
    v1::GetCaseRequest request;
    request.set_case_id(id);
    v1::GetCaseResponse response;
    RETURN_IF_ERROR(Invoke(
        [&](grpc::ClientContext* context) { return stub_.GetCase(context, request, &response); }));
    return std::move(*response.mutable_case_());
  }

  absl::StatusOr<Page> List(int size, const std::string& token) override {
    v1::ListCasesRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    v1::ListCasesResponse response;
    RETURN_IF_ERROR(Invoke([&](grpc::ClientContext* context) {
      return stub_.ListCases(context, request, &response);
    }));
    return Page{{response.cases().begin(), response.cases().end()}, response.next_page_token()};
  }

  absl::StatusOr<std::vector<casework::v1::CaseEvent>> Events(const std::string& id) override {
    v1::ListCaseEventsRequest request;
    request.set_case_id(id);
    request.set_page_size(200);
    v1::ListCaseEventsResponse response;
    RETURN_IF_ERROR(Invoke([&](grpc::ClientContext* context) {
      return stub_.ListCaseEvents(context, request, &response);
    }));
    return std::vector<casework::v1::CaseEvent>(response.events().begin(), response.events().end());
  }

  absl::StatusOr<v1::ReferralCase> Act(const std::string& id, int64_t version,
                                       const std::string& request_id,
                                       const v1::Answer& answer) override {
    using Stub = v1::ReferralService::Stub;
    const auto act = [&]<class Request, class Response>(
                         Request request, grpc::Status (Stub::*method)(
                                              grpc::ClientContext*, const Request&,
                                              Response*)) -> absl::StatusOr<v1::ReferralCase> {
      request.set_request_id(request_id);
      request.set_case_id(id);
      request.set_expected_version(version);
      Response response;
      RETURN_IF_ERROR(Invoke([&](grpc::ClientContext* context) {
        return (stub_.*method)(context, request, &response);
      }));
      return std::move(*response.mutable_case_());
    };
    switch (answer.kind_case()) {
      case v1::Answer::kReceived:
        return Get(id);  // the copy here is the receipt
      case v1::Answer::kAsked: {
        v1::AskForInformationRequest request;
        request.set_question(answer.asked().text());
        return act(request, &Stub::AskForInformation);
      }
      case v1::Answer::kAccepted: {
        v1::AcceptReferralRequest request;
        *request.mutable_accepted() = answer.accepted();
        return act(request, &Stub::AcceptReferral);
      }
      case v1::Answer::kDeclined: {
        v1::DeclineReferralRequest request;
        *request.mutable_declined() = answer.declined();
        return act(request, &Stub::DeclineReferral);
      }
      case v1::Answer::kRedirected: {
        v1::RedirectReferralRequest request;
        *request.mutable_redirected() = answer.redirected();
        return act(request, &Stub::RedirectReferral);
      }
      case v1::Answer::kBooked: {
        v1::BookReferralRequest request;
        *request.mutable_booking() = answer.booked();
        return act(request, &Stub::BookReferral);
      }
      case v1::Answer::kNotAttended: {
        v1::RecordNotAttendedRequest request;
        *request.mutable_not_attended() = answer.not_attended();
        return act(request, &Stub::RecordNotAttended);
      }
      case v1::Answer::kBookingCancelled: {
        v1::CancelBookingRequest request;
        *request.mutable_booking_cancelled() = answer.booking_cancelled();
        return act(request, &Stub::CancelBooking);
      }
      case v1::Answer::kSeen: {
        v1::RecordSeenRequest request;
        *request.mutable_seen() = answer.seen();
        return act(request, &Stub::RecordSeen);
      }
      case v1::Answer::kOutcome: {
        v1::RecordOutcomeRequest request;
        *request.mutable_outcome() = answer.outcome();
        request.mutable_outcome()->clear_outcome_id();
        return act(request, &Stub::RecordOutcome);
      }
      case v1::Answer::KIND_NOT_SET:
        break;
    }
    return status::InvalidArgument("NO_ANSWER", "The message answers nothing.");
  }

 private:
  absl::Status Invoke(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> call) const {
    return rpc::Invoke({.deadline = call_.deadline, .token = token_, .parent = &call_}, call);
  }

  v1::ReferralService::Stub& stub_;
  const rpc::Call& call_;
  const std::string token_;
};

template <class Request>
fhir::FhirRequest Asked(const Request& request) {
  fhir::FhirRequest asked;
  asked.method = request.http_method();
  asked.path = request.path();
  asked.body = request.body();
  asked.base_url = request.base_url();
  for (const v1::FhirHeader& header : request.headers()) {
    asked.headers[header.name()] = header.value();
  }
  return asked;
}

void Fill(fhir::FhirAnswer answer, v1::FhirAnswer* out) {
  out->set_status(answer.status);
  for (auto& [name, value] : answer.headers) {
    v1::FhirHeader& header = *out->add_headers();
    header.set_name(name);
    header.set_value(std::move(value));
  }
  out->set_body(std::move(answer.body));
}

class PartnerService final : public v1::PartnerService::CallbackService {
 public:
  PartnerService(rpc::Corridor& corridor, const std::shared_ptr<grpc::Channel>& self,
                 std::shared_ptr<Partners> partners)
      : corridor_(corridor),
        stub_(v1::ReferralService::NewStub(self)),
        partners_(std::move(partners)) {}

  grpc::ServerUnaryReactor* ReadFhir(grpc::CallbackServerContext* context,
                                     const v1::ReadFhirRequest* request,
                                     v1::ReadFhirResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::ReadFhirRequest& asked,
                             v1::ReadFhirResponse* answer) -> absl::Status {
                        fhir::FhirRequest read = Asked(asked);
                        read.query = asked.query();
                        const bool search =
                            read.method == "POST" && absl::EndsWith(read.path, "/_search");
                        if (read.method != "GET" && !search) {
                          return status::InvalidArgument("NOT_A_READ", "Use ChangeFhir.");
                        }
                        return Handle(call, read, answer->mutable_answer());
                      });
  }

  grpc::ServerUnaryReactor* ChangeFhir(grpc::CallbackServerContext* context,
                                       const v1::ChangeFhirRequest* request,
                                       v1::ChangeFhirResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::ChangeFhirRequest& asked,
                             v1::ChangeFhirResponse* answer) -> absl::Status {
                        fhir::FhirRequest change = Asked(asked);
                        change.request_id = asked.request_id();
                        return Handle(call, change, answer->mutable_answer());
                      });
  }

  grpc::ServerUnaryReactor* ListPartners(grpc::CallbackServerContext* context,
                                         const v1::ListPartnersRequest* request,
                                         v1::ListPartnersResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& /*call*/, const v1::ListPartnersRequest& /*asked*/,
                             v1::ListPartnersResponse* answer) -> absl::Status {
                        if (partners_ == nullptr) return absl::OkStatus();
                        for (const Partners::CircuitView& view : partners_->Circuits()) {
                          v1::PartnerView& partner = *answer->add_partners();
                          partner.set_organisation_code(view.organisation_code);
                          partner.set_carrier(view.carrier);
                          partner.set_circuit(
                              view.state == Circuit::State::kClosed ? v1::CIRCUIT_STATE_CLOSED
                              : view.state == Circuit::State::kOpen ? v1::CIRCUIT_STATE_OPEN
                                                                    : v1::CIRCUIT_STATE_HALF_OPEN);
                          if (view.retry_at != absl::InfinitePast()) {
                            *partner.mutable_retry_time() = fhir::ToTimestamp(view.retry_at);
                          }
                        }
                        return absl::OkStatus();
                      });
  }

 private:
  absl::Status Handle(const rpc::Call& call, const fhir::FhirRequest& request,
                      v1::FhirAnswer* answer) {
    if (++under_way_ > kMostAtOnce) {
      --under_way_;
      return status::WithRetryAfter(
          status::ResourceExhausted("FHIR_BUSY", "Too many FHIR requests are under way."),
          absl::Seconds(1));
    }
    CasesOverRpc cases(*stub_, call);
    Fill(fhir::HandleFhir(request, cases), answer);
    --under_way_;
    return absl::OkStatus();
  }

  rpc::Corridor& corridor_;
  const std::unique_ptr<v1::ReferralService::Stub> stub_;
  const std::shared_ptr<Partners> partners_;
  std::atomic<int> under_way_ = 0;
};

}  // namespace

server::Exposed ExposePartners(rpc::Corridor& corridor, const std::shared_ptr<grpc::Channel>& self,
                               std::shared_ptr<Partners> partners) {
  return server::Expose<v1::PartnerService>(
      std::make_shared<PartnerService>(corridor, self, std::move(partners)));
}

}  // namespace waymark::referral
