// A mental health case's life in a test (services/casework/testing/story.h).
//
//   Story story;
//   story.At("2026-09-14T09:00");
//   story.LogIncident("2026-09-14T02:15");
//   EXPECT_EQ(story.Due("trim_offer#1"), "2026-09-17 02:15 BST");
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_TESTING_STORY_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_TESTING_STORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/casework/testing/story.h"
#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health::testing {

inline constexpr char kOfficer[] = "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101";

// The folder's protocols, and the latest.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();

// A form as text: the answers in order; a form of `total` spread over the first items.
std::string Sheet(const std::string& instrument, const std::vector<int>& answers,
                  absl::string_view completed);
std::vector<int> AnswersOf(int items, int largest, int total);

class Story : public casework::testing::Story<v1::MentalHealthCase> {
 public:
  Story();

  // Each opens one case, in England unless told otherwise, now.
  absl::Status Refer(const std::string& origin = "ORIGIN_MANAGEMENT",
                     const std::string& answers = "");
  absl::Status SelfRefer(const std::string& answers = "");
  absl::Status LogIncident(absl::string_view occurred, const std::string& more = "");

  // One PHQ-9 and one GAD-7 of these totals, filled in and recorded now; item 9 of PHQ-9 is 0.
  absl::Status Measure(int phq9, int gad7);

  Story& In(casework::v1::Jurisdiction jurisdiction) {
    jurisdiction_ = jurisdiction;
    return *this;
  }

  // As clocks in London show now: "2026-09-14T09:00:00".
  std::string Now() const;

 private:
  casework::v1::Jurisdiction jurisdiction_ = casework::v1::JURISDICTION_ENGLAND;
};

}  // namespace waymark::mental_health::testing

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_TESTING_STORY_H_
