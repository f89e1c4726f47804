#include "services/mental_health/trim_score.h"

#include "services/mental_health/answers.h"

namespace waymark::mental_health {

void ScoreTrim(v1::TrimPath& path) {
  int before = 0;
  for (v1::TrimAssessment& assessment : *path.mutable_assessments()) {
    const int total = Sum(assessment.answers());
    assessment.set_total(total);
    assessment.clear_persistent();
    if (assessment.point() == v1::TRIM_POINT_INDIVIDUAL) {
      before = total;
    } else {
      assessment.set_persistent(total > 0 && total >= before ? v1::ANSWER_YES : v1::ANSWER_NO);
    }
  }
}

}  // namespace waymark::mental_health
