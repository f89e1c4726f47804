#include "services/referral/clients/partner.h"

#include <grpcpp/channel.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/referral/v1/partner.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::referral {
namespace {

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status);
}

std::string WhatOf(const v1::PartnerMessage& message) {
  if (message.update().has_answered()) return "answer";
  if (message.update().has_cancelled()) return "cancellation";
  return "referral";
}

v1::Handover HandoverOf(const absl::Status& delivered, bool acknowledges, bool paused) {
  if (delivered.ok()) {
    return acknowledges ? v1::HANDOVER_ACKNOWLEDGED : v1::HANDOVER_DELIVERED;
  }
  if (!MayPass(delivered)) return v1::HANDOVER_REFUSED;
  // One failure is nothing to tell a nurse of: the next attempt is seconds away.
  return paused ? v1::HANDOVER_DELAYED : v1::HANDOVER_UNSPECIFIED;
}

// Puts what became of the message on the referrer's case. The same thing happening again is the
// same request and recorded once.
absl::Status Record(v1::ReferralService::Stub& stub, const Partners& partners,
                    const v1::PartnerMessage& message, const absl::StatusOr<std::string>& delivered,
                    absl::Time deadline) {
  const v1::ReceiveReferralRequest& referral = message.referral();
  const std::string& code = referral.provider().organisation_code();
  const v1::Handover handover =
      HandoverOf(delivered.status(), partners.Acknowledges(code), partners.Paused(code));
  if (handover == v1::HANDOVER_UNSPECIFIED || message.update().has_completed()) {
    return absl::OkStatus();
  }
  v1::RecordReceiptRequest request;
  request.set_request_id(ids::DeriveUuid(
      message.message_id(), absl::StrCat("receipt/", message.resend(), "/", handover)));
  request.set_tenant(referral.return_route().tenant());
  request.set_case_id(referral.referral_id());
  v1::Receipt& receipt = *request.mutable_receipt();
  receipt.set_what(WhatOf(message));
  const v1::Carrier carrier = partners.CarrierOf(code);
  receipt.set_carrier(carrier == v1::CARRIER_UNSPECIFIED ? referral.provider().carrier() : carrier);
  receipt.set_message_id(message.message_id());
  receipt.set_resend(message.resend());
  receipt.set_handover(handover);
  if (delivered.ok()) {
    receipt.set_acknowledgement(*delivered);
  } else {
    receipt.set_reason(status::Reason(delivered.status()));
  }
  absl::Status recorded = rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    v1::RecordReceiptResponse response;
    return stub.RecordReceipt(context, request, &response);
  });
  if (recorded.ok() || MayPass(recorded)) return recorded;
  // A case that is gone, or a partner that gave another acknowledgement the second time: the
  // message itself is where it should be.
  log::Warning("A receipt of a partner was not recorded.", {{"reason", status::Reason(recorded)}});
  return absl::OkStatus();
}

// The copy that the provider's systems answer about.
absl::Status TellCopy(v1::ReferralService::Stub& stub, const v1::PartnerMessage& message,
                      absl::Time deadline) {
  const v1::ReceiveReferralRequest& referral = message.referral();
  return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    if (!message.has_update()) {
      v1::ReceiveReferralResponse response;
      return stub.ReceiveReferral(context, referral, &response);
    }
    v1::ReceiveUpdateRequest request;
    request.set_request_id(message.message_id());
    request.set_tenant(referral.provider().organisation_code());
    request.set_case_id(referral.referral_id());
    *request.mutable_update() = message.update();
    v1::ReceiveUpdateResponse response;
    return stub.ReceiveUpdate(context, request, &response);
  });
}

}  // namespace

casework::Teller PartnerTeller(std::shared_ptr<Partners> partners,
                               const std::shared_ptr<grpc::Channel>& self) {
  const std::shared_ptr<v1::ReferralService::Stub> stub = v1::ReferralService::NewStub(self);
  return [partners = std::move(partners), stub](const std::string& payload,
                                                absl::Time deadline) -> absl::Status {
    v1::PartnerMessage message;
    if (!message.ParseFromString(payload)) {
      return status::InvalidArgument("MESSAGE_UNREADABLE", "The message cannot be read.");
    }
    const absl::StatusOr<std::string> delivered = partners->Deliver(message, deadline);
    RETURN_IF_ERROR(Record(*stub, *partners, message, delivered, deadline));
    // What a partner will never take still belongs to its copy: updates are numbered, and those
    // after it would wait for it.
    const bool known = delivered.ok() || (message.has_update() && !MayPass(delivered.status()));
    if (known && partners->Acknowledges(message.referral().provider().organisation_code())) {
      const absl::Status told = TellCopy(*stub, message, deadline);
      if (delivered.ok() || MayPass(told)) RETURN_IF_ERROR(told);
    }
    return delivered.status();
  };
}

}  // namespace waymark::referral
