// The answers on a form, and what can be told of them when some were left blank.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_ANSWERS_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_ANSWERS_H_

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/types/span.h"

namespace waymark::mental_health {

// In the order of the form.
using Answers = absl::Span<const int32_t>;

inline constexpr int kBlank = -1;

int Blanks(Answers answers);
// Of the items that were answered.
int Sum(Answers answers);
// The sum, or what it would be if the blanks were answered as the rest on average (rounded, halves
// up). Nothing when more than `blank_most` are blank, or all are.
std::optional<int> ProRated(Answers answers, int blank_most);

// A question that a blank may leave open.
enum class Finding { kNo, kYes, kUnknown };

// The answer is at least `from`.
Finding Endorsed(int answer, int from);
// At least `needed` of the answers are at least `from`.
Finding AtLeast(Answers answers, int needed, int from);
// Yes when all are, no when one is not, else unknown.
Finding AllOf(std::initializer_list<Finding> findings);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_ANSWERS_H_
