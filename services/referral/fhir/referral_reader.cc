#include "services/referral/fhir/referral_reader.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ids/ids.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

std::string UuidOf(absl::string_view text) {
  absl::ConsumePrefix(&text, "urn:uuid:");
  return ids::NormaliseUuid(text).value_or("");
}

// The first identifier that is not of the suite's own making.
const Json& ForeignIdentifier(const Json& resource) {
  for (const Json& identifier : Member(resource, "identifier")) {
    const std::string system = Text(identifier, "system");
    if (system != kUriId && !absl::StartsWith(system, "urn:waymark:")) return identifier;
  }
  return Member(Json(), "");
}

std::string Phone(const Json& resource) {
  for (const Json& point : Member(resource, "telecom")) {
    if (Text(point, "system") == "phone") return Text(point, "value");
  }
  return "";
}

v1::NhsNumberStatus NumberStatusOf(const Json& identifier) {
  const Json& concept_json =
      Member(ExtensionOf(identifier, kVerificationExtension), "valueCodeableConcept");
  if (HasCode(concept_json, kUkNumberStatus, "number-present-and-verified") ||
      HasCode(concept_json, absl::StrCat(kUkNumberStatus, "England"), "01")) {
    return v1::NHS_NUMBER_STATUS_VERIFIED;
  }
  if (HasCode(concept_json, absl::StrCat(kUkNumberStatus, "Wales"), "01")) {
    return v1::NHS_NUMBER_STATUS_TRACED;
  }
  if (HasCode(concept_json, kUkNumberStatus, "number-present-but-not-traced")) {
    return v1::NHS_NUMBER_STATUS_SELF_DECLARED;
  }
  return v1::NHS_NUMBER_STATUS_UNSPECIFIED;
}

v1::ContactKind KindOf(const Json& point) {
  const std::string system = Text(point, "system");
  if (system == "email") return v1::CONTACT_KIND_EMAIL;
  if (system != "phone") return v1::CONTACT_KIND_UNSPECIFIED;
  return Text(point, "use") == "mobile" ? v1::CONTACT_KIND_MOBILE : v1::CONTACT_KIND_PHONE;
}

void ReadRoutes(const Json& patient, v1::Patient& read) {
  // By rank; what has none comes after.
  std::map<int64_t, v1::ContactRoute> ranked;
  int64_t unranked = 1000;
  for (const Json& point : Member(patient, "telecom")) {
    const v1::ContactKind kind = KindOf(point);
    if (kind == v1::CONTACT_KIND_UNSPECIFIED || Text(point, "use") == "work") continue;
    v1::ContactRoute route;
    route.set_kind(kind);
    route.set_value(Text(point, "value"));
    const Json& rank = Member(point, "rank");
    const int64_t place = rank.is_number_integer() ? rank.get<int64_t>() : ++unranked;
    if (!ranked.emplace(place, route).second) ranked.emplace(++unranked, route);
  }
  int64_t free = 1;
  for (const Json& address : Member(patient, "address")) {
    std::string text = Text(address, "text");
    if (text.empty()) {
      for (const Json& line : Member(address, "line")) {
        if (line.is_string()) absl::StrAppend(&text, line.get<std::string>(), "\n");
      }
      absl::StrAppend(&text, Text(address, "postalCode"));
    }
    v1::ContactRoute route;
    route.set_kind(v1::CONTACT_KIND_POST);
    route.set_value(text);
    while (!ranked.emplace(free, route).second) ++free;
  }
  for (const auto& [rank, route] : ranked) *read.add_routes() = route;
}

v1::Patient ReadPatient(const Json& patient, std::vector<Issue>& issues) {
  v1::Patient read;
  const Json& name = Item(Member(patient, "name"), 0);
  read.set_family_name(Text(name, "family"));
  std::string given;
  for (const Json& one : Member(name, "given")) {
    if (one.is_string()) absl::StrAppend(&given, given.empty() ? "" : " ", one.get<std::string>());
  }
  read.set_given_name(given);
  if (const Json& prefix = Item(Member(name, "prefix"), 0); prefix.is_string()) {
    read.set_title(prefix.get<std::string>());
  }
  if (read.family_name().empty() && given.empty()) read.set_family_name(Text(name, "text"));
  read.set_alias(Text(name, "use") == "anonymous");
  casework::v1::CivilDate birth_date;
  ReadPatientKeys(patient, read.mutable_nhs_number(), &birth_date, &issues);
  if (birth_date.year() != 0) *read.mutable_birth_date() = birth_date;
  if (!read.nhs_number().empty()) {
    for (const Json& identifier : Member(patient, "identifier")) {
      if (SameSystem(Text(identifier, "system"), kNhsNumber)) {
        read.set_nhs_number_status(NumberStatusOf(identifier));
      }
    }
  }
  read.set_sex(SexOf(Text(patient, "gender")));
  ReadRoutes(patient, read);
  for (const Json& one : Member(patient, "communication")) {
    const std::string language = CodeOf(Member(one, "language"), kUkLanguage);
    if (language == "cy") read.set_language(v1::LANGUAGE_WELSH);
    if (language == "en") read.set_language(v1::LANGUAGE_ENGLISH);
  }
  return read;
}

void ReadNeed(const Json& request, v1::Need& need) {
  const Json& code = Member(request, "code");
  *need.mutable_code() = ReadConcept(code);
  need.set_title(Text(code, "text"));
  if (need.code().code().empty()) need.clear_code();
  need.set_service(EnumOfCode<v1::CareService>(CodeOf(code, kCareService)));
  need.set_priority(EnumOfCode<v1::Priority>(Text(request, "priority")));
  const Json& period = Member(request, "occurrencePeriod");
  if (const auto time = ReadTime(Text(period, "start"))) *need.mutable_opens_time() = *time;
  if (const auto time = ReadTime(Text(period, "end"))) *need.mutable_closes_time() = *time;
  const Json& clock = ExtensionOf(request, kNeedExtension);
  need.set_anchor(Text(ExtensionOf(clock, "anchor"), "valueString"));
  if (const auto time = ReadTime(Text(ExtensionOf(clock, "anchor-time"), "valueDateTime"))) {
    *need.mutable_anchor_time() = *time;
  }
  if (const auto time = ReadTime(Text(ExtensionOf(clock, "due"), "valueDateTime"))) {
    *need.mutable_due_time() = *time;
  }
  need.set_jurisdiction(EnumOfCode<casework::v1::Jurisdiction>(
      Text(ExtensionOf(clock, "jurisdiction"), "valueCode")));
  for (const Json& extension : Member(request, "extension")) {
    if (Text(extension, "url") != kWaitingExtension) continue;
    v1::WaitingTime& waiting = *need.add_waiting_times();
    waiting.set_kind(
        EnumOfCode<v1::WaitingTimeKind>(Text(ExtensionOf(extension, "kind"), "valueCode")));
    if (const auto date = ReadDate(Text(ExtensionOf(extension, "start"), "valueDate"))) {
      *waiting.mutable_start_date() = *date;
    }
  }
}

struct ItemReading {
  v1::ItemKind kind;
  const char* code;
  const char* time;
};

const ItemReading* ItemReadingOf(const std::string& type) {
  static const auto& readings = *new std::map<std::string, ItemReading>{
      {"AllergyIntolerance", {v1::ITEM_KIND_ALLERGY, "code", "onsetDateTime"}},
      {"Condition", {v1::ITEM_KIND_CONDITION, "code", "onsetDateTime"}},
      {"Immunization", {v1::ITEM_KIND_IMMUNISATION, "vaccineCode", "occurrenceDateTime"}},
      {"MedicationStatement",
       {v1::ITEM_KIND_MEDICATION, "medicationCodeableConcept", "effectiveDateTime"}},
      {"Observation", {v1::ITEM_KIND_OBSERVATION, "code", "effectiveDateTime"}},
      {"Procedure", {v1::ITEM_KIND_PROCEDURE, "code", "performedDateTime"}}};
  const auto found = readings.find(type);
  return found == readings.end() ? nullptr : &found->second;
}

void ReadValue(const Json& element, v1::ClinicalItem& item) {
  if (const std::string text = Text(element, "valueString"); !text.empty()) item.set_text(text);
  if (element.contains("valueQuantity")) {
    *item.mutable_quantity() = ReadQuantity(Member(element, "valueQuantity"));
  }
  if (element.contains("valueCodeableConcept")) {
    *item.mutable_coded() = ReadConcept(Member(element, "valueCodeableConcept"));
  }
  if (const Json& yes = Member(element, "valueBoolean"); yes.is_boolean()) {
    item.set_yes(yes.get<bool>());
  }
}

v1::ClinicalItem ReadItem(const Json& resource, const ItemReading& reading) {
  v1::ClinicalItem item;
  item.set_key(IdentifierOf(resource, kItemId));
  item.set_kind(reading.kind);
  if (const auto kind = EnumOfCode<v1::ItemKind>(CodeOf(Member(resource, "category"), kItemKind))) {
    item.set_kind(kind);
  }
  *item.mutable_code() = ReadConcept(Member(resource, reading.code));
  if (const auto time = ReadTime(Text(resource, reading.time))) {
    *item.mutable_effective_time() = *time;
  }
  if (reading.kind == v1::ITEM_KIND_OBSERVATION) {
    ReadValue(resource, item);
    return item;
  }
  if (const Json& value = ExtensionOf(resource, kValueExtension); value.is_object()) {
    ReadValue(value, item);
  } else if (const std::string note = Text(Item(Member(resource, "note"), 0), "text");
             !note.empty()) {
    item.set_text(note);
  }
  return item;
}

v1::Referrer ReadReferrer(const Json& bundle, const Json& request) {
  v1::Referrer referrer;
  const Json& requester = Resolve(bundle, Member(request, "requester"));
  const Json& role = Text(requester, "resourceType") == "PractitionerRole"
                         ? requester
                         : FirstOf(bundle, "PractitionerRole");
  const Json& practitioner = Text(requester, "resourceType") == "Practitioner"
                                 ? requester
                                 : Resolve(bundle, Member(role, "practitioner"));
  const Json& sender = Resolve(bundle, Member(FirstOf(bundle, "MessageHeader"), "sender"));
  const Json& organisation =
      sender.is_object() ? sender : Resolve(bundle, Member(role, "organization"));
  referrer.set_organisation_name(Text(organisation, "name"));
  const Json& name = Item(Member(practitioner, "name"), 0);
  std::string shown = Text(name, "text");
  if (shown.empty()) shown = Text(name, "family");
  referrer.set_practitioner_name(shown);
  const Json& role_code = Item(Member(role, "code"), 0);
  std::string called = Text(role_code, "text");
  if (called.empty()) called = Text(Item(Member(role_code, "coding"), 0), "display");
  referrer.set_practitioner_role(called);
  if (const Json& number = ForeignIdentifier(practitioner); number.is_object()) {
    referrer.mutable_registration()->set_system(Text(number, "system"));
    referrer.mutable_registration()->set_code(Text(number, "value"));
  }
  std::string phone = Phone(practitioner);
  if (phone.empty()) phone = Phone(organisation);
  referrer.set_phone(phone);
  return referrer;
}

}  // namespace

void ReadPatientKeys(const Json& patient, std::string* nhs_number,
                     casework::v1::CivilDate* birth_date, std::vector<Issue>* issues) {
  const std::string number = IdentifierOf(patient, kNhsNumber);
  if (IsNhsNumber(number)) {
    *nhs_number = number;
  } else if (!number.empty()) {
    issues->push_back({Severity::kWarning, "value", "Patient.identifier",
                       "The NHS number fails its check digit; it is not used."});
  }
  if (const auto date = ReadDate(Text(patient, "birthDate"))) *birth_date = *date;
}

std::string ReferralIdOf(const Json& bundle, const Json& reference, const Json& from) {
  if (const std::string id = UuidOf(Text(Member(reference, "identifier"), "value")); !id.empty()) {
    return id;
  }
  const Json& request = Resolve(bundle, reference, from);
  if (Text(request, "resourceType") == "ServiceRequest") {
    if (const std::string id = UuidOf(IdentifierOf(request, kUriId)); !id.empty()) return id;
  }
  const std::string target = Text(reference, "reference");
  const size_t slash = target.rfind('/');
  if (slash == std::string::npos ||
      !absl::EndsWith(absl::string_view(target).substr(0, slash), "ServiceRequest")) {
    return "";
  }
  return UuidOf(absl::string_view(target).substr(slash + 1));
}

ReferralReading ReadReferral(const Json& bundle) {
  ReferralReading reading;
  const Json& request = FirstOf(bundle, "ServiceRequest");
  reading.referral_id = UuidOf(IdentifierOf(request, kUriId));
  reading.message_id = Text(bundle, "id");
  const Json& encounter = FirstOf(bundle, "Encounter");
  const std::string episode = Text(Item(Member(encounter, "episodeOfCare"), 0), "reference");
  reading.correlation_id = UuidOf(absl::StripPrefix(episode, "EpisodeOfCare/"));

  v1::ReferralContent& content = reading.content;
  const Json& subject = Resolve(bundle, Member(request, "subject"));
  const Json& patient = subject.is_object() ? subject : FirstOf(bundle, "Patient");
  *content.mutable_patient() = ReadPatient(patient, reading.issues);
  ReadNeed(request, *content.mutable_need());
  for (const Json& entry : Member(bundle, "entry")) {
    const Json& resource = Member(entry, "resource");
    const std::string type = Text(resource, "resourceType");
    if (type == "Observation" &&
        HasCode(Member(resource, "category"), kObservationCategory, "laboratory")) {
      *content.add_results() = ReadTestResult(resource);
    } else if (const ItemReading* item = ItemReadingOf(type); item != nullptr) {
      *content.add_items() = ReadItem(resource, *item);
    } else if (type == "Flag") {
      const auto need = EnumOfCode<v1::SafetyNeed>(CodeOf(Member(resource, "code"), kSafetyNeed));
      if (need != v1::SAFETY_NEED_UNSPECIFIED) content.add_safety_needs(need);
    }
  }
  *content.mutable_referrer() = ReadReferrer(bundle, request);
  if (const Json& consent = FirstOf(bundle, "Consent"); consent.is_object()) {
    const std::string rule = CodeOf(Member(consent, "policyRule"), kActCode);
    content.mutable_consent()->set_basis(rule == "OPTIN"      ? v1::CONSENT_BASIS_EXPLICIT
                                         : rule == "EMRGONLY" ? v1::CONSENT_BASIS_VITAL_INTEREST
                                                              : v1::CONSENT_BASIS_DIRECT_CARE);
    if (const auto time = ReadTime(Text(consent, "dateTime"))) {
      *content.mutable_consent()->mutable_given_time() = *time;
    }
  }
  content.set_question(Text(Item(Member(request, "note"), 0), "text"));
  const Json& employer =
      Resolve(bundle, Member(ExtensionOf(patient, kEmployerExtension), "valueReference"));
  if (employer.is_object()) {
    content.mutable_employer()->set_organisation_name(Text(employer, "name"));
    content.mutable_employer()->set_organisation_code(IdentifierOf(employer, kOdsCode));
  }

  const Json& service = Resolve(bundle, Item(Member(request, "performer"), 0));
  const Json& provider = Resolve(bundle, Member(service, "providedBy"));
  reading.provider.set_organisation_code(IdentifierOf(provider, kOdsCode));
  reading.provider.set_organisation_name(Text(provider, "name"));
  reading.provider.set_service_name(Text(service, "name"));
  std::string id = IdentifierOf(service, kDosService);
  if (id.empty()) id = IdentifierOf(service, kServiceId);
  reading.provider.set_service_id(id);
  return reading;
}

}  // namespace waymark::referral::fhir
