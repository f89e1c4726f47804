#include "services/mental_health/pcl5.h"

namespace waymark::mental_health {
namespace {

constexpr int kEndorsed = 2;

}  // namespace

Pcl5 ScorePcl5(Answers answers, int borderline_from, int positive_from) {
  Pcl5 score;
  score.blank = Blanks(answers);
  score.clusters = AllOf({AtLeast(answers.subspan(0, 5), 1, kEndorsed),
                          AtLeast(answers.subspan(5, 2), 1, kEndorsed),
                          AtLeast(answers.subspan(7, 7), 2, kEndorsed),
                          AtLeast(answers.subspan(14, 6), 2, kEndorsed)});
  if (score.blank > 0) return score;
  const int total = Sum(answers);
  score.total = total;
  score.screen = total >= positive_from     ? v1::SCREEN_POSITIVE
                 : total >= borderline_from ? v1::SCREEN_BORDERLINE
                                            : v1::SCREEN_NEGATIVE;
  return score;
}

}  // namespace waymark::mental_health
