#include "services/mental_health/progress.h"

#include <utility>

#include "services/casework/local_time.h"

namespace waymark::mental_health {
namespace {

v1::Answer AnswerOf(bool yes) { return yes ? v1::ANSWER_YES : v1::ANSWER_NO; }

bool Counts(const v1::Measurement& measurement, v1::Instrument instrument) {
  return measurement.instrument() == instrument && measurement.validity() == v1::VALIDITY_VALID &&
         measurement.has_total();
}

bool Before(const v1::Measurement& one, const v1::Measurement& other) {
  return casework::InstantOf(one.completed_time()) < casework::InstantOf(other.completed_time());
}

// The first and the last that counts; both null when none does.
std::pair<const v1::Measurement*, const v1::Measurement*> Ends(const v1::MentalHealthCase& record,
                                                               v1::Instrument instrument) {
  const v1::Measurement* first = nullptr;
  const v1::Measurement* last = nullptr;
  for (const v1::Measurement& measurement : record.measurements()) {
    if (!Counts(measurement, instrument)) continue;
    if (first == nullptr || Before(measurement, *first)) first = &measurement;
    if (last == nullptr || !Before(measurement, *last)) last = &measurement;
  }
  return {first, last};
}

}  // namespace

v1::Change ChangeOfTotals(int first, int latest, int reliable) {
  if (first - latest >= reliable) return v1::CHANGE_RELIABLE_IMPROVEMENT;
  return latest - first >= reliable ? v1::CHANGE_RELIABLE_DETERIORATION : v1::CHANGE_NONE_RELIABLE;
}

v1::Progress ProgressOf(const PairedTotals& totals, const ProgressLimits& limits) {
  const bool case_first = totals.phq9_first >= limits.phq9_caseness_from ||
                          totals.gad7_first >= limits.gad7_caseness_from;
  const bool case_latest = totals.phq9_latest >= limits.phq9_caseness_from ||
                           totals.gad7_latest >= limits.gad7_caseness_from;
  const v1::Change phq9 =
      ChangeOfTotals(totals.phq9_first, totals.phq9_latest, limits.phq9_reliable_change);
  const v1::Change gad7 =
      ChangeOfTotals(totals.gad7_first, totals.gad7_latest, limits.gad7_reliable_change);
  const bool fell =
      phq9 == v1::CHANGE_RELIABLE_IMPROVEMENT || gad7 == v1::CHANGE_RELIABLE_IMPROVEMENT;
  const bool rose =
      phq9 == v1::CHANGE_RELIABLE_DETERIORATION || gad7 == v1::CHANGE_RELIABLE_DETERIORATION;
  const bool recovered = case_first && !case_latest;
  v1::Progress progress;
  progress.set_caseness_at_start(AnswerOf(case_first));
  progress.set_recovered(AnswerOf(recovered));
  progress.set_reliably_improved(AnswerOf(fell && !rose));
  progress.set_reliably_deteriorated(AnswerOf(rose && !fell));
  progress.set_reliably_recovered(AnswerOf(recovered && fell && !rose));
  return progress;
}

int ReliableChangeOf(v1::Instrument instrument, const ProgressLimits& limits) {
  switch (instrument) {
    case v1::INSTRUMENT_PHQ9:
      return limits.phq9_reliable_change;
    case v1::INSTRUMENT_GAD7:
      return limits.gad7_reliable_change;
    case v1::INSTRUMENT_PCL5:
      return limits.pcl5_reliable_change;
    default:
      return 0;
  }
}

void DeriveProgress(const ProgressLimits& limits, v1::MentalHealthCase& record) {
  for (v1::Measurement& measurement : *record.mutable_measurements()) {
    measurement.clear_change_from_first();
    measurement.clear_change();
    const int reliable = ReliableChangeOf(measurement.instrument(), limits);
    measurement.set_reliable_change(reliable);
    if (!Counts(measurement, measurement.instrument())) continue;
    const v1::Measurement& first = *Ends(record, measurement.instrument()).first;
    if (&first == &measurement) continue;
    measurement.set_change_from_first(measurement.total() - first.total());
    if (reliable > 0) {
      measurement.set_change(ChangeOfTotals(first.total(), measurement.total(), reliable));
    }
  }
  record.clear_progress();
  const auto [phq9_first, phq9_last] = Ends(record, v1::INSTRUMENT_PHQ9);
  const auto [gad7_first, gad7_last] = Ends(record, v1::INSTRUMENT_GAD7);
  if (phq9_first == phq9_last || gad7_first == gad7_last) return;
  *record.mutable_progress() = ProgressOf({.phq9_first = phq9_first->total(),
                                           .gad7_first = gad7_first->total(),
                                           .phq9_latest = phq9_last->total(),
                                           .gad7_latest = gad7_last->total()},
                                          limits);
}

}  // namespace waymark::mental_health
