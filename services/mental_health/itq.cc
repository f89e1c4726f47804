#include "services/mental_health/itq.h"

namespace waymark::mental_health {
namespace {

constexpr int kEndorsed = 2;
constexpr int kSymptoms = 6;
constexpr int kHalf = 9;

// Three pairs of symptoms and three of impairment: one of each.
Finding Criterion(Answers half) {
  return AllOf({AtLeast(half.subspan(0, 2), 1, kEndorsed),
                AtLeast(half.subspan(2, 2), 1, kEndorsed),
                AtLeast(half.subspan(4, 2), 1, kEndorsed),
                AtLeast(half.subspan(kSymptoms, 3), 1, kEndorsed)});
}

std::optional<int> SymptomSum(Answers half) {
  const Answers symptoms = half.subspan(0, kSymptoms);
  if (Blanks(symptoms) > 0) return std::nullopt;
  return Sum(symptoms);
}

}  // namespace

Itq ScoreItq(Answers answers) {
  const Answers ptsd = answers.subspan(0, kHalf);
  const Answers self_organisation = answers.subspan(kHalf, kHalf);
  Itq score;
  score.blank = Blanks(answers);
  score.ptsd_sum = SymptomSum(ptsd);
  score.self_organisation_sum = SymptomSum(self_organisation);
  const Finding ptsd_met = Criterion(ptsd);
  const Finding self_organisation_met = Criterion(self_organisation);
  if (ptsd_met == Finding::kNo) {
    score.pattern = v1::TRAUMA_PATTERN_NEITHER;
  } else if (ptsd_met == Finding::kYes && self_organisation_met != Finding::kUnknown) {
    score.pattern = self_organisation_met == Finding::kYes ? v1::TRAUMA_PATTERN_COMPLEX_PTSD
                                                           : v1::TRAUMA_PATTERN_PTSD;
  }
  return score;
}

}  // namespace waymark::mental_health
