#include "services/casework/linter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/casework/protocol_loader.h"

namespace waymark::casework {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const KnownFacts& Known() {
  static const auto* known = new KnownFacts{
      .values = {{"significant", {"true", "false"}}, {"source", {"POSITIVE", "NEGATIVE"}}},
      .points = {"incident", "report"},
      .tests = {"HBSAG", "HCV"},
      .parameters = {"hiv_window_days"},
      .items = {"tooth"}};
  return *known;
}

constexpr char kGood[] = R"(
key: "t"
version: 1
title: "A protocol"
stages { key: "assess" title: "Assessment" }
parameters {
  key: "hiv_window_days" value: 45 unit: "days"
  source { guideline: "BHIVA" section: "2" evidence: EVIDENCE_SOURCE_READ }
}
ladders {
  key: "urgent"
  rungs { kind: RUNG_KIND_BREACH base: RUNG_BASE_DUE audience: ROLE_OH_NURSE }
}
ladders {
  key: "last"
  rungs {
    kind: RUNG_KIND_LAST_CALL base: RUNG_BASE_CLOSES offset_minutes: -30
    audience: ROLE_OH_PHYSICIAN
  }
}
steps {
  key: "assess"
  title: "Assess"
  stage: "assess"
  when { equals { fact: "significant" value: "true" } }
  anchor { point: "incident" }
  due { elapsed { hours: 1 } }
  closes { elapsed { hours: 72 } }
  clinical: true
  panel { test: "HBSAG" }
  responsible: ROLE_OH_NURSE
  ladder: "urgent"
  sources { guideline: "PHE" section: "3" evidence: EVIDENCE_SOURCE_READ }
}
)";

std::vector<std::string> ReasonsOf(const std::string& text) {
  std::vector<Fault> faults;
  ParseProtocol(text, &Known(), faults);
  std::vector<std::string> reasons;
  for (const Fault& fault : faults) reasons.push_back(fault.reason);
  return reasons;
}

TEST(Lint, AcceptsASoundProtocol) {
  std::vector<Fault> faults;
  ParseProtocol(kGood, &Known(), faults);
  EXPECT_EQ(DescribeFaults("good", faults), "");
}

struct Mistake {
  std::string name;
  std::string was;
  std::string is;
  std::string reason;
};

class Mistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreRefused) {
  const std::string text = absl::StrReplaceAll(kGood, {{GetParam().was, GetParam().is}});
  ASSERT_NE(text, kGood);
  EXPECT_THAT(ReasonsOf(text), ElementsAre(GetParam().reason)) << text;
}

TEST(Lint, LetsOnlyAStepOfTheSameThingWaitForAStepOfEach) {
  const std::string first = absl::StrReplaceAll(
      kGood, {{"  key: \"assess\"\n  title", "  key: \"assess\" each: \"tooth\"\n  title"}});
  const auto with = [&first](const std::string& each) {
    return absl::StrCat(first, "steps { key: \"later\" title: \"Later\" stage: \"assess\" ", each,
                        " anchor { point: \"step:assess\" } due { civil { weeks: 2 } } "
                        "responsible: ROLE_OH_NURSE sources { guideline: \"PHE\" section: \"3\" "
                        "evidence: EVIDENCE_SOURCE_READ } }");
  };
  EXPECT_THAT(ReasonsOf(with("each: \"tooth\"")), IsEmpty());
  EXPECT_THAT(ReasonsOf(with("")), ElementsAre("ANCHOR_UNKNOWN"));
}

INSTANTIATE_TEST_SUITE_P(
    Protocol, Mistakes,
    ::testing::Values(
        Mistake{"no_version", "version: 1", "", "PROTOCOL_INCOMPLETE"},
        Mistake{"no_title", "title: \"A protocol\"", "", "PROTOCOL_INCOMPLETE"},
        Mistake{"signed_by_nobody", "version: 1", "version: 1 signed_off: true",
                "PROTOCOL_INCOMPLETE"},
        Mistake{"key_case", "key: \"t\"", "key: \"T-1\"", "KEY_INVALID"},
        Mistake{"unowned", "responsible: ROLE_OH_NURSE", "", "STEP_UNOWNED"},
        Mistake{"unsourced",
                "sources { guideline: \"PHE\" section: \"3\" evidence: EVIDENCE_SOURCE_READ }", "",
                "STEP_UNSOURCED"},
        Mistake{"source_without_section", "section: \"3\" ", "", "STEP_UNSOURCED"},
        Mistake{"parameter_unsourced", "guideline: \"BHIVA\"", "", "PARAMETER_UNSOURCED"},
        Mistake{"parameter_missing", "hiv_window_days", "other_days", "PARAMETER_MISSING"},
        Mistake{"unknown_anchor", "point: \"incident\"", "point: \"accident\"", "ANCHOR_UNKNOWN"},
        Mistake{"unknown_step", "point: \"incident\"", "point: \"step:nothing\"", "ANCHOR_UNKNOWN"},
        Mistake{"unknown_item", "stage: \"assess\"\n  when",
                "stage: \"assess\" each: \"wheel\" when", "ITEM_UNKNOWN"},
        Mistake{"own_completion", "point: \"incident\"", "point: \"step:assess\"", "ANCHOR_CYCLE"},
        Mistake{"no_anchor", "anchor { point: \"incident\" }", "", "ANCHOR_EMPTY"},
        Mistake{"empty_choice", "anchor { point: \"incident\" }", "anchor { latest_of {} }",
                "ANCHOR_EMPTY"},
        Mistake{"unknown_fact", "fact: \"significant\"", "fact: \"signifcant\"", "FACT_UNKNOWN"},
        Mistake{"unknown_value", "value: \"true\"", "value: \"yes\"", "VALUE_UNKNOWN"},
        Mistake{"empty_condition", "equals { fact: \"significant\" value: \"true\" }", "any {}",
                "CONDITION_EMPTY"},
        Mistake{"unknown_stage", "stage: \"assess\"", "stage: \"testing\"", "STAGE_UNKNOWN"},
        Mistake{"unknown_ladder", "ladder: \"urgent\"", "ladder: \"slow\"", "LADDER_UNKNOWN"},
        Mistake{"unknown_test", "test: \"HBSAG\"", "test: \"HBS\"", "TEST_UNKNOWN"},
        Mistake{"test_twice", "panel { test: \"HBSAG\" }",
                "panel { test: \"HBSAG\" } panel { test: \"HBSAG\" }", "TEST_DUPLICATE"},
        Mistake{"never_due", "due { elapsed { hours: 1 } }", "", "STEP_INCOMPLETE"},
        Mistake{"due_after_closes", "elapsed { hours: 72 }", "elapsed { minutes: 59 }",
                "DUE_AFTER_CLOSES"},
        Mistake{"due_after_closes_in_other_units", "elapsed { hours: 1 }", "civil { months: 1 }",
                "DUE_AFTER_CLOSES"},
        Mistake{"opens_after_due", "clinical: true", "clinical: true opens { civil { weeks: 1 } }",
                "OPENS_AFTER_DUE"},
        Mistake{"clinical_limit_in_working_days", "due { elapsed { hours: 1 } }",
                "due { working { days: 1 } }", "WORKING_DAYS_REFUSED"},
        Mistake{"mixed_units", "closes { elapsed { hours: 72 } }",
                "closes { civil { weeks: 1 days: 3 } }", "OFFSET_MIXED"},
        Mistake{"negative", "elapsed { hours: 1 }", "elapsed { hours: -1 }", "OFFSET_RANGE"},
        Mistake{"too_long", "closes { elapsed { hours: 72 } }",
                "closes { civil { days: 2000000000 } }", "OFFSET_RANGE"},
        Mistake{"empty_offset", "closes { elapsed { hours: 72 } }", "closes {}", "OFFSET_EMPTY"},
        Mistake{
            "rung_without_base",
            "closes { elapsed { hours: 72 } }\n  clinical: true\n  panel { test: \"HBSAG\" }\n  "
            "responsible: ROLE_OH_NURSE\n  ladder: \"urgent\"",
            "responsible: ROLE_OH_NURSE ladder: \"last\"", "RUNG_WITHOUT_BASE"},
        Mistake{"rung_before_due", "base: RUNG_BASE_DUE", "base: RUNG_BASE_DUE offset_minutes: -5",
                "RUNG_MISPLACED"},
        Mistake{"rung_to_nobody", "audience: ROLE_OH_NURSE", "", "RUNG_INCOMPLETE"},
        Mistake{"measure_case", "clinical: true", "clinical: true measure: \"on time\"",
                "MEASURE_INVALID"},
        Mistake{"chained_months",
                "anchor { point: \"incident\" }\n  due { elapsed { hours: 1 } }\n  closes { "
                "elapsed { hours: 72 } }",
                "anchor { latest_of { terms { point: \"incident\" offset { civil { months: 1 } } } "
                "} }\n  due { civil { months: 1 } }",
                "OFFSET_CHAINED"}),
    [](const ::testing::TestParamInfo<Mistake>& info) { return info.param.name; });

TEST(Lint, RefusesACircleOfSteps) {
  std::string text = kGood;
  const size_t steps = text.find("steps {");
  const std::string step = text.substr(steps);
  text = absl::StrCat(text.substr(0, steps),
                      absl::StrReplaceAll(step, {{"\"assess\"\n  title", "\"one\"\n  title"},
                                                 {"\"incident\"", "\"step:two\""}}),
                      absl::StrReplaceAll(step, {{"\"assess\"\n  title", "\"two\"\n  title"},
                                                 {"\"incident\"", "\"step:one\""}}));
  EXPECT_THAT(ReasonsOf(text), ElementsAre("ANCHOR_CYCLE", "ANCHOR_CYCLE"));
}

TEST(Lint, RefusesTheSameKeyTwice) {
  const std::string text = kGood;
  EXPECT_THAT(ReasonsOf(absl::StrCat(text, text.substr(text.find("steps {")))),
              ElementsAre("KEY_DUPLICATE"));
}

TEST(Lint, FindsEveryFaultAndItsPlace) {
  std::vector<Fault> faults;
  ParseProtocol(
      "key: \"t\"\n"
      "version: 1\n"
      "title: \"T\"\n"
      "stages { key: \"a\" title: \"A\" }\n"
      "steps {\n"
      "  key: \"one\"\n"
      "  title: \"One\"\n"
      "  stage: \"b\"\n"
      "  anchor { point: \"incident\" }\n"
      "  due { civil { weeks: 1\n"
      "                days: 1 } }\n"
      "  sources { guideline: \"G\" section: \"1\" evidence: EVIDENCE_UNVERIFIED }\n"
      "}\n",
      nullptr, faults);
  EXPECT_EQ(DescribeFaults("t.textproto", faults),
            "t.textproto:5:1: STEP_UNOWNED: Step 'one' belongs to nobody.\n"
            "t.textproto:8:3: STAGE_UNKNOWN: Step 'one' is in stage 'b', which the protocol has "
            "not.\n"
            "t.textproto:10:9: OFFSET_MIXED: One offset uses days, weeks or months, never two of "
            "them.\n");
}

}  // namespace
}  // namespace waymark::casework
