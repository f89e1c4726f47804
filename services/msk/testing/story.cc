#include "services/msk/testing/story.h"

#include <utility>

#include "services/msk/facts.h"
#include "services/msk/log_injury.h"

namespace waymark::msk::testing {

const casework::Protocols& Protocols() {
  static const auto* const protocols = new casework::Protocols(
      casework::testing::LoadProtocols("services/msk/protocols", KnownFacts()));
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("msk"); }

Story::Story(std::string incident)
    : casework::testing::Story<v1::MskCase>(Protocol(), &FactsOf), incident_(std::move(incident)) {
  At(incident_);
}

Story& Story::Wales() {
  jurisdiction_ = casework::v1::JURISDICTION_WALES;
  return *this;
}

absl::Status Story::Log(const std::string& injury, const std::string& red_flags) {
  v1::InjuredPerson person;
  *person.mutable_red_flags() = waymark::testing::ParseProto<v1::RedFlagCheck>(red_flags);
  return Log(std::move(person), injury);
}

absl::Status Story::LogUnchecked(const std::string& injury) {
  return Log(v1::InjuredPerson(), injury);
}

absl::Status Story::Log(v1::InjuredPerson person, const std::string& injury) {
  v1::LogInjuryRequest request;
  request.set_jurisdiction(jurisdiction_);
  person.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1301");
  *person.mutable_injury() = waymark::testing::ParseProto<v1::Injury>(injury);
  person.mutable_injury()->mutable_incident_time()->set_civil(incident_);
  *request.add_people() = std::move(person);
  return Open(&LogInjury, request);
}

}  // namespace waymark::msk::testing
