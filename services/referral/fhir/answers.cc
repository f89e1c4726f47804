#include "services/referral/fhir/answers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/ids/ids.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/referral_reader.h"
#include "services/referral/fhir/referral_writer.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kPathologyReport[] = "371528001";

Json IdentifierJson(absl::string_view system, absl::string_view value) {
  return {{"system", std::string(system)}, {"value", std::string(value)}};
}

Issue Refuse(absl::string_view code, absl::string_view location, absl::string_view diagnostics) {
  return {Severity::kError, std::string(code), std::string(location), std::string(diagnostics)};
}

Issue Warn(absl::string_view location, absl::string_view diagnostics) {
  return {Severity::kWarning, "incomplete", std::string(location), std::string(diagnostics)};
}

std::string NoteOf(const Json& resource) { return Text(Item(Member(resource, "note"), 0), "text"); }

// The first identifier that is the partner's own.
std::string PartnerNumber(const Json& resource) {
  if (std::string own = IdentifierOf(resource, kProviderId); !own.empty()) return own;
  const Json& identifiers = Member(resource, "identifier");
  if (identifiers.is_object()) return Text(identifiers, "value");
  for (const Json& identifier : identifiers) {
    const std::string system = Text(identifier, "system");
    if (system != kUriId && !absl::StartsWith(system, "urn:waymark:")) {
      return Text(identifier, "value");
    }
  }
  return "";
}

// The number under which the partner knows the patient.
std::string OwnNumber(const Json& patient) {
  for (const Json& identifier : Member(patient, "identifier")) {
    const std::string system = Text(identifier, "system");
    if (!SameSystem(system, kNhsNumber) && system != kUriId &&
        !absl::StartsWith(system, "urn:waymark:")) {
      return Text(identifier, "value");
    }
  }
  return "";
}

// The ODS code of the organisation that a reference names, itself or as its target.
std::string OrganisationOf(const Json& bundle, const Json& reference, const Json& from) {
  const Json& identifier = Member(reference, "identifier");
  if (SameSystem(Text(identifier, "system"), kOdsCode)) return Text(identifier, "value");
  return IdentifierOf(Resolve(bundle, reference, from), kOdsCode);
}

// A moment, or the noon of a day that is all that is said.
std::optional<google::protobuf::Timestamp> MomentOf(const std::string& text, bool* day_only) {
  if (auto time = ReadTime(text)) return time;
  const std::optional<absl::CivilDay> day = ReadDay(text);
  if (!day) return std::nullopt;
  *day_only = true;
  return ToTimestamp(absl::FromCivil(absl::CivilHour(*day) + 12, absl::UTCTimeZone()));
}

void ReadKeys(const Json& bundle, const Json& subject, PartnerAnswer& answer,
              std::vector<Issue>& issues) {
  const Json& resolved = Resolve(bundle, subject);
  const Json& patient = resolved.is_object() ? resolved : FirstOf(bundle, "Patient");
  casework::v1::CivilDate birth_date;
  ReadPatientKeys(patient, answer.keys.mutable_nhs_number(), &birth_date, &issues);
  if (birth_date.year() != 0) *answer.keys.mutable_birth_date() = birth_date;
}

v1::Booking ReadBooking(const Json& appointment, const Json& bundle) {
  v1::Booking booking;
  if (const auto time = ReadTime(Text(appointment, "start"))) *booking.mutable_start_time() = *time;
  if (const auto time = ReadTime(Text(appointment, "end"))) *booking.mutable_end_time() = *time;
  if (const auto time = ReadTime(Text(appointment, "created"))) {
    *booking.mutable_booked_time() = *time;
  }
  booking.set_slot_id(IdentifierOf(appointment, kSlotId));
  const Json& slot = Item(Member(appointment, "slot"), 0);
  if (booking.slot_id().empty()) {
    booking.set_slot_id(Text(Resolve(bundle, slot), "id"));
  }
  booking.set_place(Text(appointment, "comment"));
  if (booking.place().empty()) booking.set_place(Text(FirstOf(bundle, "Location"), "name"));
  return booking;
}

v1::DeclineReason DeclineReasonOf(const Json& task) {
  int number = 0;
  if (absl::SimpleAtoi(CodeOf(Member(task, "statusReason"), kRejectedReasons), &number) &&
      v1::DeclineReason_IsValid(number) && number != 0) {
    return static_cast<v1::DeclineReason>(number);
  }
  return v1::DECLINE_REASON_OTHER;
}

const Json& OutputOf(const Json& task, absl::string_view type) {
  for (const Json& output : Member(task, "output")) {
    if (Text(Member(output, "type"), "text") == type) return output;
  }
  return Member(Json(), "");
}

// Everything of a task's answer but who and when. False when the task says nothing that is an
// answer.
bool ReadKind(const Json& task, const Json& bundle, const google::protobuf::Timestamp& when,
              PartnerAnswer& answer) {
  const std::string status = Text(task, "status");
  const auto milestone =
      EnumOfCode<v1::ReferralState>(CodeOf(Member(task, "businessStatus"), kMilestone));
  const std::string note = NoteOf(task);
  v1::Answer& said = answer.answer;
  const Json& appointment = [&]() -> const Json& {
    for (const Json& output : Member(task, "output")) {
      const Json& found = Resolve(bundle, Member(output, "valueReference"), task);
      if (Text(found, "resourceType") == "Appointment") return found;
    }
    return FirstOf(bundle, "Appointment");
  }();
  const std::string start = Text(Member(task, "executionPeriod"), "start");

  if (status == "received") {
    *said.mutable_received()->mutable_received_time() = when;
  } else if (status == "accepted") {
    said.mutable_accepted()->set_provider_reference(answer.keys.provider_reference());
    said.mutable_accepted()->set_note(note);
  } else if (status == "rejected" && milestone == v1::REFERRAL_STATE_REDIRECTED) {
    const Json& organisation = Member(OutputOf(task, "organisation"), "valueReference");
    v1::Redirected& redirected = *said.mutable_redirected();
    redirected.set_organisation_code(Text(Member(organisation, "identifier"), "value"));
    redirected.set_organisation_name(Text(organisation, "display"));
    redirected.set_note(note);
  } else if (status == "rejected" || status == "cancelled") {
    v1::Declined& declined = *said.mutable_declined();
    declined.set_reason(DeclineReasonOf(task));
    declined.set_note(note);
    declined.set_alternatives(Text(OutputOf(task, "alternatives"), "valueString"));
  } else if (status == "on-hold" && !note.empty()) {
    v1::Question& question = *said.mutable_asked();
    question.set_question_id(IdentifierOf(task, kQuestionId));
    if (question.question_id().empty()) {
      question.set_question_id(ids::DeriveUuid(answer.referral_id, note));
    }
    question.set_text(note);
    *question.mutable_asked_time() = when;
  } else if (status == "in-progress" && milestone == v1::REFERRAL_STATE_DID_NOT_ATTEND) {
    v1::NotAttended& missed = *said.mutable_not_attended();
    if (const auto time = ReadTime(start)) *missed.mutable_appointment_time() = *time;
    missed.set_note(note);
  } else if (status == "in-progress" && appointment.is_object() &&
             milestone != v1::REFERRAL_STATE_SEEN) {
    *said.mutable_booked() = ReadBooking(appointment, bundle);
  } else if (status == "in-progress" && milestone == v1::REFERRAL_STATE_OUTCOME_RECEIVED) {
    said.mutable_outcome()->set_summary(note);
  } else if (status == "in-progress" && ReadTime(start)) {
    *said.mutable_seen()->mutable_seen_time() = *ReadTime(start);
    said.mutable_seen()->set_note(note);
  } else if (status == "completed") {
    said.mutable_outcome()->set_summary(note);
    said.mutable_outcome()->set_discharged(true);
  } else {
    return false;
  }
  if (said.has_outcome()) {
    v1::Outcome& outcome = *said.mutable_outcome();
    outcome.set_outcome_id(IdentifierOf(task, kOutcomeId));
    if (!ids::IsUuid(outcome.outcome_id())) {
      outcome.set_outcome_id(ids::DeriveUuid(answer.referral_id, WriteTime(when)));
    }
    *outcome.mutable_outcome_time() = when;
  }
  return true;
}

// Observations of a report with what their panels hold, each once.
void Collect(const Json& bundle, const Json& references, const Json& from,
             std::set<const Json*>& seen, std::vector<const Json*>& found) {
  for (const Json& reference : references) {
    const Json& observation = Resolve(bundle, reference, from);
    if (Text(observation, "resourceType") != "Observation" || !seen.insert(&observation).second) {
      continue;
    }
    const Json& members = Member(observation, "hasMember");
    if (members.is_array() && !members.empty()) {
      Collect(bundle, members, from, seen, found);
    } else {
      found.push_back(&observation);
    }
  }
}

void CompleteResult(const Json& bundle, const Json& report, const Json& observation,
                    v1::TestResult& result, std::vector<Issue>& issues) {
  bool day_only = false;
  if (!result.has_sampled_time()) {
    Json specimen = Member(observation, "specimen");
    if (specimen.is_null()) specimen = Item(Member(report, "specimen"), 0);
    const Json& sample = Resolve(bundle, specimen, report);
    for (const std::string& text : {Text(observation, "effectiveDateTime"),
                                    Text(Member(sample, "collection"), "collectedDateTime"),
                                    Text(report, "effectiveDateTime")}) {
      if (const auto time = MomentOf(text, &day_only)) {
        *result.mutable_sampled_time() = *time;
        break;
      }
    }
  }
  if (!result.has_sampled_time()) {
    issues.push_back(Warn("Observation.effective[x]", "When the sample was taken is not said."));
  } else if (day_only) {
    issues.push_back(Warn("Observation.effective[x]", "Only the day is said; noon is taken."));
  }
  const std::string status = Text(report, "status");
  if (status == "entered-in-error") {
    result.set_status(v1::RESULT_STATUS_ENTERED_IN_ERROR);
  } else if ((status == "corrected" || status == "amended" || status == "appended") &&
             result.status() == v1::RESULT_STATUS_FINAL) {
    result.set_status(v1::RESULT_STATUS_CORRECTED);
  }
  if ((result.status() == v1::RESULT_STATUS_CORRECTED ||
       result.status() == v1::RESULT_STATUS_ENTERED_IN_ERROR) &&
      result.replaces().empty()) {
    result.set_replaces(result.result_id());
  }
  if (result.outcome() == v1::RESULT_OUTCOME_UNSPECIFIED && !result.has_quantity()) {
    issues.push_back(Warn("Observation.value[x]", "What the test showed is not understood."));
  }
  if (result.test().empty()) {
    issues.push_back(Warn("Observation.code", "The test is not known here."));
  }
}

Json Concept(const char* text) { return {{"text", text}}; }

}  // namespace

AnswerReading ReadTaskAnswer(const Json& task, const Json& bundle) {
  AnswerReading reading;
  PartnerAnswer answer;
  answer.referral_id = ReferralIdOf(bundle, Member(task, "focus"), task);
  if (answer.referral_id.empty()) {
    const std::string own = IdentifierOf(task, kUriId);
    absl::string_view id = own;
    absl::ConsumePrefix(&id, "urn:uuid:");
    answer.referral_id = ids::NormaliseUuid(id).value_or("");
  }
  answer.keys.set_provider_reference(PartnerNumber(task));
  ReadKeys(bundle, Member(task, "for"), answer, reading.issues);
  std::string when = Text(task, "lastModified");
  if (!ReadTime(when)) when = Text(Member(task, "meta"), "lastUpdated");
  const auto time = ReadTime(when);
  if (!time) {
    reading.issues.push_back(
        Refuse("required", "Task.lastModified", "An answer says when it was given."));
    return reading;
  }
  *answer.answer.mutable_answered_time() = *time;
  answer.answer.set_answered_by(Text(Member(task, "owner"), "display"));
  if (!ReadKind(task, bundle, *time, answer)) {
    reading.issues.push_back(Refuse("not-supported", "Task.status",
                                    "This status, with what the Task says, answers no referral."));
    return reading;
  }
  reading.answers.push_back(std::move(answer));
  return reading;
}

bool IsReport(const Json& bundle) {
  const Json& event = Member(FirstOf(bundle, "MessageHeader"), "eventCoding");
  if (SameSystem(Text(event, "system"), kSnomed) && Text(event, "code") == kPathologyReport) {
    return true;
  }
  return FirstOf(bundle, "DiagnosticReport").is_object();
}

AnswerReading ReadReport(const Json& bundle) {
  AnswerReading reading;
  bool discharged = false;
  for (const Json* task : ResourcesOf(bundle, "Task")) {
    discharged |= Text(*task, "status") == "completed";
  }
  for (const Json* report : ResourcesOf(bundle, "DiagnosticReport")) {
    PartnerAnswer answer;
    for (const Json& based_on : Member(*report, "basedOn")) {
      if (answer.referral_id.empty()) {
        answer.referral_id = ReferralIdOf(bundle, based_on, *report);
      }
      if (answer.keys.provider_reference().empty()) {
        std::string number = PartnerNumber(Resolve(bundle, based_on, *report));
        if (number.empty() && ids::NormaliseUuid(answer.referral_id) == std::nullopt) {
          number = Text(Member(based_on, "identifier"), "value");
        }
        answer.keys.set_provider_reference(number);
      }
    }
    ReadKeys(bundle, Member(*report, "subject"), answer, reading.issues);
    if (answer.keys.provider_reference().empty()) {
      answer.keys.set_provider_reference(
          OwnNumber(Resolve(bundle, Member(*report, "subject"), *report)));
    }
    for (const Json& performer : Member(*report, "performer")) {
      if (answer.keys.organisation_code().empty()) {
        answer.keys.set_organisation_code(OrganisationOf(bundle, performer, *report));
      }
    }

    std::string issued = Text(*report, "issued");
    if (issued.empty()) issued = Text(bundle, "timestamp");
    if (!ReadTime(issued)) issued = Text(*report, "effectiveDateTime");
    const auto time = ReadTime(issued);
    if (!time) {
      reading.issues.push_back(
          Refuse("required", "DiagnosticReport.issued", "A report says when it was issued."));
      continue;
    }
    *answer.answer.mutable_answered_time() = *time;
    answer.answer.set_answered_by(Text(Item(Member(*report, "performer"), 0), "display"));
    v1::Outcome& outcome = *answer.answer.mutable_outcome();
    *outcome.mutable_outcome_time() = *time;
    outcome.set_outcome_id(IdentifierOf(*report, kOutcomeId));
    if (!ids::IsUuid(outcome.outcome_id())) {
      outcome.set_outcome_id(
          ids::DeriveUuid(absl::StrCat(Text(bundle, "id"), "|", Text(*report, "id"), "|",
                                       Text(Item(Member(*report, "identifier"), 0), "value"), "|",
                                       Text(*report, "status"), "|", issued),
                          "outcome"));
    }
    outcome.set_summary(Text(*report, "conclusion"));
    outcome.set_discharged(discharged);
    const std::string status = Text(*report, "status");
    outcome.set_more_to_come(status == "registered" || status == "partial" ||
                             status == "preliminary");
    std::vector<const Json*> observations;
    std::set<const Json*> seen;
    Collect(bundle, Member(*report, "result"), *report, seen, observations);
    for (const Json* observation : observations) {
      v1::TestResult result = ReadTestResult(*observation);
      CompleteResult(bundle, *report, *observation, result, reading.issues);
      *outcome.add_results() = std::move(result);
    }
    for (const Json* procedure : ResourcesOf(bundle, "Procedure")) {
      v1::Treatment& treatment = *outcome.add_treatments();
      const Json& code = Member(*procedure, "code");
      treatment.set_kind(EnumOfCode<v1::TreatmentKind>(CodeOf(code, kTreatmentKind)));
      if (treatment.kind() == v1::TREATMENT_KIND_UNSPECIFIED) {
        treatment.set_kind(v1::TREATMENT_KIND_OTHER);
      }
      *treatment.mutable_code() = ReadConcept(code);
      bool day_only = false;
      if (const auto given = MomentOf(Text(*procedure, "performedDateTime"), &day_only)) {
        *treatment.mutable_given_time() = *given;
      }
      treatment.set_detail(NoteOf(*procedure));
    }
    reading.answers.push_back(std::move(answer));
  }
  if (reading.answers.empty() && !HasError(reading.issues)) {
    reading.issues.push_back(
        Refuse("required", "Bundle.entry", "A report holds a DiagnosticReport."));
  }
  if (HasError(reading.issues)) reading.answers.clear();
  return reading;
}

AnswerReading ReadBarsAnswer(const Json& bundle, BarsAction action) {
  AnswerReading reading;
  PartnerAnswer answer;
  const Json& header = FirstOf(bundle, "MessageHeader");
  const Json& focus = Item(Member(header, "focus"), 0);
  answer.response_to = Text(Member(header, "response"), "identifier");
  answer.referral_id = ReferralIdOf(bundle, focus);
  const Json& request = FirstOf(bundle, "ServiceRequest");
  const Json& appointment = FirstOf(bundle, "Appointment");
  if (answer.referral_id.empty()) {
    answer.referral_id = ReferralIdOf(bundle, Item(Member(appointment, "basedOn"), 0));
  }
  answer.keys.set_provider_reference(PartnerNumber(request));
  ReadKeys(bundle, Member(request, "subject"), answer, reading.issues);
  const auto time = ReadTime(Text(bundle, "timestamp"));
  if (!time) {
    reading.issues.push_back(
        Refuse("required", "Bundle.timestamp", "A message says when it was made."));
    return reading;
  }
  *answer.answer.mutable_answered_time() = *time;
  switch (action) {
    case BarsAction::kNotAttended: {
      v1::NotAttended& missed = *answer.answer.mutable_not_attended();
      if (const auto start = ReadTime(Text(appointment, "start"))) {
        *missed.mutable_appointment_time() = *start;
      }
      missed.set_note(NoteOf(request));
      break;
    }
    case BarsAction::kCancelledBooking: {
      v1::BookingCancelled& cancelled = *answer.answer.mutable_booking_cancelled();
      if (const auto start = ReadTime(Text(appointment, "start"))) {
        *cancelled.mutable_appointment_time() = *start;
      }
      cancelled.set_note(Text(Member(appointment, "cancelationReason"), "text"));
      if (cancelled.note().empty()) cancelled.set_note(Text(appointment, "comment"));
      break;
    }
    case BarsAction::kNewBooking:
    case BarsAction::kUpdatedBooking:
      *answer.answer.mutable_booked() = ReadBooking(appointment, bundle);
      if (!answer.answer.booked().has_booked_time()) {
        *answer.answer.mutable_booked()->mutable_booked_time() = *time;
      }
      break;
    default:
      reading.issues.push_back(Refuse("not-supported", "MessageHeader",
                                      "This message is understood, and not acted on here."));
      return reading;
  }
  reading.answers.push_back(std::move(answer));
  return reading;
}

// Writing -----------------------------------------------------------------------------------------

namespace {

Json TaskFor(absl::string_view referral_id, const char* status, v1::ReferralState milestone,
             absl::string_view updated) {
  Json json = {
      {"resourceType", "Task"},
      {"meta",
       {{"lastUpdated", std::string(updated)},
        {"profile", Json::array({absl::StrCat(kUkProfile, "Task")})}}},
      {"identifier", Json::array({IdentifierJson(kUriId, absl::StrCat("urn:uuid:", referral_id))})},
      {"status", status},
      {"intent", "order"}};
  if (const std::string code = CodeOfEnum(milestone); !code.empty()) {
    json["businessStatus"] = ConceptOf(kMilestone, code);
  }
  json["code"] = ConceptOf(kTaskCode, "fulfill");
  json["focus"] = {{"reference", absl::StrCat("ServiceRequest/", referral_id)}};
  json["lastModified"] = std::string(updated);
  return json;
}

void PutNote(Json& json, const std::string& note) {
  if (!note.empty()) json["note"] = Json::array({{{"text", note}}});
}

Json AppointmentJson(absl::string_view referral_id, const v1::Booking& booking,
                     absl::string_view status) {
  Json json = {{"resourceType", "Appointment"}};
  if (!booking.slot_id().empty()) {
    json["identifier"] = Json::array({IdentifierJson(kSlotId, booking.slot_id())});
  }
  json["status"] = std::string(status);
  if (booking.has_start_time()) json["start"] = WriteTime(booking.start_time());
  if (booking.has_end_time()) json["end"] = WriteTime(booking.end_time());
  if (booking.has_booked_time()) json["created"] = WriteTime(booking.booked_time());
  if (!booking.place().empty()) json["comment"] = booking.place();
  json["basedOn"] = Json::array({{{"reference", absl::StrCat("ServiceRequest/", referral_id)}}});
  json["participant"] = Json::array(
      {{{"actor", {{"reference", PartUrl(referral_id, "patient")}}}, {"status", "accepted"}}});
  return json;
}

struct StateRow {
  v1::ReferralState state;
  const char* task;
  const char* request;
};

// How a state shows as the status of a Task and of a ServiceRequest.
constexpr StateRow kStates[] = {
    {v1::REFERRAL_STATE_DRAFT, "draft", "draft"},
    {v1::REFERRAL_STATE_SENT, "requested", "active"},
    {v1::REFERRAL_STATE_RECEIVED, "received", "active"},
    {v1::REFERRAL_STATE_INFORMATION_ASKED, "on-hold", "active"},
    {v1::REFERRAL_STATE_ACCEPTED, "accepted", "active"},
    {v1::REFERRAL_STATE_REDIRECTED, "rejected", "revoked"},
    {v1::REFERRAL_STATE_DECLINED, "rejected", "revoked"},
    {v1::REFERRAL_STATE_CANCELLED, "cancelled", "revoked"},
    {v1::REFERRAL_STATE_BOOKED, "in-progress", "active"},
    {v1::REFERRAL_STATE_DID_NOT_ATTEND, "in-progress", "active"},
    {v1::REFERRAL_STATE_SEEN, "in-progress", "active"},
    {v1::REFERRAL_STATE_OUTCOME_RECEIVED, "completed", "active"},
    {v1::REFERRAL_STATE_COMPLETED, "completed", "completed"},
};

const StateRow& RowOf(v1::ReferralState state) {
  for (const StateRow& row : kStates) {
    if (row.state == state) return row;
  }
  return kStates[0];
}

std::string UpdatedOf(const v1::ReferralCase& referral) {
  return referral.milestones_size() > 0
             ? WriteTime(referral.milestones(referral.milestones_size() - 1).recorded_time())
             : WriteTime(referral.header().opened_time());
}

// The case's version, and its id, in front.
Json Versioned(Json resource, const v1::ReferralCase& referral, const std::string& id) {
  Json json = {{"resourceType", Text(resource, "resourceType")}, {"id", id}};
  for (const auto& [name, member] : resource.items()) json[name] = member;
  json["meta"]["versionId"] = absl::StrCat(referral.header().version());
  json["meta"]["lastUpdated"] = UpdatedOf(referral);
  return json;
}

}  // namespace

Json TaskOfAnswer(absl::string_view referral_id, const v1::Answer& answer,
                  absl::string_view updated) {
  const auto task = [&](const char* status, v1::ReferralState milestone) {
    Json json = TaskFor(referral_id, status, milestone, updated);
    if (!answer.answered_by().empty()) json["owner"] = {{"display", answer.answered_by()}};
    return json;
  };
  switch (answer.kind_case()) {
    case v1::Answer::kAccepted: {
      Json json = task("accepted", v1::REFERRAL_STATE_ACCEPTED);
      if (!answer.accepted().provider_reference().empty()) {
        json["identifier"].push_back(
            IdentifierJson(kProviderId, answer.accepted().provider_reference()));
      }
      PutNote(json, answer.accepted().note());
      return json;
    }
    case v1::Answer::kDeclined: {
      Json json = task("rejected", v1::REFERRAL_STATE_DECLINED);
      json["statusReason"] =
          ConceptOf(kRejectedReasons, absl::StrCat(static_cast<int>(answer.declined().reason())));
      PutNote(json, answer.declined().note());
      if (!answer.declined().alternatives().empty()) {
        json["output"] = Json::array({{{"type", Concept("alternatives")},
                                       {"valueString", answer.declined().alternatives()}}});
      }
      return json;
    }
    case v1::Answer::kRedirected: {
      Json json = task("rejected", v1::REFERRAL_STATE_REDIRECTED);
      PutNote(json, answer.redirected().note());
      Json organisation = {
          {"identifier", IdentifierJson(kOdsCode, answer.redirected().organisation_code())}};
      if (!answer.redirected().organisation_name().empty()) {
        organisation["display"] = answer.redirected().organisation_name();
      }
      json["output"] = Json::array(
          {{{"type", Concept("organisation")}, {"valueReference", std::move(organisation)}}});
      return json;
    }
    case v1::Answer::kAsked: {
      Json json = task("on-hold", v1::REFERRAL_STATE_INFORMATION_ASKED);
      if (!answer.asked().question_id().empty()) {
        json["identifier"].push_back(IdentifierJson(kQuestionId, answer.asked().question_id()));
      }
      PutNote(json, answer.asked().text());
      return json;
    }
    case v1::Answer::kBooked: {
      Json json = task("in-progress", v1::REFERRAL_STATE_BOOKED);
      Json appointment = AppointmentJson(referral_id, answer.booked(), "booked");
      appointment["id"] = "appointment";
      json["contained"] = Json::array({std::move(appointment)});
      json["output"] = Json::array({{{"type", Concept("appointment")},
                                     {"valueReference", {{"reference", "#appointment"}}}}});
      return json;
    }
    case v1::Answer::kBookingCancelled: {
      Json json = task("accepted", v1::REFERRAL_STATE_ACCEPTED);
      PutNote(json, answer.booking_cancelled().note());
      return json;
    }
    case v1::Answer::kNotAttended: {
      Json json = task("in-progress", v1::REFERRAL_STATE_DID_NOT_ATTEND);
      if (answer.not_attended().has_appointment_time()) {
        json["executionPeriod"] = {{"start", WriteTime(answer.not_attended().appointment_time())}};
      }
      PutNote(json, answer.not_attended().note());
      return json;
    }
    case v1::Answer::kSeen: {
      Json json = task("in-progress", v1::REFERRAL_STATE_SEEN);
      json["executionPeriod"] = {{"start", WriteTime(answer.seen().seen_time())}};
      PutNote(json, answer.seen().note());
      return json;
    }
    case v1::Answer::kOutcome: {
      Json json = task(answer.outcome().discharged() ? "completed" : "in-progress",
                       v1::REFERRAL_STATE_OUTCOME_RECEIVED);
      if (!answer.outcome().outcome_id().empty()) {
        json["identifier"].push_back(IdentifierJson(kOutcomeId, answer.outcome().outcome_id()));
      }
      PutNote(json, answer.outcome().summary());
      return json;
    }
    default:
      return task("received", v1::REFERRAL_STATE_RECEIVED);
  }
}

Json ReportOfOutcome(absl::string_view referral_id, const v1::Outcome& outcome,
                     absl::string_view updated) {
  const auto url = [&](absl::string_view part) {
    return PartUrl(referral_id, absl::StrCat(outcome.outcome_id(), "/", part));
  };
  const Json based_on =
      Json::array({{{"reference", absl::StrCat("ServiceRequest/", referral_id)}}});
  Json entries = Json::array();
  const auto add = [&entries](const std::string& full_url, Json resource) {
    entries.push_back({{"fullUrl", full_url}, {"resource", std::move(resource)}});
  };
  Json results = Json::array();
  for (int i = 0; i < outcome.results_size(); ++i) {
    results.push_back({{"reference", url(absl::StrCat("result/", i))}});
  }
  Json report = {{"resourceType", "DiagnosticReport"}};
  if (!outcome.outcome_id().empty()) {
    report["identifier"] = Json::array({IdentifierJson(kOutcomeId, outcome.outcome_id())});
  }
  report["basedOn"] = based_on;
  report["status"] = outcome.more_to_come() ? "partial" : "final";
  report["category"] = Json::array({ConceptOf(kDiagnosticSection, "LAB", "Laboratory")});
  report["code"] = ConceptOf(kSnomed, "721981007", "Diagnostic studies report");
  report["issued"] = WriteTime(outcome.outcome_time());
  if (!results.empty()) report["result"] = std::move(results);
  if (!outcome.summary().empty()) report["conclusion"] = outcome.summary();
  add(url("report"), std::move(report));
  for (int i = 0; i < outcome.results_size(); ++i) {
    add(url(absl::StrCat("result/", i)), ObservationOf(outcome.results(i)));
  }
  for (int i = 0; i < outcome.treatments_size(); ++i) {
    const v1::Treatment& treatment = outcome.treatments(i);
    Json procedure = {
        {"resourceType", "Procedure"}, {"basedOn", based_on}, {"status", "completed"}};
    Json code = ConceptOf(treatment.code());
    if (treatment.kind() != v1::TREATMENT_KIND_UNSPECIFIED) {
      code["coding"].push_back(
          {{"system", kTreatmentKind}, {"code", CodeOfEnum(treatment.kind())}});
    }
    if (!code.is_null()) procedure["code"] = std::move(code);
    procedure["subject"] = {{"reference", PartUrl(referral_id, "patient")}};
    if (treatment.has_given_time()) {
      procedure["performedDateTime"] = WriteTime(treatment.given_time());
    }
    PutNote(procedure, treatment.detail());
    add(url(absl::StrCat("treatment/", i)), std::move(procedure));
  }
  if (outcome.discharged()) {
    add(url("task"),
        TaskFor(referral_id, "completed", v1::REFERRAL_STATE_OUTCOME_RECEIVED, updated));
  }
  return {{"resourceType", "Bundle"},
          {"type", "collection"},
          {"timestamp", std::string(updated)},
          {"entry", std::move(entries)}};
}

Json TaskOfCase(const v1::ReferralCase& referral) {
  const std::string& id = referral.header().case_id();
  Json json = TaskFor(id, RowOf(referral.state()).task, referral.state(), UpdatedOf(referral));
  if (referral.has_declined() && referral.state() == v1::REFERRAL_STATE_DECLINED) {
    json["statusReason"] =
        ConceptOf(kRejectedReasons, absl::StrCat(static_cast<int>(referral.declined().reason())));
  }
  const v1::Need& need = referral.content().need();
  Json period = Json::object();
  if (need.has_opens_time()) period["start"] = WriteTime(need.opens_time());
  if (need.has_closes_time()) period["end"] = WriteTime(need.closes_time());
  if (!period.empty()) json["restriction"] = {{"period", std::move(period)}};
  return Versioned(std::move(json), referral, id);
}

Json AppointmentOfCase(const v1::ReferralCase& referral) {
  if (referral.bookings_size() == 0) return Json();
  const std::string& id = referral.header().case_id();
  const v1::Booking& last = referral.bookings(referral.bookings_size() - 1);
  const char* status = last.called_off() ? "cancelled" : last.not_attended() ? "noshow" : "booked";
  return Versioned(AppointmentJson(id, last, status), referral, id);
}

absl::StatusOr<Json> SearchsetOfCase(const v1::ReferralCase& referral) {
  ReferralToWrite written = {referral.header().case_id(), referral.provider(), referral.content(),
                             referral.sending()};
  if (!written.sending.has_sent_time()) {
    *written.sending.mutable_sent_time() = referral.header().opened_time();
  }
  auto transaction = ReferralTransaction(written);
  if (!transaction.ok()) return transaction.status();
  Json entries = Json::array();
  for (const Json& entry : Member(*transaction, "entry")) {
    const bool request = entries.empty();  // the ServiceRequest comes first
    Json resource = Member(entry, "resource");
    if (request) {
      resource["status"] = RowOf(referral.state()).request;
      resource = Versioned(std::move(resource), referral, referral.header().case_id());
    }
    entries.push_back({{"fullUrl", Text(entry, "fullUrl")},
                       {"resource", std::move(resource)},
                       {"search", {{"mode", request ? "match" : "include"}}}});
  }
  return Json{{"resourceType", "Bundle"},
              {"type", "searchset"},
              {"total", 1},
              {"entry", std::move(entries)}};
}

}  // namespace waymark::referral::fhir
