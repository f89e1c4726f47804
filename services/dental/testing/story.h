// A dental case's life in a test (services/casework/testing/story.h).
//
//   Story story("2026-01-30T10:00");
//   story.Log(R"pb(teeth { tooth: "11" injuries: TOOTH_INJURY_TYPE_CONCUSSION })pb");
//   EXPECT_EQ(story.Dates("11"), "2026-02-27 2027-01-30");
#ifndef WAYMARK_SERVICES_DENTAL_TESTING_STORY_H_
#define WAYMARK_SERVICES_DENTAL_TESTING_STORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/casework/testing/story.h"
#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental::testing {

using casework::testing::Clock;
using casework::testing::InLondon;

// The folder's protocols, and the latest.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();

class Story : public casework::testing::Story<v1::DentalCase> {
 public:
  // The incident happens, and is reported unless At says later.
  explicit Story(std::string incident);

  // Logs one injured officer. `injury` without its incident time.
  absl::Status Log(const std::string& injury);
  absl::Status Log(const v1::LogDentalInjuryRequest& request);
  // What Log sends.
  v1::LogDentalInjuryRequest Report(const std::string& injury) const;

  // Days on which the tooth is to be reviewed, each as a range when it has one that the guideline
  // gives: "2026-02-13 2026-03-13..2026-03-27".
  std::string Reviews(absl::string_view tooth) const;
  // When the tooth's splint comes off; empty when it has none.
  std::string SplintOff(absl::string_view tooth) const;
  // The last days of the merged visits.
  std::string Visits() const;
  const v1::ToothAdvice& Advice(absl::string_view tooth) const;

 private:
  const std::string incident_;
};

}  // namespace waymark::dental::testing

#endif  // WAYMARK_SERVICES_DENTAL_TESTING_STORY_H_
