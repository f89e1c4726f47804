#include "services/bbv/receive_referral_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/bbv/record_result_told.h"
#include "services/bbv/testing/story.h"
#include "services/casework/lifecycle.h"
#include "services/casework/status.h"

namespace waymark::bbv {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;

constexpr char kNeedle[] = "route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD";

Story Needlestick(const std::string& more = "") {
  Story story("2026-03-02T10:00");
  story.At("2026-03-02T10:15");
  EXPECT_THAT(story.Log(absl::StrCat(kNeedle, " ", more)), IsOk());
  story.Role(options::v1::ROLE_UNSPECIFIED);  // the referral service
  return story;
}

std::string At(const char* local) {
  return absl::StrCat("{ seconds: ", absl::ToUnixSeconds(testing::Clock(local)), " }");
}

// An outcome of these results or treatments.
absl::Status Receive(const std::string& outcome, Story& story) {
  return story.Act(&ReceiveReferralOutcome, absl::StrCat("outcome { ", outcome, " }"));
}

std::string Treated(const std::string& kind, const char* given, const std::string& more = "") {
  return absl::StrCat("treatments { kind: TREATMENT_KIND_", kind, " given_time ", At(given), " ",
                      more, " }");
}

std::string Resulted(const std::string& id, const std::string& outcome, const char* sampled,
                     const std::string& more = "status: RESULT_STATUS_FINAL") {
  return absl::StrCat("results { result_id: '", id, "' test: 'HBSAG' outcome: RESULT_OUTCOME_",
                      outcome, " sampled_time ", At(sampled), " ", more, " }");
}

// What waits for a person, of the entry that came last.
std::vector<std::string> Left(const Story& story) {
  const auto& left = story.Case().header().unrecorded();
  if (left.empty()) return {};
  return {left.rbegin()->what().begin(), left.rbegin()->what().end()};
}

TEST(ReceiveReferralOutcome, WhatNoActTakesIsAStepForAPerson) {
  Story story = Needlestick();
  story.At("2026-03-06T12:00");
  ASSERT_THAT(
      Receive(
          absl::StrCat(
              Treated("HEPATITIS_B_IMMUNOGLOBULIN", "2026-03-02T16:00"),
              Treated("PEP_STARTED", "2026-03-06T11:00"), Treated("SURGERY", "2026-03-03T09:00"),
              "results { code { code: '9999' } outcome: RESULT_OUTCOME_NEGATIVE }",
              Resulted("L-1", "POSITIVE", "2026-03-05T09:00", "status: RESULT_STATUS_PRELIMINARY")),
          story),
      IsOk());
  // PEP after 96 hours needs an override, and nobody gives one for a clinic.
  EXPECT_THAT(Left(story),
              ElementsAre("HEPATITIS_B_IMMUNOGLOBULIN DOSE_UNKNOWN", "PEP_STARTED WINDOW_CLOSED",
                          "SURGERY NO_ACT", "RESULT TEST_UNKNOWN", "HBSAG PRELIMINARY"));
  EXPECT_EQ(story.Due("look_at_outcome#1"), "2026-03-06 16:00 GMT");
  EXPECT_THAT(story.Case().results(), IsEmpty());
}

TEST(ReceiveReferralOutcome, WhatIsRecordedLeavesNoStep) {
  Story story = Needlestick();
  story.At("2026-03-03T12:00");
  ASSERT_THAT(Receive(Treated("PEP_STARTED", "2026-03-02T20:00"), story), IsOk());
  EXPECT_EQ(story.Status("pep_start"), "DONE");
  EXPECT_FALSE(story.Plans("look_at_outcome#1"));
}

TEST(ReceiveReferralOutcome, ADoseIsOfTheScheduleThatIsSaidOrPlannedAndOfNoneAssumed) {
  Story said = Needlestick();
  said.At("2026-03-03T12:00");
  ASSERT_THAT(
      Receive(Treated("HEPATITIS_B_VACCINE", "2026-03-02T20:00", "course: 'VERY_RAPID'"), said),
      IsOk());
  ASSERT_THAT(said.Case().vaccine_doses(), SizeIs(1));
  EXPECT_EQ(said.Case().vaccine_doses(0).course(), v1::VACCINE_COURSE_VERY_RAPID);

  // Nobody knows of a vaccination: the table asks for the accelerated course.
  Story planned = Needlestick();
  planned.At("2026-03-03T12:00");
  ASSERT_THAT(Receive(Treated("HEPATITIS_B_VACCINE", "2026-03-02T20:00"), planned), IsOk());
  EXPECT_EQ(planned.Case().vaccine_doses(0).course(), v1::VACCINE_COURSE_ACCELERATED);

  Story partly = Needlestick("hepatitis_b_status { vaccination: HEP_B_VACCINATION_PARTIAL }");
  partly.At("2026-03-03T12:00");
  ASSERT_THAT(Receive(Treated("HEPATITIS_B_VACCINE", "2026-03-02T20:00"), partly), IsOk());
  EXPECT_EQ(partly.Case().vaccine_doses(0).course(), v1::VACCINE_COURSE_COMPLETION);

  for (const char* more : {"course: 'WHATEVER'"}) {
    Story unknown = Needlestick();
    unknown.At("2026-03-03T12:00");
    ASSERT_THAT(Receive(Treated("HEPATITIS_B_VACCINE", "2026-03-02T20:00", more), unknown), IsOk());
    EXPECT_THAT(unknown.Case().vaccine_doses(), IsEmpty());
    EXPECT_THAT(Left(unknown), ElementsAre("HEPATITIS_B_VACCINE COURSE_UNKNOWN"));
  }
  // Vaccinated in full last month: the table asks for nothing.
  Story full = Needlestick(
      "hepatitis_b_status { vaccination: HEP_B_VACCINATION_FULL last_dose_date { year: 2026 month: "
      "2 day: 2 } }");
  full.At("2026-03-03T12:00");
  ASSERT_THAT(Receive(Treated("HEPATITIS_B_VACCINE", "2026-03-02T20:00"), full), IsOk());
  EXPECT_THAT(Left(full), ElementsAre("HEPATITIS_B_VACCINE COURSE_UNKNOWN"));
}

TEST(ReceiveReferralOutcome, ACorrectedResultTakesTheOldOnesPlaceAndThePatientIsToldAgain) {
  Story story = Needlestick();
  story.At("2026-04-14T12:00");
  const std::string first = Resulted("L-1", "NEGATIVE", "2026-04-13T09:00");
  ASSERT_THAT(Receive(first, story), IsOk());
  ASSERT_TRUE(story.Plans("tell_6_weeks"));
  story.At("2026-04-15T10:00").Role(options::v1::ROLE_OH_NURSE);
  ASSERT_THAT(story.Act(&RecordResultTold,
                        absl::StrCat("result_ids: '", story.Case().results(0).result_id(),
                                     "' told_time { civil: '2026-04-15T09:30' }")),
              IsOk());
  ASSERT_EQ(story.Status("tell_6_weeks"), "DONE");
  story.Role(options::v1::ROLE_UNSPECIFIED);

  // The same once more says nothing new.
  story.At("2026-04-16T09:00");
  ASSERT_THAT(Receive(first, story), IsOk());
  EXPECT_THAT(story.Case().results(), SizeIs(1));
  EXPECT_EQ(story.Status("tell_6_weeks"), "DONE");

  const std::string corrected = Resulted("L-2", "POSITIVE", "2026-04-13T09:00",
                                         "status: RESULT_STATUS_CORRECTED replaces: 'L-1'");
  story.At("2026-04-17T09:00");
  ASSERT_THAT(Receive(corrected, story), IsOk());
  ASSERT_THAT(story.Case().results(), SizeIs(2));
  EXPECT_EQ(story.Case().results(0).superseded_by(), story.Case().results(1).result_id());
  EXPECT_EQ(story.Case().results(1).outcome(), v1::TEST_OUTCOME_POSITIVE);
  EXPECT_EQ(story.Status("tell_6_weeks"), "OPEN");
  EXPECT_THAT(Left(story), IsEmpty());

  // Told twice by the laboratory, it is one correction.
  ASSERT_THAT(Receive(corrected, story), IsOk());
  EXPECT_THAT(story.Case().results(), SizeIs(2));
  // What is withdrawn and was never here is for a person.
  ASSERT_THAT(Receive(Resulted("L-9", "NEGATIVE", "2026-04-13T09:00",
                               "status: RESULT_STATUS_ENTERED_IN_ERROR replaces: 'L-8'"),
                      story),
              IsOk());
  EXPECT_THAT(Left(story), ElementsAre("HBSAG RESULT_NOT_FOUND"));
}

TEST(ReceiveReferralOutcome, OpensAClosedCaseAgain) {
  Story story = Needlestick();
  v1::BbvCase closed = story.Case();
  closed.mutable_header()->set_state(casework::v1::CASE_STATE_CLOSED);
  v1::ReceiveReferralOutcomeRequest request;
  request.mutable_outcome()->set_summary("Seen.");
  story.At("2026-03-04T12:00");
  const BbvChange change =
      ReceiveReferralOutcome(closed, request, story.NextCall("ReceiveReferralOutcome"));
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->cases.front().header().state(), casework::v1::CASE_STATE_OPEN);
}

}  // namespace
}  // namespace waymark::bbv
