// The instruments, each against its published rule, and the rules that read them. The vectors of
// the clinical reference (2.9) that are a function of answers alone stand here by their names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/mental_health/gad7.h"
#include "services/mental_health/ies_r.h"
#include "services/mental_health/itq.h"
#include "services/mental_health/pcl5.h"
#include "services/mental_health/phq9.h"
#include "services/mental_health/progress.h"
#include "services/mental_health/stepped_care.h"
#include "services/mental_health/testing/story.h"
#include "services/mental_health/trauma_treatment.h"
#include "services/mental_health/trim_score.h"
#include "services/mental_health/tsq.h"

namespace waymark::mental_health {
namespace {

using testing::AnswersOf;

struct TotalBand {
  int total;
  v1::Severity severity;
};

class Phq9Bands : public ::testing::TestWithParam<TotalBand> {};
TEST_P(Phq9Bands, M11) {
  const std::vector<int> answers = AnswersOf(kPhq9Items, kPhq9Largest, GetParam().total);
  const Phq9 score = ScorePhq9(std::vector<int32_t>(answers.begin(), answers.end()), 1, 1);
  EXPECT_EQ(score.total, GetParam().total);
  EXPECT_EQ(score.severity, GetParam().severity);
}
INSTANTIATE_TEST_SUITE_P(
    Clinical, Phq9Bands,
    ::testing::Values(TotalBand{0, v1::SEVERITY_MINIMAL}, TotalBand{4, v1::SEVERITY_MINIMAL},
                      TotalBand{5, v1::SEVERITY_MILD}, TotalBand{9, v1::SEVERITY_MILD},
                      TotalBand{10, v1::SEVERITY_MODERATE}, TotalBand{14, v1::SEVERITY_MODERATE},
                      TotalBand{15, v1::SEVERITY_MODERATELY_SEVERE},
                      TotalBand{19, v1::SEVERITY_MODERATELY_SEVERE},
                      TotalBand{20, v1::SEVERITY_SEVERE}, TotalBand{27, v1::SEVERITY_SEVERE}));

TEST(Phq9, M12_Item9AsksWhateverTheTotal) {
  const Phq9 score = ScorePhq9({1, 1, 0, 0, 0, 0, 0, 0, 1}, 1, 1);
  EXPECT_EQ(score.total, 3);
  EXPECT_EQ(score.severity, v1::SEVERITY_MINIMAL);
  EXPECT_TRUE(score.item_9_asks);
  EXPECT_FALSE(ScorePhq9({3, 3, 3, 3, 3, 3, 3, 3, 0}, 1, 1).item_9_asks);
}

TEST(Phq9, IsProRatedWithOneBlankAndNotScoredWithTwo) {
  // 12 over eight items: 13.5 over nine, rounded up.
  EXPECT_EQ(ScorePhq9({3, 3, 3, 3, 0, 0, 0, -1, 0}, 1, 1).total, 14);
  const Phq9 two = ScorePhq9({3, 3, 3, 3, 0, 0, -1, -1, 0}, 1, 1);
  EXPECT_EQ(two.total, std::nullopt);
  EXPECT_EQ(two.severity, v1::SEVERITY_UNSPECIFIED);
  EXPECT_EQ(two.blank, 2);
}

TEST(Phq9, Item9LeftBlankIsNotANo) {
  const Phq9 score = ScorePhq9({0, 0, 0, 0, 0, 0, 0, 0, -1}, 1, 1);
  EXPECT_EQ(score.total, 0);
  EXPECT_FALSE(score.item_9_asks);
  EXPECT_TRUE(score.item_9_blank);
}

TEST(Gad7, M13) {
  const auto severity = [](int total) {
    const std::vector<int> answers = AnswersOf(kGad7Items, kGad7Largest, total);
    return ScoreGad7(std::vector<int32_t>(answers.begin(), answers.end()), 1).severity;
  };
  EXPECT_EQ(severity(4), v1::SEVERITY_MINIMAL);
  EXPECT_EQ(severity(7), v1::SEVERITY_MILD);
  EXPECT_EQ(severity(8), v1::SEVERITY_MILD);
  EXPECT_EQ(severity(10), v1::SEVERITY_MODERATE);
  EXPECT_EQ(severity(15), v1::SEVERITY_SEVERE);
  EXPECT_EQ(ScoreGad7({3, 3, -1, -1, 3, 3, 3}, 1).total, std::nullopt);
}

std::vector<int32_t> Pcl(int total) {
  const std::vector<int> answers = AnswersOf(kPcl5Items, kPcl5Largest, total);
  return {answers.begin(), answers.end()};
}

TEST(Pcl5, M9) {
  EXPECT_EQ(ScorePcl5(Pcl(30), 31, 33).screen, v1::SCREEN_NEGATIVE);
  EXPECT_EQ(ScorePcl5(Pcl(31), 31, 33).screen, v1::SCREEN_BORDERLINE);
  EXPECT_EQ(ScorePcl5(Pcl(32), 31, 33).screen, v1::SCREEN_BORDERLINE);
  EXPECT_EQ(ScorePcl5(Pcl(33), 31, 33).screen, v1::SCREEN_POSITIVE);
}

TEST(Pcl5, AsksForOneOfBAndCAndTwoOfDAndE) {
  std::vector<int32_t> answers(kPcl5Items, 0);
  for (const int item : {1, 6, 8, 9, 15, 16}) answers[item - 1] = 2;
  EXPECT_EQ(ScorePcl5(answers, 31, 33).clusters, Finding::kYes);
  for (const int item : {1, 6, 8, 9, 15, 16}) {
    std::vector<int32_t> less = answers;
    less[item - 1] = 1;
    EXPECT_EQ(ScorePcl5(less, 31, 33).clusters, Finding::kNo) << item;
    less[item - 1] = kBlank;
    EXPECT_EQ(ScorePcl5(less, 31, 33).clusters, Finding::kUnknown) << item;
  }
  // A blank that changes nothing leaves the pattern told, and the total not.
  answers[1] = kBlank;
  EXPECT_EQ(ScorePcl5(answers, 31, 33).clusters, Finding::kYes);
  EXPECT_EQ(ScorePcl5(answers, 31, 33).total, std::nullopt);
}

// P1 to P9, then C1 to C9.
struct ItqRow {
  const char* vector;
  std::vector<int32_t> answers;
  v1::TraumaPattern pattern;
};

class ItqRows : public ::testing::TestWithParam<ItqRow> {};
TEST_P(ItqRows, FollowTheAlgorithm) {
  EXPECT_EQ(ScoreItq(GetParam().answers).pattern, GetParam().pattern) << GetParam().vector;
}
INSTANTIATE_TEST_SUITE_P(
    Clinical, ItqRows,
    ::testing::Values(
        ItqRow{
            "M4", {2, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, v1::TRAUMA_PATTERN_PTSD},
        ItqRow{"M5: no impairment",
               {2, 0, 2, 0, 2, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               v1::TRAUMA_PATTERN_NEITHER},
        ItqRow{"M6: complex PTSD excludes PTSD",
               {2, 0, 2, 0, 2, 0, 2, 0, 0, 2, 0, 2, 0, 2, 0, 2, 0, 0},
               v1::TRAUMA_PATTERN_COMPLEX_PTSD},
        ItqRow{"M8: disturbances without a sense of threat",
               {2, 0, 2, 0, 1, 1, 2, 0, 0, 2, 0, 2, 0, 2, 0, 2, 0, 0},
               v1::TRAUMA_PATTERN_NEITHER},
        ItqRow{"the second item of each pair",
               {0, 2, 0, 2, 0, 2, 0, 0, 2, 0, 4, 0, 3, 0, 2, 0, 0, 2},
               v1::TRAUMA_PATTERN_COMPLEX_PTSD},
        ItqRow{"disturbances without impairment",
               {2, 0, 2, 0, 2, 0, 2, 0, 0, 2, 0, 2, 0, 2, 0, 1, 1, 1},
               v1::TRAUMA_PATTERN_PTSD},
        ItqRow{"a blank that decides",
               {2, 0, 2, 0, -1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               v1::TRAUMA_PATTERN_UNSPECIFIED},
        ItqRow{"a blank that decides between the two",
               {2, 0, 2, 0, 2, 0, 2, 0, 0, 2, 0, 2, 0, -1, 0, 2, 0, 0},
               v1::TRAUMA_PATTERN_UNSPECIFIED},
        ItqRow{"a blank beside an endorsed item",
               {2, -1, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               v1::TRAUMA_PATTERN_PTSD},
        ItqRow{"all blank", std::vector<int32_t>(18, -1), v1::TRAUMA_PATTERN_UNSPECIFIED}));

TEST(Itq, SumsSymptomsAndNotImpairment) {
  const Itq score = ScoreItq({1, 2, 3, 4, 0, 1, 4, 4, 4, 1, 1, 1, 1, 1, 1, 4, 4, 4});
  EXPECT_EQ(score.ptsd_sum, 11);
  EXPECT_EQ(score.self_organisation_sum, 6);
}

TEST(Tsq, M2) {
  EXPECT_EQ(ScoreTsq({1, 1, 1, 1, 1, 0, 0, 0, 0, 0}).screen, v1::SCREEN_NEGATIVE);
  EXPECT_EQ(ScoreTsq({1, 1, 1, 1, 1, 1, 0, 0, 0, 0}).screen, v1::SCREEN_POSITIVE);
  // A blank matters only where it could change the answer.
  EXPECT_EQ(ScoreTsq({1, 1, 1, 1, 1, -1, 0, 0, 0, 0}).screen, v1::SCREEN_UNSPECIFIED);
  EXPECT_EQ(ScoreTsq({1, 1, 1, 1, -1, 0, 0, 0, 0, 0}).screen, v1::SCREEN_NEGATIVE);
  EXPECT_EQ(ScoreTsq({1, 1, 1, 1, 1, 1, -1, 0, 0, 0}).screen, v1::SCREEN_POSITIVE);
}

TEST(IesR, M14) {
  const auto screen = [](int total) {
    const std::vector<int> answers = AnswersOf(kIesRItems, kIesRLargest, total);
    return ScoreIesR(std::vector<int32_t>(answers.begin(), answers.end())).screen;
  };
  EXPECT_EQ(screen(23), v1::SCREEN_NEGATIVE);
  EXPECT_EQ(screen(24), v1::SCREEN_BORDERLINE);
  EXPECT_EQ(screen(32), v1::SCREEN_BORDERLINE);
  EXPECT_EQ(screen(33), v1::SCREEN_POSITIVE);
  EXPECT_EQ(screen(88), v1::SCREEN_POSITIVE);
}

constexpr ProgressLimits kLimits{.phq9_caseness_from = 10,
                                 .gad7_caseness_from = 8,
                                 .phq9_reliable_change = 6,
                                 .gad7_reliable_change = 4,
                                 .pcl5_reliable_change = 5};

TEST(Progress, M20) {
  const v1::Progress progress = ProgressOf({15, 12, 8, 6}, kLimits);
  EXPECT_EQ(progress.caseness_at_start(), v1::ANSWER_YES);
  EXPECT_EQ(progress.recovered(), v1::ANSWER_YES);
  EXPECT_EQ(progress.reliably_improved(), v1::ANSWER_YES);
  EXPECT_EQ(progress.reliably_recovered(), v1::ANSWER_YES);
}

TEST(Progress, OneThatRisesTakesTheImprovementAway) {
  const v1::Progress progress = ProgressOf({15, 6, 8, 10}, kLimits);
  EXPECT_EQ(progress.reliably_improved(), v1::ANSWER_NO);
  EXPECT_EQ(progress.reliably_deteriorated(), v1::ANSWER_NO);
  EXPECT_EQ(progress.recovered(), v1::ANSWER_NO);
}

TEST(Progress, WhoWasNoCaseCannotRecover) {
  const v1::Progress progress = ProgressOf({9, 7, 2, 2}, kLimits);
  EXPECT_EQ(progress.caseness_at_start(), v1::ANSWER_NO);
  EXPECT_EQ(progress.recovered(), v1::ANSWER_NO);
  EXPECT_EQ(progress.reliably_improved(), v1::ANSWER_YES);
  EXPECT_EQ(progress.reliably_recovered(), v1::ANSWER_NO);
}

TEST(Progress, AChangeIsReliableFromItsLimitOn) {
  EXPECT_EQ(ChangeOfTotals(15, 10, 6), v1::CHANGE_NONE_RELIABLE);
  EXPECT_EQ(ChangeOfTotals(15, 9, 6), v1::CHANGE_RELIABLE_IMPROVEMENT);
  EXPECT_EQ(ChangeOfTotals(9, 15, 6), v1::CHANGE_RELIABLE_DETERIORATION);
}

constexpr TraumaLimits kTrauma{
    .emdr_consider_from_months = 1, .emdr_offer_from_months = 3, .computerised_from_months = 3};

v1::Recommendation Emdr(absl::CivilDay asked) {
  return Recommend({.kind = v1::TREATMENT_KIND_EMDR,
                    .event = absl::CivilDay(2026, 6, 10),
                    .asked = asked,
                    .symptoms = v1::SYMPTOMS_CLINICALLY_IMPORTANT},
                   kTrauma);
}

TEST(TraumaTreatment, M19_EmdrByTheTimeSinceTheEvent) {
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 6, 24)), v1::RECOMMENDATION_NOT_YET);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 7, 9)), v1::RECOMMENDATION_NOT_YET);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 7, 10)), v1::RECOMMENDATION_CONSIDER);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 7, 22)), v1::RECOMMENDATION_CONSIDER);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 9, 10)), v1::RECOMMENDATION_CONSIDER);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 9, 11)), v1::RECOMMENDATION_OFFER);
  EXPECT_EQ(Emdr(absl::CivilDay(2026, 10, 10)), v1::RECOMMENDATION_OFFER);
}

TEST(TraumaTreatment, M18_M23_TreatsImportantSymptomsAndNeverDebriefs) {
  TraumaQuestion question{.kind = v1::TREATMENT_KIND_TRAUMA_FOCUSED_CBT,
                          .event = absl::CivilDay(2026, 6, 10),
                          .asked = absl::CivilDay(2026, 7, 1),
                          .symptoms = v1::SYMPTOMS_CLINICALLY_IMPORTANT};
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_OFFER);
  question.kind = v1::TREATMENT_KIND_ACTIVE_MONITORING;
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_DO_NOT_OFFER);
  question.symptoms = v1::SYMPTOMS_SUBTHRESHOLD;
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_CONSIDER);
  question.kind = v1::TREATMENT_KIND_DEBRIEFING;
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_DO_NOT_OFFER);
  question.kind = v1::TREATMENT_KIND_PREVENTIVE_DRUG;
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_DO_NOT_OFFER);
}

TEST(TraumaTreatment, ComputerisedTherapyIsForWhoPrefersItAfterThreeMonths) {
  TraumaQuestion question{.kind = v1::TREATMENT_KIND_COMPUTERISED_CBT,
                          .event = absl::CivilDay(2026, 6, 10),
                          .asked = absl::CivilDay(2026, 9, 10),
                          .preferred = true};
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_NOT_YET);
  question.asked = absl::CivilDay(2026, 9, 11);
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_CONSIDER);
  question.severe_or_dissociative = true;
  EXPECT_EQ(Recommend(question, kTrauma), v1::RECOMMENDATION_DO_NOT_OFFER);
}

TEST(SteppedCare, SuggestsTheLeastIntensiveThatMayBeEnough) {
  EXPECT_EQ(SuggestStep({}), v1::CARE_STEP_1);
  EXPECT_EQ(SuggestStep({.depression = v1::SEVERITY_MODERATE}), v1::CARE_STEP_2);
  EXPECT_EQ(SuggestStep({.depression = v1::SEVERITY_MODERATELY_SEVERE}), v1::CARE_STEP_3);
  EXPECT_EQ(SuggestStep({.anxiety = v1::SEVERITY_SEVERE}), v1::CARE_STEP_3);
  EXPECT_EQ(SuggestStep({.pattern = v1::TRAUMA_PATTERN_PTSD}), v1::CARE_STEP_3);
  EXPECT_EQ(SuggestStep({.pattern = v1::TRAUMA_PATTERN_COMPLEX_PTSD}), v1::CARE_STEP_4);
}

TEST(TrimScore, PersistsWhenItHasNotFallen) {
  v1::TrimPath path;
  const auto add = [&path](v1::TrimPoint point, int total) {
    v1::TrimAssessment& assessment = *path.add_assessments();
    assessment.set_point(point);
    for (const int answer : AnswersOf(kTrimItems, kTrimLargest, total)) {
      assessment.add_answers(answer);
    }
    ScoreTrim(path);
    return assessment.persistent();
  };
  EXPECT_EQ(add(v1::TRIM_POINT_INDIVIDUAL, 8), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(path.assessments(0).total(), 8);
  EXPECT_EQ(add(v1::TRIM_POINT_ONE_MONTH, 7), v1::ANSWER_NO);
  EXPECT_EQ(add(v1::TRIM_POINT_ONE_MONTH, 8), v1::ANSWER_YES);
  EXPECT_EQ(add(v1::TRIM_POINT_THREE_MONTHS, 0), v1::ANSWER_NO);
}

}  // namespace
}  // namespace waymark::mental_health
