#include "services/referral/build_content.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/referral/neutral.h"

namespace waymark::referral {
namespace {

constexpr int kMostItems = 60;

// SNOMED CT, UK edition; to be looked up again before clinical use (interop reference, 1.8).
struct Procedure {
  v1::CareService service;
  const char* code;
  const char* display;
};
constexpr Procedure kProcedures[] = {
    {v1::CARE_SERVICE_EMERGENCY_DEPARTMENT, "306254002",
     "Referral to accident and emergency doctor"},
    {v1::CARE_SERVICE_SEXUAL_HEALTH, "306282009", "Referral to genitourinary physician"},
    {v1::CARE_SERVICE_INFECTIOUS_DISEASES, "306284005",
     "Referral to infectious diseases physician"},
    {v1::CARE_SERVICE_PHYSIOTHERAPY, "308447003", "Referral to physiotherapist"},
    {v1::CARE_SERVICE_ORTHOPAEDICS, "308481009", "Referral to orthopaedic surgeon"},
    {v1::CARE_SERVICE_TALKING_THERAPIES, "306252003", "Referral to mental health counsellor"},
    {v1::CARE_SERVICE_TRAUMA_THERAPY, "306343005", "Referral to psychotherapist"},
    {v1::CARE_SERVICE_PSYCHIATRY, "308477009", "Referral to psychiatrist"},
    {v1::CARE_SERVICE_DENTISTRY, "306303000", "Referral to dental surgeon"},
    {v1::CARE_SERVICE_ORAL_SURGERY, "406158007", "Referral to oral surgeon"},
};

v1::Coding ProcedureOf(v1::CareService service) {
  v1::Coding coding;
  coding.set_system("http://snomed.info/sct");
  coding.set_code("3457005");
  coding.set_display("Patient referral");
  for (const Procedure& procedure : kProcedures) {
    if (procedure.service != service) continue;
    coding.set_code(procedure.code);
    coding.set_display(procedure.display);
  }
  return coding;
}

bool Withheld(const v1::Draft& draft, absl::string_view path) {
  return std::find(draft.withhold().begin(), draft.withhold().end(), path) !=
         draft.withhold().end();
}

std::string ItemPath(const v1::ClinicalItem& item) { return absl::StrCat("items.", item.key()); }

std::string NameOf(const v1::TestResult& result) {
  return result.test().empty() ? result.code().code() : result.test();
}
std::string ResultPath(const v1::TestResult& result) {
  return absl::StrCat("results.", NameOf(result));
}

std::string DateText(const casework::v1::CivilDate& date) {
  return absl::FormatCivilTime(casework::DayOf(date));
}
std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", casework::FromTimestamp(time), civil::London());
}

std::string QuantityText(const v1::Quantity& quantity) {
  return absl::StrCat(quantity.exact().empty() ? absl::StrCat(quantity.value()) : quantity.exact(),
                      " ", quantity.unit());
}

// What is not empty, one after the other.
std::string Joined(const std::vector<std::string>& parts, const char* between) {
  std::vector<std::string> there;
  for (const std::string& part : parts) {
    if (!part.empty()) there.push_back(part);
  }
  return absl::StrJoin(there, between);
}

std::string CodeText(const v1::Coding& coding) {
  return coding.code().empty() || coding.code() == coding.display()
             ? coding.display()
             : absl::StrCat(coding.display(), " (", coding.code(), ")");
}

std::string ResultText(const v1::TestResult& result) {
  return Joined(
      {result.test(), CodeText(result.code()), v1::ResultOutcome_Name(result.outcome()),
       result.has_quantity() ? QuantityText(result.quantity()) : "",
       result.status() == v1::RESULT_STATUS_UNSPECIFIED ? ""
                                                        : v1::ResultStatus_Name(result.status()),
       result.has_sampled_time() ? TimeText(result.sampled_time()) : "",
       result.laboratory_reference(), result.result_id(), result.replaces()},
      ", ");
}

std::string ValueText(const v1::ClinicalItem& item) {
  switch (item.value_case()) {
    case v1::ClinicalItem::kText:
      return absl::StrCat(item.code().display(), ": ", item.text());
    case v1::ClinicalItem::kQuantity:
      return absl::StrCat(item.code().display(), ": ", QuantityText(item.quantity()));
    case v1::ClinicalItem::kCoded:
      return absl::StrCat(item.code().display(), ": ", item.coded().display());
    case v1::ClinicalItem::kYes:
      return absl::StrCat(item.code().display(), ": ", item.yes() ? "yes" : "no");
    default:
      return item.code().display();
  }
}

v1::PreviewField Field(std::string path, std::string label, std::string value, bool leaves,
                       std::string why) {
  v1::PreviewField field;
  field.set_path(std::move(path));
  field.set_label(std::move(label));
  if (leaves) field.set_value(std::move(value));
  field.set_leaves(leaves);
  field.set_why(std::move(why));
  return field;
}

// Whether any text of it says where the patient works.
bool SaysEmployer(v1::ClinicalItem item, absl::string_view tenant) {
  item.clear_purpose();  // stays here
  return NamesEmployer(item.ShortDebugString(), tenant);
}
bool SaysEmployer(const v1::TestResult& result, absl::string_view tenant) {
  return NamesEmployer(result.ShortDebugString(), tenant);
}

constexpr char kIdentifies[] = "So that the provider treats the right person.";
constexpr char kAliasOnly[] = "Withheld: the patient goes under an alias.";
constexpr char kByNurse[] = "Withheld by you.";
constexpr char kNamesEmployer[] = "Withheld: it says where the patient works.";
constexpr char kTooMany[] =
    "Left out: a referral holds 60 of these. Withhold others, or tell them.";

// Why one of several does not leave, when the nurse did not say so.
const char* WhyLeftOut(bool by_nurse, int leaving) {
  if (by_nurse) return kByNurse;
  return leaving >= kMostItems ? kTooMany : kNamesEmployer;
}

}  // namespace

v1::Patient WithoutEmployer(v1::Patient patient, absl::string_view tenant) {
  google::protobuf::RepeatedPtrField<v1::ContactRoute> routes;
  routes.Swap(patient.mutable_routes());
  for (const v1::ContactRoute& route : routes) {
    if (!NamesEmployer(route.value(), tenant)) *patient.add_routes() = route;
  }
  if (!IsCivilTitle(patient.title())) patient.clear_title();
  return patient;
}

v1::ReferralContent BuildContent(const std::string& path, const v1::Draft& draft,
                                 const Material& material, const casework::Call& call,
                                 casework::Fields& fields) {
  fields.RequiredText(path + "need.pathway", draft.need().pathway(), casework::kLongestName);
  if (!ids::IsUuid(draft.need().case_id())) {
    fields.Wrong(path + "need.case_id", "NOT_A_UUID", "Give the id of the case that has the need.");
  }
  fields.RequiredText(path + "need.step_key", draft.need().step_key(), casework::kLongestName);
  fields.Choice(path + "service", draft.service(), v1::CareService_IsValid);
  fields.Choice(path + "priority", draft.priority(), v1::Priority_IsValid);
  CheckProvider(path + "provider", draft.provider(), fields);
  fields.Text(path + "question", draft.question(), casework::kLongestText);
  fields.Choice(path + "consent.basis", draft.consent().basis(), v1::ConsentBasis_IsValid);
  if (draft.disclose_employer() && draft.consent().basis() != v1::CONSENT_BASIS_EXPLICIT) {
    fields.Wrong(path + "disclose_employer", "CONSENT_NOT_EXPLICIT",
                 "The employer leaves only when the patient was asked and agreed.");
  }
  for (int i = 0; i < draft.waiting_times_size(); ++i) {
    const v1::WaitingTime& waiting = draft.waiting_times(i);
    const std::string at = absl::StrCat(path, "waiting_times[", i, "].");
    fields.Choice(at + "kind", waiting.kind(), v1::WaitingTimeKind_IsValid);
    fields.PastDate(at + "start_date", waiting.start_date());
  }

  v1::ReferralContent content;
  *content.mutable_patient() = WithoutEmployer(material.identity.patient, call.tenant);
  if (Withheld(draft, "patient.nhs_number")) {
    content.mutable_patient()->clear_nhs_number();
    content.mutable_patient()->clear_nhs_number_status();
  }
  if (Withheld(draft, "patient.routes")) content.mutable_patient()->clear_routes();

  v1::Need& need = *content.mutable_need();
  *need.mutable_origin() = draft.need();
  need.set_service(draft.service());
  *need.mutable_code() = ProcedureOf(draft.service());
  // A step may be called after a provider for one profession alone.
  const bool withheld = !draft.disclose_employer();
  const auto neutral = [&](const std::string& text, const std::string& instead) {
    return withheld && NamesEmployer(text, call.tenant) ? instead : text;
  };
  need.set_title(neutral(material.pathway.step_title(), need.code().display()));
  need.set_priority(draft.priority());
  need.set_anchor(neutral(material.pathway.anchor(), ""));
  if (material.pathway.has_anchor_time()) {
    *need.mutable_anchor_time() = material.pathway.anchor_time();
  }
  if (material.pathway.has_opens_time()) {
    *need.mutable_opens_time() = material.pathway.opens_time();
  }
  if (material.pathway.has_due_time()) *need.mutable_due_time() = material.pathway.due_time();
  if (material.pathway.has_closes_time()) {
    *need.mutable_closes_time() = material.pathway.closes_time();
  }
  need.set_jurisdiction(material.pathway.jurisdiction());
  *need.mutable_waiting_times() = draft.waiting_times();

  for (const v1::ClinicalItem& item : material.pathway.items()) {
    if (Withheld(draft, ItemPath(item)) || Withheld(draft, item.key())) continue;
    if (withheld && SaysEmployer(item, call.tenant)) continue;
    if (content.items_size() < kMostItems) *content.add_items() = item;
  }
  for (const v1::TestResult& result : material.pathway.results()) {
    if (Withheld(draft, ResultPath(result))) continue;
    if (withheld && SaysEmployer(result, call.tenant)) continue;
    if (content.results_size() < kMostItems) *content.add_results() = result;
  }
  *content.mutable_safety_needs() = draft.safety_needs();

  v1::Referrer& referrer = *content.mutable_referrer();
  referrer = draft.referrer();
  if (draft.disclose_employer()) {
    content.mutable_employer()->set_organisation_name(draft.referrer().organisation_name());
    content.mutable_employer()->set_organisation_code(call.tenant);
  }
  referrer.set_organisation_name(kNeutralName);
  fields.Text(path + "referrer.practitioner_name", referrer.practitioner_name(),
              casework::kLongestName);
  fields.Text(path + "referrer.practitioner_role", referrer.practitioner_role(),
              casework::kLongestName);
  CheckNeutral(path + "referrer.practitioner_name", referrer.practitioner_name(), content,
               call.tenant, fields);
  CheckNeutral(path + "referrer.practitioner_role", referrer.practitioner_role(), content,
               call.tenant, fields);
  CheckNeutral(path + "referrer.registration",
               absl::StrJoin({referrer.registration().system(), referrer.registration().code(),
                              referrer.registration().display()},
                             " "),
               content, call.tenant, fields);
  CheckNeutral(path + "referrer.phone", referrer.phone(), content, call.tenant, fields);

  v1::Consent& consent = *content.mutable_consent();
  consent.set_basis(draft.consent().basis());
  *consent.mutable_given_time() = draft.consent().has_given_time()
                                      ? draft.consent().given_time()
                                      : casework::ToTimestamp(call.now);
  if (casework::FromTimestamp(consent.given_time()) > call.now) {
    fields.Wrong(path + "consent.given_time", "IN_FUTURE", "Give a time that has passed.");
  }
  consent.set_recorded_by(call.user_id);
  consent.set_consent_id(material.identity.consent_id);
  content.set_question(draft.question());
  CheckNeutral(path + "question", draft.question(), content, call.tenant, fields);
  return content;
}

std::vector<v1::PreviewField> FieldsOf(const v1::Draft& draft, const Material& material,
                                       const v1::ReferralContent& content) {
  std::vector<v1::PreviewField> fields;
  const v1::Patient& patient = content.patient();
  const v1::Patient& known = material.identity.patient;
  fields.push_back(
      Field("patient.name", "Name",
            Joined({patient.title(), patient.given_name(), patient.family_name()}, " "), true,
            patient.alias() ? "An alias: the patient is protected." : kIdentifies));
  fields.push_back(Field("patient.birth_date", "Date of birth",
                         patient.has_birth_date() ? DateText(patient.birth_date()) : "",
                         patient.has_birth_date(),
                         patient.has_birth_date() ? kIdentifies
                         : patient.alias()        ? kAliasOnly
                                                  : "Not known."));
  fields.push_back(Field("patient.sex", "Sex", v1::Sex_Name(patient.sex()),
                         patient.sex() != v1::SEX_UNSPECIFIED,
                         patient.sex() != v1::SEX_UNSPECIFIED ? kIdentifies : "Not known."));
  fields.push_back(Field("patient.nhs_number", "NHS number", patient.nhs_number(),
                         !patient.nhs_number().empty(),
                         !patient.nhs_number().empty() ? kIdentifies
                         : patient.alias()             ? kAliasOnly
                         : !known.nhs_number().empty() ? kByNurse
                                                       : "Not known, or in doubt."));
  if (!patient.nhs_number().empty()) {
    fields.push_back(Field("patient.nhs_number_status", "How sure the NHS number is",
                           v1::NhsNumberStatus_Name(patient.nhs_number_status()), true,
                           "So that the provider knows whether to trace it."));
  }
  std::vector<std::string> routes;
  for (const v1::ContactRoute& route : patient.routes()) routes.push_back(route.value());
  fields.push_back(Field("patient.routes", "How to reach the patient", absl::StrJoin(routes, "; "),
                         !routes.empty(),
                         !routes.empty()           ? "Private routes, in the patient's order."
                         : patient.alias()         ? "Withheld: the provider calls the referrer."
                         : !known.routes().empty() ? kByNurse
                                                   : "None on record that the patient allows."));
  fields.push_back(Field("patient.language", "Language", v1::Language_Name(patient.language()),
                         patient.language() != v1::LANGUAGE_UNSPECIFIED,
                         "So that the provider writes in it."));
  fields.push_back(Field("need", "What is needed", content.need().title(), true,
                         "What the provider is asked to do."));
  const v1::Need& need_of = content.need();
  fields.push_back(
      Field("need.code", "What is asked for, coded",
            Joined({CodeText(need_of.code()), v1::CareService_Name(need_of.service())}, ", "), true,
            "So that it reaches the right service."));
  fields.push_back(Field("need.priority", "How soon", v1::Priority_Name(need_of.priority()), true,
                         "So that the provider decides in time."));
  fields.push_back(Field("need.jurisdiction", "Whose access standards hold",
                         casework::v1::Jurisdiction_Name(need_of.jurisdiction()), true,
                         "The waiting times of England and Wales differ."));
  if (need_of.has_anchor_time() || !need_of.anchor().empty()) {
    fields.push_back(Field(
        "need.anchor", "Counted from",
        Joined({need_of.anchor(), need_of.has_anchor_time() ? TimeText(need_of.anchor_time()) : ""},
               ", "),
        true, "What the clinical clock counts from."));
  }
  if (need_of.has_opens_time()) {
    fields.push_back(Field("need.opens_time", "Can be given from", TimeText(need_of.opens_time()),
                           true, "Care before it would be too early."));
  }
  if (need_of.has_due_time()) {
    fields.push_back(Field("need.due_time", "Should be given by", TimeText(need_of.due_time()),
                           true, "The aim."));
  }
  if (content.need().has_closes_time()) {
    fields.push_back(Field("need.closes_time", "Window shuts",
                           TimeText(content.need().closes_time()), true,
                           "The clinical clock, which does not begin again."));
  }
  for (const v1::WaitingTime& waiting : content.need().waiting_times()) {
    fields.push_back(Field("need.waiting_times", "Waiting since",
                           absl::StrCat(v1::WaitingTimeKind_Name(waiting.kind()), ", ",
                                        DateText(waiting.start_date())),
                           true, "A waiting time that began before goes on."));
  }
  // Both in the order in which the content was built: what leaves is what stands next in it.
  int leaving = 0;
  for (const v1::ClinicalItem& item : material.pathway.items()) {
    const bool leaves = leaving < content.items_size() &&
                        content.items(leaving).SerializeAsString() == item.SerializeAsString();
    const bool by_nurse = Withheld(draft, ItemPath(item)) || Withheld(draft, item.key());
    fields.push_back(Field(
        ItemPath(item), item.code().display(),
        Joined({ValueText(item), item.code().code(), item.has_coded() ? item.coded().code() : "",
                item.has_effective_time() ? TimeText(item.effective_time()) : ""},
               ", "),
        leaves, leaves ? item.purpose() : WhyLeftOut(by_nurse, leaving)));
    if (leaves) ++leaving;
  }
  leaving = 0;
  for (const v1::TestResult& result : material.pathway.results()) {
    const bool leaves = leaving < content.results_size() &&
                        content.results(leaving).SerializeAsString() == result.SerializeAsString();
    fields.push_back(Field(ResultPath(result), NameOf(result), ResultText(result), leaves,
                           leaves ? "An earlier result that the care builds on."
                                  : WhyLeftOut(Withheld(draft, ResultPath(result)), leaving)));
    if (leaves) ++leaving;
  }
  if (!content.question().empty()) {
    fields.push_back(Field("question", "Your question", content.question(), true,
                           "Written by you for the provider."));
  }
  for (const int need : content.safety_needs()) {
    fields.push_back(Field("safety_needs", "Around the visit",
                           v1::SafetyNeed_Name(static_cast<v1::SafetyNeed>(need)), true,
                           "The need, never its reason."));
  }
  fields.push_back(
      Field("referrer", "Referrer",
            Joined({content.referrer().organisation_name(), content.referrer().practitioner_name(),
                    content.referrer().practitioner_role(),
                    CodeText(content.referrer().registration()), content.referrer().phone()},
                   ", "),
            true, "So that the provider can call."));
  fields.push_back(Field("consent", "On what basis",
                         absl::StrCat(v1::ConsentBasis_Name(content.consent().basis()), ", ",
                                      TimeText(content.consent().given_time())),
                         true, "So that the provider may keep what it is sent."));
  fields.push_back(content.has_employer()
                       ? Field("employer", "Employer",
                               Joined({content.employer().organisation_name(),
                                       content.employer().organisation_code()},
                                      ", "),
                               true, "The patient agreed that the provider learns it.")
                       : Field("employer", "Employer", "", false,
                               "Withheld: the provider does not need to know where the patient "
                               "works."));
  fields.push_back(
      Field("work_contacts", "Work telephone, email and address", "", false, "Withheld: always."));
  return fields;
}

std::vector<std::string> PathsOf(const v1::ReferralContent& content) {
  Material material;
  *material.pathway.mutable_items() = content.items();
  *material.pathway.mutable_results() = content.results();
  std::vector<std::string> paths;
  for (const v1::PreviewField& field : FieldsOf(v1::Draft(), material, content)) {
    if (field.leaves()) paths.push_back(field.path());
  }
  return paths;
}

}  // namespace waymark::referral
