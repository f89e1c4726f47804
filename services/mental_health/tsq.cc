#include "services/mental_health/tsq.h"

namespace waymark::mental_health {
namespace {

constexpr int kPositiveFrom = 6;

}  // namespace

Tsq ScoreTsq(Answers answers) {
  Tsq score;
  score.blank = Blanks(answers);
  if (score.blank == 0) score.total = Sum(answers);
  switch (AtLeast(answers, kPositiveFrom, 1)) {
    case Finding::kYes:
      score.screen = v1::SCREEN_POSITIVE;
      break;
    case Finding::kNo:
      score.screen = v1::SCREEN_NEGATIVE;
      break;
    case Finding::kUnknown:
      break;
  }
  return score;
}

}  // namespace waymark::mental_health
