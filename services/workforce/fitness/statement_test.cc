#include "services/workforce/fitness/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::ParseProto;
using testing::StatusIs;

constexpr char kStatement[] = "01900000-0000-7000-8000-000000000001";
constexpr char kSubject[] = "01900000-0000-7000-8000-000000000002";
constexpr char kCase[] = "01900000-0000-7000-8000-000000000003";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;

absl::Time At(absl::CivilSecond local) { return absl::FromCivil(local, civil::London()); }
const absl::Time kNow = At(absl::CivilSecond(2026, 2, 28, 10));

v1::IssueFitnessRequest Request(const std::string& fitness) {
  v1::IssueFitnessRequest request;
  *request.mutable_fitness() = ParseProto<v1::Fitness>(fitness);
  request.mutable_fitness()->set_subject_id(kSubject);
  return request;
}

absl::StatusOr<v1::FitnessStatement> IssueIt(const v1::IssueFitnessRequest& request,
                                             bool physician = false,
                                             std::optional<absl::CivilDay> since = std::nullopt,
                                             absl::Time now = kNow) {
  return Issue(Rules(), request,
               {.statement_id = kStatement,
                .issued_by = "nia",
                .by_physician = physician,
                .recuperative_since = since,
                .now = now});
}

std::vector<std::string> Reasons(const absl::Status& status) {
  std::vector<std::string> reasons;
  for (const auto& one : status::Violations(status)) reasons.push_back(one.reason);
  return reasons;
}

constexpr char kFit[] = "code: FITNESS_CODE_FIT from_date { year: 2026 month: 3 day: 2 }";
constexpr char kRestricted[] = R"pb(
  code: FITNESS_CODE_FIT_WITH_ADJUSTMENTS
  from_date { year: 2026 month: 3 day: 2 }
  review_date { year: 2026 month: 4 day: 1 }
  restrictions { code: RESTRICTION_CODE_NO_NIGHT_WORK }
  adjustments { code: ADJUSTMENT_CODE_PHASED_RETURN hours_percent: 50 }
)pb";

v1::FitnessStatement Fresh(const char* fitness = kRestricted, bool treating = false) {
  v1::IssueFitnessRequest request = Request(fitness);
  request.set_treating_clinician(treating);
  request.set_case_id(kCase);
  absl::StatusOr<v1::FitnessStatement> statement = IssueIt(request);
  EXPECT_THAT(statement, IsOk());
  return *std::move(statement);
}

v1::AnswerFitnessRequest Saying(v1::OfficerAnswer answer) {
  v1::AnswerFitnessRequest request;
  request.set_answer(answer);
  if (answer == v1::OFFICER_ANSWER_DISPUTE_FACTS) {
    request.add_disputed_facts(v1::FACT_CODE_HOURS);
    request.add_disputed_facts(v1::FACT_CODE_HOURS);
  }
  return request;
}

TEST(Rules, NameASourceForEveryCodeAndTime) {
  for (int code = 1; code < v1::FitnessCode_ARRAYSIZE; ++code) {
    const v1::FitnessCodeRule& rule = RuleOf(Rules(), static_cast<v1::FitnessCode>(code));
    EXPECT_EQ(rule.code(), code);
    EXPECT_NE(rule.source(), "") << code;
    EXPECT_NE(rule.measures(), v1::FitnessCodeRule::MEASURES_UNSPECIFIED) << code;
    EXPECT_NE(rule.has_review_within(), rule.review_within().source().empty()) << code;
    EXPECT_NE(rule.has_longest(), rule.longest().source().empty()) << code;
  }
  for (const v1::FitnessPeriod& period :
       {Rules().reading(), Rules().medical_report_access(), Rules().review_reminder(),
        Rules().proposal(), Rules().escalation()}) {
    EXPECT_NE(period.source(), "");
    EXPECT_GT(period.days() + period.months(), 0);
  }
  EXPECT_EQ(Rules().medical_report_access().days(), 21);
}

// Clinical reference, vector X19: restricted duty for reasons other than health is not for us.
TEST(Rules, KnowNoCodeThatManagementSets) {
  const auto* codes = v1::FitnessCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    EXPECT_THAT(codes->value(i)->name(), Not(HasSubstr("MGMT")));
    EXPECT_THAT(codes->value(i)->name(), Not(HasSubstr("MANAGEMENT")));
  }
}

TEST(Issue, GoesToTheOfficerFirst) {
  const v1::FitnessStatement statement = Fresh();
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_WITH_OFFICER);
  EXPECT_EQ(statement.version(), 1);
  EXPECT_EQ(statement.fitness().statement_id(), kStatement);
  EXPECT_FALSE(statement.fitness().has_released_time());
  EXPECT_EQ(statement.case_id(), kCase);
  // Measures begin with the statement unless they say otherwise.
  EXPECT_THAT(statement.fitness().restrictions(0).from_date(),
              EqualsProto("year: 2026 month: 3 day: 2"));
}

TEST(Issue, NamesEverythingThatIsWrongAtOnce) {
  v1::IssueFitnessRequest request = Request(R"pb(
    code: FITNESS_CODE_FIT_WITH_ADJUSTMENTS
    from_date { year: 2026 month: 3 day: 2 }
    until_date { year: 2026 month: 3 day: 1 }
    review_date { year: 2026 month: 2 day: 30 }
    restrictions {}
    restrictions {
      code: RESTRICTION_CODE_NO_FIREARMS
      until_date { year: 2026 month: 3 day: 1 }
    }
    restrictions { code: RESTRICTION_CODE_NO_FIREARMS }
    adjustments { code: ADJUSTMENT_CODE_REDUCED_HOURS }
    adjustments { code: ADJUSTMENT_CODE_EQUIPMENT hours_percent: 50 }
    replaces_statement_id: "that one"
  )pb");
  const auto status = IssueIt(request).status();
  EXPECT_THAT(status, StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(Reasons(status),
              ElementsAre("BEFORE_START", "MISSING", "BEFORE_START", "TWICE", "OUT_OF_RANGE",
                          "OUT_OF_RANGE", "DATE_INVALID", "NOT_A_UUID"));
}

TEST(Issue, KeepsMeasuresToTheCodesThatTakeThem) {
  EXPECT_THAT(IssueIt(Request(kFit)), IsOk());
  v1::IssueFitnessRequest request = Request(kFit);
  request.mutable_fitness()->add_restrictions()->set_code(v1::RESTRICTION_CODE_NO_FIREARMS);
  EXPECT_THAT(Reasons(IssueIt(request).status()), ElementsAre("NOT_WITH_THIS_CODE"));
  request = Request(kRestricted);
  request.mutable_fitness()->clear_restrictions();
  request.mutable_fitness()->clear_adjustments();
  EXPECT_THAT(Reasons(IssueIt(request).status()), ElementsAre("NOT_WITH_THIS_CODE"));
}

TEST(Issue, AsksForAReviewOfWhoIsTemporarilyUnfit) {
  v1::IssueFitnessRequest request =
      Request("code: FITNESS_CODE_TEMPORARILY_UNFIT from_date { year: 2026 month: 3 day: 2 }");
  EXPECT_THAT(Reasons(IssueIt(request).status()), ElementsAre("REVIEW_DATE_REQUIRED"));
  *request.mutable_fitness()->mutable_review_date() =
      ParseProto<casework::v1::CivilDate>("year: 2026 month: 2 day: 27");
  EXPECT_THAT(Reasons(IssueIt(request).status()), ElementsAre("BEFORE_START"));
}

// Clinical reference, vector X20.
TEST(Issue, ReviewsRecuperativeDutiesWithin28DaysAndEndsThemAfter12Months) {
  v1::IssueFitnessRequest request = Request(R"pb(
    code: FITNESS_CODE_RECUPERATIVE
    from_date { year: 2026 month: 2 day: 28 }
    review_date { year: 2026 month: 3 day: 28 }
  )pb");
  const auto first = IssueIt(request);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->recuperative_since_date(), EqualsProto("year: 2026 month: 2 day: 28"));
  request.mutable_fitness()->mutable_review_date()->set_day(29);
  EXPECT_THAT(Reasons(IssueIt(request).status()), ElementsAre("REVIEW_TOO_LATE"));

  // Eleven and a half months later: the review may not pass 28 February 2027.
  const absl::CivilDay since(2026, 2, 28);
  request = Request(R"pb(
    code: FITNESS_CODE_RECUPERATIVE
    from_date { year: 2027 month: 2 day: 10 }
    review_date { year: 2027 month: 2 day: 28 }
  )pb");
  const absl::Time later = At(absl::CivilSecond(2027, 2, 10, 9));
  const auto last = IssueIt(request, false, since, later);
  ASSERT_THAT(last, IsOk());
  EXPECT_THAT(last->recuperative_since_date(), EqualsProto("year: 2026 month: 2 day: 28"));
  request.mutable_fitness()->mutable_review_date()->set_month(3);
  request.mutable_fitness()->mutable_review_date()->set_day(1);
  EXPECT_THAT(Reasons(IssueIt(request, false, since, later).status()),
              ElementsAre("REVIEW_TOO_LATE"));
}

TEST(Issue, CountsRecuperativeDutiesOnFromTheStatementThatStands) {
  v1::FitnessStatement standing = Fresh(R"pb(
    code: FITNESS_CODE_RECUPERATIVE
    from_date { year: 2026 month: 2 day: 28 }
    until_date { year: 2026 month: 3 day: 20 }
    review_date { year: 2026 month: 3 day: 20 }
  )pb");
  EXPECT_EQ(RecuperativeSince(standing, absl::CivilDay(2026, 3, 20)), std::nullopt)
      << "not released";
  standing.set_state(v1::STATEMENT_STATE_RELEASED);
  EXPECT_EQ(RecuperativeSince(standing, absl::CivilDay(2026, 3, 21)), absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(RecuperativeSince(standing, absl::CivilDay(2026, 3, 22)), std::nullopt) << "a break";
  standing.mutable_fitness()->set_code(v1::FITNESS_CODE_FIT);
  EXPECT_EQ(RecuperativeSince(standing, absl::CivilDay(2026, 3, 1)), std::nullopt);
}

TEST(Issue, LeavesPermanentUnfitnessToAPhysician) {
  const v1::IssueFitnessRequest request =
      Request("code: FITNESS_CODE_PERMANENTLY_UNFIT from_date { year: 2026 month: 3 day: 2 }");
  EXPECT_THAT(IssueIt(request),
              StatusIs(absl::StatusCode::kPermissionDenied, "PHYSICIAN_REQUIRED"));
  EXPECT_THAT(IssueIt(request, /*physician=*/true), IsOk());
}

// Access to Medical Reports Act 1988 s 4: 21 days, the day itself not counted, to the end of the
// last; 29 March is the day on which the clocks go forward.
TEST(AnswerDue, Gives21DaysUnderTheActAndAWeekOtherwise) {
  EXPECT_EQ(AnswerDue(Rules(), true, At(absl::CivilSecond(2026, 3, 20, 16))),
            At(absl::CivilSecond(2026, 4, 10, 23, 59, 59)));
  EXPECT_EQ(AnswerDue(Rules(), false, At(absl::CivilSecond(2026, 3, 24, 0, 30))),
            At(absl::CivilSecond(2026, 3, 31, 23, 59, 59)));
}

TEST(Answer, AcceptingReleasesTheStatement) {
  v1::FitnessStatement statement = Fresh();
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement),
              IsOkAndHolds(v1::RELEASE_KIND_STATEMENT));
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_RELEASED);
  EXPECT_EQ(statement.version(), 2);
  EXPECT_EQ(casework::FromTimestamp(statement.fitness().released_time()), kNow);
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement),
              StatusIs(kFailed, "STATEMENT_STATE"));
}

// Clinical reference, vector X16.
TEST(Answer, WithholdingTellsTheEmployerOnlyThatThereIsNoReport) {
  v1::FitnessStatement statement = Fresh();
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_WITHHOLD), kNow, statement),
              IsOkAndHolds(v1::RELEASE_KIND_NO_REPORT));
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_WITHHELD);
  v1::FitnessRelease release = ReleaseOf(v1::RELEASE_KIND_NO_REPORT, statement, kNow);
  EXPECT_FALSE(release.has_fitness());
  EXPECT_EQ(release.statement_id(), "") << "which statement it was is not the employer's business";
  EXPECT_EQ(release.subject_id(), kSubject);
  EXPECT_THAT(ReleaseUnanswered(Consent::kGiven, kNow + absl::Hours(24 * 90), statement),
              StatusIs(kFailed, "CONSENT_WITHDRAWN"));
  // They may think better of it.
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement),
              IsOkAndHolds(v1::RELEASE_KIND_STATEMENT));
  EXPECT_FALSE(statement.has_ended_time());
}

TEST(Answer, WithholdingAfterwardsTakesBackWhatWasReleased) {
  v1::FitnessStatement statement = Fresh();
  ASSERT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_WITHHOLD), kNow, statement),
              IsOkAndHolds(v1::RELEASE_KIND_WITHDRAWN));
  const v1::FitnessRelease release = ReleaseOf(v1::RELEASE_KIND_WITHDRAWN, statement, kNow);
  EXPECT_EQ(release.statement_id(), kStatement);
  EXPECT_FALSE(release.has_fitness());
}

TEST(Answer, NamesTheFactsThatAreWrong) {
  v1::FitnessStatement statement = Fresh();
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_DISPUTE_FACTS), kNow, statement),
              IsOkAndHolds(v1::RELEASE_KIND_UNSPECIFIED));
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_FACT_DISPUTED);
  EXPECT_THAT(statement.disputed_facts(), ElementsAre(v1::FACT_CODE_HOURS));
  EXPECT_THAT(ReleaseUnanswered(Consent::kGiven, kNow + absl::Hours(24 * 90), statement),
              StatusIs(kFailed, "STATEMENT_STATE"));
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  EXPECT_TRUE(statement.disputed_facts().empty());

  statement = Fresh();
  v1::AnswerFitnessRequest request = Saying(v1::OFFICER_ANSWER_DISPUTE_FACTS);
  request.clear_disputed_facts();
  EXPECT_THAT(Answer(request, kNow, statement), StatusIs(kInvalid, "INVALID_FIELDS"));
  request = Saying(v1::OFFICER_ANSWER_ACCEPT);
  request.add_disputed_facts(v1::FACT_CODE_HOURS);
  EXPECT_THAT(Answer(request, kNow, statement), StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_UNSPECIFIED), kNow, statement),
              StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_EQ(statement.version(), 1);
}

// Clinical reference, vector X14.
TEST(ReleaseUnanswered, NeedsTheTimeToReadAndAConsentWhereTheClinicianDoesNotTreat) {
  const v1::FitnessStatement fresh = Fresh();
  const absl::Time due = casework::FromTimestamp(fresh.answer_due_time());
  v1::FitnessStatement statement = fresh;
  EXPECT_THAT(ReleaseUnanswered(Consent::kGiven, due, statement),
              StatusIs(kFailed, "ANSWER_AWAITED"));
  const absl::Time after = due + absl::Seconds(1);
  EXPECT_THAT(ReleaseUnanswered(Consent::kNone, after, statement),
              StatusIs(kFailed, "CONSENT_MISSING"));
  EXPECT_THAT(ReleaseUnanswered(Consent::kWithdrawn, after, statement),
              StatusIs(kFailed, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(statement, EqualsProto(fresh));
  EXPECT_THAT(ReleaseUnanswered(Consent::kGiven, after, statement),
              IsOkAndHolds(v1::RELEASE_KIND_STATEMENT));
}

// Access to Medical Reports Act 1988 s 5: having seen it, the officer must consent.
TEST(ReleaseUnanswered, NeverHappensUnderTheAct) {
  v1::FitnessStatement statement = Fresh(kRestricted, /*treating=*/true);
  EXPECT_THAT(ReleaseUnanswered(Consent::kGiven, kNow + absl::Hours(24 * 365), statement),
              StatusIs(kFailed, "ANSWER_AWAITED"));
}

TEST(Withdraw, TellsTheEmployerOnlyOfWhatTheyHave) {
  v1::FitnessStatement statement = Fresh();
  EXPECT_THAT(Withdraw(kNow, statement), IsOkAndHolds(v1::RELEASE_KIND_UNSPECIFIED));
  EXPECT_THAT(Withdraw(kNow, statement), StatusIs(kFailed, "STATEMENT_STATE"));
  EXPECT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement),
              StatusIs(kFailed, "STATEMENT_STATE"));
  statement = Fresh();
  ASSERT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  EXPECT_THAT(Withdraw(kNow, statement), IsOkAndHolds(v1::RELEASE_KIND_WITHDRAWN));
}

TEST(Expire, TellsTheEmployerOnlyOfWhatTheyHave) {
  v1::FitnessStatement statement = Fresh();
  EXPECT_THAT(Expire(kNow, statement), IsOkAndHolds(v1::RELEASE_KIND_UNSPECIFIED));
  statement = Fresh();
  ASSERT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  EXPECT_THAT(Expire(kNow, statement), IsOkAndHolds(v1::RELEASE_KIND_EXPIRED));
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_EXPIRED);
  EXPECT_EQ(statement.version(), 3);
}

TEST(Supersede, SaysNothingOfItsOwn) {
  v1::FitnessStatement statement = Fresh();
  ASSERT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  EXPECT_THAT(Supersede(kNow, statement), IsOkAndHolds(v1::RELEASE_KIND_UNSPECIFIED));
  EXPECT_EQ(statement.state(), v1::STATEMENT_STATE_SUPERSEDED);
}

TEST(WebhookBody, HoldsCodesDaysAndIdsAndNothingElse) {
  v1::FitnessStatement statement = Fresh(kRestricted, /*treating=*/true);
  ASSERT_THAT(Answer(Saying(v1::OFFICER_ANSWER_ACCEPT), kNow, statement), IsOk());
  v1::FitnessRelease release = ReleaseOf(v1::RELEASE_KIND_STATEMENT, statement, kNow);
  release.set_sequence(7);
  const std::string text = WebhookBody(release, "demo");
  EXPECT_EQ(
      text,
      R"({"delivery_id":")" + DeliveryId("demo", 7) +
          R"(","tenant":"demo","sequence":7,"kind":"STATEMENT",)"
          R"("subject_id":"01900000-0000-7000-8000-000000000002",)"
          R"("released_time":"2026-02-28T10:00:00Z",)"
          R"("statement_id":"01900000-0000-7000-8000-000000000001",)"
          R"("fitness":{"statement_id":"01900000-0000-7000-8000-000000000001",)"
          R"("subject_id":"01900000-0000-7000-8000-000000000002","code":"FIT_WITH_ADJUSTMENTS",)"
          R"("from_date":"2026-03-02","review_date":"2026-04-01",)"
          R"("restrictions":[{"code":"NO_NIGHT_WORK","from_date":"2026-03-02"}],)"
          R"("adjustments":[{"code":"PHASED_RETURN","from_date":"2026-03-02","hours_percent":50}]}})");
  // The case, the clinician, and that they treat the officer stay.
  for (const char* word : {kCase, "nia", "treating", "case", "issued"}) {
    EXPECT_THAT(text, Not(HasSubstr(word)));
  }
  const auto allowed = MatchesRegex(
      "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
      "|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?|[A-Z_]+|demo");
  const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& value) {
    if (value.is_string()) {
      EXPECT_THAT(value.get<std::string>(), allowed);
    }
    if (value.is_structured()) {
      for (const nlohmann::json& inner : value) walk(inner);
    }
  };
  walk(nlohmann::json::parse(text));
}

// tools/hr_receiver/messages, which integration teams build on.
TEST(WebhookBody, IsWhatTheExamplesForIntegrationTeamsShow) {
  v1::FitnessRelease adjusted = ParseProto<v1::FitnessRelease>(R"pb(
    sequence: 1
    kind: RELEASE_KIND_STATEMENT
    statement_id: "01900000-0000-7000-8000-000000000001"
    fitness {
      statement_id: "01900000-0000-7000-8000-000000000001"
      code: FITNESS_CODE_FIT_WITH_ADJUSTMENTS
      from_date { year: 2026 month: 3 day: 2 }
      until_date { year: 2026 month: 4 day: 30 }
      review_date { year: 2026 month: 4 day: 1 }
      restrictions {
        code: RESTRICTION_CODE_NO_NIGHT_WORK
        from_date { year: 2026 month: 3 day: 2 }
      }
      restrictions {
        code: RESTRICTION_CODE_NO_RESPONSE_DRIVING
        from_date { year: 2026 month: 3 day: 2 }
        until_date { year: 2026 month: 3 day: 15 }
      }
      adjustments {
        code: ADJUSTMENT_CODE_PHASED_RETURN
        from_date { year: 2026 month: 3 day: 2 }
        hours_percent: 50
      }
    }
  )pb");
  v1::FitnessRelease fit = ParseProto<v1::FitnessRelease>(R"pb(
    sequence: 2
    kind: RELEASE_KIND_STATEMENT
    statement_id: "01900000-0000-7000-8000-000000000004"
    fitness {
      statement_id: "01900000-0000-7000-8000-000000000004"
      code: FITNESS_CODE_FIT
      from_date { year: 2026 month: 3 day: 2 }
      replaces_statement_id: "01900000-0000-7000-8000-000000000001"
    }
  )pb");
  v1::FitnessRelease no_report =
      ParseProto<v1::FitnessRelease>("sequence: 3 kind: RELEASE_KIND_NO_REPORT");
  v1::FitnessRelease withdrawn = ParseProto<v1::FitnessRelease>(
      "sequence: 4 kind: RELEASE_KIND_WITHDRAWN"
      " statement_id: '01900000-0000-7000-8000-000000000004'");
  v1::FitnessRelease expired = ParseProto<v1::FitnessRelease>(
      "sequence: 5 kind: RELEASE_KIND_EXPIRED"
      " statement_id: '01900000-0000-7000-8000-000000000001'");
  const struct {
    const char* name;
    v1::FitnessRelease* release;
  } examples[] = {{"statement", &adjusted},
                  {"fit", &fit},
                  {"no_report", &no_report},
                  {"withdrawn", &withdrawn},
                  {"expired", &expired}};
  for (const auto& [name, release] : examples) {
    release->set_subject_id(kSubject);
    if (release->has_fitness()) release->mutable_fitness()->set_subject_id(kSubject);
    *release->mutable_released_time() = casework::ToTimestamp(kNow);
    std::ifstream file(absl::StrCat("tools/hr_receiver/messages/", name, ".json"));
    ASSERT_TRUE(file.good()) << name;
    EXPECT_EQ(nlohmann::json::parse(file).dump(),
              nlohmann::json::parse(WebhookBody(*release, "demo")).dump())
        << name;
  }
}

TEST(DeliveryId, IsTheSameForOneReleaseAndAnotherForEachForce) {
  EXPECT_EQ(DeliveryId("demo", 1), DeliveryId("demo", 1));
  EXPECT_NE(DeliveryId("demo", 1), DeliveryId("demo", 2));
  EXPECT_NE(DeliveryId("demo", 1), DeliveryId("other", 1));
}

}  // namespace
}  // namespace waymark::workforce
