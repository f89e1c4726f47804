#include "services/casework/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/civil/civil.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/instants.h"
#include "services/casework/rule_text.h"
#include "services/casework/status.h"

namespace waymark::casework {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

absl::Time London(absl::string_view local) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%S", std::string(local), civil::London(), &time, &error)) {
    ADD_FAILURE() << error;
  }
  return time;
}

std::string InLondon(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", FromTimestamp(time), civil::London());
}

const civil::WorkingDays& BankHolidays() {
  static const auto* days =
      new civil::WorkingDays(civil::WorkingDays::Load("common/civil/bank_holidays.json").value());
  return *days;
}

v1::Step PlanOne(const std::string& rule, absl::Time incident) {
  auto protocol =
      ParseProto<v1::Protocol>("steps { key: 's' anchor { point: 'incident' } " + rule + " }");
  Facts facts;
  facts.points["incident"] = incident;
  const auto plan =
      PlanSteps(protocol, facts, {}, {.now = incident, .working_days = &BankHolidays()});
  EXPECT_THAT(plan, IsOk());
  return plan.ok() && plan->steps_size() == 1 ? plan->steps(0) : v1::Step();
}

struct OffsetVector {
  std::string name;
  std::string incident;
  std::string due;
  std::string expected;
};

class OffsetVectors : public ::testing::TestWithParam<OffsetVector> {};

TEST_P(OffsetVectors, FallDue) {
  const OffsetVector& vector = GetParam();
  EXPECT_EQ(InLondon(PlanOne("due { " + vector.due + " }", London(vector.incident)).due_time()),
            vector.expected);
}

// clinical.md 1.12 (B), 6.8 and 6.10 (X): hours on the UTC line, days and months civil and clamped.
INSTANTIATE_TEST_SUITE_P(
    Clinical, OffsetVectors,
    ::testing::Values(OffsetVector{"B1_assessment", "2026-03-28 22:30:00", "elapsed { hours: 1 }",
                                   "2026-03-28 23:30:00 GMT"},
                      OffsetVector{"B1_pep_24h", "2026-03-28 22:30:00", "elapsed { hours: 24 }",
                                   "2026-03-29 23:30:00 BST"},
                      OffsetVector{"B1_pep_72h", "2026-03-28 22:30:00", "elapsed { hours: 72 }",
                                   "2026-03-31 23:30:00 BST"},
                      OffsetVector{"B1_hbig_7d", "2026-03-28 22:30:00", "elapsed { hours: 168 }",
                                   "2026-04-04 23:30:00 BST"},
                      OffsetVector{"B1_6_weeks", "2026-03-28 22:30:00", "civil { weeks: 6 }",
                                   "2026-05-09 23:59:59 BST"},
                      OffsetVector{"B1_3_months", "2026-03-28 22:30:00", "civil { months: 3 }",
                                   "2026-06-28 23:59:59 BST"},
                      OffsetVector{"B1_6_months", "2026-03-28 22:30:00", "civil { months: 6 }",
                                   "2026-09-28 23:59:59 BST"},
                      OffsetVector{"B3_3_months_clamped", "2026-08-31 12:00:00",
                                   "civil { months: 3 }", "2026-11-30 23:59:59 GMT"},
                      OffsetVector{"B3_6_months_clamped", "2026-08-31 12:00:00",
                                   "civil { months: 6 }", "2027-02-28 23:59:59 GMT"},
                      OffsetVector{"B21_riddor_10_days", "2026-05-01 09:00:00",
                                   "civil { days: 10 }", "2026-05-11 23:59:59 BST"},
                      OffsetVector{"X1_30_sep_4_months", "1978-09-30 10:00:00",
                                   "civil { months: 4 }", "1979-01-30 23:59:59 GMT"},
                      OffsetVector{"X2_31_jan_1_month", "2026-01-31 08:00:00",
                                   "civil { months: 1 }", "2026-02-28 23:59:59 GMT"},
                      OffsetVector{"X2_31_jan_leap_year", "2028-01-31 08:00:00",
                                   "civil { months: 1 }", "2028-02-29 23:59:59 GMT"},
                      OffsetVector{"X4_easter", "2026-04-01 15:00:00", "working { days: 2 }",
                                   "2026-04-07 23:59:59 BST"},
                      OffsetVector{"X5_christmas_2", "2026-12-23 15:00:00", "working { days: 2 }",
                                   "2026-12-29 23:59:59 GMT"},
                      OffsetVector{"X5_christmas_5", "2026-12-23 15:00:00", "working { days: 5 }",
                                   "2027-01-04 23:59:59 GMT"},
                      // 23:30 in London in summer is the next day on no clock that counts here.
                      OffsetVector{"late_evening_in_summer", "2026-07-01 23:30:00",
                                   "civil { days: 1 }", "2026-07-02 23:59:59 BST"}),
    [](const ::testing::TestParamInfo<OffsetVector>& info) { return info.param.name; });

TEST(PlanSteps, OpensAtTheFirstInstantOfACivilDayAndClosesAtItsLastSecond) {
  const v1::Step step = PlanOne(
      "opens { civil { weeks: 4 } } due { civil { weeks: 6 } } closes { civil { weeks: 8 } }",
      London("2026-03-28 22:30:00"));
  EXPECT_EQ(InLondon(step.opens_time()), "2026-04-25 00:00:00 BST");
  EXPECT_EQ(InLondon(step.closes_time()), "2026-05-23 23:59:59 BST");
}

TEST(PlanSteps, FallsDueOnTheSameCivilDayAcrossTheAutumnClockChange) {
  // 25 October 2026 has 25 hours: a day of hours ends an hour earlier on the clock.
  const absl::Time incident = London("2026-10-24 09:00:00");
  EXPECT_EQ(InLondon(PlanOne("due { elapsed { hours: 24 } }", incident).due_time()),
            "2026-10-25 08:00:00 GMT");
  EXPECT_EQ(InLondon(PlanOne("due { civil { days: 1 } }", incident).due_time()),
            "2026-10-25 23:59:59 GMT");
}

TEST(PlanSteps, NeverChainsMonths) {
  // 31 January + 2 months is 31 March; + 1 + 1 month would be 28 March.
  EXPECT_EQ(
      InLondon(PlanOne("due { civil { months: 2 } }", London("2026-01-31 08:00:00")).due_time()),
      "2026-03-31 23:59:59 BST");
}

TEST(PlanSteps, NeverAimsPastTheClinicalWindow) {
  const v1::Step step = PlanOne("due { civil { days: 1 } } closes { elapsed { hours: 24 } }",
                                London("2026-06-01 10:00:00"));
  EXPECT_EQ(InLondon(step.due_time()), "2026-06-02 10:00:00 BST");
}

constexpr char kHivProtocol[] = R"pb(
  key: "t"
  version: 1
  steps {
    key: "hiv"
    anchor {
      latest_of {
        terms {
          point: "incident"
          offset { civil { months: 3 } }
        }
        terms {
          point: "pep_end"
          offset { civil { days: 45 } }
          optional_term: true
        }
      }
    }
    due { civil { days: 0 } }
    panel { test: "HIV" }
  }
)pb";

TEST(PlanSteps, WaitsForTheLatestOfTwoLimits) {
  // clinical.md 0.1 C4: three months, and at least 45 days after PEP ended.
  const auto protocol = ParseProto<v1::Protocol>(kHivProtocol);
  Facts facts;
  facts.points["incident"] = London("2026-03-28 22:30:00");
  const Planning planning{.now = London("2026-03-29 09:00:00")};
  auto plan = PlanSteps(protocol, facts, {}, planning);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(InLondon(plan->steps(0).due_time()), "2026-06-28 23:59:59 BST");
  EXPECT_EQ(plan->steps(0).anchor(), "incident");

  facts.points["pep_end"] = London("2026-04-25 08:00:00");
  plan = PlanSteps(protocol, facts, {}, planning);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(InLondon(plan->steps(0).due_time()), "2026-06-28 23:59:59 BST");

  facts.points["pep_end"] = London("2026-05-30 08:00:00");
  plan = PlanSteps(protocol, facts, {}, planning);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(InLondon(plan->steps(0).due_time()), "2026-07-14 23:59:59 BST");
  EXPECT_EQ(plan->steps(0).anchor(), "pep_end");
}

TEST(PlanSteps, HoldsAStepBackWhileARequiredTermIsUnknown) {
  auto protocol = ParseProto<v1::Protocol>(kHivProtocol);
  protocol.mutable_steps(0)
      ->mutable_anchor()
      ->mutable_latest_of()
      ->mutable_terms(1)
      ->set_optional_term(false);
  Facts facts;
  facts.points["incident"] = London("2026-03-28 22:30:00");
  const auto plan = PlanSteps(protocol, facts, {}, {.now = absl::UnixEpoch()});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->steps(), IsEmpty());
}

TEST(PlanSteps, TakesTheEarliestOfThoseKnown) {
  const auto protocol = ParseProto<v1::Protocol>(R"pb(
    steps {
      key: "s"
      anchor {
        earliest_of {
          terms { point: "symptoms" }
          terms {
            point: "incident"
            offset { elapsed { hours: 48 } }
          }
        }
      }
      due { elapsed { hours: 1 } }
    }
  )pb");
  Facts facts;
  facts.points["incident"] = London("2026-06-01 10:00:00");
  const Planning planning{.now = London("2026-06-01 10:00:00")};
  EXPECT_EQ(InLondon(PlanSteps(protocol, facts, {}, planning)->steps(0).due_time()),
            "2026-06-03 11:00:00 BST");
  facts.points["symptoms"] = London("2026-06-02 07:00:00");
  EXPECT_EQ(InLondon(PlanSteps(protocol, facts, {}, planning)->steps(0).due_time()),
            "2026-06-02 08:00:00 BST");
}

constexpr char kPathProtocol[] = R"pb(
  key: "t"
  version: 1
  stages { key: "assess" }
  stages { key: "test" }
  steps {
    key: "follow_up"
    stage: "test"
    anchor { point: "step:assess" }
    due { civil { weeks: 1 } }
  }
  steps {
    key: "assess"
    stage: "assess"
    anchor { point: "incident" }
    due { elapsed { hours: 1 } }
    blocks_closing: true
  }
  steps {
    key: "bloods"
    stage: "test"
    when { equals { fact: "significant" value: "true" } }
    anchor { point: "incident" }
    due { civil { weeks: 6 } }
    panel { test: "HBSAG" }
    panel {
      test: "HCV"
      when { not { equals { fact: "hcv_cleared" value: "true" } } }
    }
  }
)pb";

class RePlanning : public ::testing::Test {
 protected:
  RePlanning() {
    facts_.points["incident"] = London("2026-06-01 10:00:00");
    facts_.values["significant"] = "true";
  }

  // Plans the case again, as its next version.
  v1::Plan Plan(absl::string_view cause = "Act") {
    now_ += absl::Hours(1);
    header_.set_version(header_.version() + 1);
    auto plan =
        PlanSteps(protocol_, facts_, header_,
                  {.now = now_, .cause = std::string(cause), .case_version = header_.version()});
    EXPECT_THAT(plan, IsOk());
    if (plan.ok()) *header_.mutable_plan() = *plan;
    return header_.plan();
  }

  void Done(const std::string& key, absl::Time when) {
    v1::StepOutcome& outcome = facts_.outcomes.emplace_back();
    outcome.set_step_key(key);
    outcome.set_ending(v1::ENDING_DONE);
    *outcome.mutable_ended_time() = ToTimestamp(when);
  }

  const v1::Step& Step(absl::string_view key) const { return *FindStep(header_.plan(), key); }

  const v1::Protocol protocol_ = ParseProto<v1::Protocol>(kPathProtocol);
  Facts facts_;
  v1::CaseHeader header_;
  absl::Time now_ = London("2026-06-01 10:00:00");
};

TEST_F(RePlanning, FirstPlanMovesNothing) {
  const v1::Plan plan = Plan();
  ASSERT_THAT(plan.steps(), SizeIs(2));
  EXPECT_EQ(plan.steps(0).key(), "assess");
  EXPECT_EQ(plan.steps(0).revision(), 1);
  EXPECT_EQ(plan.steps(1).key(), "bloods");
  EXPECT_THAT(plan.moves(), IsEmpty());
}

TEST_F(RePlanning, PlansAStepOnceTheStepItWaitsForIsDone) {
  Plan();
  Done("assess", London("2026-06-01 10:40:00"));
  Plan("RecordRiskAssessment");
  EXPECT_EQ(InLondon(Step("follow_up").due_time()), "2026-06-08 23:59:59 BST");
  ASSERT_THAT(header_.plan().moves(), SizeIs(1));
  EXPECT_EQ(header_.plan().moves(0).step_key(), "follow_up");
  EXPECT_EQ(header_.plan().moves(0).cause(), "RecordRiskAssessment");
  EXPECT_EQ(header_.plan().moves(0).case_version(), 2);
  EXPECT_FALSE(header_.plan().moves(0).has_from_due_time());
}

TEST_F(RePlanning, ARevisionRisesOnlyWhenInstantsMove) {
  Plan();
  Plan();
  EXPECT_EQ(Step("bloods").revision(), 1);
  facts_.points["incident"] = London("2026-06-01 09:00:00");
  Plan("CorrectExposure");
  // The same civil date: six weeks stay where they are, the hour moves.
  EXPECT_EQ(Step("bloods").revision(), 1);
  EXPECT_EQ(Step("assess").revision(), 2);
  ASSERT_THAT(header_.plan().moves(), SizeIs(1));
  EXPECT_EQ(InLondon(header_.plan().moves(0).from_due_time()), "2026-06-01 11:00:00 BST");
  EXPECT_EQ(InLondon(header_.plan().moves(0).to_due_time()), "2026-06-01 10:00:00 BST");
}

TEST_F(RePlanning, AStepNoLongerAskedForStaysAsSuperseded) {
  Plan();
  facts_.values["significant"] = "false";
  Plan("RecordRiskAssessment");
  EXPECT_EQ(Step("bloods").outcome().ending(), v1::ENDING_SUPERSEDED);
  EXPECT_EQ(InLondon(Step("bloods").due_time()), "2026-07-13 23:59:59 BST");
  ASSERT_THAT(header_.plan().moves(), SizeIs(1));
  EXPECT_TRUE(header_.plan().moves(0).has_from_due_time());
  EXPECT_FALSE(header_.plan().moves(0).has_to_due_time());
  // And is not superseded again.
  Plan();
  EXPECT_THAT(header_.plan().moves(), SizeIs(1));
}

TEST_F(RePlanning, ASupersededStepReopensUnderAHigherRevision) {
  Plan();
  facts_.values["significant"] = "false";
  Plan();
  facts_.values["significant"] = "true";
  Plan("CorrectExposure");
  EXPECT_FALSE(Step("bloods").has_outcome());
  EXPECT_EQ(Step("bloods").revision(), 2);
  ASSERT_THAT(header_.plan().moves(), SizeIs(2));
  EXPECT_FALSE(header_.plan().moves(1).has_from_due_time());
  EXPECT_TRUE(header_.plan().moves(1).has_to_due_time());
}

TEST_F(RePlanning, APanelIsDoneWhenEveryTestItAsksForIs) {
  Plan();
  facts_.tests_done["bloods"]["HBSAG"] = London("2026-07-10 09:00:00");
  Plan();
  EXPECT_FALSE(Step("bloods").has_outcome());
  EXPECT_EQ(InLondon(Step("bloods").tests(0).done_time()), "2026-07-10 09:00:00 BST");
  facts_.values["hcv_cleared"] = "true";
  Plan();
  ASSERT_THAT(Step("bloods").tests(), SizeIs(1));
  EXPECT_EQ(Step("bloods").outcome().ending(), v1::ENDING_DONE);
  EXPECT_EQ(InLondon(Step("bloods").outcome().ended_time()), "2026-07-10 09:00:00 BST");
}

TEST_F(RePlanning, AStepDoneStaysDoneWhenItIsNoLongerAskedFor) {
  Plan();
  facts_.tests_done["bloods"]["HBSAG"] = London("2026-07-10 09:00:00");
  facts_.tests_done["bloods"]["HCV"] = London("2026-07-10 09:00:00");
  Plan();
  const v1::StepOutcome outcome = Step("bloods").outcome();
  facts_.values["significant"] = "false";
  Plan();
  EXPECT_THAT(Step("bloods").outcome(), ::waymark::testing::EqualsProto(outcome));
}

TEST_F(RePlanning, ADecisionEndsAStepAndBeingDoneAfterAllWins) {
  Plan();
  v1::StepOutcome& waived = *header_.add_decided();
  waived.set_step_key("assess");
  waived.set_ending(v1::ENDING_WAIVED);
  *waived.mutable_ended_time() = ToTimestamp(now_);
  Plan();
  EXPECT_EQ(Step("assess").outcome().ending(), v1::ENDING_WAIVED);
  Done("assess", London("2026-06-01 12:00:00"));
  Plan();
  EXPECT_EQ(Step("assess").outcome().ending(), v1::ENDING_DONE);
}

TEST_F(RePlanning, ACorrectedResultReopensTheStepAtTheSameRevision) {
  Plan();
  Done("assess", London("2026-06-01 10:40:00"));
  Plan();
  facts_.outcomes.clear();
  Plan();
  EXPECT_FALSE(Step("assess").has_outcome());
  EXPECT_EQ(Step("assess").revision(), 1);
  EXPECT_EQ(Step("follow_up").outcome().ending(), v1::ENDING_SUPERSEDED);
}

TEST_F(RePlanning, AdoptingAnotherProtocolSupersedesWhatItDoesNotAskFor) {
  Plan();
  v1::Protocol next = protocol_;
  next.set_version(2);
  next.mutable_steps()->DeleteSubrange(2, 1);
  const auto plan = PlanSteps(next, facts_, header_, {.now = now_, .cause = "AdoptProtocol"});
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(FindStep(*plan, "bloods")->outcome().ending(), v1::ENDING_SUPERSEDED);
  EXPECT_THAT(plan->moves(), SizeIs(1));
}

TEST_F(RePlanning, TheSameArgumentsGiveTheSamePlan) {
  const v1::Plan first = Plan();
  const auto again =
      PlanSteps(protocol_, facts_, {}, {.now = now_, .cause = "Act", .case_version = 1});
  EXPECT_EQ(first.SerializeAsString(), again->SerializeAsString());
}

TEST(PlanSteps, RefusesAProtocolThatTheLinterWould) {
  const Planning planning{.now = absl::UnixEpoch()};
  Facts facts;
  facts.points["incident"] = absl::UnixEpoch();
  for (const char* steps :
       {"steps { key: 's' due { elapsed { hours: 1 } } }",
        "steps { key: 's' anchor { point: 'incident' } }",
        "steps { key: 's' anchor { latest_of {} } due { elapsed {} } }",
        "steps { key: 's' anchor { point: 'incident' } due { working { days: 1 } } }"}) {
    EXPECT_THAT(PlanSteps(ParseProto<v1::Protocol>(steps), facts, {}, planning),
                StatusIs(absl::StatusCode::kInternal, "PROTOCOL_BROKEN"))
        << steps;
  }
}

constexpr char kTeeth[] = R"pb(
  steps {
    key: "splint"
    title: "Fit the splint"
    each: "tooth"
    when { equals { fact: "loose" value: "true" } }
    anchor { point: "incident" }
    due { elapsed { hours: 24 } }
  }
  steps {
    key: "splint_removal"
    title: "Remove the splint"
    each: "tooth"
    anchor { point: "step:splint" }
    due { civil { weeks: 2 } }
  }
  steps {
    key: "letter"
    anchor { point: "incident" }
    due { elapsed { hours: 1 } }
  }
)pb";

Facts TwoTeeth() {
  Facts facts;
  facts.points["incident"] = absl::UnixEpoch();
  facts.values["loose"] = "true";
  facts.items["tooth"]["11"].values["loose"] = "true";
  facts.items["tooth"]["21"].values["loose"] = "false";
  return facts;
}

std::vector<std::string> Keys(const v1::Plan& plan) {
  std::vector<std::string> keys;
  for (const v1::Step& step : plan.steps()) keys.push_back(step.key());
  return keys;
}

TEST(PlanStepsOfEach, PlansALineForEachThingByItsOwnFacts) {
  const auto protocol = ParseProto<v1::Protocol>(kTeeth);
  Facts facts = TwoTeeth();
  auto plan = PlanSteps(protocol, facts, {}, {.now = absl::UnixEpoch()});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(Keys(*plan), ElementsAre("letter", "splint#11"));
  EXPECT_EQ(FindStep(*plan, "splint#11")->title(), "Fit the splint (11)");
  // What a thing does not know of itself, the case knows; and its own point wins over the case's.
  facts.items["tooth"]["12"].points["incident"] = absl::UnixEpoch() + absl::Hours(1);
  plan = PlanSteps(protocol, facts, {}, {.now = absl::UnixEpoch()});
  ASSERT_NE(FindStep(*plan, "splint#12"), nullptr);
  EXPECT_EQ(FindStep(*plan, "splint#12")->due_time().seconds(), 25 * 3600);
}

TEST(PlanStepsOfEach, WaitsForTheStepOfTheSameThing) {
  const auto protocol = ParseProto<v1::Protocol>(kTeeth);
  Facts facts = TwoTeeth();
  facts.items["tooth"]["12"].values["loose"] = "true";
  EndDone(facts, StepKeyOf("splint", "12"), absl::UnixEpoch() + absl::Hours(2), "");
  const auto plan = PlanSteps(protocol, facts, {}, {.now = absl::UnixEpoch()});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(Keys(*plan), ElementsAre("letter", "splint#11", "splint#12", "splint_removal#12"));
  EXPECT_TRUE(IsOpen(*FindStep(*plan, "splint#11")));
  EXPECT_FALSE(IsOpen(*FindStep(*plan, "splint#12")));
}

TEST(PlanStepsOfEach, SupersedesTheLineOfAThingThatIsGoneAndNoOther) {
  const auto protocol = ParseProto<v1::Protocol>(kTeeth);
  Facts facts = TwoTeeth();
  facts.items["tooth"]["12"];
  v1::CaseHeader header;
  *header.mutable_plan() = *PlanSteps(protocol, facts, {}, {.now = absl::UnixEpoch()});
  facts.items["tooth"].erase("12");
  const auto plan = PlanSteps(protocol, facts, header, {.now = absl::UnixEpoch()});
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(FindStep(*plan, "splint#12")->outcome().ending(), v1::ENDING_SUPERSEDED);
  EXPECT_TRUE(IsOpen(*FindStep(*plan, "splint#11")));
  EXPECT_THAT(plan->moves(), SizeIs(1));
}

TEST(PlanStepsOfEach, FindsItsWordsAgainAfterStorage) {
  const auto protocol = ParseProto<v1::Protocol>(kTeeth);
  auto plan = PlanSteps(protocol, TwoTeeth(), {}, {.now = absl::UnixEpoch()});
  ASSERT_THAT(plan, IsOk());
  StripRuleText(protocol, *plan);
  EXPECT_EQ(FindStep(*plan, "splint#11")->title(), "");
  RestoreRuleText(protocol, *plan);
  EXPECT_EQ(FindStep(*plan, "splint#11")->title(), "Fit the splint (11)");
}

TEST(Holds, TakesAnUnknownFactAsFalse) {
  Facts facts;
  facts.values["known"] = "true";
  const auto holds = [&facts](const char* text) {
    return Holds(ParseProto<v1::Condition>(text), facts);
  };
  EXPECT_TRUE(holds("equals { fact: 'known' value: 'true' }"));
  EXPECT_FALSE(holds("equals { fact: 'unknown' value: 'true' }"));
  EXPECT_TRUE(holds("not { equals { fact: 'unknown' value: 'true' } }"));
  EXPECT_TRUE(holds("all {}"));
  EXPECT_FALSE(holds("any {}"));
  EXPECT_TRUE(
      holds("any { conditions { equals { fact: 'x' value: 'y' } } conditions { all {} } }"));
  EXPECT_TRUE(holds(""));
}

}  // namespace
}  // namespace waymark::casework
