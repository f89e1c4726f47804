#include "services/mental_health/opening.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/status.h"

namespace waymark::mental_health {

namespace {

// The same for everybody, whatever was reported.
constexpr const char* kHelpNow[] = {
    "In danger now: 999.",
    "Day and night: NHS 111, option 2 (in Wales press 2).",
    "Samaritans, day and night: 116 123.",
};

// The step by which somebody will have been in touch.
constexpr const char* kFirstContacts[] = {"acknowledgement", "trim_offer#1", "postvention_contact",
                                          "surveillance_annual#1", "surveillance_six_monthly#1"};

// A manager's referral and a logged event are known to whoever reported them. Everything else is
// known to nobody outside occupational health.
bool IsHidden(v1::Origin origin) {
  return origin != v1::ORIGIN_MANAGEMENT && origin != v1::ORIGIN_TRAUMATIC_INCIDENT;
}

}  // namespace

v1::MentalHealthCase OpenFor(const std::string& case_id, casework::v1::Jurisdiction jurisdiction,
                             const std::string& subject_id, v1::Origin origin,
                             const casework::Call& call) {
  v1::MentalHealthCase opened;
  casework::v1::CaseHeader& header = *opened.mutable_header();
  header.set_case_id(case_id);
  header.set_jurisdiction(jurisdiction);
  header.set_subject_id(subject_id);
  header.set_subject_kind(subject_id.empty() ? casework::v1::SUBJECT_KIND_THIRD_PARTY
                                             : casework::v1::SUBJECT_KIND_WORKFORCE);
  header.set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
  header.set_hidden_from_managers(IsHidden(origin));
  opened.set_origin(origin);
  opened.set_opened_by_role(call.role);
  return opened;
}

void CheckSubject(absl::string_view field, casework::Fields& fields,
                  const std::string& subject_id) {
  if (ids::IsUuid(subject_id)) return;
  fields.Wrong(field, "NOT_A_UUID", "Give the person's subject id, a UUID in lower case.");
}

void CheckReferral(casework::Fields& fields, bool by_officer, v1::Referral& referral) {
  if (referral.has_referred_time()) {
    fields.Past("referral.referred_time", *referral.mutable_referred_time());
  } else {
    *referral.mutable_referred_time() = casework::LondonLocalTime(fields.now());
  }
  fields.Text("referral.reason", referral.reason(), casework::kLongestText);
  fields.Text("referral.contact_wishes", referral.contact_wishes(), casework::kLongestReason);
  fields.MayChoose("referral.fears_for_safety", referral.fears_for_safety(), v1::Answer_IsValid);
  if (by_officer) {
    referral.set_agreed(v1::ANSWER_YES);
  } else {
    fields.Choice("referral.agreed", referral.agreed(), v1::Answer_IsValid);
  }
}

MentalHealthChange OpenReferred(v1::MentalHealthCase opened, const v1::Referral& referral,
                                const v1::AnswerSheets& answers, const casework::Call& call) {
  *opened.mutable_referral() = referral;
  AddSheets(answers, call, opened);
  if (referral.fears_for_safety() == v1::ANSWER_YES) {
    RaiseFlag(v1::RISK_SOURCE_REFERRER, "", call, opened);
  }
  return Changed(std::move(opened), call);
}

v1::CaseReceipt ReceiptOf(const v1::MentalHealthCase& opened) {
  v1::CaseReceipt receipt;
  receipt.set_case_id(opened.header().case_id());
  receipt.set_subject_id(opened.header().subject_id());
  for (const char* key : kFirstContacts) {
    const casework::v1::Step* step = casework::FindStep(opened.header().plan(), key);
    if (step == nullptr) continue;
    *receipt.mutable_first_contact_due_time() = step->due_time();
    break;
  }
  for (const char* line : kHelpNow) receipt.add_help_now(line);
  if (opened.origin() == v1::ORIGIN_TRAUMATIC_INCIDENT) {
    receipt.set_incident_id(opened.incidents(0).incident_id());
  }
  receipt.set_cohort_id(opened.bereavement().cohort_id());
  return receipt;
}

}  // namespace waymark::mental_health
