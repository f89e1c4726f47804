#include "services/mental_health/phq9.h"

namespace waymark::mental_health {

Phq9 ScorePhq9(Answers answers, int blank_most, int item_9_from) {
  Phq9 score;
  score.blank = Blanks(answers);
  score.total = ProRated(answers, blank_most);
  if (score.total) score.severity = Phq9Severity(*score.total);
  const int item_9 = answers[kPhq9Items - 1];
  score.item_9_asks = Endorsed(item_9, item_9_from) == Finding::kYes;
  score.item_9_blank = item_9 == kBlank;
  return score;
}

v1::Severity Phq9Severity(int total) {
  if (total >= 20) return v1::SEVERITY_SEVERE;
  if (total >= 15) return v1::SEVERITY_MODERATELY_SEVERE;
  if (total >= 10) return v1::SEVERITY_MODERATE;
  return total >= 5 ? v1::SEVERITY_MILD : v1::SEVERITY_MINIMAL;
}

}  // namespace waymark::mental_health
