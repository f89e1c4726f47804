#include "services/dental/visits.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/string_view.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/casework/status.h"

namespace waymark::dental {
namespace {

using casework::v1::Step;

// Stages whose steps are done in the dentist's chair, by appointment.
constexpr absl::string_view kStages[] = {"splinting", "endodontics", "follow_up"};

bool IsByAppointment(const Step& step) {
  return std::any_of(std::begin(kStages), std::end(kStages),
                     [&step](absl::string_view stage) { return step.stage() == stage; });
}

absl::CivilDay DayOf(const google::protobuf::Timestamp& time) {
  return civil::DateOf(casework::FromTimestamp(time), civil::London());
}

Window WindowOf(const Step& step) {
  return {.first = DayOf(step.has_opens_time() ? step.opens_time() : step.anchor_time()),
          .last = DayOf(step.due_time())};
}

v1::Visit VisitOf(const Window& days) {
  v1::Visit visit;
  *visit.mutable_earliest_date() = casework::ToCivilDate(days.first);
  *visit.mutable_latest_date() = casework::ToCivilDate(days.last);
  return visit;
}

}  // namespace

std::vector<Appointment> FewestAppointments(const std::vector<Window>& windows) {
  std::vector<size_t> order(windows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&windows](size_t a, size_t b) { return windows[a].last < windows[b].last; });
  std::vector<Appointment> appointments;
  for (const size_t i : order) {
    // The day of the last appointment is its last one that suits: later windows end no earlier.
    if (!appointments.empty() && windows[i].first <= appointments.back().days.last) {
      Appointment& last = appointments.back();
      last.days.first = std::max(last.days.first, windows[i].first);
      last.windows.push_back(i);
    } else {
      appointments.push_back({.days = windows[i], .windows = {i}});
    }
  }
  for (Appointment& appointment : appointments) {
    std::sort(appointment.windows.begin(), appointment.windows.end());
  }
  return appointments;
}

std::vector<v1::Visit> MergeVisits(const casework::v1::Plan& plan) {
  std::vector<const Step*> late;
  std::vector<const Step*> coming;
  std::vector<Window> windows;
  std::vector<Window> missed;
  for (const Step& step : plan.steps()) {
    if (!casework::IsOpen(step) || !IsByAppointment(step)) continue;
    if (step.status() == casework::v1::STEP_STATUS_OVERDUE ||
        step.status() == casework::v1::STEP_STATUS_WINDOW_CLOSED) {
      late.push_back(&step);
      missed.push_back(WindowOf(step));
    } else {
      coming.push_back(&step);
      windows.push_back(WindowOf(step));
    }
  }
  std::vector<v1::Visit> visits;
  if (!late.empty()) {
    const auto by_last = [](const Window& a, const Window& b) { return a.last < b.last; };
    const Window& first = *std::min_element(missed.begin(), missed.end(), by_last);
    v1::Visit visit = VisitOf(first);
    visit.set_overdue(true);
    for (const Step* step : late) visit.add_step_keys(step->key());
    visits.push_back(std::move(visit));
  }
  for (const Appointment& appointment : FewestAppointments(windows)) {
    v1::Visit visit = VisitOf(appointment.days);
    for (const size_t i : appointment.windows) visit.add_step_keys(coming[i]->key());
    visits.push_back(std::move(visit));
  }
  return visits;
}

void FillVisits(const v1::DentalCase& dental_case, v1::GetCaseResponse& response) {
  for (v1::Visit& visit : MergeVisits(dental_case.header().plan())) {
    *response.add_visits() = std::move(visit);
  }
}

}  // namespace waymark::dental
