// Whether somebody is better: change of a total that is more than chance, and the definitions of
// NHS Talking Therapies (clinical reference 2.6, S50): recovery is caseness at the start and
// neither PHQ-9 nor GAD-7 above its cut-off at the end; reliable improvement a reliable fall of one
// without a reliable rise of the other; reliable recovery both.

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_PROGRESS_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_PROGRESS_H_

#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

struct ProgressLimits {
  int phq9_caseness_from = 0;
  int gad7_caseness_from = 0;
  int phq9_reliable_change = 0;
  int gad7_reliable_change = 0;
  int pcl5_reliable_change = 0;
};

// Of two totals, lower being better.
v1::Change ChangeOfTotals(int first, int latest, int reliable);

// PHQ-9 and GAD-7 at the start and at the end.
struct PairedTotals {
  int phq9_first = 0;
  int gad7_first = 0;
  int phq9_latest = 0;
  int gad7_latest = 0;
};
v1::Progress ProgressOf(const PairedTotals& totals, const ProgressLimits& limits);

// Sets of every measurement, in whatever order they were recorded, how it stands to the first valid
// one with the same instrument; and the progress of the whole, empty until both forms were filled
// in twice.
void DeriveProgress(const ProgressLimits& limits, v1::MentalHealthCase& record);

// The smallest reliable change of the instrument's total; 0 when none is known.
int ReliableChangeOf(v1::Instrument instrument, const ProgressLimits& limits);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_PROGRESS_H_
