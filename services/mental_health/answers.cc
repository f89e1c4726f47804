#include "services/mental_health/answers.h"

#include <algorithm>

namespace waymark::mental_health {

int Blanks(Answers answers) {
  return static_cast<int>(std::count(answers.begin(), answers.end(), kBlank));
}

int Sum(Answers answers) {
  int sum = 0;
  for (const int answer : answers) sum += answer == kBlank ? 0 : answer;
  return sum;
}

std::optional<int> ProRated(Answers answers, int blank_most) {
  const int items = static_cast<int>(answers.size());
  const int answered = items - Blanks(answers);
  if (answered == 0 || items - answered > blank_most) return std::nullopt;
  return (2 * Sum(answers) * items + answered) / (2 * answered);
}

Finding Endorsed(int answer, int from) {
  if (answer == kBlank) return Finding::kUnknown;
  return answer >= from ? Finding::kYes : Finding::kNo;
}

Finding AtLeast(Answers answers, int needed, int from) {
  int endorsed = 0;
  int open = 0;
  for (const int answer : answers) {
    endorsed += Endorsed(answer, from) == Finding::kYes ? 1 : 0;
    open += answer == kBlank ? 1 : 0;
  }
  if (endorsed >= needed) return Finding::kYes;
  return endorsed + open >= needed ? Finding::kUnknown : Finding::kNo;
}

Finding AllOf(std::initializer_list<Finding> findings) {
  Finding all = Finding::kYes;
  for (const Finding finding : findings) {
    if (finding == Finding::kNo) return Finding::kNo;
    if (finding == Finding::kUnknown) all = Finding::kUnknown;
  }
  return all;
}

}  // namespace waymark::mental_health
