#include "services/dental/record.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/civil/civil.h"
#include "services/casework/planner.h"
#include "services/dental/avulsion.h"
#include "services/dental/incapacity.h"
#include "services/dental/intrusion.h"
#include "services/dental/teeth.h"
#include "services/dental/thresholds.h"
#include "services/dental/urgency.h"
#include "services/dental/wound.h"

namespace waymark::dental {

using casework::InstantOf;
using casework::Parameter;

absl::Time IncidentOf(const v1::DentalCase& dental_case) {
  return InstantOf(dental_case.injury().incident_time());
}

v1::Urgency DentalUrgencyOf(const v1::DentalCase& dental_case) {
  const v1::Urgency decided = dental_case.contact().urgency();
  return decided == v1::URGENCY_UNSPECIFIED || decided == v1::URGENCY_MEDICAL_EMERGENCY
             ? DeriveDentalUrgency(dental_case.injury())
             : decided;
}

bool IsMedicalEmergency(const v1::DentalCase& dental_case) {
  const v1::Urgency decided = dental_case.contact().urgency();
  if (decided == v1::URGENCY_MEDICAL_EMERGENCY) return true;
  // What was breathed in is found after the contact, so its decision says nothing of that.
  if (dental_case.fragment_check().aspirated() == v1::ANSWER_YES) return true;
  return decided == v1::URGENCY_UNSPECIFIED &&
         IsMedicalEmergency(dental_case.injury(), dental_case.fragment_check());
}

bool FragmentsAreMissing(const v1::DentalInjury& injury) {
  return std::any_of(injury.teeth().begin(), injury.teeth().end(),
                     [](const v1::ToothInjury& tooth) { return IsUnaccountedFor(tooth); });
}

v1::IntrusionAction IntrusionActionOf(const v1::DentalCase& dental_case,
                                      const v1::ToothInjury& tooth,
                                      const casework::v1::Protocol& protocol) {
  if (!Has(tooth, v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION)) {
    return v1::INTRUSION_ACTION_UNSPECIFIED;
  }
  const v1::IntrusionAction derived =
      DeriveIntrusion(tooth, {.await_below_mm = Parameter(protocol, kIntrusionAwaitBelowMm),
                              .surgical_above_mm = Parameter(protocol, kIntrusionSurgicalAboveMm)});
  if (derived != v1::INTRUSION_ACTION_AWAIT_ERUPTION) return derived;
  if (CareOf(dental_case, tooth.tooth()).has_repositioned_time()) {
    return v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC;
  }
  v1::IntrusionAction action = derived;
  for (const v1::Review& review : dental_case.reviews()) {
    for (const v1::ToothFinding& finding : review.findings()) {
      if (finding.tooth() != tooth.tooth()) continue;
      if (finding.erupting() == v1::ANSWER_YES) action = v1::INTRUSION_ACTION_AWAIT_ERUPTION;
      if (finding.erupting() == v1::ANSWER_NO) {
        action = v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC;
      }
    }
  }
  return action;
}

casework::Change<v1::DentalCase> Changed(v1::DentalCase after, const casework::Call& call) {
  Derive(*call.protocol, after);
  return casework::ChangeOf(std::move(after));
}

void Derive(const casework::v1::Protocol& protocol, v1::DentalCase& dental_case) {
  const DryLimits dry{.likely_up_to_minutes = Parameter(protocol, kPdlLikelyViableUpToMinutes),
                      .viable_below_minutes = Parameter(protocol, kPdlViableBelowMinutes)};
  const absl::Time incident = IncidentOf(dental_case);
  v1::Advice& advice = *dental_case.mutable_advice();
  advice.Clear();
  const v1::Urgency urgency = IsMedicalEmergency(dental_case.injury(), dental_case.fragment_check())
                                  ? v1::URGENCY_MEDICAL_EMERGENCY
                                  : DeriveDentalUrgency(dental_case.injury());
  advice.set_urgency(urgency);
  if (dental_case.has_contact()) dental_case.mutable_contact()->set_derived(urgency);
  for (v1::ToothInjury& tooth : *dental_case.mutable_injury()->mutable_teeth()) {
    tooth.set_dentition(DentitionOf(tooth.tooth()));
    const v1::ToothCare& care = CareOf(dental_case, tooth.tooth());
    v1::ToothAdvice& of_tooth = *advice.add_teeth();
    of_tooth.set_tooth(tooth.tooth());
    of_tooth.set_replant(DeriveReplant(tooth));
    std::optional<absl::Duration> replanted;
    if (care.has_replanted_time()) replanted = InstantOf(care.replanted_time()) - incident;
    of_tooth.set_pdl(DerivePdl(tooth, replanted, dry));
    of_tooth.set_poor_prognosis(of_tooth.pdl() == v1::PDL_VIABILITY_NON_VIABLE);
    of_tooth.set_intrusion(IntrusionActionOf(dental_case, tooth, protocol));
    if (IsSplinted(care)) advice.set_training_restricted(true);
  }
  advice.set_tetanus(DeriveTetanus(dental_case.injury(), civil::DateOf(incident, civil::London()),
                                   Parameter(protocol, kTetanusBoosterYears)));
  advice.set_antibiotics(DeriveAntibiotics(dental_case));
  advice.set_over_seven_days(IsOverSevenDays(dental_case));
  if (dental_case.has_tetanus()) dental_case.mutable_tetanus()->set_derived(advice.tetanus());
  if (dental_case.has_antibiotics()) {
    dental_case.mutable_antibiotics()->set_derived(advice.antibiotics());
  }
}

}  // namespace waymark::dental
