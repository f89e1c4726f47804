#include "services/mental_health/score_trend.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/mental_health/progress.h"

namespace waymark::mental_health {

void FillScoreTrend(const std::vector<v1::MentalHealthCase>& cases,
                    const v1::GetScoreTrendRequest& /*request*/,
                    v1::GetScoreTrendResponse& response) {
  std::map<int, std::vector<const v1::Measurement*>> lines;
  for (const v1::MentalHealthCase& one : cases) {
    for (const v1::Measurement& measurement : one.measurements()) {
      lines[measurement.instrument()].push_back(&measurement);
    }
  }
  for (auto& [instrument, measurements] : lines) {
    std::stable_sort(measurements.begin(), measurements.end(),
                     [](const auto* one, const auto* other) {
                       return casework::InstantOf(one->completed_time()) <
                              casework::InstantOf(other->completed_time());
                     });
    v1::ScoreLine& line = *response.add_lines();
    line.set_instrument(static_cast<v1::Instrument>(instrument));
    const v1::Measurement* first = nullptr;
    const v1::Measurement* latest = nullptr;
    for (const v1::Measurement* measurement : measurements) {
      *line.add_measurements() = *measurement;
      if (measurement->validity() != v1::VALIDITY_VALID || !measurement->has_total()) continue;
      if (first == nullptr) first = measurement;
      latest = measurement;
    }
    if (first == latest || latest->reliable_change() == 0) continue;
    line.set_change(ChangeOfTotals(first->total(), latest->total(), latest->reliable_change()));
  }
}

}  // namespace waymark::mental_health
