// PTSD Checklist for DSM-5: 20 items over the past month, 0 to 4 each.
//
// A cut-point band of 31 to 33 on the total; an item of 2 or more is endorsed; the pattern of DSM-5
// asks for one of B (1-5), one of C (6-7), two of D (8-14) and two of E (15-20) (clinical
// reference 2.4, S40, S41). With a blank there is no total; the pattern is told where the blank
// cannot change it.

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_PCL5_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_PCL5_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kPcl5Items = 20;
inline constexpr int kPcl5Largest = 4;

struct Pcl5 {
  int blank = 0;
  std::optional<int> total;
  // Negative, borderline within the band (positive by default), positive from its top on.
  v1::Screen screen = v1::SCREEN_UNSPECIFIED;
  Finding clusters = Finding::kUnknown;
};

// `answers` has kPcl5Items of 0 to kPcl5Largest or kBlank.
Pcl5 ScorePcl5(Answers answers, int borderline_from, int positive_from);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_PCL5_H_
