#include "services/mental_health/ies_r.h"

namespace waymark::mental_health {

IesR ScoreIesR(Answers answers) {
  IesR score;
  score.blank = Blanks(answers);
  if (score.blank > 0) return score;
  score.total = Sum(answers);
  score.screen = IesRScreen(*score.total);
  return score;
}

v1::Screen IesRScreen(int total) {
  if (total >= 33) return v1::SCREEN_POSITIVE;
  return total >= 24 ? v1::SCREEN_BORDERLINE : v1::SCREEN_NEGATIVE;
}

}  // namespace waymark::mental_health
