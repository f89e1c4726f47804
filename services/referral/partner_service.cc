#include "services/referral/partner_service.h"

#include <grpcpp/channel.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/ids/ids.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/rest.h"
#include "waymark/referral/v1/directory_service.grpc.pb.h"
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

// A report that matches no referral is a laboratory's: where its organisation is none of the list,
// it stays with those who sent it.
v1::Laboratory LaboratoryOf(const Partners* partners, const std::string& organisation) {
  v1::Laboratory laboratory;
  if (partners != nullptr) laboratory = partners->LaboratoryOf(organisation);
  if (laboratory.unmatched_tenant().empty()) {
    laboratory.set_unmatched_tenant(laboratory.tenants_size() == 1 ? laboratory.tenants(0)
                                                                   : organisation);
  }
  return laboratory;
}

// The caller's cases over ReferralService, in the caller's name.
class CasesOverRpc final : public fhir::FhirBackend {
 public:
  CasesOverRpc(v1::ReferralService::Stub& stub, v1::DirectoryService::Stub& directory,
               const Partners* partners, const rpc::Call& call)
      : stub_(stub),
        directory_(directory),
        partners_(partners),
        call_(call),
        token_(TokenOf(call)) {}

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
        return std::invoke(method, stub_, context, request, &response);
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

  absl::StatusOr<bool> TakeIn(const std::string& request_id, const v1::MatchKeys& keys,
                              const v1::Answer& answer) override {
    const std::string& sender = call_.caller.tenant;
    const v1::Laboratory laboratory = LaboratoryOf(partners_, sender);
    v1::ReceiveAnswerRequest request;
    request.mutable_actor()->set_user_id(call_.caller.user_id);
    request.mutable_actor()->set_role(options::v1::ROLE_NHS_CLINICIAN);
    *request.mutable_keys() = keys;
    *request.mutable_answer() = answer;
    request.set_only_matched(true);
    std::vector<std::string> organisations = {sender};
    if (!keys.organisation_code().empty() && keys.organisation_code() != sender) {
      organisations.push_back(keys.organisation_code());
    }
    for (const std::string& tenant : laboratory.tenants()) {
      for (const std::string& organisation : organisations) {
        request.set_tenant(tenant);
        request.mutable_keys()->set_organisation_code(organisation);
        const absl::Status taken =
            Receive(request, ids::DeriveUuid(request_id, absl::StrCat(tenant, "/", organisation)));
        if (!absl::IsNotFound(taken)) {
          RETURN_IF_ERROR(taken);
          return true;
        }
      }
    }
    request.clear_only_matched();
    request.set_tenant(laboratory.unmatched_tenant());
    request.mutable_keys()->set_organisation_code(organisations.back());
    RETURN_IF_ERROR(Receive(request, request_id));
    return false;
  }

  absl::StatusOr<Times> Slots(const std::string& service_id, absl::Time from,
                              absl::Time to) override {
    ASSIGN_OR_RETURN(Times times, FindService(service_id));
    v1::ListSlotsRequest request;
    request.set_service_id(service_id);
    *request.mutable_period()->mutable_start_time() = fhir::ToTimestamp(from);
    *request.mutable_period()->mutable_end_time() = fhir::ToTimestamp(to);
    v1::ListSlotsResponse response;
    RETURN_IF_ERROR(Invoke([&](grpc::ClientContext* context) {
      return directory_.ListSlots(context, request, &response);
    }));
    times.slots = {response.slots().begin(), response.slots().end()};
    return times;
  }

 private:
  absl::Status Invoke(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> call) const {
    return rpc::Invoke({.deadline = call_.deadline, .token = token_, .parent = &call_}, call);
  }

  // As this service: the other side is another organisation's.
  absl::Status Receive(v1::ReceiveAnswerRequest request, const std::string& request_id) const {
    request.set_request_id(request_id);
    v1::ReceiveAnswerResponse response;
    return rpc::Invoke({.deadline = call_.deadline}, [&](grpc::ClientContext* context) {
      return stub_.ReceiveAnswer(context, request, &response);
    });
  }

  // The directory is hundreds of entries, and lists them by organisation.
  absl::StatusOr<Times> FindService(const std::string& service_id) const {
    v1::ListEntriesRequest request;
    request.set_page_size(200);
    do {
      v1::ListEntriesResponse response;
      RETURN_IF_ERROR(Invoke([&](grpc::ClientContext* context) {
        return directory_.ListEntries(context, request, &response);
      }));
      for (const v1::DirectoryEntry& entry : response.entries()) {
        for (const v1::OfferedService& service : entry.services()) {
          if (service.service_id() == service_id) {
            return Times{entry.organisation_code(), entry.name(), service, {}};
          }
        }
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return status::NotFound("SERVICE_NOT_FOUND", "There is no such service in the directory.");
  }

  v1::ReferralService::Stub& stub_;
  v1::DirectoryService::Stub& directory_;
  const Partners* const partners_;
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
        directory_(v1::DirectoryService::NewStub(self)),
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
    CasesOverRpc cases(*stub_, *directory_, partners_.get(), call);
    Fill(fhir::HandleFhir(request, cases), answer);
    --under_way_;
    return absl::OkStatus();
  }

  rpc::Corridor& corridor_;
  const std::unique_ptr<v1::ReferralService::Stub> stub_;
  const std::unique_ptr<v1::DirectoryService::Stub> directory_;
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
