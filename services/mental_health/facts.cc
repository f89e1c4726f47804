#include "services/mental_health/facts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/mental_health/measure.h"
#include "services/mental_health/record.h"
#include "services/mental_health/thresholds.h"

namespace waymark::mental_health {
namespace {

using casework::EndDone;
using casework::Facts;
using casework::InstantOf;
using casework::Item;
using casework::SetBool;
using casework::StepKeyOf;
using casework::v1::ENDING_DECLINED;
using casework::v1::ENDING_DONE;

std::string OriginName(v1::Origin origin) {
  switch (origin) {
    case v1::ORIGIN_MANAGEMENT:
      return "management";
    case v1::ORIGIN_PEER:
      return "peer";
    case v1::ORIGIN_GENERAL_PRACTITIONER:
      return "general_practitioner";
    case v1::ORIGIN_SELF:
      return "self";
    case v1::ORIGIN_TRAUMATIC_INCIDENT:
      return "incident";
    case v1::ORIGIN_SURVEILLANCE:
      return "surveillance";
    default:
      return "postvention";
  }
}

void Done(Facts& facts, const std::string& step, absl::Time ended) {
  EndDone(facts, step, ended, "");
}

void Declined(Facts& facts, const std::string& step, absl::Time ended) {
  End(facts, step, ENDING_DECLINED, ended);
}

// Contacts of one kind that were held or declined, in order of time.
std::vector<const v1::Contact*> ContactsOf(const v1::MentalHealthCase& record,
                                           v1::ContactKind kind) {
  std::vector<const v1::Contact*> contacts;
  for (const v1::Contact& contact : record.contacts()) {
    if (contact.kind() == kind && contact.result() != v1::CONTACT_RESULT_NOT_REACHED) {
      contacts.push_back(&contact);
    }
  }
  std::stable_sort(contacts.begin(), contacts.end(), [](const auto* one, const auto* other) {
    return InstantOf(one->contacted_time()) < InstantOf(other->contacted_time());
  });
  return contacts;
}

// The first contact of the kind ends the step: held or declined.
void EndByContact(const v1::MentalHealthCase& record, v1::ContactKind kind, const std::string& step,
                  Facts& facts) {
  const std::vector<const v1::Contact*> contacts = ContactsOf(record, kind);
  if (contacts.empty()) return;
  const absl::Time when = InstantOf(contacts.front()->contacted_time());
  if (contacts.front()->result() == v1::CONTACT_RESULT_DECLINED) {
    Declined(facts, step, when);
  } else {
    Done(facts, step, when);
  }
}

void ReadFlags(const v1::MentalHealthCase& record, Facts& facts) {
  for (const v1::RiskFlag& flag : record.risk_flags()) {
    const std::string name = absl::StrCat(flag.number());
    Item& item = facts.items["flag"][name];
    item.points["flag"] = casework::FromTimestamp(flag.raised_time());
    const absl::Time answered_from = AnsweredFrom(record, flag);
    // One conversation answers every flag that was up by then.
    std::optional<absl::Time> reached;
    for (const v1::RiskFlag& other : record.risk_flags()) {
      for (const v1::RiskConversation& conversation : other.conversations()) {
        const absl::Time held = InstantOf(conversation.held_time());
        const bool counts =
            conversation.reached() && (other.number() == flag.number() ||
                                       held >= casework::FromTimestamp(flag.raised_time()));
        if (counts && (!reached || held < *reached)) reached = held;
      }
    }
    if (reached) Done(facts, StepKeyOf("risk_contact", name), *reached);
    const v1::SafetyPlan* agreed = nullptr;
    for (const v1::SafetyPlan& plan : record.safety_plans()) {
      if (InstantOf(plan.agreed_time()) < answered_from) continue;
      agreed = &plan;
      break;
    }
    if (agreed != nullptr) {
      Done(facts, StepKeyOf("safety_plan", name), InstantOf(agreed->agreed_time()));
    }
    for (const v1::RiskConversation& conversation : flag.conversations()) {
      if (!conversation.reached() || conversation.active_intent() != v1::ANSWER_YES) continue;
      item.values["active_intent"] = "true";
      item.points["intent"] = InstantOf(conversation.held_time());
      break;
    }
    if (flag.has_suspension_asked_time()) {
      Done(facts, StepKeyOf("firearms_suspension", name), InstantOf(flag.suspension_asked_time()));
    } else if (agreed != nullptr &&
               agreed->means().firearms() != v1::FIREARMS_AUTHORITY_UNCHANGED) {
      Done(facts, StepKeyOf("firearms_suspension", name), InstantOf(agreed->agreed_time()));
    }
  }
  for (int i = 0; i < record.safety_plans_size(); ++i) {
    const v1::SafetyPlan& plan = record.safety_plans(i);
    const std::string name = absl::StrCat(i + 1);
    facts.items["plan"][name].points["plan"] = InstantOf(plan.agreed_time());
    std::optional<absl::Time> reviewed;
    for (const casework::v1::LocalTime& review : plan.reviewed_times()) {
      if (!reviewed || InstantOf(review) < *reviewed) reviewed = InstantOf(review);
    }
    // A new plan is a review of the one before.
    if (!reviewed && i + 1 < record.safety_plans_size()) {
      reviewed = InstantOf(record.safety_plans(i + 1).agreed_time());
    }
    if (reviewed) Done(facts, StepKeyOf("safety_plan_review", name), *reviewed);
  }
}

void ReadTrim(const v1::Incident& incident, const std::string& name, Item& item, Facts& facts) {
  const v1::TrimPath& trim = incident.trim();
  if (trim.has_first_contact_time()) {
    Done(facts, StepKeyOf("same_shift_contact", name), InstantOf(trim.first_contact_time()));
  }
  if (trim.has_offered_time()) {
    Done(facts, StepKeyOf("trim_offer", name), InstantOf(trim.offered_time()));
  }
  if (trim.has_declined_time()) {
    item.values["trim_declined"] = "true";
    if (!trim.has_offered_time()) {
      Declined(facts, StepKeyOf("trim_offer", name), InstantOf(trim.declined_time()));
    }
    for (const char* step : {"trim_assessment", "trim_one_month", "trim_three_months"}) {
      Declined(facts, StepKeyOf(step, name), InstantOf(trim.declined_time()));
    }
  }
  for (const v1::TrimAssessment& assessment : trim.assessments()) {
    const absl::Time held = InstantOf(assessment.held_time());
    switch (assessment.point()) {
      case v1::TRIM_POINT_INDIVIDUAL:
        Done(facts, StepKeyOf("trim_assessment", name), held);
        break;
      case v1::TRIM_POINT_ONE_MONTH:
        Done(facts, StepKeyOf("trim_one_month", name), held);
        break;
      default:
        Done(facts, StepKeyOf("trim_three_months", name), held);
    }
    if (assessment.persistent() == v1::ANSWER_YES) {
      item.values["trim_persistent"] = "true";
      item.points.emplace("persistence_found", held);
    }
  }
  if (trim.has_referred_time()) {
    Done(facts, StepKeyOf("trim_referral", name), InstantOf(trim.referred_time()));
  }
}

void ReadIncidents(const v1::MentalHealthCase& record, const casework::v1::Protocol& protocol,
                   Facts& facts) {
  for (const v1::Incident& incident : record.incidents()) {
    const std::string name = absl::StrCat(incident.number());
    Item& item = facts.items["incident"][name];
    item.points["event"] = InstantOf(incident.occurred_time());
    item.values["trim"] = incident.handling() == v1::INCIDENT_HANDLING_HISTORY ? "false" : "true";
    ReadTrim(incident, name, item, facts);
    if (incident.has_decompression()) {
      const v1::Decompression& decompression = incident.decompression();
      const absl::Time when = InstantOf(decompression.decided_time());
      const std::string step = StepKeyOf("decompression", name);
      if (decompression.declined()) {
        Declined(facts, step, when);
      } else {
        Done(facts, step, when);
      }
    }
    const absl::CivilDay readable =
        DateOf(incident.occurred_time()) + Whole(protocol, kTsqFromDays);
    for (const v1::Measurement& measurement : record.measurements()) {
      if (measurement.instrument() != v1::INSTRUMENT_TSQ ||
          measurement.validity() != v1::VALIDITY_VALID ||
          DateOf(measurement.completed_time()) < readable) {
        continue;
      }
      facts.tests_done[StepKeyOf("tsq_screen", name)].emplace(
          "TSQ", InstantOf(measurement.completed_time()));
    }
  }
}

// PHQ-9 and GAD-7 filled in on `from`'s date or later, first ones first.
void ReadPanel(const v1::MentalHealthCase& record, const std::string& step, absl::Time from,
               Facts& facts) {
  const absl::CivilDay day = civil::DateOf(from, civil::London());
  for (const v1::Measurement& measurement : record.measurements()) {
    if (measurement.validity() != v1::VALIDITY_VALID ||
        DateOf(measurement.completed_time()) < day) {
      continue;
    }
    facts.tests_done[step].emplace(InstrumentName(measurement.instrument()),
                                   InstantOf(measurement.completed_time()));
  }
}

// When the record first asked for an urgent appointment; nothing while it does not.
std::optional<absl::Time> UrgentFrom(const v1::MentalHealthCase& record,
                                     const casework::v1::Protocol& protocol) {
  std::optional<absl::Time> from;
  const auto note = [&from](absl::Time time) {
    if (!from || time < *from) from = time;
  };
  bool impaired = false;
  absl::Time impaired_from = absl::InfiniteFuture();
  for (const v1::ClinicalAssessment& assessment : record.assessments()) {
    if (assessment.urgency() == v1::URGENCY_URGENT) note(InstantOf(assessment.assessed_time()));
    if (assessment.impaired() != v1::ANSWER_YES) continue;
    impaired = true;
    impaired_from = std::min(impaired_from, InstantOf(assessment.assessed_time()));
  }
  for (const v1::Measurement& measurement : record.measurements()) {
    if (measurement.validity() != v1::VALIDITY_VALID) continue;
    const absl::Time known = casework::FromTimestamp(measurement.recorded_time());
    if (measurement.instrument() == v1::INSTRUMENT_PHQ9 &&
        measurement.total() >= Whole(protocol, kUrgentPhq9From)) {
      note(known);
    }
    if (measurement.instrument() == v1::INSTRUMENT_PCL5 && impaired &&
        measurement.total() >= Whole(protocol, kUrgentPcl5From)) {
      note(std::max(known, impaired_from));
    }
  }
  return from;
}

void ReadReferral(const v1::MentalHealthCase& record, const casework::v1::Protocol& protocol,
                  Facts& facts) {
  SetBool(facts, "referred", record.has_referral());
  if (record.has_referral()) {
    const absl::Time referred = InstantOf(record.referral().referred_time());
    facts.points["referral"] = referred;
    ReadPanel(record, "baseline_measures", referred, facts);
  }
  EndByContact(record, v1::CONTACT_KIND_ACKNOWLEDGEMENT, "acknowledgement", facts);
  for (const char* step : {"first_appointment", "urgent_appointment"}) {
    EndByContact(record, v1::CONTACT_KIND_APPOINTMENT, step, facts);
  }
  if (!record.assessments().empty()) {
    Done(facts, "triage", InstantOf(record.assessments(0).assessed_time()));
  }
  const std::optional<absl::Time> urgent = UrgentFrom(record, protocol);
  SetBool(facts, "urgent", urgent.has_value());
  if (urgent) facts.points["urgent"] = *urgent;
}

std::string SymptomsName(v1::Symptoms symptoms) {
  switch (symptoms) {
    case v1::SYMPTOMS_SUBTHRESHOLD:
      return "subthreshold";
    case v1::SYMPTOMS_CLINICALLY_IMPORTANT:
      return "important";
    case v1::SYMPTOMS_OTHER:
      return "other";
    default:
      return "none";
  }
}

// A line of reviews, each counting from the one before: all that were held, and the next while
// `goes_on`.
void ReadReviews(const std::string& kind, const std::string& step, const std::string& point,
                 const std::string& prefix, absl::Time from, const std::vector<absl::Time>& held,
                 bool goes_on, Facts& facts) {
  for (size_t i = 0; i < held.size() + (goes_on ? 1 : 0); ++i) {
    const std::string name = absl::StrCat(prefix, i + 1);
    facts.items[kind][name].points[point] = i == 0 ? from : held[i - 1];
    if (i < held.size()) Done(facts, StepKeyOf(step, name), held[i]);
  }
}

std::vector<absl::Time> TimesOf(const std::vector<const v1::Contact*>& contacts, absl::Time from,
                                absl::Time until) {
  std::vector<absl::Time> times;
  for (const v1::Contact* contact : contacts) {
    const absl::Time time = InstantOf(contact->contacted_time());
    if (contact->result() == v1::CONTACT_RESULT_HELD && time >= from && time <= until) {
      times.push_back(time);
    }
  }
  return times;
}

void ReadTreatment(const v1::MentalHealthCase& record, Facts& facts) {
  // The symptoms as they were last assessed, since when they have been so.
  const v1::ClinicalAssessment* latest = LatestAssessment(record);
  if (latest != nullptr) {
    facts.values["symptoms"] = SymptomsName(latest->symptoms());
    absl::Time since = InstantOf(latest->assessed_time());
    for (const v1::ClinicalAssessment& assessment : record.assessments()) {
      if (assessment.symptoms() == latest->symptoms()) {
        since = std::min(since, InstantOf(assessment.assessed_time()));
      }
    }
    facts.points["symptoms_found"] = since;
  }
  const std::vector<const v1::Contact*> medication =
      ContactsOf(record, v1::CONTACT_KIND_MEDICATION_REVIEW);
  bool running = false;
  bool ended = false;
  for (const v1::Treatment& treatment : record.treatments()) {
    const bool started = treatment.has_started_time();
    const absl::Time until =
        treatment.has_ended_time() ? InstantOf(treatment.ended_time()) : absl::InfiniteFuture();
    switch (treatment.kind()) {
      case v1::TREATMENT_KIND_ACTIVE_MONITORING:
        if (!treatment.has_declined_time()) {
          facts.values["monitoring"] = "true";
          facts.points["monitoring_agreed"] = InstantOf(treatment.offered_time());
          if (treatment.has_ended_time()) {
            Done(facts, "active_monitoring_follow_up", until);
          }
        }
        continue;
      case v1::TREATMENT_KIND_ANTIDEPRESSANT:
        if (!started) continue;
        SetBool(facts, "medicine", true);
        ReadReviews("medicine_review", "medication_review", "medicine_from",
                    absl::StrCat(treatment.number(), "."), InstantOf(treatment.started_time()),
                    TimesOf(medication, InstantOf(treatment.started_time()), until),
                    !treatment.has_ended_time(), facts);
        continue;
      case v1::TREATMENT_KIND_TRAUMA_FOCUSED_CBT:
      case v1::TREATMENT_KIND_EMDR:
      case v1::TREATMENT_KIND_COMPLEX_CARE: {
        const absl::Time offered = InstantOf(treatment.offered_time());
        if (treatment.has_declined_time()) {
          Declined(facts, "offer_trauma_therapy", InstantOf(treatment.declined_time()));
        } else {
          Done(facts, "offer_trauma_therapy", offered);
        }
        break;
      }
      default:
        break;
    }
    if (!started) continue;
    if (treatment.has_ended_time()) {
      ended = true;
      facts.points["treatment_end"] = until;
    } else {
      running = true;
      facts.points["treatment_start"] = InstantOf(treatment.started_time());
    }
  }
  SetBool(facts, "treatment_running", running);
  SetBool(facts, "treatment_ended", ended);
  if (running) {
    // Four weeks in at the earliest: the protocol's window opens then.
    ReadPanel(record, "treatment_review", facts.points["treatment_start"] + absl::Hours(24 * 28),
              facts);
  }
  if (ended) ReadPanel(record, "closing_measures", facts.points["treatment_end"], facts);
  if (facts.points.count("monitoring_agreed") == 0) return;
  for (const v1::Contact* contact : ContactsOf(record, v1::CONTACT_KIND_MONITORING_FOLLOW_UP)) {
    const absl::Time when = InstantOf(contact->contacted_time());
    if (when < facts.points["monitoring_agreed"]) continue;
    Done(facts, "active_monitoring_follow_up", when);
    break;
  }
}

std::string ServiceName(v1::OnwardService service) {
  switch (service) {
    case v1::ONWARD_SERVICE_PRIMARY:
      return "primary";
    case v1::ONWARD_SERVICE_COMMUNITY:
      return "community";
    case v1::ONWARD_SERVICE_SPECIALIST_PSYCHOLOGICAL:
      return "specialist";
    case v1::ONWARD_SERVICE_CRISIS_URGENT:
      return "urgent";
    case v1::ONWARD_SERVICE_CRISIS_VERY_URGENT:
      return "very_urgent";
    case v1::ONWARD_SERVICE_LIAISON:
      return "liaison";
    default:
      return "charity";
  }
}

void ReadOnward(const v1::MentalHealthCase& record, Facts& facts) {
  for (const v1::OnwardReferral& referral : record.onward_referrals()) {
    const std::string name = absl::StrCat(referral.number());
    Item& item = facts.items["onward"][name];
    item.values["service"] = ServiceName(referral.service());
    item.points["onward"] = InstantOf(referral.referred_time());
    if (referral.has_seen_time()) {
      const absl::Time seen = InstantOf(referral.seen_time());
      item.points["onward_seen"] = seen;
      for (const char* step :
           {"talking_therapies_6_weeks", "talking_therapies_18_weeks", "community_4_weeks",
            "wales_assessment_28_days", "wales_specialist_26_weeks", "wales_community_28_days",
            "liaison_1_hour", "crisis_4_hours", "crisis_24_hours"}) {
        Done(facts, StepKeyOf(step, name), seen);
      }
    }
    if (referral.has_treated_time()) {
      Done(facts, StepKeyOf("wales_intervention_28_days", name),
           InstantOf(referral.treated_time()));
    }
    if (!referral.has_ended_time()) continue;
    for (const char* step :
         {"talking_therapies_6_weeks", "talking_therapies_18_weeks", "community_4_weeks",
          "wales_assessment_28_days", "wales_intervention_28_days", "wales_specialist_26_weeks",
          "wales_community_28_days", "liaison_1_hour", "crisis_4_hours", "crisis_24_hours"}) {
      const std::string key = StepKeyOf(step, name);
      const bool done =
          std::any_of(facts.outcomes.begin(), facts.outcomes.end(),
                      [&key](const auto& outcome) { return outcome.step_key() == key; });
      if (!done) Declined(facts, key, InstantOf(referral.ended_time()));
    }
  }
}

void ReadWork(const v1::MentalHealthCase& record, Facts& facts) {
  const std::vector<const v1::Contact*> reviews =
      ContactsOf(record, v1::CONTACT_KIND_OFF_DUTY_REVIEW);
  for (const v1::OffDuty& spell : record.off_duty()) {
    const absl::Time from = InstantOf(spell.from_time());
    const absl::Time until =
        spell.has_until_time() ? InstantOf(spell.until_time()) : absl::InfiniteFuture();
    ReadReviews("off_duty_review", "off_duty_review", "off_duty_from",
                absl::StrCat(spell.number(), "."), from, TimesOf(reviews, from, until),
                !spell.has_until_time(), facts);
  }
  if (record.fitness().empty()) return;
  const v1::FitnessProposal& fitness = *record.fitness().rbegin();
  switch (fitness.outcome()) {
    case v1::FITNESS_OUTCOME_FIT:
      facts.values["fitness"] = "fit";
      break;
    case v1::FITNESS_OUTCOME_FIT_WITH_ADJUSTMENTS:
      facts.values["fitness"] = "adjustments";
      break;
    case v1::FITNESS_OUTCOME_TEMPORARILY_UNFIT:
      facts.values["fitness"] = "unfit";
      break;
    case v1::FITNESS_OUTCOME_RECUPERATIVE_DUTY:
      facts.values["fitness"] = "recuperative";
      break;
    case v1::FITNESS_OUTCOME_ADJUSTED_DUTY:
      facts.values["fitness"] = "adjusted";
      break;
    default:
      facts.values["fitness"] = "permanent";
  }
  if (fitness.has_review_date()) {
    facts.points["fitness_review"] =
        civil::StartOfDay(casework::DayOf(fitness.review_date()), civil::London());
  }
  // Recuperative duty counts from its first proposal in an unbroken line of them.
  if (fitness.outcome() == v1::FITNESS_OUTCOME_RECUPERATIVE_DUTY) {
    for (auto it = record.fitness().rbegin();
         it != record.fitness().rend() && it->outcome() == v1::FITNESS_OUTCOME_RECUPERATIVE_DUTY;
         ++it) {
      facts.points["recuperative_start"] = InstantOf(it->proposed_time());
    }
  }
}

void ReadSurveillance(const v1::MentalHealthCase& record, Facts& facts) {
  const v1::Surveillance& surveillance = record.surveillance();
  const bool goes_on = record.has_surveillance() && !surveillance.has_left_role_time();
  SetBool(facts, "under_surveillance", goes_on);
  if (!record.has_surveillance()) return;
  const bool six_monthly = surveillance.frequency() == v1::SURVEILLANCE_FREQUENCY_SIX_MONTHLY;
  facts.values["surveillance"] = six_monthly ? "six_monthly" : "annual";
  SetBool(facts, "new_entrant", surveillance.new_entrant() == v1::ANSWER_YES);
  const absl::Time from = InstantOf(surveillance.from_time());
  facts.points["surveillance_from"] = from;
  std::vector<absl::Time> held;
  for (const v1::SurveillanceRound& round : surveillance.rounds()) {
    held.push_back(InstantOf(round.held_time()));
  }
  std::sort(held.begin(), held.end());
  const bool screened = surveillance.new_entrant() == v1::ANSWER_YES && !held.empty();
  if (screened) Done(facts, "pre_role_screening", held.front());
  ReadReviews("round", six_monthly ? "surveillance_six_monthly" : "surveillance_annual",
              "round_from", "", screened ? held.front() : from,
              screened ? std::vector<absl::Time>(held.begin() + 1, held.end()) : held, goes_on,
              facts);
}

void ReadPostvention(const v1::MentalHealthCase& record, Facts& facts) {
  if (!record.has_bereavement()) return;
  const absl::Time learned = InstantOf(record.bereavement().learned_time());
  facts.points["learned"] = learned;
  EndByContact(record, v1::CONTACT_KIND_COUNSELLING_OFFER, "counselling_offer", facts);
  const absl::CivilDay day = civil::DateOf(learned, civil::London());
  struct CheckIn {
    const char* step;
    absl::CivilDay from;
    absl::CivilDay until;
  };
  // A contact belongs to the check-in whose time it falls into.
  const CheckIn check_ins[] = {
      {"postvention_contact", day, day + 3},
      {"postvention_1_week", day + 3, day + 21},
      {"postvention_1_month", day + 21, day + 70},
      {"postvention_3_months", day + 70, civil::AddMonths(day, 11)},
      {"postvention_anniversary", civil::AddMonths(day, 11), absl::CivilDay::max()}};
  bool first = true;
  for (const v1::Contact* contact : ContactsOf(record, v1::CONTACT_KIND_POSTVENTION)) {
    const absl::Time when = InstantOf(contact->contacted_time());
    const bool declined = contact->result() == v1::CONTACT_RESULT_DECLINED;
    for (const CheckIn& check_in : check_ins) {
      const absl::CivilDay date = civil::DateOf(when, civil::London());
      // The first contact ends the first step however late it came.
      const bool falls = (date >= check_in.from && date < check_in.until) ||
                         (first && check_in.step == check_ins[0].step);
      if (!falls) continue;
      if (declined) {
        Declined(facts, check_in.step, when);
      } else {
        Done(facts, check_in.step, when);
      }
    }
    first = false;
  }
}

}  // namespace

casework::Facts FactsOf(const v1::MentalHealthCase& record,
                        const casework::v1::Protocol& protocol) {
  Facts facts;
  casework::ReadHeader(record.header(), facts);
  facts.values["origin"] = OriginName(record.origin());
  ReadFlags(record, facts);
  ReadIncidents(record, protocol, facts);
  ReadReferral(record, protocol, facts);
  ReadTreatment(record, facts);
  ReadOnward(record, facts);
  ReadWork(record, facts);
  ReadSurveillance(record, facts);
  ReadPostvention(record, facts);
  return facts;
}

const casework::KnownFacts& KnownFacts() {
  static const auto* const known = [] {
    auto* facts = new casework::KnownFacts;
    facts->values = {
        {"origin",
         {"management", "peer", "general_practitioner", "self", "incident", "surveillance",
          "postvention"}},
        {"symptoms", {"none", "subthreshold", "important", "other"}},
        {"service",
         {"primary", "community", "specialist", "urgent", "very_urgent", "liaison", "charity"}},
        {"fitness", {"fit", "adjustments", "unfit", "recuperative", "adjusted", "permanent"}},
        {"surveillance", {"annual", "six_monthly"}}};
    casework::KnowHeader(*facts);
    casework::KnowBooleans({"active_intent", "medicine", "monitoring", "new_entrant", "referred",
                            "treatment_ended", "treatment_running", "trim", "trim_declined",
                            "trim_persistent", "under_surveillance", "urgent"},
                           *facts);
    facts->points = {"event",
                     "fitness_review",
                     "flag",
                     "intent",
                     "learned",
                     "medicine_from",
                     "monitoring_agreed",
                     "off_duty_from",
                     "onward",
                     "onward_seen",
                     "persistence_found",
                     "plan",
                     "recuperative_start",
                     "referral",
                     "round_from",
                     "surveillance_from",
                     "symptoms_found",
                     "treatment_end",
                     "treatment_start",
                     "urgent"};
    for (int i = v1::INSTRUMENT_PHQ9; i <= v1::Instrument_MAX; ++i) {
      facts->tests.insert(InstrumentName(static_cast<v1::Instrument>(i)));
    }
    facts->parameters = {kPhq9Item9From,       kPhq9BlankMost,         kGad7BlankMost,
                         kPhq9CasenessFrom,    kGad7CasenessFrom,      kPhq9ReliableChange,
                         kGad7ReliableChange,  kPcl5ReliableChange,    kPcl5BorderlineFrom,
                         kPcl5PositiveFrom,    kPcl5FromDays,          kItqFromDays,
                         kTsqFromDays,         kIesRFromDays,          kTrimFromHours,
                         kUrgentPhq9From,      kUrgentPcl5From,        kEmdrConsiderFromMonths,
                         kEmdrOfferFromMonths, kComputerisedFromMonths};
    facts->items = {"flag", "plan", "incident", "medicine_review", "onward", "off_duty_review",
                    "round"};
    return facts;
  }();
  return *known;
}

}  // namespace waymark::mental_health
