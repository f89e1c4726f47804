#include "services/dental/testing/story.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"
#include "services/dental/facts.h"
#include "services/dental/log_dental_injury.h"
#include "services/dental/visits.h"

namespace waymark::dental::testing {
namespace {

std::string Date(const google::protobuf::Timestamp& time) {
  return civil::FormatDay(civil::DateOf(casework::FromTimestamp(time), civil::London()));
}

bool IsOf(const casework::v1::Step& step, absl::string_view kind, absl::string_view tooth) {
  return absl::StartsWith(step.key(), kind) &&
         absl::EndsWith(step.key(), absl::StrCat("#", tooth)) &&
         step.outcome().ending() != casework::v1::ENDING_SUPERSEDED;
}

}  // namespace

const casework::Protocols& Protocols() {
  static const auto* const protocols = new casework::Protocols(
      casework::testing::LoadProtocols("services/dental/protocols", KnownFacts()));
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("dental"); }

Story::Story(std::string incident)
    : casework::testing::Story<v1::DentalCase>(Protocol(), &FactsOf),
      incident_(std::move(incident)) {
  At(incident_);
}

v1::LogDentalInjuryRequest Story::Report(const std::string& injury) const {
  v1::LogDentalInjuryRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  v1::InjuredPerson& person = *request.add_people();
  person.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101");
  *person.mutable_injury() = waymark::testing::ParseProto<v1::DentalInjury>(injury);
  person.mutable_injury()->mutable_incident_time()->set_civil(incident_);
  return request;
}

absl::Status Story::Log(const std::string& injury) { return Log(Report(injury)); }

absl::Status Story::Log(const v1::LogDentalInjuryRequest& request) {
  return Open(&LogDentalInjury, request);
}

std::string Story::Reviews(absl::string_view tooth) const {
  std::vector<std::string> days;
  for (const casework::v1::Step& step : plan().steps()) {
    if (!IsOf(step, "review_", tooth)) continue;
    const bool range = absl::StartsWith(step.key(), "review_6_to_8_weeks");
    days.push_back(range ? absl::StrCat(Date(step.opens_time()), "..", Date(step.due_time()))
                         : Date(step.due_time()));
  }
  return absl::StrJoin(days, " ");
}

std::string Story::SplintOff(absl::string_view tooth) const {
  std::vector<std::string> days;
  for (const casework::v1::Step& step : plan().steps()) {
    if (IsOf(step, "splint_removal_", tooth)) days.push_back(Date(step.due_time()));
  }
  return absl::StrJoin(days, " ");
}

std::string Story::Visits() const {
  casework::v1::Plan shown = plan();
  casework::SetStatuses(now(), shown);
  std::vector<std::string> days;
  for (const v1::Visit& visit : MergeVisits(shown)) {
    days.push_back(visit.overdue() ? "overdue"
                                   : civil::FormatDay(casework::DayOf(visit.latest_date())));
  }
  return absl::StrJoin(days, " ");
}

const v1::ToothAdvice& Story::Advice(absl::string_view tooth) const {
  for (const v1::ToothAdvice& advice : Case().advice().teeth()) {
    if (advice.tooth() == tooth) return advice;
  }
  return v1::ToothAdvice::default_instance();
}

}  // namespace waymark::dental::testing
