#include "services/bbv/testing/story.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/record_test_result.h"

namespace waymark::bbv::testing {

const casework::Protocols& Protocols() {
  static const auto* const protocols = new casework::Protocols(
      casework::testing::LoadProtocols("services/bbv/protocols", KnownFacts()));
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("bbv"); }

Story::Story(std::string incident)
    : casework::testing::Story<v1::BbvCase>(Protocol(), &FactsOf), incident_(std::move(incident)) {
  At(incident_);
}

absl::Status Story::Log(const std::string& exposure, const std::string& source) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  v1::ExposedPerson& person = *request.add_people();
  person.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101");
  *person.mutable_exposure() = waymark::testing::ParseProto<v1::Exposure>(exposure);
  person.mutable_exposure()->mutable_incident_time()->set_civil(incident_);
  *request.mutable_source() = waymark::testing::ParseProto<v1::ExposureSource>(source);
  return Log(request);
}

absl::Status Story::Log(const v1::LogExposureRequest& request) {
  return Open(&LogExposure, request);
}

std::string Story::Result(const std::string& test, absl::string_view date,
                          const std::string& outcome) {
  const absl::Status recorded = Act(
      &RecordTestResult, absl::StrCat("result { test: TEST_CODE_", test, " outcome: TEST_OUTCOME_",
                                      outcome, " sampled_time { civil: '", date, "T12:00' } }"));
  if (!recorded.ok()) {
    ADD_FAILURE() << recorded;
    return "";
  }
  return Case().results().rbegin()->result_id();
}

}  // namespace waymark::bbv::testing
