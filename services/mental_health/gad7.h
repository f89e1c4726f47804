// Generalised Anxiety Disorder: 7 items over the past two weeks, 0 to 3 each.
//
// Bands: 0-4 minimal, 5-9 mild, 10-14 moderate, 15-21 severe (clinical reference 2.4, S39).

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_GAD7_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_GAD7_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kGad7Items = 7;
inline constexpr int kGad7Largest = 3;

struct Gad7 {
  int blank = 0;
  // Nothing with more blanks than may be pro-rated.
  std::optional<int> total;
  // Unspecified without a total.
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
};

// `answers` has kGad7Items of 0 to kGad7Largest or kBlank.
Gad7 ScoreGad7(Answers answers, int blank_most);

v1::Severity Gad7Severity(int total);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_GAD7_H_
