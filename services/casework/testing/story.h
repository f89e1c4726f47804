// A case's life in a test: acts at the times clocks in London show, through a pathway's real
// functions, the real planner and the real protocol file.
//
//   Story<v1::BbvCase> story(Protocol(), &FactsOf);
//   story.At("2026-03-28T22:30");
//   story.Open(&LogExposure, request);
//   story.At("2026-03-28T22:50");
//   story.Act(&RecordBaselineSample, R"pb(baseline { taken_time { civil: "2026-03-28T22:45" }
//   })pb"); EXPECT_EQ(story.Due("risk_assessment"), "2026-03-28 23:30 GMT");
#ifndef WAYMARK_SERVICES_CASEWORK_TESTING_STORY_H_
#define WAYMARK_SERVICES_CASEWORK_TESTING_STORY_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/civil/working_days.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "services/casework/protocol_loader.h"
#include "waymark/casework/v1/case.pb.h"

namespace waymark::casework::testing {

// A folder's protocols, linted against what the pathway knows. Ends the test run when they are
// faulty. Keep the answer: it is read anew at each call.
Protocols LoadProtocols(const std::string& folder, const KnownFacts& known);
const civil::WorkingDays& BankHolidays();

// "2026-03-28T22:30" in London; the first of two.
absl::Time Clock(absl::string_view local);
// "2026-03-28 22:30 GMT", with seconds when there are any.
std::string InLondon(absl::Time time);

// Of a step, as a test would write it; "" for a step that is not in the plan, or an instant that it
// has not.
std::string OpensOf(const v1::Plan& plan, absl::string_view step);
std::string DueOf(const v1::Plan& plan, absl::string_view step);
std::string ClosesOf(const v1::Plan& plan, absl::string_view step);
// "OPEN", "OVERDUE", ...
std::string StatusOf(const v1::Plan& plan, absl::string_view step, absl::Time now);
// "HBSAG HCV_AB", in the order of the protocol.
std::string TestsOf(const v1::Plan& plan, absl::string_view step);

// As casework plans the case of an act: version, state and plan of the header.
void PlanForStory(const v1::Protocol& protocol, const Facts& facts, const Call& call,
                  v1::CaseHeader& header);

template <typename Record>
class Story {
 public:
  using Changed = absl::StatusOr<Change<Record>>;

  // Begins on new year's day 2026 unless At says when. `protocol` outlives the story.
  Story(const v1::Protocol& protocol, Facts (*facts_of)(const Record&, const v1::Protocol&))
      : protocol_(protocol), facts_of_(facts_of), now_(Clock("2026-01-01T09:00")) {}

  Story& At(absl::string_view local) {
    now_ = Clock(local);
    return *this;
  }
  Story& Role(options::v1::Role role) {
    role_ = role;
    return *this;
  }

  // Opens cases; those of an earlier call are forgotten.
  template <typename Request>
  absl::Status Open(Changed (*function)(const Request&, const Call&), const Request& request) {
    const Call call = NextCall(ActOf<Request>());
    Changed change = function(request, call);
    if (!change.ok()) return change.status();
    cases_ = std::move(change->cases);
    messages_ = std::move(change->messages);
    for (Record& opened : cases_) Plan(call, opened);
    return absl::OkStatus();
  }

  // One act on the case (the first that was opened). The request is text without its header.
  template <typename Request>
  absl::Status Act(Changed (*function)(const Record&, const Request&, const Call&),
                   const std::string& text) {
    const Call call = NextCall(ActOf<Request>());
    Changed change = function(cases_.at(0), waymark::testing::ParseProto<Request>(text), call);
    if (!change.ok()) return change.status();
    cases_.at(0) = std::move(change->cases.at(0));
    messages_ = std::move(change->messages);
    Plan(call, cases_.at(0));
    return absl::OkStatus();
  }

  const std::vector<Record>& cases() const { return cases_; }
  const Record& Case(size_t index = 0) const { return cases_.at(index); }
  // What the last act tells other services.
  const std::vector<Outgoing>& messages() const { return messages_; }
  absl::Time now() const { return now_; }

  // Of the first case, as OpensOf and its siblings say.
  const v1::Plan& plan() const { return cases_.at(0).header().plan(); }
  std::string Opens(absl::string_view step) const { return OpensOf(plan(), step); }
  std::string Due(absl::string_view step) const { return DueOf(plan(), step); }
  std::string Closes(absl::string_view step) const { return ClosesOf(plan(), step); }
  std::string Status(absl::string_view step) const { return StatusOf(plan(), step, now_); }
  std::string Tests(absl::string_view step) const { return TestsOf(plan(), step); }
  bool Plans(absl::string_view step) const { return !Status(step).empty(); }

  // The next call, by a nurse of the force "demo" unless Role said otherwise.
  Call NextCall(const std::string& act);

 private:
  // "RecordPepRequest" is the act RecordPep.
  template <typename Request>
  static std::string ActOf() {
    const std::string& name = Request::descriptor()->name();
    return name.substr(0, name.size() - (sizeof("Request") - 1));
  }

  void Plan(const Call& call, Record& of) const {
    PlanForStory(protocol_, facts_of_(of, protocol_), call, *of.mutable_header());
  }

  const v1::Protocol& protocol_;
  Facts (*const facts_of_)(const Record&, const v1::Protocol&);
  absl::Time now_;
  options::v1::Role role_ = options::v1::ROLE_OH_NURSE;
  int acts_ = 0;
  std::vector<Record> cases_;
  std::vector<Outgoing> messages_;
};

// Of the `number`th act of a story.
Call CallForStory(int number, const std::string& act, absl::Time now, options::v1::Role role,
                  const v1::Protocol& protocol);

template <typename Record>
Call Story<Record>::NextCall(const std::string& act) {
  return CallForStory(++acts_, act, now_, role_, protocol_);
}

}  // namespace waymark::casework::testing

#endif  // WAYMARK_SERVICES_CASEWORK_TESTING_STORY_H_
