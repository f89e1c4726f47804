#include "services/referral/send_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/build_content.h"
#include "services/referral/outbound.h"

namespace waymark::referral {
namespace {

// Whether the draft says of the patient only what may be said now. What the nurse withheld stays
// withheld.
bool StillTrue(const v1::Patient& drafted, const v1::Patient& now) {
  v1::Patient expected = now;
  if (drafted.nhs_number().empty()) {
    expected.clear_nhs_number();
    expected.clear_nhs_number_status();
  }
  if (drafted.routes().empty()) expected.clear_routes();
  return drafted.SerializeAsString() == expected.SerializeAsString();
}

}  // namespace

ReferralChange SendReferral(const v1::ReferralCase& before,
                            const v1::SendReferralRequest& /*request*/, const Identity& identity,
                            const casework::Call& call) {
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("SendReferral", call.now, call, after));
  if (!StillTrue(before.content().patient(), WithoutEmployer(identity.patient, call.tenant))) {
    return status::FailedPrecondition(
        "CONTENT_CHANGED",
        "What is known of the patient, or what they allow, has changed since this was drafted. "
        "Look at it again and draft it anew.");
  }
  after.mutable_content()->mutable_consent()->set_consent_id(identity.consent_id);
  after.mutable_sending()->set_message_id(call.NewId("sending"));
  *after.mutable_sending()->mutable_sent_time() = casework::ToTimestamp(call.now);
  v1::Disclosure& disclosure = *after.add_disclosures();
  *disclosure.mutable_disclosed_time() = casework::ToTimestamp(call.now);
  disclosure.set_recipient(after.provider().organisation_code());
  disclosure.set_basis(after.content().consent().basis());
  disclosure.set_consent_id(identity.consent_id);
  for (std::string& path : PathsOf(after.content())) disclosure.add_fields(std::move(path));
  disclosure.set_user_id(call.user_id);
  disclosure.set_role(call.role);
  change.messages.push_back(ToProvider(after, call.tenant));
  return change;
}

}  // namespace waymark::referral
