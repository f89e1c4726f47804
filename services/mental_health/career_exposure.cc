#include "services/mental_health/career_exposure.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "common/civil/civil.h"

namespace waymark::mental_health {

namespace {

constexpr int kMonthsOfAYear = 12;

}  // namespace

void FillCareerExposure(const std::vector<v1::MentalHealthCase>& cases,
                        const v1::GetCareerExposureRequest& /*request*/,
                        v1::GetCareerExposureResponse& response) {
  std::map<std::string, const v1::Incident*> events;
  for (const v1::MentalHealthCase& one : cases) {
    for (const v1::Incident& incident : one.incidents()) {
      events.emplace(incident.incident_id(), &incident);
    }
  }
  std::map<int, int> by_kind;
  std::map<int, int> by_year;
  absl::CivilDay latest = absl::CivilDay::min();
  for (const auto& [id, incident] : events) {
    const absl::CivilDay day = DateOf(incident->occurred_time());
    ++by_kind[incident->kind()];
    ++by_year[static_cast<int>(day.year())];
    latest = std::max(latest, day);
  }
  int in_latest_year = 0;
  for (const auto& [id, incident] : events) {
    in_latest_year +=
        DateOf(incident->occurred_time()) > civil::AddMonths(latest, -kMonthsOfAYear) ? 1 : 0;
  }
  response.set_events(static_cast<int>(events.size()));
  response.set_events_in_latest_year(in_latest_year);
  std::vector<std::pair<int, int>> kinds(by_kind.begin(), by_kind.end());
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  for (const auto& [kind, count] : kinds) {
    v1::ExposureCount& line = *response.add_by_kind();
    line.set_kind(static_cast<v1::IncidentKind>(kind));
    line.set_events(count);
  }
  for (const auto& [year, count] : by_year) {
    v1::YearCount& line = *response.add_by_year();
    line.set_year(year);
    line.set_events(count);
  }
}

}  // namespace waymark::mental_health
