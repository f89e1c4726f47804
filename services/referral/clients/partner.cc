#include "services/referral/clients/partner.h"

#include <grpcpp/channel.h>

#include <string>
#include <utility>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "services/referral/fhir/codes.h"
#include "waymark/referral/v1/partner.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::referral {

casework::Teller PartnerTeller(std::shared_ptr<Partners> partners,
                               const std::shared_ptr<grpc::Channel>& self) {
  const std::shared_ptr<v1::ReferralService::Stub> stub = v1::ReferralService::NewStub(self);
  return [partners = std::move(partners), stub](const std::string& payload,
                                                absl::Time deadline) -> absl::Status {
    v1::PartnerMessage message;
    if (!message.ParseFromString(payload)) {
      return status::InvalidArgument("MESSAGE_UNREADABLE", "The message cannot be read.");
    }
    if (partners == nullptr) {
      return status::FailedPrecondition("PARTNER_UNKNOWN", "No carrier is set for this provider.");
    }
    RETURN_IF_ERROR(partners->Deliver(message, deadline));
    const v1::ReceiveReferralRequest& referral = message.referral();
    const std::string& code = referral.provider().organisation_code();
    if (message.has_update() || !partners->Acknowledges(code)) return absl::OkStatus();
    v1::ReceiveAnswerRequest request;
    request.set_request_id(ids::DeriveUuid(message.message_id(), "received"));
    request.set_tenant(referral.return_route().tenant());
    request.set_case_id(referral.referral_id());
    request.mutable_keys()->set_organisation_code(code);
    // When it was sent, so that a repetition says the same.
    const auto& sent = referral.sending().sent_time();
    *request.mutable_answer()->mutable_answered_time() = sent;
    *request.mutable_answer()->mutable_received()->mutable_received_time() = sent;
    return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      v1::ReceiveAnswerResponse response;
      return stub->ReceiveAnswer(context, request, &response);
    });
  };
}

}  // namespace waymark::referral
