#include "services/mental_health/testing/story.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "services/mental_health/facts.h"
#include "services/mental_health/gad7.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/mental_health/open_referral.h"
#include "services/mental_health/phq9.h"
#include "services/mental_health/record_measures.h"
#include "services/mental_health/self_refer.h"

namespace waymark::mental_health::testing {

const casework::Protocols& Protocols() {
  static const auto* const protocols = new casework::Protocols(
      casework::testing::LoadProtocols("services/mental_health/protocols", KnownFacts()));
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("mental_health"); }

std::string Sheet(const std::string& instrument, const std::vector<int>& answers,
                  absl::string_view completed) {
  return absl::StrCat("sheets { instrument: INSTRUMENT_", instrument, " completed_time { civil: '",
                      completed, "' } answers: [", absl::StrJoin(answers, ", "), "] } ");
}

std::vector<int> AnswersOf(int items, int largest, int total) {
  std::vector<int> answers(items);
  for (int& answer : answers) {
    answer = std::min(largest, total);
    total -= answer;
  }
  return answers;
}

Story::Story() : casework::testing::Story<v1::MentalHealthCase>(Protocol(), &FactsOf) {}

absl::Status Story::Refer(const std::string& origin, const std::string& answers) {
  auto request = waymark::testing::ParseProto<v1::OpenReferralRequest>(absl::StrCat(
      "origin: ", origin, " referral { agreed: ANSWER_YES } answers { ", answers, " }"));
  request.set_jurisdiction(jurisdiction_);
  request.set_subject_id(kOfficer);
  return Open(&OpenReferral, request);
}

absl::Status Story::SelfRefer(const std::string& answers) {
  auto request =
      waymark::testing::ParseProto<v1::SelfReferRequest>(absl::StrCat("answers { ", answers, " }"));
  request.set_jurisdiction(jurisdiction_);
  request.set_subject_id(kOfficer);
  return Open(&mental_health::SelfRefer, request);
}

absl::Status Story::LogIncident(absl::string_view occurred, const std::string& more) {
  auto request = waymark::testing::ParseProto<v1::LogTraumaticIncidentRequest>(
      absl::StrCat("incident { occurred_time { civil: '", occurred,
                   "' } kind: INCIDENT_KIND_FATAL_COLLISION ", more, " }"));
  request.set_jurisdiction(jurisdiction_);
  request.add_people()->set_subject_id(kOfficer);
  return Open(&LogTraumaticIncident, request);
}

absl::Status Story::Measure(int phq9, int gad7) {
  return Act(
      &RecordMeasures,
      absl::StrCat("answers { ", Sheet("PHQ9", AnswersOf(kPhq9Items, kPhq9Largest, phq9), Now()),
                   Sheet("GAD7", AnswersOf(kGad7Items, kGad7Largest, gad7), Now()), "}"));
}

std::string Story::Now() const {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", now(), civil::London());
}

}  // namespace waymark::mental_health::testing
