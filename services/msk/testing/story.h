// A musculoskeletal case's life in a test (services/casework/testing/story.h).
//
//   Story story("2026-02-02T18:00");
//   story.At("2026-02-02T18:20");
//   story.Log("region: REGION_LOW_BACK mechanism: MECHANISM_LIFTING", "present: FEATURE_FEVER");
//   EXPECT_EQ(story.Due("infection_transfer#spinal infection"), "2026-02-02 19:20 GMT");
#ifndef WAYMARK_SERVICES_MSK_TESTING_STORY_H_
#define WAYMARK_SERVICES_MSK_TESTING_STORY_H_

#include <string>

#include "absl/status/status.h"
#include "services/casework/testing/story.h"
#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk::testing {

using casework::testing::BankHolidays;
using casework::testing::Clock;
using casework::testing::InLondon;

// The folder's protocols, and the latest.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();

// Every question at the door answered, nothing found.
inline constexpr char kNothingFound[] = "";

class Story : public casework::testing::Story<v1::MskCase> {
 public:
  // The incident happens, and is reported unless At says later.
  explicit Story(std::string incident);

  // Logs one injured officer. `injury` without its incident time; `red_flags` as the text of the
  // check.
  absl::Status Log(const std::string& injury, const std::string& red_flags = kNothingFound);
  // The same, before anybody asked for the red flags.
  absl::Status LogUnchecked(const std::string& injury);
  Story& Wales();

  // The ids of the first red flag, and of what was asked for last.
  const std::string& RedFlagId() const { return Case().red_flags(0).red_flag_id(); }
  const std::string& CareId() const { return Case().care().rbegin()->care_id(); }

 private:
  absl::Status Log(v1::InjuredPerson person, const std::string& injury);

  const std::string incident_;
  casework::v1::Jurisdiction jurisdiction_ = casework::v1::JURISDICTION_ENGLAND;
};

}  // namespace waymark::msk::testing

#endif  // WAYMARK_SERVICES_MSK_TESTING_STORY_H_
