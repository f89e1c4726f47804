#include "services/mental_health/gad7.h"

namespace waymark::mental_health {

Gad7 ScoreGad7(Answers answers, int blank_most) {
  Gad7 score;
  score.blank = Blanks(answers);
  score.total = ProRated(answers, blank_most);
  if (score.total) score.severity = Gad7Severity(*score.total);
  return score;
}

v1::Severity Gad7Severity(int total) {
  if (total >= 15) return v1::SEVERITY_SEVERE;
  if (total >= 10) return v1::SEVERITY_MODERATE;
  return total >= 5 ? v1::SEVERITY_MILD : v1::SEVERITY_MINIMAL;
}

}  // namespace waymark::mental_health
