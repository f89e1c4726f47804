// A blood-borne virus case's life in a test (services/casework/testing/story.h).
//
//   Story story("2026-03-28T22:30");
//   story.Log(R"pb(route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD)pb");
//   EXPECT_EQ(story.Due("risk_assessment"), "2026-03-28 23:30 GMT");
#ifndef WAYMARK_SERVICES_BBV_TESTING_STORY_H_
#define WAYMARK_SERVICES_BBV_TESTING_STORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/bbv/record.h"
#include "services/casework/testing/story.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv::testing {

using casework::testing::BankHolidays;
using casework::testing::Clock;
using casework::testing::InLondon;

// The folder's protocols, and the latest.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();

class Story : public casework::testing::Story<v1::BbvCase> {
 public:
  // The incident happens, and is reported unless At says later.
  explicit Story(std::string incident);

  // Logs one exposed officer. `exposure` without its incident time; `source` as text.
  absl::Status Log(const std::string& exposure, const std::string& source = "");
  absl::Status Log(const v1::LogExposureRequest& request);

  // A result of the given outcome on blood taken at noon of the date, recorded now. Its id.
  std::string Result(const std::string& test, absl::string_view date,
                     const std::string& outcome = "NEGATIVE");

 private:
  const std::string incident_;
};

}  // namespace waymark::bbv::testing

#endif  // WAYMARK_SERVICES_BBV_TESTING_STORY_H_
