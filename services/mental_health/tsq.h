// Trauma Screening Questionnaire (Brewin 2002): 10 items, yes or no, "at least twice in the past
// week". Items 1-5 re-experiencing, 6-10 arousal. Six or more: positive. From three to four weeks
// after the event on (clinical reference 2.4, S43).

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_TSQ_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_TSQ_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kTsqItems = 10;
inline constexpr int kTsqLargest = 1;

struct Tsq {
  int blank = 0;
  // Nothing with a blank.
  std::optional<int> total;
  // Told with blanks, too, where they cannot change it.
  v1::Screen screen = v1::SCREEN_UNSPECIFIED;
};

// `answers` has kTsqItems of 0, 1 or kBlank.
Tsq ScoreTsq(Answers answers);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_TSQ_H_
