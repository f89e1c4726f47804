// Patient Health Questionnaire, depression: 9 items over the past two weeks, 0 to 3 each.
//
// Bands: 0-4 minimal, 5-9 mild, 10-14 moderate, 15-19 moderately severe, 20-27 severe (clinical
// reference 2.4, S39). The bands are of symptoms. Item 9 asks about being better off dead or
// hurting oneself: it is looked at alone, whatever the total, and never weighed (NICE NG225).

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_PHQ9_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_PHQ9_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kPhq9Items = 9;
inline constexpr int kPhq9Largest = 3;

struct Phq9 {
  int blank = 0;
  // Nothing with more blanks than may be pro-rated.
  std::optional<int> total;
  // Unspecified without a total.
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  // Somebody talks with the person today: item 9 was answered so high.
  bool item_9_asks = false;
  // Left blank, which is not a no.
  bool item_9_blank = false;
};

// `answers` has kPhq9Items of 0 to kPhq9Largest or kBlank.
Phq9 ScorePhq9(Answers answers, int blank_most, int item_9_from);

v1::Severity Phq9Severity(int total);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_PHQ9_H_
