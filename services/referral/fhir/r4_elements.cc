#include "services/referral/fhir/r4_elements.h"

namespace waymark::referral::fhir {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays,modernize-avoid-c-arrays)
const char kR4Elements[] = R"elements(
AllergyIntolerance identifier*:Identifier clinicalStatus:CodeableConcept
  verificationStatus:CodeableConcept type:code(allergy|intolerance)
  category*:code(food|medication|environment|biologic) criticality:code(low|high|unable-to-assess)
  code:CodeableConcept patient!:Reference encounter:Reference
  onset[x]:dateTime|Age|Period|Range|string recordedDate:dateTime recorder:Reference
  asserter:Reference lastOccurrence:dateTime note*:Annotation reaction*:@
AllergyIntolerance.reaction substance:CodeableConcept manifestation*!:CodeableConcept
  description:string onset:dateTime severity:code(mild|moderate|severe)
  exposureRoute:CodeableConcept note*:Annotation
Appointment identifier*:Identifier
  status!:code(proposed|pending|booked|arrived|fulfilled|cancelled|noshow|entered-in-error|checked-in|waitlist)
  cancelationReason:CodeableConcept serviceCategory*:CodeableConcept serviceType*:CodeableConcept
  specialty*:CodeableConcept appointmentType:CodeableConcept reasonCode*:CodeableConcept
  reasonReference*:Reference priority:unsignedInt description:string
  supportingInformation*:Reference start:instant end:instant minutesDuration:positiveInt
  slot*:Reference created:dateTime comment:string patientInstruction:string basedOn*:Reference
  participant*!:@ requestedPeriod*:Period
Appointment.participant type*:CodeableConcept actor:Reference
  required:code(required|optional|information-only)
  status!:code(accepted|declined|tentative|needs-action) period:Period
AuditEvent type!:Coding subtype*:Coding action:code(C|R|U|D|E) period:Period recorded!:instant
  outcome:code(0|4|8|12) outcomeDesc:string purposeOfEvent*:CodeableConcept agent*!:@ source!:@
  entity*:@
AuditEvent.agent type:CodeableConcept role*:CodeableConcept who:Reference altId:string name:string
  requestor!:boolean location:Reference policy*:uri media:Coding network:@
  purposeOfUse*:CodeableConcept
AuditEvent.agent.network address:string type:code(1|2|3|4|5)
AuditEvent.entity what:Reference type:Coding role:Coding lifecycle:Coding securityLabel*:Coding
  name:string description:string query:base64Binary detail*:@
AuditEvent.entity.detail type!:string value[x]!:string|base64Binary
AuditEvent.source site:string observer!:Reference type*:Coding
Bundle identifier:Identifier
  type!:code(document|message|transaction|transaction-response|batch|batch-response|history|searchset|collection)
  timestamp:instant total:unsignedInt link*:@ entry*:@ signature:Signature
Bundle.entry link*:@Bundle.link fullUrl:uri resource:Resource search:@ request:@ response:@
Bundle.entry.request method!:code(GET|HEAD|POST|PUT|DELETE|PATCH) url!:uri ifNoneMatch:string
  ifModifiedSince:instant ifMatch:string ifNoneExist:string
Bundle.entry.response status!:string location:uri etag:string lastModified:instant
  outcome:Resource
Bundle.entry.search mode:code(match|include|outcome) score:decimal
Bundle.link relation!:string url!:uri
CapabilityStatement url:uri version:string name:string title:string
  status!:code(draft|active|retired|unknown) experimental:boolean date!:dateTime publisher:string
  contact*:ContactDetail description:markdown useContext*:UsageContext
  jurisdiction*:CodeableConcept purpose:markdown copyright:markdown
  kind!:code(instance|capability|requirements) instantiates*:canonical imports*:canonical
  software:@ implementation:@ fhirVersion!:code format*!:code patchFormat*:code
  implementationGuide*:canonical rest*:@ messaging*:@ document*:@
CapabilityStatement.document mode!:code(producer|consumer) documentation:markdown
  profile!:canonical
CapabilityStatement.implementation description!:string url:url custodian:Reference
CapabilityStatement.messaging endpoint*:@ reliableCache:unsignedInt documentation:markdown
  supportedMessage*:@
CapabilityStatement.messaging.endpoint protocol!:Coding address!:url
CapabilityStatement.messaging.supportedMessage mode!:code(sender|receiver) definition!:canonical
CapabilityStatement.rest mode!:code(client|server) documentation:markdown security:@ resource*:@
  interaction*:@ searchParam*:@CapabilityStatement.rest.resource.searchParam
  operation*:@CapabilityStatement.rest.resource.operation compartment*:canonical
CapabilityStatement.rest.interaction code!:code(transaction|batch|search-system|history-system)
  documentation:markdown
CapabilityStatement.rest.resource type!:code profile:canonical supportedProfile*:canonical
  documentation:markdown interaction*:@ versioning:code(no-version|versioned|versioned-update)
  readHistory:boolean updateCreate:boolean conditionalCreate:boolean
  conditionalRead:code(not-supported|modified-since|not-match|full-support)
  conditionalUpdate:boolean conditionalDelete:code(not-supported|single|multiple)
  referencePolicy*:code(literal|logical|resolves|enforced|local) searchInclude*:string
  searchRevInclude*:string searchParam*:@ operation*:@
CapabilityStatement.rest.resource.interaction
  code!:code(read|vread|update|patch|delete|history-instance|history-type|create|search-type)
  documentation:markdown
CapabilityStatement.rest.resource.operation name!:string definition!:canonical
  documentation:markdown
CapabilityStatement.rest.resource.searchParam name!:string definition:canonical
  type!:code(number|date|string|token|reference|composite|quantity|uri|special)
  documentation:markdown
CapabilityStatement.rest.security cors:boolean service*:CodeableConcept description:markdown
CapabilityStatement.software name!:string version:string releaseDate:dateTime
CarePlan identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri
  basedOn*:Reference replaces*:Reference partOf*:Reference
  status!:code(draft|active|on-hold|revoked|completed|entered-in-error|unknown)
  intent!:code(proposal|plan|order|option) category*:CodeableConcept title:string
  description:string subject!:Reference encounter:Reference period:Period created:dateTime
  author:Reference contributor*:Reference careTeam*:Reference addresses*:Reference
  supportingInfo*:Reference goal*:Reference activity*:@ note*:Annotation
CarePlan.activity outcomeCodeableConcept*:CodeableConcept outcomeReference*:Reference
  progress*:Annotation reference:Reference detail:@
CarePlan.activity.detail
  kind:code(Appointment|CommunicationRequest|DeviceRequest|MedicationRequest|NutritionOrder|Task|ServiceRequest|VisionPrescription)
  instantiatesCanonical*:canonical instantiatesUri*:uri code:CodeableConcept
  reasonCode*:CodeableConcept reasonReference*:Reference goal*:Reference
  status!:code(not-started|scheduled|in-progress|on-hold|completed|cancelled|stopped|unknown|entered-in-error)
  statusReason:CodeableConcept doNotPerform:boolean scheduled[x]:Timing|Period|string
  location:Reference performer*:Reference product[x]:CodeableConcept|Reference
  dailyAmount:Quantity quantity:Quantity description:string
Communication identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri
  basedOn*:Reference partOf*:Reference inResponseTo*:Reference
  status!:code(preparation|in-progress|not-done|on-hold|stopped|completed|entered-in-error|unknown)
  statusReason:CodeableConcept category*:CodeableConcept priority:code(routine|urgent|asap|stat)
  medium*:CodeableConcept subject:Reference topic:CodeableConcept about*:Reference
  encounter:Reference sent:dateTime received:dateTime recipient*:Reference sender:Reference
  reasonCode*:CodeableConcept reasonReference*:Reference payload*:@ note*:Annotation
Communication.payload content[x]!:string|Attachment|Reference
Condition identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept
  category*:CodeableConcept severity:CodeableConcept code:CodeableConcept
  bodySite*:CodeableConcept subject!:Reference encounter:Reference
  onset[x]:dateTime|Age|Period|Range|string abatement[x]:dateTime|Age|Period|Range|string
  recordedDate:dateTime recorder:Reference asserter:Reference stage*:@ evidence*:@
  note*:Annotation
Condition.evidence code*:CodeableConcept detail*:Reference
Condition.stage summary:CodeableConcept assessment*:Reference type:CodeableConcept
Consent identifier*:Identifier
  status!:code(draft|proposed|active|rejected|inactive|entered-in-error) scope!:CodeableConcept
  category*!:CodeableConcept patient:Reference dateTime:dateTime performer*:Reference
  organization*:Reference source[x]:Attachment|Reference policy*:@ policyRule:CodeableConcept
  verification*:@ provision:@
Consent.policy authority:uri uri:uri
Consent.provision type:code(deny|permit) period:Period actor*:@ action*:CodeableConcept
  securityLabel*:Coding purpose*:Coding class*:Coding code*:CodeableConcept dataPeriod:Period
  data*:@ provision*:@Consent.provision
Consent.provision.actor role!:CodeableConcept reference!:Reference
Consent.provision.data meaning!:code(instance|related|dependents|authoredby) reference!:Reference
Consent.verification verified!:boolean verifiedWith:Reference verificationDate:dateTime
DiagnosticReport identifier*:Identifier basedOn*:Reference
  status!:code(registered|partial|preliminary|final|amended|corrected|appended|cancelled|entered-in-error|unknown)
  category*:CodeableConcept code!:CodeableConcept subject:Reference encounter:Reference
  effective[x]:dateTime|Period issued:instant performer*:Reference resultsInterpreter*:Reference
  specimen*:Reference result*:Reference imagingStudy*:Reference media*:@ conclusion:string
  conclusionCode*:CodeableConcept presentedForm*:Attachment
DiagnosticReport.media comment:string link!:Reference
DocumentReference masterIdentifier:Identifier identifier*:Identifier
  status!:code(current|superseded|entered-in-error)
  docStatus:code(preliminary|final|amended|entered-in-error) type:CodeableConcept
  category*:CodeableConcept subject:Reference date:instant author*:Reference
  authenticator:Reference custodian:Reference relatesTo*:@ description:string
  securityLabel*:CodeableConcept content*!:@ context:@
DocumentReference.content attachment!:Attachment format:Coding
DocumentReference.context encounter*:Reference event*:CodeableConcept period:Period
  facilityType:CodeableConcept practiceSetting:CodeableConcept sourcePatientInfo:Reference
  related*:Reference
DocumentReference.relatesTo code!:code(replaces|transforms|signs|appends) target!:Reference
Encounter identifier*:Identifier
  status!:code(planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error|unknown)
  statusHistory*:@ class!:Coding classHistory*:@ type*:CodeableConcept serviceType:CodeableConcept
  priority:CodeableConcept subject:Reference episodeOfCare*:Reference basedOn*:Reference
  participant*:@ appointment*:Reference period:Period length:Duration reasonCode*:CodeableConcept
  reasonReference*:Reference diagnosis*:@ account*:Reference hospitalization:@ location*:@
  serviceProvider:Reference partOf:Reference
Encounter.classHistory class!:Coding period!:Period
Encounter.diagnosis condition!:Reference use:CodeableConcept rank:positiveInt
Encounter.hospitalization preAdmissionIdentifier:Identifier origin:Reference
  admitSource:CodeableConcept reAdmission:CodeableConcept dietPreference*:CodeableConcept
  specialCourtesy*:CodeableConcept specialArrangement*:CodeableConcept destination:Reference
  dischargeDisposition:CodeableConcept
Encounter.location location!:Reference status:code(planned|active|reserved|completed)
  physicalType:CodeableConcept period:Period
Encounter.participant type*:CodeableConcept period:Period individual:Reference
Encounter.statusHistory
  status!:code(planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error|unknown)
  period!:Period
Endpoint identifier*:Identifier status!:code(active|suspended|error|off|entered-in-error|test)
  connectionType!:Coding name:string managingOrganization:Reference contact*:ContactPoint
  period:Period payloadType*!:CodeableConcept payloadMimeType*:code address!:url header*:string
EpisodeOfCare identifier*:Identifier
  status!:code(planned|waitlist|active|onhold|finished|cancelled|entered-in-error)
  statusHistory*:@ type*:CodeableConcept diagnosis*:@ patient!:Reference
  managingOrganization:Reference period:Period referralRequest*:Reference careManager:Reference
  team*:Reference account*:Reference
EpisodeOfCare.diagnosis condition!:Reference role:CodeableConcept rank:positiveInt
EpisodeOfCare.statusHistory
  status!:code(planned|waitlist|active|onhold|finished|cancelled|entered-in-error) period!:Period
Flag identifier*:Identifier status!:code(active|inactive|entered-in-error)
  category*:CodeableConcept code!:CodeableConcept subject!:Reference period:Period
  encounter:Reference author:Reference
HealthcareService identifier*:Identifier active:boolean providedBy:Reference
  category*:CodeableConcept type*:CodeableConcept specialty*:CodeableConcept location*:Reference
  name:string comment:string extraDetails:markdown photo:Attachment telecom*:ContactPoint
  coverageArea*:Reference serviceProvisionCode*:CodeableConcept eligibility*:@
  program*:CodeableConcept characteristic*:CodeableConcept communication*:CodeableConcept
  referralMethod*:CodeableConcept appointmentRequired:boolean availableTime*:@ notAvailable*:@
  availabilityExceptions:string endpoint*:Reference
HealthcareService.availableTime daysOfWeek*:code(mon|tue|wed|thu|fri|sat|sun) allDay:boolean
  availableStartTime:time availableEndTime:time
HealthcareService.eligibility code:CodeableConcept comment:markdown
HealthcareService.notAvailable description!:string during:Period
Immunization identifier*:Identifier status!:code(completed|entered-in-error|not-done)
  statusReason:CodeableConcept vaccineCode!:CodeableConcept patient!:Reference encounter:Reference
  occurrence[x]!:dateTime|string recorded:dateTime primarySource:boolean
  reportOrigin:CodeableConcept location:Reference manufacturer:Reference lotNumber:string
  expirationDate:date site:CodeableConcept route:CodeableConcept doseQuantity:Quantity
  performer*:@ note*:Annotation reasonCode*:CodeableConcept reasonReference*:Reference
  isSubpotent:boolean subpotentReason*:CodeableConcept education*:@
  programEligibility*:CodeableConcept fundingSource:CodeableConcept reaction*:@ protocolApplied*:@
Immunization.education documentType:string reference:uri publicationDate:dateTime
  presentationDate:dateTime
Immunization.performer function:CodeableConcept actor!:Reference
Immunization.protocolApplied series:string authority:Reference targetDisease*:CodeableConcept
  doseNumber[x]!:positiveInt|string seriesDoses[x]:positiveInt|string
Immunization.reaction date:dateTime detail:Reference reported:boolean
Location identifier*:Identifier status:code(active|suspended|inactive) operationalStatus:Coding
  name:string alias*:string description:string mode:code(instance|kind) type*:CodeableConcept
  telecom*:ContactPoint address:Address physicalType:CodeableConcept position:@
  managingOrganization:Reference partOf:Reference hoursOfOperation*:@
  availabilityExceptions:string endpoint*:Reference
Location.hoursOfOperation daysOfWeek*:code(mon|tue|wed|thu|fri|sat|sun) allDay:boolean
  openingTime:time closingTime:time
Location.position longitude!:decimal latitude!:decimal altitude:decimal
MedicationStatement identifier*:Identifier basedOn*:Reference partOf*:Reference
  status!:code(active|completed|entered-in-error|intended|stopped|on-hold|unknown|not-taken)
  statusReason*:CodeableConcept category:CodeableConcept medication[x]!:CodeableConcept|Reference
  subject!:Reference context:Reference effective[x]:dateTime|Period dateAsserted:dateTime
  informationSource:Reference derivedFrom*:Reference reasonCode*:CodeableConcept
  reasonReference*:Reference note*:Annotation dosage*:Dosage
MessageHeader event[x]!:Coding|uri destination*:@ sender:Reference enterer:Reference
  author:Reference source!:@ responsible:Reference reason:CodeableConcept response:@
  focus*:Reference definition:canonical
MessageHeader.destination name:string target:Reference endpoint!:url receiver:Reference
MessageHeader.response identifier!:id code!:code(ok|transient-error|fatal-error) details:Reference
MessageHeader.source name:string software:string version:string contact:ContactPoint endpoint!:url
Observation identifier*:Identifier basedOn*:Reference partOf*:Reference
  status!:code(registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown)
  category*:CodeableConcept code!:CodeableConcept subject:Reference focus*:Reference
  encounter:Reference effective[x]:dateTime|Period|Timing|instant issued:instant
  performer*:Reference
  value[x]:Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period
  dataAbsentReason:CodeableConcept interpretation*:CodeableConcept note*:Annotation
  bodySite:CodeableConcept method:CodeableConcept specimen:Reference device:Reference
  referenceRange*:@ hasMember*:Reference derivedFrom*:Reference component*:@
Observation.component code!:CodeableConcept
  value[x]:Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period
  dataAbsentReason:CodeableConcept interpretation*:CodeableConcept
  referenceRange*:@Observation.referenceRange
Observation.referenceRange low:Quantity high:Quantity type:CodeableConcept
  appliesTo*:CodeableConcept age:Range text:string
OperationOutcome issue*!:@
OperationOutcome.issue severity!:code(fatal|error|warning|information) code!:code
  details:CodeableConcept diagnostics:string location*:string expression*:string
Organization identifier*:Identifier active:boolean type*:CodeableConcept name:string alias*:string
  telecom*:ContactPoint address*:Address partOf:Reference contact*:@ endpoint*:Reference
Organization.contact purpose:CodeableConcept name:HumanName telecom*:ContactPoint address:Address
Patient identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint
  gender:code(male|female|other|unknown) birthDate:date deceased[x]:boolean|dateTime
  address*:Address maritalStatus:CodeableConcept multipleBirth[x]:boolean|integer
  photo*:Attachment contact*:@ communication*:@ generalPractitioner*:Reference
  managingOrganization:Reference link*:@
Patient.communication language!:CodeableConcept preferred:boolean
Patient.contact relationship*:CodeableConcept name:HumanName telecom*:ContactPoint address:Address
  gender:code(male|female|other|unknown) organization:Reference period:Period
Patient.link other!:Reference type!:code(replaced-by|replaces|refer|seealso)
Practitioner identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint
  address*:Address gender:code(male|female|other|unknown) birthDate:date photo*:Attachment
  qualification*:@ communication*:CodeableConcept
Practitioner.qualification identifier*:Identifier code!:CodeableConcept period:Period
  issuer:Reference
PractitionerRole identifier*:Identifier active:boolean period:Period practitioner:Reference
  organization:Reference code*:CodeableConcept specialty*:CodeableConcept location*:Reference
  healthcareService*:Reference telecom*:ContactPoint availableTime*:@ notAvailable*:@
  availabilityExceptions:string endpoint*:Reference
PractitionerRole.availableTime daysOfWeek*:code(mon|tue|wed|thu|fri|sat|sun) allDay:boolean
  availableStartTime:time availableEndTime:time
PractitionerRole.notAvailable description!:string during:Period
Procedure identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri
  basedOn*:Reference partOf*:Reference
  status!:code(preparation|in-progress|not-done|on-hold|stopped|completed|entered-in-error|unknown)
  statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept subject!:Reference
  encounter:Reference performed[x]:dateTime|Period|string|Age|Range recorder:Reference
  asserter:Reference performer*:@ location:Reference reasonCode*:CodeableConcept
  reasonReference*:Reference bodySite*:CodeableConcept outcome:CodeableConcept report*:Reference
  complication*:CodeableConcept complicationDetail*:Reference followUp*:CodeableConcept
  note*:Annotation focalDevice*:@ usedReference*:Reference usedCode*:CodeableConcept
Procedure.focalDevice action:CodeableConcept manipulated!:Reference
Procedure.performer function:CodeableConcept actor!:Reference onBehalfOf:Reference
Provenance target*!:Reference occurred[x]:Period|dateTime recorded!:instant policy*:uri
  location:Reference reason*:CodeableConcept activity:CodeableConcept agent*!:@ entity*:@
  signature*:Signature
Provenance.agent type:CodeableConcept role*:CodeableConcept who!:Reference onBehalfOf:Reference
Provenance.entity role!:code(derivation|revision|quotation|source|removal) what!:Reference
  agent*:@Provenance.agent
QuestionnaireResponse identifier:Identifier basedOn*:Reference partOf*:Reference
  questionnaire:canonical status!:code(in-progress|completed|amended|entered-in-error|stopped)
  subject:Reference encounter:Reference authored:dateTime author:Reference source:Reference
  item*:@
QuestionnaireResponse.item linkId!:string definition:uri text:string answer*:@
  item*:@QuestionnaireResponse.item
QuestionnaireResponse.item.answer
  value[x]:boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference
  item*:@QuestionnaireResponse.item
RelatedPerson identifier*:Identifier active:boolean patient!:Reference
  relationship*:CodeableConcept name*:HumanName telecom*:ContactPoint
  gender:code(male|female|other|unknown) birthDate:date address*:Address photo*:Attachment
  period:Period communication*:@
RelatedPerson.communication language!:CodeableConcept preferred:boolean
Schedule identifier*:Identifier active:boolean serviceCategory*:CodeableConcept
  serviceType*:CodeableConcept specialty*:CodeableConcept actor*!:Reference planningHorizon:Period
  comment:string
ServiceRequest identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri
  basedOn*:Reference replaces*:Reference requisition:Identifier
  status!:code(draft|active|on-hold|revoked|completed|entered-in-error|unknown)
  intent!:code(proposal|plan|directive|order|original-order|reflex-order|filler-order|instance-order|option)
  category*:CodeableConcept priority:code(routine|urgent|asap|stat) doNotPerform:boolean
  code:CodeableConcept orderDetail*:CodeableConcept quantity[x]:Quantity|Ratio|Range
  subject!:Reference encounter:Reference occurrence[x]:dateTime|Period|Timing
  asNeeded[x]:boolean|CodeableConcept authoredOn:dateTime requester:Reference
  performerType:CodeableConcept performer*:Reference locationCode*:CodeableConcept
  locationReference*:Reference reasonCode*:CodeableConcept reasonReference*:Reference
  insurance*:Reference supportingInfo*:Reference specimen*:Reference bodySite*:CodeableConcept
  note*:Annotation patientInstruction:string relevantHistory*:Reference
Slot identifier*:Identifier serviceCategory*:CodeableConcept serviceType*:CodeableConcept
  specialty*:CodeableConcept appointmentType:CodeableConcept schedule!:Reference
  status!:code(busy|free|busy-unavailable|busy-tentative|entered-in-error) start!:instant
  end!:instant overbooked:boolean comment:string
Specimen identifier*:Identifier accessionIdentifier:Identifier
  status:code(available|unavailable|unsatisfactory|entered-in-error) type:CodeableConcept
  subject:Reference receivedTime:dateTime parent*:Reference request*:Reference collection:@
  processing*:@ container*:@ condition*:CodeableConcept note*:Annotation
Specimen.collection collector:Reference collected[x]:dateTime|Period duration:Duration
  quantity:Quantity method:CodeableConcept bodySite:CodeableConcept
  fastingStatus[x]:CodeableConcept|Duration
Specimen.container identifier*:Identifier description:string type:CodeableConcept
  capacity:Quantity specimenQuantity:Quantity additive[x]:CodeableConcept|Reference
Specimen.processing description:string procedure:CodeableConcept additive*:Reference
  time[x]:dateTime|Period
Task identifier*:Identifier instantiatesCanonical:canonical instantiatesUri:uri basedOn*:Reference
  groupIdentifier:Identifier partOf*:Reference
  status!:code(draft|requested|received|accepted|rejected|ready|cancelled|in-progress|on-hold|failed|completed|entered-in-error)
  statusReason:CodeableConcept businessStatus:CodeableConcept
  intent!:code(unknown|proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option)
  priority:code(routine|urgent|asap|stat) code:CodeableConcept description:string focus:Reference
  for:Reference encounter:Reference executionPeriod:Period authoredOn:dateTime
  lastModified:dateTime requester:Reference performerType*:CodeableConcept owner:Reference
  location:Reference reasonCode:CodeableConcept reasonReference:Reference insurance*:Reference
  note*:Annotation relevantHistory*:Reference restriction:@ input*:@ output*:@
Task.input type!:CodeableConcept value[x]!:*
Task.output type!:CodeableConcept value[x]!:*
Task.restriction repetitions:positiveInt period:Period recipient*:Reference
Address use:code(home|work|temp|old|billing) type:code(postal|physical|both) text:string
  line*:string city:string district:string state:string postalCode:string country:string
  period:Period
Age value:decimal comparator:code(<|<=|>=|>) unit:string system:uri code:code
Annotation author[x]:Reference|string time:dateTime text!:markdown
Attachment contentType:code language:code data:base64Binary url:url size:unsignedInt
  hash:base64Binary title:string creation:dateTime
CodeableConcept coding*:Coding text:string
Coding system:uri version:string code:code display:string userSelected:boolean
ContactDetail name:string telecom*:ContactPoint
ContactPoint system:code(phone|fax|email|pager|url|sms|other) value:string
  use:code(home|work|temp|old|mobile) rank:positiveInt period:Period
Contributor type!:code(author|editor|reviewer|endorser) name!:string contact*:ContactDetail
Count value:decimal comparator:code(<|<=|>=|>) unit:string system:uri code:code
DataRequirement type!:code profile*:canonical subject[x]:CodeableConcept|Reference
  mustSupport*:string codeFilter*:@ dateFilter*:@ limit:positiveInt sort*:@
DataRequirement.codeFilter path:string searchParam:string valueSet:canonical code*:Coding
DataRequirement.dateFilter path:string searchParam:string value[x]:dateTime|Period|Duration
DataRequirement.sort path!:string direction!:code(ascending|descending)
Distance value:decimal comparator:code(<|<=|>=|>) unit:string system:uri code:code
Dosage sequence:integer text:string additionalInstruction*:CodeableConcept
  patientInstruction:string timing:Timing asNeeded[x]:boolean|CodeableConcept site:CodeableConcept
  route:CodeableConcept method:CodeableConcept doseAndRate*:@ maxDosePerPeriod:Ratio
  maxDosePerAdministration:Quantity maxDosePerLifetime:Quantity
Dosage.doseAndRate type:CodeableConcept dose[x]:Range|Quantity rate[x]:Ratio|Range|Quantity
Duration value:decimal comparator:code(<|<=|>=|>) unit:string system:uri code:code
Expression description:string name:id language!:code expression:string reference:uri
Extension url!:string value[x]:*
HumanName use:code(usual|official|temp|nickname|anonymous|old|maiden) text:string family:string
  given*:string prefix*:string suffix*:string period:Period
Identifier use:code(usual|official|temp|secondary|old) type:CodeableConcept system:uri
  value:string period:Period assigner:Reference
Meta versionId:id lastUpdated:instant source:uri profile*:canonical security*:Coding tag*:Coding
Money value:decimal currency:code
Narrative status!:code(generated|extensions|additional|empty) div!:xhtml
ParameterDefinition name:code use!:code(in|out) min:integer max:string documentation:string
  type!:code profile:canonical
Period start:dateTime end:dateTime
Quantity value:decimal comparator:code(<|<=|>=|>) unit:string system:uri code:code
Range low:Quantity high:Quantity
Ratio numerator:Quantity denominator:Quantity
Reference reference:string type:uri identifier:Identifier display:string
RelatedArtifact
  type!:code(documentation|justification|citation|predecessor|successor|derived-from|depends-on|composed-of)
  label:string display:string citation:markdown url:url document:Attachment resource:canonical
SampledData origin!:Quantity period!:decimal factor:decimal lowerLimit:decimal upperLimit:decimal
  dimensions!:positiveInt data:string
Signature type*!:Coding when!:instant who!:Reference onBehalfOf:Reference targetFormat:code
  sigFormat:code data:base64Binary
Timing event*:dateTime repeat:@ code:CodeableConcept
Timing.repeat bounds[x]:Duration|Range|Period count:positiveInt countMax:positiveInt
  duration:decimal durationMax:decimal durationUnit:code(s|min|h|d|wk|mo|a) frequency:positiveInt
  frequencyMax:positiveInt period:decimal periodMax:decimal periodUnit:code(s|min|h|d|wk|mo|a)
  dayOfWeek*:code(mon|tue|wed|thu|fri|sat|sun) timeOfDay*:time when*:code offset:unsignedInt
TriggerDefinition
  type!:code(named-event|periodic|data-changed|data-added|data-modified|data-removed|data-accessed|data-access-ended)
  name:string timing[x]:Timing|Reference|date|dateTime data*:DataRequirement condition:Expression
UsageContext code!:Coding value[x]!:CodeableConcept|Quantity|Range|Reference
)elements";

}  // namespace waymark::referral::fhir
