#include "services/mental_health/record_contact.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordContact(const v1::MentalHealthCase& before,
                                 const v1::RecordContactRequest& request,
                                 const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Contact contact = request.contact();
  const bool dated = fields.PastSince("contact.contacted_time", BeginOf(before),
                                      *contact.mutable_contacted_time());
  fields.Choice("contact.kind", contact.kind(), v1::ContactKind_IsValid);
  fields.Choice("contact.result", contact.result(), v1::ContactResult_IsValid);
  fields.MayChoose("contact.safety_plan_reviewed", contact.safety_plan_reviewed(),
                   v1::Answer_IsValid);
  fields.Text("contact.note", contact.note(), casework::kLongestText);
  v1::MentalHealthCase after = before;
  v1::SafetyPlan* plan = PlanInForce(after);
  const bool since_plan =
      plan != nullptr && dated &&
      casework::InstantOf(contact.contacted_time()) >= casework::InstantOf(plan->agreed_time());
  if (since_plan && contact.result() == v1::CONTACT_RESULT_HELD &&
      contact.safety_plan_reviewed() == v1::ANSWER_UNSPECIFIED) {
    fields.Wrong("contact.safety_plan_reviewed", "MISSING",
                 "There is a safety plan: say whether it was reviewed with them.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  if (since_plan && contact.safety_plan_reviewed() == v1::ANSWER_YES) {
    *plan->add_reviewed_times() = contact.contacted_time();
  }
  *after.add_contacts() = std::move(contact);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
