#include "services/referral/outbound.h"

#include "absl/strings/str_cat.h"
#include "services/referral/record.h"
#include "waymark/referral/v1/partner.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral {
namespace {

bool IsOutside(const v1::ReferralCase& record) {
  return record.provider().carrier() != v1::CARRIER_WAYMARK;
}

v1::ReceiveReferralRequest Sent(const v1::ReferralCase& record, absl::string_view tenant) {
  v1::ReceiveReferralRequest request;
  request.set_request_id(record.sending().message_id());
  request.set_tenant(record.provider().organisation_code());
  request.set_referral_id(record.header().case_id());
  *request.mutable_provider() = record.provider();
  *request.mutable_content() = ForProvider(record.content());
  *request.mutable_sending() = record.sending();
  request.mutable_sending()->clear_resent_times();
  request.mutable_return_route()->set_tenant(std::string(tenant));
  return request;
}

casework::Outgoing ToPartner(const v1::PartnerMessage& message, const v1::ReferralCase& record) {
  return {.destination = PartnerDestination(record.provider().organisation_code()),
          .payload = message.SerializeAsString()};
}

}  // namespace

v1::ReferralContent ForProvider(const v1::ReferralContent& content) {
  v1::ReferralContent sent = content;
  sent.mutable_need()->clear_origin();
  sent.mutable_consent()->clear_recorded_by();
  sent.mutable_consent()->clear_consent_id();
  // For the preview: who receives it knows why they need it.
  for (v1::ClinicalItem& item : *sent.mutable_items()) item.clear_purpose();
  return sent;
}

std::string PartnerDestination(absl::string_view organisation_code) {
  return absl::StrCat("partner_", organisation_code);
}

casework::Outgoing ToProvider(const v1::ReferralCase& record, absl::string_view tenant) {
  if (IsOutside(record)) {
    v1::PartnerMessage message;
    *message.mutable_referral() = Sent(record, tenant);
    message.set_message_id(record.sending().message_id());
    message.set_resend(record.sending().resent_times_size());
    return ToPartner(message, record);
  }
  v1::Parcel parcel;
  *parcel.mutable_referral() = Sent(record, tenant);
  return {.destination = kCounterpart, .payload = parcel.SerializeAsString()};
}

casework::Outgoing ToProvider(const v1::ReferralCase& record, absl::string_view tenant,
                              const v1::Update& update, const std::string& message_id) {
  if (IsOutside(record)) {
    v1::PartnerMessage message;
    *message.mutable_referral() = Sent(record, tenant);
    *message.mutable_update() = update;
    message.set_message_id(message_id);
    return ToPartner(message, record);
  }
  v1::Parcel parcel;
  v1::ReceiveUpdateRequest& request = *parcel.mutable_update();
  request.set_request_id(message_id);
  request.set_tenant(record.provider().organisation_code());
  request.set_case_id(record.header().case_id());
  *request.mutable_update() = update;
  return {.destination = kCounterpart, .payload = parcel.SerializeAsString()};
}

}  // namespace waymark::referral
