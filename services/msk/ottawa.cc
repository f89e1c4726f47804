#include "services/msk/ottawa.h"

#include "absl/strings/str_cat.h"
#include "services/casework/planner.h"
#include "services/msk/ottawa_ankle.h"
#include "services/msk/ottawa_foot.h"
#include "services/msk/ottawa_knee.h"
#include "services/msk/record.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {

void CheckYesOrNo(absl::string_view path, casework::Fields& fields, v1::Answer answer) {
  if (answer == v1::ANSWER_YES || answer == v1::ANSWER_NO) return;
  fields.Wrong(path, "MISSING", "Answer yes or no.");
}

void CheckOttawaExclusions(absl::string_view path, casework::Fields& fields,
                           const v1::OttawaExclusions& exclusions) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  CheckYesOrNo(at("intoxicated"), fields, exclusions.intoxicated());
  CheckYesOrNo(at("several_injuries"), fields, exclusions.several_injuries());
  CheckYesOrNo(at("reduced_sensation"), fields, exclusions.reduced_sensation());
  if (!exclusions.has_age_years()) {
    fields.Wrong(at("age_years"), "MISSING", "Give the age.");
  } else {
    fields.Range(at("age_years"), exclusions.age_years(), 0, 120);
  }
}

bool OttawaApplies(const v1::OttawaExclusions& exclusions, const casework::v1::Protocol& protocol) {
  return exclusions.intoxicated() != v1::ANSWER_YES &&
         exclusions.several_injuries() != v1::ANSWER_YES &&
         exclusions.reduced_sensation() != v1::ANSWER_YES &&
         exclusions.age_years() >= casework::Parameter(protocol, kOttawaFromAge);
}

void AdviseOttawa(const casework::v1::Protocol& protocol, v1::OttawaAssessment& assessment) {
  const bool applies = OttawaApplies(assessment.exclusions(), protocol);
  const auto advice = [applies](bool xray) {
    if (!applies) return v1::XRAY_ADVICE_NOT_APPLICABLE;
    return xray ? v1::XRAY_ADVICE_XRAY : v1::XRAY_ADVICE_NO_XRAY;
  };
  assessment.clear_ankle_advice();
  assessment.clear_foot_advice();
  assessment.clear_knee_advice();
  if (assessment.has_ankle()) {
    assessment.set_ankle_advice(advice(AnkleNeedsXray(assessment.ankle())));
  }
  if (assessment.has_foot()) {
    assessment.set_foot_advice(advice(FootNeedsXray(assessment.foot())));
  }
  if (assessment.has_knee()) {
    assessment.set_knee_advice(
        advice(KneeNeedsXray(assessment.knee(), assessment.exclusions().age_years(),
                             casework::Parameter(protocol, kOttawaKneeAge))));
  }
}

v1::XrayAdvice OttawaAdviceFor(v1::Region region, const v1::MskCase& msk_case) {
  v1::XrayAdvice advice = v1::XRAY_ADVICE_UNSPECIFIED;
  for (const v1::OttawaAssessment& assessment : msk_case.ottawa_assessments()) {
    if (casework::InstantOf(assessment.assessed_time()) < CourseStart(msk_case)) continue;
    if (region == v1::REGION_ANKLE && assessment.has_ankle()) advice = assessment.ankle_advice();
    if (region == v1::REGION_FOOT && assessment.has_foot()) advice = assessment.foot_advice();
    if (region == v1::REGION_KNEE && assessment.has_knee()) advice = assessment.knee_advice();
  }
  return advice;
}

bool HasOttawaRule(const v1::Injury& injury) {
  return (injury.region() == v1::REGION_ANKLE || injury.region() == v1::REGION_FOOT ||
          injury.region() == v1::REGION_KNEE) &&
         injury.mechanism() != v1::MECHANISM_GRADUAL_ONSET &&
         injury.mechanism() != v1::MECHANISM_OVERUSE;
}

}  // namespace waymark::msk
