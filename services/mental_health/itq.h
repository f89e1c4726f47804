// International Trauma Questionnaire: PTSD and complex PTSD by ICD-11 (Cloitre et al. 2018, Acta
// Psychiatr Scand, doi 10.1111/acps.12956; clinical reference 2.5).
//
// P1-P6 symptoms of PTSD, P7-P9 impairment; C1-C6 disturbances in self-organisation, C7-C9
// impairment; each 0 to 4, endorsed from 2 on. PTSD asks for one of each pair (re-experiencing,
// avoidance, threat) and one impairment; complex PTSD for the same of C besides (affect,
// self-concept, relationships), and excludes PTSD. A provisional screen.

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_ITQ_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_ITQ_H_

#include <optional>

#include "services/mental_health/answers.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

inline constexpr int kItqItems = 18;
inline constexpr int kItqLargest = 4;

struct Itq {
  int blank = 0;
  // Unspecified while a blank could change it.
  v1::TraumaPattern pattern = v1::TRAUMA_PATTERN_UNSPECIFIED;
  // Sums of P1-P6 and of C1-C6, 0 to 24; nothing with a blank among them.
  std::optional<int> ptsd_sum;
  std::optional<int> self_organisation_sum;
};

// `answers` has P1 to P9 and C1 to C9, each 0 to kItqLargest or kBlank.
Itq ScoreItq(Answers answers);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_ITQ_H_
