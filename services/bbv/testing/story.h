// A case's life in a test: acts at the times clocks in London show, through the real functions, the
// real planner and the real protocol file.
//
//   Story story("2026-03-28T22:30");
//   story.Log(R"pb(route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD)pb");
//   story.At("2026-03-28T22:50");
//   story.Act(&RecordBaselineSample, R"pb(baseline { taken_time { civil: "2026-03-28T22:45" }
//   })pb"); EXPECT_EQ(story.Due("risk_assessment"), "2026-03-28 23:30 GMT");
#ifndef WAYMARK_SERVICES_BBV_TESTING_STORY_H_
#define WAYMARK_SERVICES_BBV_TESTING_STORY_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/civil/working_days.h"
#include "common/testing/proto_matchers.h"
#include "services/bbv/record.h"
#include "services/casework/call.h"
#include "services/casework/protocol_loader.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv::testing {

// The folder's protocols, linted against what the pathway knows. Ends the test run when they are
// faulty.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();
const civil::WorkingDays& BankHolidays();

// "2026-03-28T22:30" in London; the first of two.
absl::Time Clock(absl::string_view local);
// "2026-03-28 22:30 GMT", with seconds when there are any.
std::string InLondon(absl::Time time);

class Story {
 public:
  // The incident happens, and is reported unless At says later.
  explicit Story(std::string incident) : incident_(std::move(incident)), now_(Clock(incident_)) {}

  Story& At(absl::string_view local) {
    now_ = Clock(local);
    return *this;
  }
  Story& Role(options::v1::Role role) {
    role_ = role;
    return *this;
  }

  // Logs one exposed officer. `exposure` without its incident time; `source` as text.
  absl::Status Log(const std::string& exposure, const std::string& source = "");
  absl::Status Log(v1::LogExposureRequest request);

  // One act on the case (the first of the incident). The request is text without its header.
  template <typename Request>
  absl::Status Act(BbvChange (*function)(const v1::BbvCase&, const Request&, const casework::Call&),
                   const std::string& text) {
    const std::string name = Request::descriptor()->name();
    // "RecordPepRequest" is the act RecordPep.
    casework::Call call = NextCall(name.substr(0, name.size() - sizeof("Request") + 1));
    BbvChange change = function(cases_.at(0), waymark::testing::ParseProto<Request>(text), call);
    if (!change.ok()) return change.status();
    cases_.at(0) = Planned(std::move(change->cases.at(0)), call);
    return absl::OkStatus();
  }

  // A result of the given outcome on blood taken at noon of the date, recorded now. Its id.
  std::string Result(const std::string& test, absl::string_view date,
                     const std::string& outcome = "NEGATIVE");

  const std::vector<v1::BbvCase>& cases() const { return cases_; }
  const v1::BbvCase& Case(size_t index = 0) const { return cases_.at(index); }
  absl::Time now() const { return now_; }

  // Of the first case. "" for a step that is not in the plan, or an instant that it has not.
  std::string Opens(absl::string_view step) const;
  std::string Due(absl::string_view step) const;
  std::string Closes(absl::string_view step) const;
  // "OPEN", "OVERDUE", ... as it stands now; "" for a step that is not in the plan.
  std::string Status(absl::string_view step) const;
  // "HBSAG HCV_AB", in the order of the protocol.
  std::string Tests(absl::string_view step) const;
  bool Plans(absl::string_view step) const { return !Status(step).empty(); }

  casework::Call NextCall(const std::string& act);

 private:
  v1::BbvCase Planned(v1::BbvCase bbv_case, const casework::Call& call) const;

  const std::string incident_;
  absl::Time now_;
  options::v1::Role role_ = options::v1::ROLE_OH_NURSE;
  int acts_ = 0;
  std::vector<v1::BbvCase> cases_;
};

}  // namespace waymark::bbv::testing

#endif  // WAYMARK_SERVICES_BBV_TESTING_STORY_H_
