#include "services/dental/facts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/dental/incapacity.h"
#include "services/dental/record.h"
#include "services/dental/teeth.h"
#include "services/dental/thresholds.h"
#include "services/dental/wound.h"

namespace waymark::dental {
namespace {

using casework::EndDone;
using casework::Facts;
using casework::InstantOf;
using casework::Item;
using casework::SetBool;
using casework::StepKeyOf;

struct InjuryFact {
  v1::ToothInjuryType injury;
  const char* fact;
};
// Two kinds of a fracture that are followed alike share a fact.
constexpr InjuryFact kInjuries[] = {
    {v1::TOOTH_INJURY_TYPE_ENAMEL_FRACTURE, "uncomplicated_crown_fracture"},
    {v1::TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE, "uncomplicated_crown_fracture"},
    {v1::TOOTH_INJURY_TYPE_COMPLICATED_CROWN_FRACTURE, "complicated_crown_fracture"},
    {v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_UNCOMPLICATED, "crown_root_fracture"},
    {v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED, "crown_root_fracture"},
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD, "root_fracture"},
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD, "root_fracture"},
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_CERVICAL_THIRD, "cervical_root_fracture"},
    {v1::TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE, "alveolar_fracture"},
    {v1::TOOTH_INJURY_TYPE_CONCUSSION, "concussion"},
    {v1::TOOTH_INJURY_TYPE_SUBLUXATION, "subluxation"},
    {v1::TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION, "extrusion"},
    {v1::TOOTH_INJURY_TYPE_LATERAL_LUXATION, "lateral_luxation"},
    {v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION, "intrusion"},
    {v1::TOOTH_INJURY_TYPE_AVULSION, "avulsion"},
};
// Injuries that are followed alike, as one fact beside their own.
constexpr InjuryFact kGroups[] = {
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD, "root_or_socket_fracture"},
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD, "root_or_socket_fracture"},
    {v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_CERVICAL_THIRD, "root_or_socket_fracture"},
    {v1::TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE, "root_or_socket_fracture"},
    {v1::TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION, "luxation"},
    {v1::TOOTH_INJURY_TYPE_LATERAL_LUXATION, "luxation"},
    {v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION, "luxation"},
};
// Facts of a tooth that are yes or no.
constexpr const char* kToothBooleans[] = {"kept",           "primary",       "open_apex",
                                          "bone_breakdown", "pulp_necrosis", "gap"};
constexpr absl::string_view kReview = "review_";

void Set(Item& item, const std::string& name) { item.values[name] = "true"; }

std::string NameOf(v1::IntrusionAction action) {
  switch (action) {
    case v1::INTRUSION_ACTION_AWAIT_ERUPTION:
      return "await";
    case v1::INTRUSION_ACTION_SURGICAL:
      return "surgical";
    case v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC:
      return "surgical_or_orthodontic";
    default:
      return "";
  }
}

void ReadFindings(const v1::DentalCase& dental_case, const v1::ToothInjury& tooth, Item& item,
                  Facts& facts) {
  // With a closed apex the root of an avulsed or repositioned tooth is treated whatever a review
  // finds.
  const auto intrusion = item.values.find("intrusion_action");
  const bool treated_anyway =
      !HasOpenApex(tooth) &&
      (IsReplantable(tooth) || (intrusion != item.values.end() && intrusion->second != "await"));
  bool looked = false;
  for (const v1::Review& review : dental_case.reviews()) {
    const absl::Time held = InstantOf(review.held_time());
    for (const v1::ToothFinding& finding : review.findings()) {
      if (finding.tooth() != tooth.tooth()) continue;
      const bool dead = finding.pulp_necrosis() == v1::ANSWER_YES ||
                        finding.revascularisation_failed() == v1::ANSWER_YES;
      if (dead && !treated_anyway && item.points.count("necrosis") == 0) {
        Set(item, "pulp_necrosis");
        item.points["necrosis"] = held;
      }
      const bool answered =
          finding.erupting() == v1::ANSWER_YES || finding.erupting() == v1::ANSWER_NO;
      if (finding.erupting() == v1::ANSWER_NO) item.points["no_eruption"] = held;
      if (!answered || looked) continue;
      looked = true;
      for (const char* step : {"eruption_check_4_weeks", "eruption_check_8_weeks"}) {
        EndDone(facts, StepKeyOf(step, tooth.tooth()), held, "");
      }
    }
  }
}

void ReadCare(const v1::ToothCare& care, Item& item, Facts& facts) {
  const auto end = [&](const char* step, const casework::v1::LocalTime& time) {
    EndDone(facts, StepKeyOf(step, care.tooth()), InstantOf(time), "");
  };
  if (care.has_replanted_time()) end("replant", care.replanted_time());
  if (care.has_repositioned_time()) {
    item.points["repositioned"] = InstantOf(care.repositioned_time());
    end("reposition", care.repositioned_time());
  }
  if (care.splint_not_used()) item.values["splint"] = "not_used";
  if (care.has_splinted_time()) {
    item.values["splint"] = "used";
    item.points["splint_on"] = InstantOf(care.splinted_time());
  }
  if (care.has_splint_removed_time()) {
    for (const char* step : {"splint_removal_2_weeks", "splint_removal_4_weeks",
                             "splint_removal_6_weeks", "splint_removal_4_months"}) {
      end(step, care.splint_removed_time());
    }
  }
  if (care.has_root_canal()) {
    const v1::RootCanal& canal = care.root_canal();
    item.points["root_canal_start"] = InstantOf(canal.started_time());
    item.values["dressing"] = canal.dressing() == v1::ROOT_CANAL_DRESSING_CORTICOSTEROID_ANTIBIOTIC
                                  ? "corticosteroid"
                                  : "calcium_hydroxide";
    for (const char* step :
         {"root_canal_start", "root_canal_start_intrusion", "root_canal_start_necrosis"}) {
      end(step, canal.started_time());
    }
    if (canal.has_filled_time()) {
      for (const char* step : {"root_filling_1_month", "root_filling_6_weeks"}) {
        end(step, canal.filled_time());
      }
    }
  }
  if (care.has_ended_time()) item.points["tooth_lost"] = InstantOf(care.ended_time());
  if (care.has_gap_planned_time()) end("gap_plan", care.gap_planned_time());
}

Item ReadTooth(const v1::DentalCase& dental_case, const v1::ToothInjury& tooth,
               const casework::v1::Protocol& protocol, Facts& facts) {
  Item item;
  if (IsKept(dental_case, tooth)) Set(item, "kept");
  if (DentitionOf(tooth.tooth()) == v1::DENTITION_PRIMARY) {
    Set(item, "primary");
  } else {
    for (const auto& [injury, fact] : kInjuries) {
      if (Has(tooth, injury)) Set(item, fact);
    }
    for (const auto& [injury, fact] : kGroups) {
      if (Has(tooth, injury)) Set(item, fact);
    }
  }
  if (HasOpenApex(tooth)) Set(item, "open_apex");
  if (tooth.marginal_bone_breakdown() == v1::ANSWER_YES) Set(item, "bone_breakdown");
  const std::string intrusion = NameOf(IntrusionActionOf(dental_case, tooth, protocol));
  if (!intrusion.empty()) item.values["intrusion_action"] = intrusion;
  const v1::ToothCare& care = CareOf(dental_case, tooth.tooth());
  const bool leaves_gap = care.ending() == v1::TOOTH_ENDING_NOT_REPLANTED ||
                          care.ending() == v1::TOOTH_ENDING_EXTRACTED ||
                          care.ending() == v1::TOOTH_ENDING_LOST;
  if (leaves_gap && !dental_case.has_care_end() &&
      DentitionOf(tooth.tooth()) == v1::DENTITION_PERMANENT) {
    Set(item, "gap");
  }
  ReadCare(care, item, facts);
  ReadFindings(dental_case, tooth, item, facts);
  return item;
}

void ReadFirstCare(const v1::DentalCase& dental_case, Facts& facts) {
  const v1::DentalInjury& injury = dental_case.injury();
  const v1::DentalContact& contact = dental_case.contact();
  facts.points["incident"] = IncidentOf(dental_case);
  facts.points["report"] = InstantOf(injury.reported_time());
  switch (DentalUrgencyOf(dental_case)) {
    case v1::URGENCY_DENTAL_EMERGENCY:
      facts.values["urgency"] = "emergency";
      break;
    case v1::URGENCY_ROUTINE:
      facts.values["urgency"] = "routine";
      break;
    default:
      facts.values["urgency"] = "urgent";
  }
  SetBool(facts, "medical_emergency", IsMedicalEmergency(dental_case));
  SetBool(facts, "jaw_fracture", injury.jaw_fracture() == v1::ANSWER_YES);
  // An alarm that came up later counts from when it did.
  facts.points["alarm"] = IncidentOf(dental_case);
  if (dental_case.fragment_check().aspirated() == v1::ANSWER_YES) {
    facts.points["alarm"] = InstantOf(dental_case.fragment_check().checked_time());
  } else if (contact.urgency() == v1::URGENCY_MEDICAL_EMERGENCY) {
    facts.points["alarm"] = InstantOf(contact.first_contact_time());
  }
  if (contact.has_first_contact_time()) {
    for (const char* step :
         {"dental_contact_emergency", "dental_contact_urgent", "dental_contact_routine"}) {
      EndDone(facts, step, InstantOf(contact.first_contact_time()), "");
    }
  }
  if (contact.has_hospital_time()) {
    EndDone(facts, "emergency_care", InstantOf(contact.hospital_time()), "");
  }
  if (contact.has_advice_given_time()) {
    EndDone(facts, "home_advice", InstantOf(contact.advice_given_time()), "");
  }
  SetBool(facts, "fragments_missing", FragmentsAreMissing(injury));
  if (dental_case.has_fragment_check()) {
    EndDone(facts, "fragment_check", InstantOf(dental_case.fragment_check().checked_time()), "");
  }
}

void ReadWound(const v1::DentalCase& dental_case, Facts& facts) {
  SetBool(facts, "wound", IsWound(dental_case.injury()));
  switch (DeriveAntibiotics(dental_case)) {
    case v1::ANTIBIOTIC_ADVICE_GIVE:
      facts.values["antibiotics"] = "give";
      break;
    case v1::ANTIBIOTIC_ADVICE_OFFER:
      facts.values["antibiotics"] = "offer";
      break;
    case v1::ANTIBIOTIC_ADVICE_CONSIDER:
      facts.values["antibiotics"] = "consider";
      break;
    default:
      facts.values["antibiotics"] = "none";
  }
  if (dental_case.has_tetanus()) {
    EndDone(facts, "tetanus", InstantOf(dental_case.tetanus().checked_time()), "");
  }
  if (dental_case.has_antibiotics()) {
    EndDone(facts, "antibiotics", InstantOf(dental_case.antibiotics().decided_time()), "");
  }
}

// Whether the person is kept from training that could hit the mouth.
bool Restricts(const v1::FitnessProposal& proposal) {
  if (proposal.outcome() == v1::FITNESS_OUTCOME_TEMPORARILY_UNFIT) return true;
  const auto& restrictions = proposal.restrictions();
  const auto names = [&restrictions](v1::DutyRestriction restriction) {
    return std::find(restrictions.begin(), restrictions.end(), restriction) != restrictions.end();
  };
  return names(v1::DUTY_RESTRICTION_NO_OFFICER_SAFETY_TRAINING) &&
         names(v1::DUTY_RESTRICTION_NO_CONTACT_SPORT);
}

void ReadDuty(const v1::DentalCase& dental_case, Facts& facts) {
  absl::Time first_on = absl::InfiniteFuture();
  absl::Time last_off = absl::InfinitePast();
  bool in_place = false;
  for (const v1::ToothCare& care : dental_case.care()) {
    if (!care.has_splinted_time()) continue;
    first_on = std::min(first_on, InstantOf(care.splinted_time()));
    if (IsSplinted(care)) {
      in_place = true;
    } else {
      last_off =
          std::max(last_off, InstantOf(care.has_splint_removed_time() ? care.splint_removed_time()
                                                                      : care.ended_time()));
    }
  }
  const bool ever = first_on != absl::InfiniteFuture();
  SetBool(facts, "splinted", in_place);
  SetBool(facts, "splints_removed", ever && !in_place);
  if (ever) facts.points["splint_first"] = first_on;
  if (ever && !in_place) facts.points["splints_off"] = last_off;
  for (const v1::FitnessProposal& proposal : dental_case.fitness()) {
    const absl::Time decided = InstantOf(proposal.decided_time());
    if (ever && decided >= first_on && Restricts(proposal)) {
      EndDone(facts, "training_restriction", decided, "");
    }
    if (ever && !in_place && decided >= last_off) EndDone(facts, "training_return", decided, "");
  }
  SetBool(facts, "over_seven_days", IsOverSevenDays(dental_case));
  if (dental_case.has_riddor_report()) {
    EndDone(facts, "riddor_over_seven_days", InstantOf(dental_case.riddor_report().reported_time()),
            "");
  }
}

// The review steps that a visit at `held` was for: those whose time it was, whether this tooth is
// still asked for them or not, so that what was done stays done when the tooth's record changes;
// else, of those it is asked for, the one that opened last.
std::vector<std::string> ReviewStepsAt(const casework::v1::Protocol& protocol, const Facts& tooth,
                                       absl::Time incident, absl::Time held) {
  std::vector<std::string> steps;
  std::string latest;
  absl::Time latest_opens = absl::InfinitePast();
  for (const casework::v1::StepRule& rule : protocol.steps()) {
    if (!absl::StartsWith(rule.key(), kReview)) continue;
    const auto opens =
        casework::AddOffset(incident, rule.opens(), casework::DayEdge::kStart, nullptr);
    const auto due = casework::AddOffset(incident, rule.due(), casework::DayEdge::kEnd, nullptr);
    if (!opens.ok() || !due.ok() || *opens > held) continue;
    // The end of a day is the start of its last second.
    if (held < *due + absl::Seconds(1)) steps.push_back(rule.key());
    if (*opens >= latest_opens && casework::Holds(rule.when(), tooth)) {
      latest = rule.key();
      latest_opens = *opens;
    }
  }
  if (steps.empty() && !latest.empty()) steps.push_back(latest);
  return steps;
}

void ReadReviews(const v1::DentalCase& dental_case, const casework::v1::Protocol& protocol,
                 Facts& facts) {
  if (dental_case.reviews().empty()) return;
  for (const auto& [name, item] : facts.items[kTooth]) {
    Facts tooth;
    tooth.values = item.values;
    tooth.values["kept"] = "true";
    std::vector<std::string> ended;
    for (const v1::Review& review : dental_case.reviews()) {
      const bool seen =
          std::any_of(review.findings().begin(), review.findings().end(),
                      [&name = name](const v1::ToothFinding& of) { return of.tooth() == name; });
      if (!seen) continue;
      const absl::Time held = InstantOf(review.held_time());
      for (const std::string& step :
           ReviewStepsAt(protocol, tooth, IncidentOf(dental_case), held)) {
        // The first visit ends it; one more does not move that.
        if (std::find(ended.begin(), ended.end(), step) != ended.end()) continue;
        ended.push_back(step);
        EndDone(facts, StepKeyOf(step, name), held, "");
      }
    }
  }
}

}  // namespace

Facts FactsOf(const v1::DentalCase& dental_case, const casework::v1::Protocol& protocol) {
  Facts facts;
  casework::ReadHeader(dental_case.header(), facts);
  ReadFirstCare(dental_case, facts);
  ReadWound(dental_case, facts);
  ReadDuty(dental_case, facts);
  for (const v1::ToothInjury& tooth : dental_case.injury().teeth()) {
    Item item = ReadTooth(dental_case, tooth, protocol, facts);
    facts.items[kTooth][tooth.tooth()] = std::move(item);
  }
  ReadReviews(dental_case, protocol, facts);
  return facts;
}

const casework::KnownFacts& KnownFacts() {
  static const auto* const known = [] {
    auto* facts = new casework::KnownFacts;
    facts->items = {kTooth};
    facts->values = {{"urgency", {"emergency", "urgent", "routine"}},
                     {"antibiotics", {"give", "offer", "consider", "none"}},
                     {"intrusion_action", {"await", "surgical", "surgical_or_orthodontic"}},
                     {"splint", {"used", "not_used"}},
                     {"dressing", {"calcium_hydroxide", "corticosteroid"}}};
    casework::KnowHeader(*facts);
    casework::KnowBooleans({"medical_emergency", "fragments_missing", "jaw_fracture", "wound",
                            "splinted", "splints_removed", "over_seven_days"},
                           *facts);
    for (const auto& [injury, fact] : kInjuries) casework::KnowBooleans({fact}, *facts);
    for (const auto& [injury, fact] : kGroups) casework::KnowBooleans({fact}, *facts);
    for (const char* fact : kToothBooleans) casework::KnowBooleans({fact}, *facts);
    facts->points = {"incident",    "report",           "alarm",        "splint_first",
                     "splints_off", "splint_on",        "repositioned", "no_eruption",
                     "necrosis",    "root_canal_start", "tooth_lost"};
    facts->parameters = {kPdlLikelyViableUpToMinutes, kPdlViableBelowMinutes,
                         kIntrusionAwaitBelowMm, kIntrusionSurgicalAboveMm, kTetanusBoosterYears};
    return facts;
  }();
  return *known;
}

}  // namespace waymark::dental
