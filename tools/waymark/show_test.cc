#include "tools/waymark/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "google/protobuf/text_format.h"
#include "tools/waymark/report.h"
#include "waymark/workforce/v1/person.pb.h"

namespace waymark::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Message>
Message Parse(const char* text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

// 28 March 2026 22:30 in London; the clocks go forward that night.
constexpr int64_t kIncident = 1774737000;

casework::v1::CaseHeader TwoSteps() {
  return Parse<casework::v1::CaseHeader>(R"pb(
    case_id: "0190b5a4-0000-7000-8000-000000000001"
    version: 2
    state: CASE_STATE_OPEN
    subject_id: "0190b5a4-0000-7000-8000-000000000002"
    subject_kind: SUBJECT_KIND_WORKFORCE
    protocol_key: "bbv"
    protocol_version: 1
    plan {
      steps {
        key: "risk_assessment"
        title: "Risk assessment"
        due_time { seconds: 1774740600 }
        closes_time { seconds: 1774996200 }
      }
      steps {
        key: "test_6w"
        title: "Blood test at six weeks"
        opens_time { seconds: 1778194800 }
        due_time { seconds: 1778367599 }
        tests { test: "HIV_AG_AB" }
      }
    })pb");
}

TEST(Timeline, ShowsTheTimeLeftAndNamesWhatComesNext) {
  const std::string page =
      Timeline(TwoSteps(), "bbv", absl::FromUnixSeconds(kIncident) + absl::Minutes(20), Style());
  EXPECT_THAT(page, HasSubstr("● Sat 28 Mar 2026 23:30  Risk assessment"));
  EXPECT_THAT(page, HasSubstr("40 min left; window shuts Tue 31 Mar 2026 23:30"));
  EXPECT_THAT(page, HasSubstr("○ Sat  9 May 2026 23:59  Blood test at six weeks"));
  EXPECT_THAT(page, HasSubstr("HIV_AG_AB"));
  EXPECT_THAT(page, HasSubstr("2 open, 0 of them overdue; 0 ended. Next: Risk assessment."));
  EXPECT_THAT(page, HasSubstr("not signed off by a clinician"));
}

TEST(Timeline, SaysHowLongAStepIsOverdueAndWhenItsWindowShuts) {
  const std::string page =
      Timeline(TwoSteps(), "bbv", absl::FromUnixSeconds(kIncident) + absl::Hours(3), Style());
  EXPECT_THAT(page, HasSubstr("! "));
  EXPECT_THAT(page, HasSubstr("OVERDUE by 2 h; window shuts in 2 days"));
}

TEST(Timeline, SaysThatAShutWindowNeedsADecision) {
  const std::string page =
      Timeline(TwoSteps(), "bbv", absl::FromUnixSeconds(1774996200) + absl::Hours(1), Style());
  EXPECT_THAT(page, HasSubstr("WINDOW SHUT 1 h ago: needs a decision"));
}

TEST(Timeline, SaysHowLateAStepWasDone) {
  auto header = TwoSteps();
  auto& outcome = *header.mutable_plan()->mutable_steps(0)->mutable_outcome();
  outcome.set_ending(casework::v1::ENDING_DONE);
  outcome.mutable_ended_time()->set_seconds(1774740600 + 25 * 60);
  EXPECT_THAT(Timeline(header, "bbv", absl::FromUnixSeconds(kIncident), Style()),
              HasSubstr("✓ Sat 28 Mar 2026 23:30  Risk assessment          done Sat 28 Mar 2026 "
                        "23:55 (25 min late)"));
}

TEST(Timeline, OfAClosedCaseCallsNothingOverdue) {
  auto header = TwoSteps();
  header.set_state(casework::v1::CASE_STATE_CLOSED);
  header.mutable_closed_time()->set_seconds(kIncident + 7200);
  const std::string page =
      Timeline(header, "bbv", absl::FromUnixSeconds(kIncident) + absl::Hours(9), Style());
  EXPECT_THAT(page, HasSubstr("Closed Sun 29 Mar 2026 00:30: 0 steps ended, 2 not done."));
  EXPECT_THAT(page, Not(HasSubstr("OVERDUE")));
}

TEST(Timeline, SaysNothingOfWhoAThirdPartyIs) {
  auto header = TwoSteps();
  header.set_subject_kind(casework::v1::SUBJECT_KIND_THIRD_PARTY);
  header.clear_subject_id();
  EXPECT_THAT(Timeline(header, "bbv", absl::FromUnixSeconds(kIncident), Style()),
              HasSubstr("third party, no identity held"));
}

TEST(Worklist, PutsTheNameBesideTheCaseAndADashWhereItIsNotForTheCaller) {
  const auto list = Parse<scheduling::v1::ListWorklistResponse>(R"pb(
    items { subject_id: "a" case_id: "case-1" title: "Tests at 3 months" }
    items { subject_id: "b" case_id: "case-2" title: "Tests at 6 months" }
    items { case_id: "case-3" title: "Review" }
    total_count: 3)pb");
  const std::string page = Worklist(list, {{"a", "Sam Jones"}}, Style());
  EXPECT_THAT(page, HasSubstr("Sam Jones  case case-1"));
  EXPECT_THAT(page, HasSubstr("—  case case-2"));
  EXPECT_THAT(page, HasSubstr("—  case case-3"));
}

TEST(Page, ShowsAFieldALineAndLeavesOutWhatIsUnset) {
  const auto person = Parse<workforce::v1::Person>(R"pb(
    subject_id: "0190a000-0000-7000-8000-0000000000aa"
    version: 3
    state: PERSON_STATE_LEFT
    name { family: "Jones" given: "Sam" }
    birth_date { year: 1990 month: 2 day: 1 }
    nhs_number { number: "9434765919" status: NHS_NUMBER_STATUS_TRACED }
    protection { active: true allowed_user_ids: "nia" allowed_user_ids: "ned" })pb");
  const std::string page = Page(person);
  EXPECT_THAT(page, HasSubstr("state                 left\n"));
  EXPECT_THAT(page, HasSubstr("name\n  family                Jones\n"));
  EXPECT_THAT(page, HasSubstr("1990"));
  EXPECT_THAT(page, HasSubstr("  status                traced\n"));
  EXPECT_THAT(page, HasSubstr("  allowed user ids      ned\n"));
  EXPECT_THAT(page, Not(HasSubstr("home area")));
  EXPECT_EQ(Page(workforce::v1::Person()), "");
}

TEST(Span, UsesAtMostTwoUnits) {
  EXPECT_EQ(Span(absl::Seconds(20)), "less than a minute");
  EXPECT_EQ(Span(absl::Minutes(59)), "59 min");
  EXPECT_EQ(Span(absl::Hours(5) + absl::Minutes(3)), "5 h 3 min");
  EXPECT_EQ(Span(absl::Hours(24 * 6)), "6 days");
  EXPECT_EQ(Span(absl::Hours(24 * 7 * 26)), "26 weeks");
}

TEST(ProtocolDifference, ShowsOnlyWhatDiffersUnderItsStep) {
  const auto before = Parse<casework::v1::Protocol>(R"pb(
    key: "bbv"
    version: 1
    title: "BBV"
    stages { key: "s" title: "Stage" }
    steps {
      key: "a"
      title: "A"
      stage: "s"
      anchor { point: "incident" }
      due { elapsed { hours: 1 } }
    }
    steps {
      key: "b"
      title: "B"
      stage: "s"
      anchor { point: "incident" }
      due { civil { weeks: 6 } }
    }
  )pb");
  auto after = before;
  after.mutable_steps(1)->mutable_due()->mutable_civil()->set_weeks(7);
  const std::string difference = ProtocolDifference(before, after);
  EXPECT_THAT(difference, HasSubstr("  b: B"));
  EXPECT_THAT(difference, HasSubstr("due 6 weeks"));
  EXPECT_THAT(difference, HasSubstr("+     counted from incident: due 7 weeks"));
  EXPECT_THAT(difference, Not(HasSubstr("1 h")));
  EXPECT_EQ(ProtocolDifference(before, before), "");
}

TEST(Describe, TellsReasonFieldsAndWhatToDo) {
  status::FieldViolations violations;
  violations.Add("exposure.route", "REQUIRED", "Say how it got in.");
  const std::string text = Describe(violations.ToStatus());
  EXPECT_THAT(text, HasSubstr("reason: INVALID_FIELDS"));
  EXPECT_THAT(text, HasSubstr("field exposure.route: Say how it got in. (REQUIRED)"));
  EXPECT_EQ(ExitCode(violations.ToStatus()), 3);
  EXPECT_THAT(Describe(status::Unavailable("DATABASE_UNAVAILABLE", "Down.")),
              HasSubstr("hint: `waymark health`"));
}

}  // namespace
}  // namespace waymark::cli
