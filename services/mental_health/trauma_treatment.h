// Which treatment of post-traumatic stress, and when after the event. Source: NICE NG116 (December
// 2018), sections 1.6 and 1.7; its text was not read whole, so the protocol marks it unverified.
// "Non-combat" is read as including police work.

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_TRAUMA_TREATMENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_TRAUMA_TREATMENT_H_

#include <optional>

#include "absl/time/civil_time.h"
#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

struct TraumaLimits {
  int emdr_consider_from_months = 0;
  int emdr_offer_from_months = 0;
  int computerised_from_months = 0;
};

// What the guideline asks about.
struct TraumaQuestion {
  v1::TreatmentKind kind = v1::TREATMENT_KIND_UNSPECIFIED;
  // Of the latest event; nothing when none is known.
  std::optional<absl::CivilDay> event;
  absl::CivilDay asked;
  v1::Symptoms symptoms = v1::SYMPTOMS_UNSPECIFIED;
  bool preferred = false;
  // Or at risk of harm.
  bool severe_or_dissociative = false;
};

// At any time: no debriefing, no medicine to prevent; trauma-focused CBT for clinically important
// symptoms, within the first month too, instead of watching. EMDR: not before a month, considered
// if preferred up to three months, offered after. Computerised CBT: after three months, if
// preferred, and not for severe or dissociative symptoms.
v1::Recommendation Recommend(const TraumaQuestion& question, const TraumaLimits& limits);

// The first day on which EMDR may be considered, and the first on which it is to be offered: the
// day after three months, because up to three months it is considered.
absl::CivilDay EmdrConsiderFrom(absl::CivilDay event, const TraumaLimits& limits);
absl::CivilDay EmdrOfferFrom(absl::CivilDay event, const TraumaLimits& limits);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_TRAUMA_TREATMENT_H_
