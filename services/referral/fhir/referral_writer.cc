#include "services/referral/fhir/referral_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/reader.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

enum class Form { kTransaction, kMessage };

constexpr char kBarsProfile[] = "https://fhir.nhs.uk/StructureDefinition/";

// Text as FHIR takes it: control characters become spaces.
std::string Clean(absl::string_view text) {
  std::string clean(absl::StripAsciiWhitespace(text));
  for (char& c : clean) {
    if (absl::ascii_iscntrl(c) && c != '\n' && c != '\t') c = ' ';
  }
  return clean;
}

void PutText(Json& object, const char* name, absl::string_view text) {
  if (std::string clean = Clean(text); !clean.empty()) object[name] = std::move(clean);
}

void PutJson(Json& object, const char* name, Json value) {
  if (!value.is_null() && !(value.is_structured() && value.empty())) {
    object[name] = std::move(value);
  }
}

Json IdentifierJson(absl::string_view system, absl::string_view value) {
  return {{"system", std::string(system)}, {"value", std::string(value)}};
}

Json CodeExtension(absl::string_view url, absl::string_view value_name, Json value) {
  return {{"url", std::string(url)}, {std::string(value_name), std::move(value)}};
}

struct Part {
  std::string name;
  Json resource;
};

// The parts of one referral. Each is made once; they refer to one another by name.
class Writer {
 public:
  Writer(const ReferralToWrite& referral, Form form, std::string updated)
      : referral_(referral),
        content_(referral.content),
        form_(form),
        updated_(std::move(updated)) {}

  // The status is the ServiceRequest's; a cancellation says why in `reason`.
  Json ServiceRequest(const char* status, const std::string& use_case) const {
    const v1::Need& need = content_.need();
    Json json = Begin("ServiceRequest");
    PutJson(json, "extension", NeedExtensions());
    json["identifier"] = Json::array({ReferralId()});
    if (form_ == Form::kMessage) json["basedOn"] = Json::array({RefTo("care-plan")});
    json["status"] = status;
    if (form_ == Form::kMessage) {
      json["intent"] = "plan";
      Json category = ConceptOf(kMessageCategories, "referral", "Transfer of Care");
      if (!use_case.empty()) {
        category["coding"].push_back({{"system", kUseCases}, {"code", use_case}});
      }
      json["category"] = Json::array({std::move(category)});
    } else {
      json["intent"] = "order";
      json["category"] = Json::array({ConceptOf(kSnomed, "3457005", "Patient referral")});
    }
    if (const std::string priority = CodeOfEnum(need.priority()); !priority.empty()) {
      json["priority"] = priority;
    }
    Json code = ConceptOf(need.code(), Clean(need.title()));
    if (need.service() != v1::CARE_SERVICE_UNSPECIFIED) {
      code["coding"].push_back({{"system", kCareService}, {"code", CodeOfEnum(need.service())}});
    }
    PutJson(json, "code", std::move(code));
    json["subject"] = RefTo("patient");
    if (form_ == Form::kMessage) json["encounter"] = RefTo("encounter");
    PutJson(json, "occurrencePeriod", Window());
    json["authoredOn"] = updated_;
    json["requester"] = RefTo(form_ == Form::kMessage ? "practitioner" : "practitioner-role");
    json["performer"] = Json::array({RefTo("healthcare-service")});
    Json reasons = Json::array();
    Json supporting = Json::array();
    for (int i = 0; i < content_.items_size(); ++i) {
      Json& list = content_.items(i).kind() == v1::ITEM_KIND_CONDITION ? reasons : supporting;
      list.push_back(RefTo(absl::StrCat("item/", i)));
    }
    for (int i = 0; i < content_.results_size(); ++i) {
      supporting.push_back(RefTo(absl::StrCat("result/", i)));
    }
    PutJson(json, "reasonReference", std::move(reasons));
    PutJson(json, "supportingInfo", std::move(supporting));
    if (!Clean(content_.question()).empty()) {
      json["note"] = Json::array({{{"text", Clean(content_.question())}}});
    }
    return json;
  }

  Json MinimalServiceRequest(const char* status) const {
    Json json = Begin("ServiceRequest");
    json["identifier"] = Json::array({ReferralId()});
    json["status"] = status;
    json["intent"] = "plan";
    json["category"] = Json::array({ConceptOf(kMessageCategories, "referral", "Transfer of Care")});
    json["subject"] = RefTo("patient");
    json["authoredOn"] = updated_;
    return json;
  }

  absl::StatusOr<Json> Patient() const {
    const v1::Patient& patient = content_.patient();
    Json json = Begin("Patient");
    if (content_.has_employer()) {
      json["extension"] =
          Json::array({CodeExtension(kEmployerExtension, "valueReference", RefTo("employer"))});
    }
    Json identifiers = Json::array();
    if (!patient.nhs_number().empty()) {
      if (!IsNhsNumber(patient.nhs_number())) {
        return status::FailedPrecondition(
            "NHS_NUMBER_INVALID",
            "The NHS number fails its check digit. Correct it, or leave it out.");
      }
      Json number = Json::object();
      if (Json checked = NumberStatus(patient.nhs_number_status()); !checked.is_null()) {
        number["extension"] = Json::array(
            {CodeExtension(kVerificationExtension, "valueCodeableConcept", std::move(checked))});
      }
      number["system"] = kNhsNumber;
      number["value"] = patient.nhs_number();
      identifiers.push_back(std::move(number));
    }
    PutJson(json, "identifier", std::move(identifiers));
    Json name = {{"use", patient.alias() ? "anonymous" : "official"}};
    PutText(name, "family", patient.family_name());
    for (const auto& [member, text] :
         {std::pair("given", patient.given_name()), std::pair("prefix", patient.title())}) {
      if (std::string clean = Clean(text); !clean.empty()) name[member] = Json::array({clean});
    }
    json["name"] = Json::array({std::move(name)});
    Json telecom = Json::array();
    Json addresses = Json::array();
    for (int i = 0; i < patient.routes_size(); ++i) {
      const v1::ContactRoute& route = patient.routes(i);
      if (route.kind() == v1::CONTACT_KIND_POST) {
        addresses.push_back(Address(route.value()));
      } else if (Json point = ContactPoint(route, i + 1); !point.is_null()) {
        telecom.push_back(std::move(point));
      }
    }
    PutJson(json, "telecom", std::move(telecom));
    PutText(json, "gender", GenderOf(patient.sex()));
    if (patient.has_birth_date()) json["birthDate"] = WriteDate(patient.birth_date());
    PutJson(json, "address", std::move(addresses));
    ASSIGN_OR_RETURN(Json contact, Contact());
    json["contact"] = Json::array({std::move(contact)});
    if (patient.language() != v1::LANGUAGE_UNSPECIFIED) {
      const bool welsh = patient.language() == v1::LANGUAGE_WELSH;
      json["communication"] = Json::array(
          {{{"language", ConceptOf(kUkLanguage, welsh ? "cy" : "en", welsh ? "Welsh" : "English")},
            {"preferred", true}}});
    }
    return json;
  }

  Json Task() const {
    Json json = Begin("Task");
    json["identifier"] = Json::array({ReferralId()});
    json["status"] = "requested";
    json["intent"] = form_ == Form::kMessage ? "plan" : "order";
    if (const std::string priority = CodeOfEnum(content_.need().priority()); !priority.empty()) {
      json["priority"] = priority;
    }
    json["code"] = ConceptOf(kTaskCode, "fulfill");
    json["focus"] = RefTo("service-request");
    json["for"] = RefTo("patient");
    json["authoredOn"] = updated_;
    json["requester"] = RefTo("practitioner-role");
    json["owner"] = RefTo("provider");
    if (Json window = Window(); !window.is_null()) json["restriction"] = {{"period", window}};
    return json;
  }

  // The task that a question put on hold, with what was asked and what is answered.
  Json AnsweredTask(const v1::Question& question) const {
    Json json = Begin("Task");
    json["identifier"] = Json::array({ReferralId()});
    if (!question.question_id().empty()) {
      json["identifier"].push_back(IdentifierJson(kQuestionId, question.question_id()));
    }
    json["status"] = "received";
    json["intent"] = "plan";
    json["code"] = ConceptOf(kTaskCode, "fulfill");
    json["focus"] = RefTo("service-request");
    json["for"] = RefTo("patient");
    json["lastModified"] = updated_;
    json["owner"] = RefTo("provider");
    const auto said = [](const char* what, const std::string& text) {
      return Json::array({{{"type", {{"text", what}}}, {"valueString", Clean(text)}}});
    };
    if (!Clean(question.text()).empty()) json["input"] = said("question", question.text());
    json["output"] = said("answer", question.answer());
    return json;
  }

  Json Encounter() const {
    Json json = Begin("Encounter");
    json["identifier"] = Json::array({ReferralId()});
    json["status"] = "triaged";
    json["class"] = {{"system", kActCode}, {"code", "AMB"}, {"display", "ambulatory"}};
    json["subject"] = RefTo("patient");
    if (!referral_.sending.correlation_id().empty()) {
      json["episodeOfCare"] = Json::array(
          {{{"reference", absl::StrCat("EpisodeOfCare/", referral_.sending.correlation_id())}}});
    }
    return json;
  }

  Json CarePlan() const {
    Json json = Begin("CarePlan");
    json["status"] = "completed";
    json["intent"] = "plan";
    json["subject"] = RefTo("patient");
    json["encounter"] = RefTo("encounter");
    Json addresses = Json::array();
    for (int i = 0; i < content_.items_size(); ++i) {
      if (content_.items(i).kind() == v1::ITEM_KIND_CONDITION) {
        addresses.push_back(RefTo(absl::StrCat("item/", i)));
      }
    }
    PutJson(json, "addresses", std::move(addresses));
    json["activity"] = Json::array({{{"reference", RefTo("task")}}});
    return json;
  }

  // One clinical statement as the resource that R4 has for its kind.
  Json Item(const v1::ClinicalItem& item) const {
    Json value;
    const char* value_name = "";
    switch (item.value_case()) {
      case v1::ClinicalItem::kText:
        if (std::string text = Clean(item.text()); !text.empty()) value = std::move(text);
        value_name = "valueString";
        break;
      case v1::ClinicalItem::kQuantity:
        value = QuantityOf(item.quantity());
        value_name = "valueQuantity";
        break;
      case v1::ClinicalItem::kCoded:
        value = ConceptOf(item.coded());
        value_name = "valueCodeableConcept";
        break;
      case v1::ClinicalItem::kYes:
        value = item.yes();
        value_name = "valueBoolean";
        break;
      case v1::ClinicalItem::VALUE_NOT_SET:
        break;
    }
    const ItemShape& shape = ShapeOf(item.kind());
    Json json = Begin(shape.type);
    const bool observation = absl::string_view(shape.type) == "Observation";
    if (!value.is_null() && !observation && item.value_case() != v1::ClinicalItem::kText) {
      json["extension"] = Json::array({CodeExtension(kValueExtension, value_name, value)});
    }
    if (!item.key().empty()) {
      json["identifier"] = Json::array({IdentifierJson(kItemId, item.key())});
    }
    if (absl::string_view(shape.type) == "Condition") {
      json["clinicalStatus"] = ConceptOf(kClinicalStatus, "active");
      json["category"] = Json::array({ConceptOf(kSnomed, "33962009", "Presenting complaint")});
    } else if (*shape.status != '\0') {
      json["status"] = shape.status;
    }
    if (observation) {
      json["category"] = Json::array({ConceptOf(kItemKind, CodeOfEnum(item.kind()))});
    }
    Json code = ConceptOf(item.code());
    if (code.is_null()) code = {{"text", "Not named"}};
    json[shape.code] = std::move(code);
    json[shape.subject] = RefTo("patient");
    if (item.has_effective_time()) {
      json[shape.time] = WriteTime(item.effective_time());
    } else if (absl::string_view(shape.type) == "Immunization") {
      json["occurrenceString"] = "Not known";
    }
    if (observation) {
      if (!value.is_null()) json[value_name] = value;
    } else if (item.value_case() == v1::ClinicalItem::kText && !value.is_null()) {
      json["note"] = Json::array({{{"text", value}}});
    }
    return json;
  }

  Json Result(const v1::TestResult& result) const {
    Json json = ObservationOf(result);
    Json ordered = Begin("Observation", "Observation-Lab");
    for (const auto& [name, member] : json.items()) ordered[name] = member;
    ordered["subject"] = RefTo("patient");
    return ordered;
  }

  Json SafetyFlag(v1::SafetyNeed need) const {
    Json json = Begin("Flag");
    json["status"] = "active";
    json["category"] = Json::array({ConceptOf(kFlagCategories, "RA")});
    json["code"] = ConceptOf(kSafetyNeed, CodeOfEnum(need));
    json["code"]["text"] = SafetyText(need);
    json["subject"] = RefTo("patient");
    return json;
  }

  Json Practitioner() const {
    const v1::Referrer& referrer = content_.referrer();
    Json json = Begin("Practitioner");
    if (!referrer.registration().code().empty() && !referrer.registration().system().empty()) {
      json["identifier"] = Json::array(
          {IdentifierJson(referrer.registration().system(), referrer.registration().code())});
    }
    std::string name = Clean(referrer.practitioner_name());
    json["name"] = Json::array({{{"text", name.empty() ? "Clinician" : name}}});
    PutJson(json, "telecom", ReferrerPhone());
    return json;
  }

  Json PractitionerRole() const {
    Json json = Begin("PractitionerRole");
    json["practitioner"] = RefTo("practitioner");
    json["organization"] = RefTo("referrer");
    if (std::string role = Clean(content_.referrer().practitioner_role()); !role.empty()) {
      json["code"] = Json::array({{{"text", role}}});
    }
    PutJson(json, "telecom", ReferrerPhone());
    return json;
  }

  Json Referrer() const {
    Json json = Begin("Organization");
    const std::string name = Clean(content_.referrer().organisation_name());
    json["name"] = name.empty() ? "Occupational health service" : name;
    PutJson(json, "telecom", ReferrerPhone());
    return json;
  }

  Json Provider() const {
    Json json = Begin("Organization");
    json["identifier"] =
        Json::array({IdentifierJson(kOdsCode, referral_.provider.organisation_code())});
    PutText(json, "name", referral_.provider.organisation_name());
    return json;
  }

  Json Employer() const {
    Json json = Begin("Organization");
    if (!content_.employer().organisation_code().empty()) {
      json["identifier"] =
          Json::array({IdentifierJson(kOdsCode, content_.employer().organisation_code())});
    }
    const std::string name = Clean(content_.employer().organisation_name());
    json["name"] = name.empty() ? "Employer" : name;
    return json;
  }

  Json HealthcareService() const {
    Json json = Begin("HealthcareService");
    const std::string& id = referral_.provider.service_id();
    if (!id.empty()) json["identifier"] = Json::array({IdentifierJson(ServiceSystem(), id)});
    json["providedBy"] = RefTo("provider");
    PutText(json, "name", referral_.provider.service_name());
    return json;
  }

  Json Consent() const {
    const v1::Consent& consent = content_.consent();
    Json json = Begin("Consent");
    json["status"] = "active";
    json["scope"] = ConceptOf(kConsentScope, "patient-privacy");
    json["category"] = Json::array({ConceptOf(kConsentCategories, "DRC", "Direct Care")});
    json["patient"] = RefTo("patient");
    if (consent.has_given_time()) json["dateTime"] = WriteTime(consent.given_time());
    const char* rule = "IMPLIED";
    if (consent.basis() == v1::CONSENT_BASIS_EXPLICIT) rule = "OPTIN";
    if (consent.basis() == v1::CONSENT_BASIS_VITAL_INTEREST) rule = "EMRGONLY";
    json["policyRule"] = ConceptOf(kActCode, rule);
    return json;
  }

  Json Provenance() const {
    Json json = Begin("Provenance");
    json["target"] = Json::array({RefTo("service-request")});
    json["recorded"] = updated_;
    json["agent"] = Json::array({{{"who", RefTo("practitioner-role")}}});
    return json;
  }

  Json MessageHeader(const char* reason, const char* definition,
                     const Addressing& addressing) const {
    Json json = Begin("MessageHeader", "BARSMessageHeader-servicerequest-request");
    json["eventCoding"] = {{"system", kMessageEvents}, {"code", "servicerequest-request"}};
    const v1::Provider& provider = referral_.provider;
    const bool service = !provider.service_id().empty();
    json["destination"] =
        Json::array({{{"endpoint", absl::StrCat(service ? ServiceSystem() : kOdsCode, "|",
                                                service ? provider.service_id()
                                                        : provider.organisation_code())},
                      {"receiver", RefTo("provider")}}});
    json["sender"] = RefTo("referrer");
    json["source"] = {{"name", "Waymark"}, {"software", "Waymark"}};
    PutText(json["source"], "version", addressing.software_version);
    json["source"]["endpoint"] =
        absl::StrCat(addressing.source_system, "|", addressing.source_value);
    json["reason"] = ConceptOf(kMessageReasons, reason);
    json["focus"] = Json::array({RefTo("service-request")});
    json["definition"] = absl::StrCat("https://fhir.nhs.uk/MessageDefinition/", definition);
    return json;
  }

  // Everything but the message's header and what only one form has.
  absl::StatusOr<std::vector<Part>> Parts(const std::string& use_case) const {
    std::vector<Part> parts;
    parts.push_back({"service-request", ServiceRequest("active", use_case)});
    if (form_ == Form::kMessage) {
      parts.push_back({"encounter", Encounter()});
      parts.push_back({"care-plan", CarePlan()});
    }
    parts.push_back({"task", Task()});
    ASSIGN_OR_RETURN(Json patient, Patient());
    parts.push_back({"patient", std::move(patient)});
    for (int i = 0; i < content_.items_size(); ++i) {
      parts.push_back({absl::StrCat("item/", i), Item(content_.items(i))});
    }
    for (int i = 0; i < content_.results_size(); ++i) {
      parts.push_back({absl::StrCat("result/", i), Result(content_.results(i))});
    }
    for (int i = 0; i < content_.safety_needs_size(); ++i) {
      const v1::SafetyNeed need = content_.safety_needs(i);
      parts.push_back({absl::StrCat("safety/", i), SafetyFlag(need)});
    }
    parts.push_back({"practitioner", Practitioner()});
    parts.push_back({"practitioner-role", PractitionerRole()});
    parts.push_back({"referrer", Referrer()});
    parts.push_back({"provider", Provider()});
    parts.push_back({"healthcare-service", HealthcareService()});
    if (content_.has_employer()) parts.push_back({"employer", Employer()});
    parts.push_back({"consent", Consent()});
    if (form_ == Form::kTransaction) parts.push_back({"provenance", Provenance()});
    return parts;
  }

  std::string UrlOf(absl::string_view part) const { return PartUrl(referral_.referral_id, part); }

 private:
  // How an item's kind is written.
  struct ItemShape {
    const char* type;
    const char* status;
    const char* code;
    const char* subject;
    const char* time;
  };

  static const ItemShape& ShapeOf(v1::ItemKind kind) {
    static constexpr ItemShape kCondition = {"Condition", "", "code", "subject", "onsetDateTime"};
    static constexpr ItemShape kMedication = {"MedicationStatement", "active",
                                              "medicationCodeableConcept", "subject",
                                              "effectiveDateTime"};
    static constexpr ItemShape kImmunisation = {"Immunization", "completed", "vaccineCode",
                                                "patient", "occurrenceDateTime"};
    static constexpr ItemShape kProcedure = {"Procedure", "completed", "code", "subject",
                                             "performedDateTime"};
    static constexpr ItemShape kAllergy = {"AllergyIntolerance", "", "code", "patient",
                                           "onsetDateTime"};
    static constexpr ItemShape kObservation = {"Observation", "final", "code", "subject",
                                               "effectiveDateTime"};
    switch (kind) {
      case v1::ITEM_KIND_CONDITION:
        return kCondition;
      case v1::ITEM_KIND_MEDICATION:
        return kMedication;
      case v1::ITEM_KIND_IMMUNISATION:
        return kImmunisation;
      case v1::ITEM_KIND_PROCEDURE:
        return kProcedure;
      case v1::ITEM_KIND_ALLERGY:
        return kAllergy;
      default:
        return kObservation;
    }
  }

  static const char* SafetyText(v1::SafetyNeed need) {
    switch (need) {
      case v1::SAFETY_NEED_SEPARATE_WAITING:
        return "Please let the patient wait apart from others.";
      case v1::SAFETY_NEED_NOT_CALLED_BY_NAME:
        return "Please do not call the patient by name.";
      case v1::SAFETY_NEED_QUIET_ROOM:
        return "Please offer a quiet room.";
      case v1::SAFETY_NEED_STEP_FREE:
        return "The patient needs step-free access.";
      case v1::SAFETY_NEED_CHAPERONE:
        return "Please offer a chaperone.";
      case v1::SAFETY_NEED_INTERPRETER:
        return "The patient needs an interpreter.";
      default:
        return "Please ask the referrer about a safety need.";
    }
  }

  // What every resource begins with. `profile` is the type's own when empty.
  Json Begin(const char* type, absl::string_view profile = "") const {
    std::string url;
    if (absl::StartsWith(profile, "BARS")) {
      url = absl::StrCat(kBarsProfile, profile);
    } else if (form_ == Form::kMessage && absl::string_view(type) == "ServiceRequest") {
      url = absl::StrCat(kBarsProfile, "BARSServiceRequest-request-referral");
    } else {
      url = absl::StrCat(kUkProfile, profile.empty() ? type : profile);
    }
    return {{"resourceType", type},
            {"meta", {{"lastUpdated", updated_}, {"profile", Json::array({url})}}}};
  }

  Json RefTo(absl::string_view part) const { return {{"reference", UrlOf(part)}}; }

  Json ReferralId() const {
    return IdentifierJson(kUriId, absl::StrCat("urn:uuid:", referral_.referral_id));
  }

  const char* ServiceSystem() const {
    const std::string& id = referral_.provider.service_id();
    const bool digits = std::all_of(id.begin(), id.end(), absl::ascii_isdigit);
    return digits ? kDosService : kServiceId;
  }

  // From when to when the care can be given.
  Json Window() const {
    const v1::Need& need = content_.need();
    Json period = Json::object();
    if (need.has_opens_time()) period["start"] = WriteTime(need.opens_time());
    if (need.has_closes_time()) period["end"] = WriteTime(need.closes_time());
    return period.empty() ? Json() : period;
  }

  // The need's clock, and the waiting times that run, none of them restarted here.
  Json NeedExtensions() const {
    const v1::Need& need = content_.need();
    Json parts = Json::array();
    if (std::string anchor = Clean(need.anchor()); !anchor.empty()) {
      parts.push_back(CodeExtension("anchor", "valueString", anchor));
    }
    if (need.has_anchor_time()) {
      parts.push_back(CodeExtension("anchor-time", "valueDateTime", WriteTime(need.anchor_time())));
    }
    if (need.has_due_time()) {
      parts.push_back(CodeExtension("due", "valueDateTime", WriteTime(need.due_time())));
    }
    if (need.jurisdiction() != casework::v1::JURISDICTION_UNSPECIFIED) {
      parts.push_back(CodeExtension("jurisdiction", "valueCode", CodeOfEnum(need.jurisdiction())));
    }
    Json all = Json::array();
    if (!parts.empty()) all.push_back({{"url", kNeedExtension}, {"extension", std::move(parts)}});
    for (const v1::WaitingTime& waiting : need.waiting_times()) {
      Json said = Json::array();
      if (waiting.kind() != v1::WAITING_TIME_KIND_UNSPECIFIED) {
        said.push_back(CodeExtension("kind", "valueCode", CodeOfEnum(waiting.kind())));
      }
      if (waiting.has_start_date()) {
        said.push_back(CodeExtension("start", "valueDate", WriteDate(waiting.start_date())));
      }
      if (!said.empty()) {
        all.push_back({{"url", kWaitingExtension}, {"extension", std::move(said)}});
      }
    }
    return all;
  }

  static Json NumberStatus(v1::NhsNumberStatus status) {
    switch (status) {
      case v1::NHS_NUMBER_STATUS_VERIFIED:
        return ConceptOf(kUkNumberStatus, "number-present-and-verified",
                         "Number present and verified");
      case v1::NHS_NUMBER_STATUS_TRACED:
        // Only the Welsh list has "present and traced".
        return ConceptOf(absl::StrCat(kUkNumberStatus, "Wales"), "01", "Number present and traced");
      case v1::NHS_NUMBER_STATUS_SELF_DECLARED:
        return ConceptOf(kUkNumberStatus, "number-present-but-not-traced",
                         "Number present but not traced");
      default:
        return Json();
    }
  }

  static Json ContactPoint(const v1::ContactRoute& route, int rank) {
    const std::string value = Clean(route.value());
    if (value.empty() || route.kind() == v1::CONTACT_KIND_UNSPECIFIED) return Json();
    Json json = {{"system", route.kind() == v1::CONTACT_KIND_EMAIL ? "email" : "phone"},
                 {"value", value}};
    json["use"] = route.kind() == v1::CONTACT_KIND_MOBILE ? "mobile" : "home";
    json["rank"] = rank;
    return json;
  }

  static Json Address(const std::string& text) {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (std::string clean = Clean(line); !clean.empty()) lines.push_back(std::move(clean));
    }
    Json json = {{"use", "home"}};
    PutText(json, "text", absl::StrJoin(lines, "\n"));
    if (lines.size() > 1) {
      json["line"] = Json(std::vector<std::string>(lines.begin(), lines.end() - 1));
      json["postalCode"] = lines.back();
    }
    return json;
  }

  Json ReferrerPhone() const {
    const std::string phone = Clean(content_.referrer().phone());
    if (phone.empty()) return Json();
    return Json::array({{{"system", "phone"}, {"value", phone}, {"use", "work"}, {"rank", 1}}});
  }

  // The standard asks for somebody who can be called: the patient, else who refers.
  absl::StatusOr<Json> Contact() const {
    Json phones = Json::array();
    for (int i = 0; i < content_.patient().routes_size(); ++i) {
      const v1::ContactRoute& route = content_.patient().routes(i);
      if (route.kind() != v1::CONTACT_KIND_MOBILE && route.kind() != v1::CONTACT_KIND_PHONE) {
        continue;
      }
      if (Json point = ContactPoint(route, i + 1); !point.is_null()) {
        phones.push_back(std::move(point));
      }
    }
    Json json = {
        {"extension", Json::array({CodeExtension(kContactRankExtension, "valuePositiveInt", 1)})}};
    if (!phones.empty()) {
      json["relationship"] = Json::array({ConceptOf(kRoleCode, "ONESELF")});
      json["telecom"] = std::move(phones);
      return json;
    }
    if (ReferrerPhone().is_null()) {
      return status::FailedPrecondition(
          "CONTACT_PHONE_REQUIRED",
          "A provider must be able to call the patient or the referrer. Give a telephone number.");
    }
    json["telecom"] = ReferrerPhone();
    json["organization"] = RefTo("referrer");
    return json;
  }

  const ReferralToWrite& referral_;
  const v1::ReferralContent& content_;
  const Form form_;
  const std::string updated_;
};

absl::StatusOr<Json> Checked(Json bundle) {
  const std::vector<Issue> issues = CheckResource(bundle);
  if (!HasError(issues)) return bundle;
  return status::WithMetadata(
      status::Internal("FHIR_NOT_VALID", "The referral cannot be written as FHIR R4."), "location",
      issues.front().location);
}

Json MessageOf(const std::string& message_id, const std::string& updated,
               const std::vector<Part>& parts, const Writer& writer) {
  Json entries = Json::array();
  for (const Part& part : parts) {
    entries.push_back({{"fullUrl", writer.UrlOf(part.name)}, {"resource", part.resource}});
  }
  return {{"resourceType", "Bundle"},
          {"id", message_id},
          {"meta",
           {{"versionId", "1.4.0"},
            {"lastUpdated", updated},
            {"profile", Json::array({absl::StrCat(kBarsProfile, "BARSBundleMessage")})}}},
          {"type", "message"},
          {"timestamp", updated},
          {"entry", std::move(entries)}};
}

}  // namespace

std::string PartUrl(absl::string_view referral_id, absl::string_view part) {
  return absl::StrCat("urn:uuid:", ids::DeriveUuid(referral_id, part));
}

absl::StatusOr<Json> ReferralTransaction(const ReferralToWrite& referral) {
  const Writer writer(referral, Form::kTransaction, WriteTime(referral.sending.sent_time()));
  ASSIGN_OR_RETURN(std::vector<Part> parts, writer.Parts(""));
  Json entries = Json::array();
  for (Part& part : parts) {
    const std::string url = writer.UrlOf(part.name);
    const std::string type = Text(part.resource, "resourceType");
    Json request = {{"method", "POST"}, {"url", type}};
    // Provenance has no identifier: it goes with what it tells of, which is made once.
    if (type != "Provenance") {
      part.resource["identifier"].push_back(IdentifierJson(kUriId, url));
      request["ifNoneExist"] = absl::StrCat("identifier=", kUriId, "|", url);
    }
    entries.push_back({{"fullUrl", url},
                       {"resource", std::move(part.resource)},
                       {"request", std::move(request)}});
  }
  Json bundle = {{"resourceType", "Bundle"}};
  PutText(bundle, "id", referral.sending.message_id());
  bundle["type"] = "transaction";
  bundle["entry"] = std::move(entries);
  return Checked(std::move(bundle));
}

absl::StatusOr<Json> ReferralMessage(const ReferralToWrite& referral,
                                     const Addressing& addressing) {
  const std::string updated = WriteTime(referral.sending.sent_time());
  const Writer writer(referral, Form::kMessage, updated);
  std::vector<Part> parts = {
      {"message/new",
       writer.MessageHeader("new", "bars-message-servicerequest-request-referral", addressing)}};
  ASSIGN_OR_RETURN(std::vector<Part> others, writer.Parts(addressing.use_case));
  for (Part& part : others) parts.push_back(std::move(part));
  return Checked(MessageOf(referral.sending.message_id(), updated, parts, writer));
}

absl::StatusOr<Json> CancellationMessage(const ReferralToWrite& referral,
                                         const v1::Cancelled& cancelled,
                                         const std::string& message_id, absl::Time now,
                                         const Addressing& addressing) {
  const std::string updated = WriteInstant(now);
  const Writer writer(referral, Form::kMessage, updated);
  const bool error = cancelled.reason() == v1::CANCEL_REASON_ENTERED_IN_ERROR;
  Json request = writer.MinimalServiceRequest(error ? "entered-in-error" : "revoked");
  Json reason = ConceptOf(kCancelReason, CodeOfEnum(cancelled.reason()));
  const std::string note = Clean(cancelled.note());
  reason["text"] = note.empty() ? "The referrer cancels this referral." : note;
  request["reasonCode"] = Json::array({std::move(reason)});
  ASSIGN_OR_RETURN(Json patient, writer.Patient());
  patient.erase("extension");
  const std::vector<Part> parts = {
      {"message/cancel",
       writer.MessageHeader("update", "bars-message-servicerequest-request-cancelled", addressing)},
      {"service-request", std::move(request)},
      {"patient", std::move(patient)},
      {"referrer", writer.Referrer()},
      {"provider", writer.Provider()},
  };
  return Checked(MessageOf(message_id, updated, parts, writer));
}

absl::StatusOr<Json> AnswerMessage(const ReferralToWrite& referral, const v1::Question& question,
                                   const std::string& message_id, absl::Time now,
                                   const Addressing& addressing) {
  const std::string updated = WriteInstant(now);
  const Writer writer(referral, Form::kMessage, updated);
  Json request = writer.MinimalServiceRequest("active");
  request["note"] = Json::array({{{"time", updated}, {"text", Clean(question.answer())}}});
  ASSIGN_OR_RETURN(Json patient, writer.Patient());
  patient.erase("extension");
  const std::vector<Part> parts = {
      {"message/answer",
       writer.MessageHeader("update", "bars-message-servicerequest-request-referral", addressing)},
      {"service-request", std::move(request)},
      {"task", writer.AnsweredTask(question)},
      {"patient", std::move(patient)},
      {"referrer", writer.Referrer()},
      {"provider", writer.Provider()},
  };
  return Checked(MessageOf(message_id, updated, parts, writer));
}

}  // namespace waymark::referral::fhir
