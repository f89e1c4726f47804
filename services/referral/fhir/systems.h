// The systems (URIs) that the mapping writes and reads. Read liberally: published examples mix /Id/
// and /id/, http and https (SameSystem); written exactly.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_SYSTEMS_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_SYSTEMS_H_

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace waymark::referral::fhir {

inline constexpr char kNhsNumber[] = "https://fhir.nhs.uk/Id/nhs-number";
inline constexpr char kOdsCode[] = "https://fhir.nhs.uk/Id/ods-organization-code";
inline constexpr char kDosService[] = "https://fhir.nhs.uk/Id/dos-service-id";
inline constexpr char kUriId[] = "urn:ietf:rfc:3986";
inline constexpr char kSnomed[] = "http://snomed.info/sct";
inline constexpr char kUcum[] = "http://unitsofmeasure.org";

inline constexpr char kMessageEvents[] = "https://fhir.nhs.uk/CodeSystem/message-events-bars";
inline constexpr char kMessageReasons[] = "https://fhir.nhs.uk/CodeSystem/message-reason-bars";
inline constexpr char kMessageCategories[] =
    "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest";
inline constexpr char kUseCases[] = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars";
inline constexpr char kConsentCategories[] =
    "https://fhir.nhs.uk/CodeSystem/consent-categories-bars";
inline constexpr char kFlagCategories[] = "https://fhir.nhs.uk/CodeSystem/flag-categories-bars";
inline constexpr char kRejectedReasons[] =
    "https://fhir.nhs.uk/CodeSystem/dos-rejected-reasons-bars";

inline constexpr char kTaskCode[] = "http://hl7.org/fhir/CodeSystem/task-code";
inline constexpr char kActCode[] = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
inline constexpr char kRoleCode[] = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
inline constexpr char kConsentScope[] = "http://terminology.hl7.org/CodeSystem/consentscope";
inline constexpr char kObservationCategory[] =
    "http://terminology.hl7.org/CodeSystem/observation-category";
inline constexpr char kDiagnosticSection[] = "http://terminology.hl7.org/CodeSystem/v2-0074";
inline constexpr char kInterpretation[] =
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
inline constexpr char kDataAbsent[] = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
inline constexpr char kClinicalStatus[] =
    "http://terminology.hl7.org/CodeSystem/condition-clinical";

inline constexpr char kUkProfile[] = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";
inline constexpr char kVerificationExtension[] =
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
inline constexpr char kContactRankExtension[] =
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactRank";
inline constexpr char kUkNumberStatus[] =
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus";
inline constexpr char kUkLanguage[] = "https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage";

// The suite's own. They name no organisation.
inline constexpr char kItemId[] = "urn:waymark:id:item";
inline constexpr char kResultId[] = "urn:waymark:id:result";
inline constexpr char kLaboratoryId[] = "urn:waymark:id:laboratory-reference";
inline constexpr char kServiceId[] = "urn:waymark:id:service";
inline constexpr char kSlotId[] = "urn:waymark:id:slot";
inline constexpr char kProviderId[] = "urn:waymark:id:provider-reference";
inline constexpr char kOutcomeId[] = "urn:waymark:id:outcome";
inline constexpr char kQuestionId[] = "urn:waymark:id:question";
inline constexpr char kTestCode[] = "urn:waymark:code:test";
inline constexpr char kItemKind[] = "urn:waymark:code:item-kind";
inline constexpr char kCareService[] = "urn:waymark:code:care-service";
inline constexpr char kSafetyNeed[] = "urn:waymark:code:safety-need";
inline constexpr char kTreatmentKind[] = "urn:waymark:code:treatment-kind";
inline constexpr char kMilestone[] = "urn:waymark:code:milestone";
inline constexpr char kCancelReason[] = "urn:waymark:code:cancel-reason";
inline constexpr char kNeedExtension[] = "urn:waymark:extension:need";
inline constexpr char kWaitingExtension[] = "urn:waymark:extension:waiting-time";
inline constexpr char kValueExtension[] = "urn:waymark:extension:value";
inline constexpr char kReplacesExtension[] = "urn:waymark:extension:replaces";
inline constexpr char kEmployerExtension[] = "urn:waymark:extension:employer";

// True for two spellings of one system: without regard to case, and to http or https.
inline bool SameSystem(absl::string_view one, absl::string_view other) {
  for (absl::string_view* system : {&one, &other}) {
    if (absl::StartsWithIgnoreCase(*system, "https://")) {
      system->remove_prefix(8);
    } else if (absl::StartsWithIgnoreCase(*system, "http://")) {
      system->remove_prefix(7);
    }
  }
  return absl::EqualsIgnoreCase(one, other);
}

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_SYSTEMS_H_
