#include "services/dental/record_contact.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/urgency.h"

namespace waymark::dental {

DentalChange RecordContact(const v1::DentalCase& before, const v1::RecordContactRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::DentalContact contact = request.contact();
  fields.PastSince("contact.contact_time", IncidentOf(before), *contact.mutable_contact_time());
  fields.Choice("contact.adviser", contact.adviser(), v1::Adviser_IsValid);
  fields.MayChoose("contact.urgency", contact.urgency(), v1::Urgency_IsValid);
  fields.MayChoose("contact.advice_given", contact.advice_given(), v1::Answer_IsValid);
  const v1::Urgency derived = before.advice().urgency();
  const bool overrides =
      contact.urgency() != v1::URGENCY_UNSPECIFIED && contact.urgency() != derived;
  if (overrides) {
    fields.RequiredText("contact.override_reason", contact.override_reason(),
                        casework::kLongestReason);
  } else {
    fields.Text("contact.override_reason", contact.override_reason(), casework::kLongestReason);
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  const v1::DentalContact& known = before.contact();
  const auto keep_first = [](bool has, const casework::v1::LocalTime& first, bool now,
                             const casework::v1::LocalTime& at,
                             casework::v1::LocalTime* (v1::DentalContact::*set)(),
                             v1::DentalContact& to) {
    if (has) {
      *(to.*set)() = first;
    } else if (now) {
      *(to.*set)() = at;
    }
  };
  contact.clear_first_contact_time();
  contact.clear_hospital_time();
  contact.clear_advice_given_time();
  const casework::v1::LocalTime held = contact.contact_time();
  const bool hospital = contact.adviser() == v1::ADVISER_EMERGENCY_DEPARTMENT ||
                        contact.adviser() == v1::ADVISER_MAXILLOFACIAL_SURGEON;
  keep_first(known.has_first_contact_time(), known.first_contact_time(), true, held,
             &v1::DentalContact::mutable_first_contact_time, contact);
  keep_first(known.has_hospital_time(), known.hospital_time(), hospital, held,
             &v1::DentalContact::mutable_hospital_time, contact);
  keep_first(known.has_advice_given_time(), known.advice_given_time(),
             contact.advice_given() == v1::ANSWER_YES, held,
             &v1::DentalContact::mutable_advice_given_time, contact);
  *after.mutable_contact() = std::move(contact);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
