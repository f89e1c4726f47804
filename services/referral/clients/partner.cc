#include "services/referral/clients/partner.h"

#include <grpcpp/channel.h>

#include <string>
#include <utility>

#include "common/clock/clock.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
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
    if (!partners->Acknowledges(code)) return absl::OkStatus();
    return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      if (!message.has_update()) {
        v1::ReceiveReferralResponse response;
        return stub->ReceiveReferral(context, referral, &response);
      }
      v1::ReceiveUpdateRequest request;
      request.set_request_id(message.message_id());
      request.set_tenant(code);
      request.set_case_id(referral.referral_id());
      *request.mutable_update() = message.update();
      v1::ReceiveUpdateResponse response;
      return stub->ReceiveUpdate(context, request, &response);
    });
  };
}

}  // namespace waymark::referral
