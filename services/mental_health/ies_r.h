// Impact of Event Scale, revised: 22 items over the past seven days, 0 to 4 each.
//
// Below 24 low, 24-32 a clinical concern, 33 and more probable PTSD (clinical reference 2.4, S44).

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_IES_R_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_IES_R_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kIesRItems = 22;
inline constexpr int kIesRLargest = 4;

struct IesR {
  int blank = 0;
  // Nothing with a blank, nor a screen.
  std::optional<int> total;
  v1::Screen screen = v1::SCREEN_UNSPECIFIED;
};

// `answers` has kIesRItems of 0 to kIesRLargest or kBlank.
IesR ScoreIesR(Answers answers);

v1::Screen IesRScreen(int total);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_IES_R_H_
