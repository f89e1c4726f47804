#include "services/mental_health/record.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/mental_health/measure.h"
#include "services/mental_health/progress.h"
#include "services/mental_health/thresholds.h"
#include "services/mental_health/trauma_treatment.h"
#include "services/mental_health/trim_score.h"

namespace waymark::mental_health {
namespace {

using casework::InstantOf;

constexpr int kMostSheets = 12;

// A corrected event may make a form readable, or unreadable. Flags stay as they were raised.
void ScoreAgain(const casework::v1::Protocol& protocol, v1::MentalHealthCase& record) {
  for (v1::Measurement& measurement : *record.mutable_measurements()) {
    if (measurement.validity() == v1::VALIDITY_WITHDRAWN) continue;
    for (const v1::AnswerSheet& sheet : record.answers().sheets()) {
      if (sheet.measurement_id() != measurement.measurement_id()) continue;
      v1::Measurement scored =
          ScoreSheet(sheet, LatestEvent(record, DateOf(sheet.completed_time())), protocol)
              .measurement;
      scored.set_measurement_id(measurement.measurement_id());
      *scored.mutable_recorded_time() = measurement.recorded_time();
      measurement = std::move(scored);
      break;
    }
  }
}

}  // namespace

absl::CivilDay DateOf(const casework::v1::LocalTime& time) {
  return civil::DateOf(InstantOf(time), civil::London());
}

std::optional<absl::CivilDay> LatestEvent(const v1::MentalHealthCase& record, absl::CivilDay day) {
  std::optional<absl::CivilDay> latest;
  for (const v1::Incident& incident : record.incidents()) {
    const absl::CivilDay occurred = DateOf(incident.occurred_time());
    if (occurred <= day && (!latest || occurred > *latest)) latest = occurred;
  }
  return latest;
}

absl::Time BeginOf(const v1::MentalHealthCase& record) {
  if (record.has_referral()) return InstantOf(record.referral().referred_time());
  if (record.has_bereavement()) return InstantOf(record.bereavement().learned_time());
  if (record.has_surveillance()) return InstantOf(record.surveillance().from_time());
  return record.incidents().empty() ? absl::InfinitePast()
                                    : InstantOf(record.incidents(0).occurred_time());
}

const v1::Measurement* Latest(const v1::MentalHealthCase& record, v1::Instrument instrument) {
  const v1::Measurement* latest = nullptr;
  for (const v1::Measurement& measurement : record.measurements()) {
    if (measurement.instrument() != instrument || measurement.validity() != v1::VALIDITY_VALID) {
      continue;
    }
    if (latest == nullptr ||
        InstantOf(measurement.completed_time()) >= InstantOf(latest->completed_time())) {
      latest = &measurement;
    }
  }
  return latest;
}

const v1::ClinicalAssessment* LatestAssessment(const v1::MentalHealthCase& record) {
  const v1::ClinicalAssessment* latest = nullptr;
  for (const v1::ClinicalAssessment& assessment : record.assessments()) {
    if (latest == nullptr ||
        InstantOf(assessment.assessed_time()) >= InstantOf(latest->assessed_time())) {
      latest = &assessment;
    }
  }
  return latest;
}

v1::SafetyPlan* PlanInForce(v1::MentalHealthCase& record) {
  return record.safety_plans().empty() ? nullptr : &*record.mutable_safety_plans()->rbegin();
}

bool HasActiveIntent(const v1::MentalHealthCase& record) {
  const v1::RiskConversation* latest = nullptr;
  for (const v1::RiskFlag& flag : record.risk_flags()) {
    for (const v1::RiskConversation& conversation : flag.conversations()) {
      if (!conversation.reached()) continue;
      if (latest == nullptr ||
          InstantOf(conversation.held_time()) >= InstantOf(latest->held_time())) {
        latest = &conversation;
      }
    }
  }
  return latest != nullptr && latest->active_intent() == v1::ANSWER_YES;
}

absl::Time AnsweredFrom(const v1::MentalHealthCase& record, const v1::RiskFlag& flag) {
  const absl::Time raised = casework::FromTimestamp(flag.raised_time());
  absl::Time from = civil::StartOfDay(civil::DateOf(raised, civil::London()), civil::London());
  for (const v1::Measurement& measurement : record.measurements()) {
    if (measurement.measurement_id() == flag.measurement_id()) {
      from = std::min(from, InstantOf(measurement.completed_time()));
    }
  }
  return from;
}

v1::Incident* FindIncident(v1::MentalHealthCase& record, int number) {
  return number < 1 || number > record.incidents_size() ? nullptr
                                                        : record.mutable_incidents(number - 1);
}

v1::RiskFlag* FindFlag(v1::MentalHealthCase& record, int number) {
  return number < 1 || number > record.risk_flags_size() ? nullptr
                                                         : record.mutable_risk_flags(number - 1);
}

absl::Status NoSuchIncident() {
  return status::NotFound("INCIDENT_NOT_FOUND", "The case has no event with this number.");
}

absl::Status NoSuchFlag() {
  return status::NotFound("FLAG_NOT_FOUND", "The case has no risk flag with this number.");
}

v1::RiskFlag& RaiseFlag(v1::RiskSource source, const std::string& concern,
                        const casework::Call& call, v1::MentalHealthCase& record) {
  v1::RiskFlag& flag = *record.add_risk_flags();
  flag.set_number(record.risk_flags_size());
  flag.set_source(source);
  flag.set_concern(concern);
  flag.set_raised_by(call.user_id);
  // From when the service knows of it: a form that lay in the post asks for the day it is typed in.
  *flag.mutable_raised_time() = casework::ToTimestamp(call.now);
  return flag;
}

void CheckSheets(absl::string_view path, casework::Fields& fields, v1::AnswerSheets& sheets) {
  if (sheets.sheets_size() > kMostSheets) {
    fields.Wrong(absl::StrCat(path, ".sheets"), "OUT_OF_RANGE",
                 absl::StrCat("Give at most ", kMostSheets, " forms."));
    return;
  }
  for (int i = 0; i < sheets.sheets_size(); ++i) {
    CheckSheet(absl::StrCat(path, ".sheets[", i, "]"), fields, *sheets.mutable_sheets(i));
  }
}

void AddSheets(const v1::AnswerSheets& sheets, const casework::Call& call,
               v1::MentalHealthCase& record) {
  for (int i = 0; i < sheets.sheets_size(); ++i) {
    const v1::AnswerSheet& sheet = sheets.sheets(i);
    Scored scored =
        ScoreSheet(sheet, LatestEvent(record, DateOf(sheet.completed_time())), *call.protocol);
    v1::Measurement& measurement = *record.add_measurements();
    measurement = std::move(scored.measurement);
    measurement.set_measurement_id(
        call.NewId(absl::StrCat(record.header().case_id(), "/measurement/", i)));
    *measurement.mutable_recorded_time() = casework::ToTimestamp(call.now);
    v1::AnswerSheet& kept = *record.mutable_answers()->add_sheets();
    kept = sheet;
    kept.set_measurement_id(measurement.measurement_id());
    if (!scored.item_9_asks && !scored.item_9_blank) continue;
    RaiseFlag(scored.item_9_asks ? v1::RISK_SOURCE_ITEM_9 : v1::RISK_SOURCE_ITEM_9_BLANK, "", call,
              record)
        .set_measurement_id(measurement.measurement_id());
  }
}

void Withdraw(const std::string& reason, v1::Measurement& measurement) {
  v1::Measurement kept;
  kept.set_measurement_id(measurement.measurement_id());
  kept.set_instrument(measurement.instrument());
  *kept.mutable_completed_time() = measurement.completed_time();
  *kept.mutable_recorded_time() = measurement.recorded_time();
  kept.set_validity(v1::VALIDITY_WITHDRAWN);
  kept.set_withdrawn_reason(reason);
  measurement = std::move(kept);
}

void CheckIncident(absl::string_view path, casework::Fields& fields, v1::Incident& incident) {
  const auto field = [path](absl::string_view name) { return absl::StrCat(path, ".", name); };
  const bool dated = fields.Past(field("occurred_time"), *incident.mutable_occurred_time());
  if (!incident.has_reported_time()) {
    *incident.mutable_reported_time() = casework::LondonLocalTime(fields.now());
  } else if (dated) {
    fields.PastSince(field("reported_time"), InstantOf(incident.occurred_time()),
                     *incident.mutable_reported_time());
  }
  fields.Choice(field("kind"), incident.kind(), v1::IncidentKind_IsValid);
  fields.MayChoose(field("involvement"), incident.involvement(), v1::Involvement_IsValid);
  fields.MayChoose(field("handling"), incident.handling(), v1::IncidentHandling_IsValid);
  fields.Text(field("description"), incident.description(), casework::kLongestText);
  if (incident.handling() == v1::INCIDENT_HANDLING_UNSPECIFIED) {
    incident.set_handling(v1::INCIDENT_HANDLING_TRIM);
  }
}

bool IsClinician(const casework::Call& call) {
  return call.role == options::v1::ROLE_OH_NURSE || call.role == options::v1::ROLE_OH_PHYSICIAN;
}

MentalHealthChange Changed(v1::MentalHealthCase after, const casework::Call& call) {
  if (after.has_died_time()) {
    return status::FailedPrecondition(
        "PERSON_DIED",
        "Their death is on record. Write what is left to say when closing the case.");
  }
  Derive(*call.protocol, after);
  return casework::ChangeOf(std::move(after));
}

void Derive(const casework::v1::Protocol& protocol, v1::MentalHealthCase& record) {
  ScoreAgain(protocol, record);
  DeriveProgress(ProgressLimitsOf(protocol), record);
  for (v1::Incident& incident : *record.mutable_incidents()) {
    if (incident.has_trim()) ScoreTrim(*incident.mutable_trim());
  }
  record.clear_advice();
  const v1::ClinicalAssessment* assessment = LatestAssessment(record);
  if (assessment != nullptr) {
    record.mutable_advice()->set_offer_trauma_focused_cbt(
        assessment->symptoms() == v1::SYMPTOMS_CLINICALLY_IMPORTANT ? v1::ANSWER_YES
                                                                    : v1::ANSWER_NO);
  }
  if (const auto event = LatestEvent(record, absl::CivilDay::max()); event) {
    const TraumaLimits limits = TraumaLimitsOf(protocol);
    v1::TreatmentAdvice& advice = *record.mutable_advice();
    *advice.mutable_emdr_consider_from_date() =
        casework::ToCivilDate(EmdrConsiderFrom(*event, limits));
    *advice.mutable_emdr_offer_from_date() = casework::ToCivilDate(EmdrOfferFrom(*event, limits));
  }
}

}  // namespace waymark::mental_health
