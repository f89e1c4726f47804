// What happens to a person across services: they move to another force with their open case, and
// what a clinician may say of their fitness reaches their manager. Real processes, mTLS,
// PostgreSQL.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"
#include "waymark/workforce/v1/fitness_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark {
namespace {

using harness::Person;
using harness::Suite;
using testing::Eventually;
using testing::IsOk;
using testing::StatusIs;

namespace fitness = workforce::v1;
namespace people = workforce::v1;
using Scheduling = scheduling::v1::SchedulingService;
using People = workforce::v1::WorkforceService;
using Fitness = workforce::v1::FitnessService;

constexpr char kHere[] = "demo";
constexpr char kThere[] = "north";

const std::vector<std::string> kServices = {"audit", "scheduling", "bbv",      "mental_health",
                                            "msk",   "dental",     "workforce"};

class PeopleJourney : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(suite_, Suite::Start({.services = kServices}));
    chaos::ActivateTenant(*suite_);
    // The other force exists from its first call on.
    ASSERT_THAT(Transfers(kThere), IsOk());
  }

  static Person Of(const std::string& tenant, options::v1::Role role,
                   const std::string& subject_id = "") {
    return {.user_id = absl::StrCat(tenant, "-", role, subject_id.empty() ? "" : "-self"),
            .tenant = tenant,
            .roles = {role},
            .subject_id = subject_id};
  }

  // Calls `method` of `service` as `who`; a request_id is filled in.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(const std::string& service, const Person& who,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(ids::NewUuid());
    }
    Stub stub(suite_->Connect(service));
    Response response;
    const absl::Status done = rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10), .token = suite_->Token(who)},
        [&](grpc::ClientContext* context) { return (stub.*method)(context, request, &response); });
    if (!done.ok()) return done;
    return response;
  }

  absl::StatusOr<people::ListTransfersResponse> Transfers(const std::string& tenant) {
    return Ask("workforce", Of(tenant, options::v1::ROLE_OH_LEAD), &People::Stub::ListTransfers,
               people::ListTransfersRequest());
  }

  std::string Register(const std::string& given, const std::string& subject_id = "") {
    people::RegisterPersonRequest request;
    request.set_subject_id(subject_id);
    request.mutable_name()->set_given(given);
    request.mutable_name()->set_family("Jones");
    request.set_workforce_type(people::WORKFORCE_TYPE_OFFICER);
    const auto entered = Ask("workforce", Of(kHere, options::v1::ROLE_OH_NURSE),
                             &People::Stub::RegisterPerson, request);
    EXPECT_THAT(entered, IsOk());
    return entered.ok() ? entered->person().subject_id() : "";
  }

  std::string LogNeedlestick(const std::string& subject_id) {
    const auto logged =
        chaos::LogOne(*suite_, suite_->Token(), ids::NewUuid(), subject_id, absl::Seconds(10));
    EXPECT_THAT(logged, IsOk());
    return logged.value_or("");
  }

  absl::StatusOr<bbv::v1::BbvCase> BbvCase(const std::string& tenant, const std::string& case_id) {
    bbv::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    auto read = Ask("bbv", Of(tenant, options::v1::ROLE_OH_NURSE),
                    &bbv::v1::BbvService::Stub::GetCase, request);
    if (!read.ok()) return read.status();
    return read->case_();
  }

  // What the nurses of a force have to do for a case.
  std::vector<scheduling::v1::WorklistItem> Worklist(const std::string& tenant,
                                                     const std::string& case_id) {
    scheduling::v1::ListWorklistRequest request;
    request.mutable_filter()->set_case_id(case_id);
    request.set_page_size(200);
    const auto list = Ask("scheduling", Of(tenant, options::v1::ROLE_OH_NURSE),
                          &Scheduling::Stub::ListWorklist, request);
    EXPECT_THAT(list, IsOk());
    if (!list.ok()) return {};
    return {list->items().begin(), list->items().end()};
  }

  // The person consents, is offered, and is taken by the other force.
  void Move(const std::string& subject_id) {
    people::GiveConsentRequest give;
    give.set_kind(people::DISCLOSURE_KIND_RECORD_TO_FORCE);
    give.set_recipient(kThere);
    ASSERT_OK_AND_ASSIGN(const auto given,
                         Ask("workforce", Of(kHere, options::v1::ROLE_OFFICER, subject_id),
                             &People::Stub::GiveConsent, give));
    people::OfferTransferRequest offer;
    offer.set_subject_id(subject_id);
    offer.set_to_force(kThere);
    offer.set_consent_id(given.consent().consent_id());
    ASSERT_OK_AND_ASSIGN(const auto offered, Ask("workforce", Of(kHere, options::v1::ROLE_OH_LEAD),
                                                 &People::Stub::OfferTransfer, offer));
    people::AnswerTransferRequest answer;
    answer.set_transfer_id(offered.transfer().transfer_id());
    answer.set_accept(true);
    answer.set_request_id(ids::NewUuid());
    ASSERT_TRUE(Eventually([&] {
      return Ask("workforce", Of(kThere, options::v1::ROLE_OH_LEAD), &People::Stub::AnswerTransfer,
                 answer)
          .ok();
    }));
  }

  // Where a case of this force went; empty while it is here.
  std::string WentTo(const std::string& case_id) {
    const auto here = BbvCase(kHere, case_id);
    return here.ok() ? here->header().went_to().case_id() : "";
  }

  std::unique_ptr<Suite> suite_;
};

const casework::v1::Step* StepOf(const bbv::v1::BbvCase& one, const std::string& key) {
  const auto& steps = one.header().plan().steps();
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.key() == key; });
  return found == steps.end() ? nullptr : &*found;
}

TEST_F(PeopleJourney, AnOpenCaseMovesWithItsOfficerAndNoDateMoves) {
  const std::string subject_id = Register("Sian");
  const std::string case_id = LogNeedlestick(subject_id);
  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(24 * 20)), IsOk());
  ASSERT_OK_AND_ASSIGN(const bbv::v1::BbvCase before, BbvCase(kHere, case_id));
  const casework::v1::Step* six_weeks = StepOf(before, "test_6_weeks");
  ASSERT_NE(six_weeks, nullptr) << before.header().plan().DebugString();

  ASSERT_NO_FATAL_FAILURE(Move(subject_id));
  ASSERT_TRUE(Eventually([&] { return !WentTo(case_id).empty(); })) << suite_->Log("bbv");
  const std::string new_id = WentTo(case_id);
  ASSERT_TRUE(Eventually([&] {
    const auto there = BbvCase(kThere, new_id);
    return there.ok() && !there->header().arriving();
  }));
  ASSERT_OK_AND_ASSIGN(const bbv::v1::BbvCase there, BbvCase(kThere, new_id));
  ASSERT_NE(StepOf(there, "test_6_weeks"), nullptr);
  EXPECT_EQ(StepOf(there, "test_6_weeks")->due_time().seconds(), six_weeks->due_time().seconds());
  EXPECT_NE(there.header().subject_id(), subject_id);
  EXPECT_EQ(there.exposure().DebugString(), before.exposure().DebugString());

  // The six-week test is on the other force's list, due at the same instant; nothing is left here.
  const auto falls_due = [&] {
    for (const auto& item : Worklist(kThere, new_id)) {
      if (item.step_key() == "test_6_weeks") return item.due_time().seconds();
    }
    return int64_t{0};
  };
  ASSERT_TRUE(Eventually([&] { return falls_due() == six_weeks->due_time().seconds(); }));
  ASSERT_TRUE(Eventually([&] { return Worklist(kHere, case_id).empty(); }));
  ASSERT_OK_AND_ASSIGN(const bbv::v1::BbvCase left, BbvCase(kHere, case_id));
  EXPECT_EQ(left.header().state(), casework::v1::CASE_STATE_CLOSED);
  EXPECT_EQ(left.header().went_to().force(), kThere);
  EXPECT_THAT(BbvCase(kHere, new_id), StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  EXPECT_THAT(BbvCase(kThere, case_id), StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));

  // The new force's nurse works on it.
  bbv::v1::AssignCaseRequest assign;
  assign.set_case_id(new_id);
  assign.set_assigned_to("north-nurse");
  EXPECT_THAT(Ask("bbv", Of(kThere, options::v1::ROLE_OH_NURSE),
                  &bbv::v1::BbvService::Stub::AssignCase, assign),
              IsOk());
}

// Whoever carries the cases is killed again and again while a dozen officers move: every case ends
// up in one force, whole, with its deadlines, and none is anybody's twice or nobody's.
TEST_F(PeopleJourney, EveryServiceMayDieWhileOfficersMove) {
  std::vector<std::pair<std::string, std::string>> moved;  // subject, case
  for (int i = 0; i < 12; ++i) {
    const std::string subject_id = Register(absl::StrCat("Officer", i));
    moved.emplace_back(subject_id, LogNeedlestick(subject_id));
  }
  for (size_t i = 0; i < moved.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(Move(moved[i].first));
    const std::string victims[] = {"bbv", "workforce", "scheduling", "bbv"};
    const std::string& victim = victims[i % 4];
    if (i % 3 == 0) {
      suite_->KillService(victim);
      ASSERT_THAT(suite_->StartService(victim), IsOk());
    }
  }
  ASSERT_TRUE(Eventually(
      [&] {
        return std::all_of(moved.begin(), moved.end(),
                           [&](const auto& one) { return !WentTo(one.second).empty(); });
      },
      absl::Minutes(2)))
      << suite_->Log("bbv");
  for (const char* service : {"workforce", "bbv"}) {
    ASSERT_TRUE(chaos::AwaitDelivered(*suite_, service)) << suite_->Log(service);
  }
  testing::TestDatabase& cases = suite_->database("bbv");
  EXPECT_EQ(cases.Query("SELECT string_agg(concat_ws(' ', tenant, state, n), ', ' ORDER BY tenant)"
                        " FROM (SELECT tenant, state, count(*) AS n FROM case_record"
                        " WHERE subject_id IS NOT NULL GROUP BY 1, 2) c"),
            "demo 2 12, north 1 12");
  EXPECT_EQ(cases.Query("SELECT count(*) FROM case_record r WHERE version <>"
                        " (SELECT count(*) FROM case_event e WHERE e.tenant = r.tenant"
                        " AND e.case_id = r.case_id)"),
            "0");
  // Scheduling enforces each case once, where it is now.
  for (const auto& [subject_id, case_id] : moved) {
    ASSERT_TRUE(Eventually([&] { return Worklist(kHere, case_id).empty(); }));
    EXPECT_FALSE(Worklist(kThere, WentTo(case_id)).empty());
  }
}

TEST_F(PeopleJourney, FitnessGoesFromTheCaseOverTheOfficerToTheManagerAsCodesAndDates) {
  const std::string manager = Register("Mair");
  const std::string subject_id = Register("Sian");
  people::RecordEmploymentRequest employ;
  employ.set_subject_id(subject_id);
  employ.mutable_employment()->set_employee_number("E1");
  employ.mutable_employment()->set_workforce_type(people::WORKFORCE_TYPE_OFFICER);
  employ.mutable_employment()->set_manager_subject_id(manager);
  employ.mutable_employment()->set_fte_percent(100);
  employ.mutable_employment()->set_state(people::EMPLOYMENT_STATE_WORKING);
  employ.mutable_from_date()->set_year(2020);
  employ.mutable_from_date()->set_month(1);
  employ.mutable_from_date()->set_day(6);
  ASSERT_THAT(Ask("workforce", Of(kHere, options::v1::ROLE_OH_LEAD),
                  &People::Stub::RecordEmployment, employ),
              IsOk());

  msk::v1::LogInjuryRequest injury;
  injury.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  msk::v1::InjuredPerson& hurt = *injury.add_people();
  hurt.set_subject_id(subject_id);
  hurt.mutable_injury()->mutable_incident_time()->set_civil(
      absl::FormatTime("%Y-%m-%dT%H:%M", absl::Now() - absl::Hours(30), absl::UTCTimeZone()));
  hurt.mutable_injury()->set_region(msk::v1::REGION_KNEE);
  hurt.mutable_injury()->set_side(msk::v1::SIDE_LEFT);
  hurt.mutable_injury()->set_mechanism(msk::v1::MECHANISM_RUNNING_OR_PURSUIT);
  hurt.mutable_injury()->set_assault(msk::v1::ANSWER_NO);
  hurt.mutable_injury()->set_on_duty(msk::v1::ANSWER_YES);
  hurt.mutable_injury()->set_work_ability(msk::v1::WORK_ABILITY_RESTRICTED_DUTIES);
  hurt.mutable_injury()->set_description("journey-clinical-word");
  const Person nurse = Of(kHere, options::v1::ROLE_OH_NURSE);
  ASSERT_OK_AND_ASSIGN(const auto logged,
                       Ask("msk", nurse, &msk::v1::MskService::Stub::LogInjury, injury));
  const auto date = [](auto* field, int days_from_now) {
    const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + days_from_now;
    field->set_year(static_cast<int>(day.year()));
    field->set_month(day.month());
    field->set_day(day.day());
  };
  msk::v1::ProposeFitnessRequest propose;
  propose.set_case_id(logged.cases(0).header().case_id());
  propose.mutable_proposal()->set_code(msk::v1::FITNESS_CODE_RECUPERATIVE);
  propose.mutable_proposal()->add_adjustments(msk::v1::ADJUSTMENT_NO_CONFRONTATION);
  date(propose.mutable_proposal()->mutable_first_date(), 0);
  date(propose.mutable_proposal()->mutable_review_date(), 21);
  // Workforce is away: the proposal waits.
  suite_->KillService("workforce");
  ASSERT_THAT(Ask("msk", nurse, &msk::v1::MskService::Stub::ProposeFitness, propose), IsOk());
  ASSERT_THAT(suite_->StartService("workforce"), IsOk());

  const Person physician = Of(kHere, options::v1::ROLE_OH_PHYSICIAN);
  fitness::FitnessTask task;
  ASSERT_TRUE(Eventually([&] {
    const auto tasks = Ask("workforce", physician, &Fitness::Stub::ListFitnessTasks,
                           fitness::ListFitnessTasksRequest());
    if (!tasks.ok() || tasks->tasks_size() != 1) return false;
    task = tasks->tasks(0);
    return true;
  })) << suite_->Log("msk");
  EXPECT_EQ(task.kind(), fitness::FITNESS_TASK_KIND_PROPOSED);
  EXPECT_EQ(task.subject_id(), subject_id);
  EXPECT_EQ(task.case_id(), propose.case_id());
  EXPECT_EQ(task.proposed_code(), fitness::FITNESS_CODE_RECUPERATIVE);

  fitness::IssueFitnessRequest issue;
  issue.set_proposal_id(task.proposal_id());
  issue.mutable_fitness()->set_subject_id(subject_id);
  issue.mutable_fitness()->set_code(fitness::FITNESS_CODE_RECUPERATIVE);
  date(issue.mutable_fitness()->mutable_from_date(), 0);
  date(issue.mutable_fitness()->mutable_review_date(), 21);
  fitness::Restriction& restriction = *issue.mutable_fitness()->add_restrictions();
  restriction.set_code(fitness::RESTRICTION_CODE_NO_CONFRONTATION);
  date(restriction.mutable_from_date(), 0);
  ASSERT_OK_AND_ASSIGN(const auto issued,
                       Ask("workforce", physician, &Fitness::Stub::IssueFitness, issue));
  const Person line_manager = Of(kHere, options::v1::ROLE_LINE_MANAGER, manager);
  const auto seen = [&] {
    return Ask("workforce", line_manager, &Fitness::Stub::ListFitness,
               fitness::ListFitnessRequest());
  };
  ASSERT_OK_AND_ASSIGN(const auto nothing_yet, seen());
  EXPECT_EQ(nothing_yet.fitness_size(), 0) << "the officer reads it first";

  fitness::AnswerFitnessRequest answer;
  answer.set_statement_id(issued.statement().fitness().statement_id());
  answer.set_expected_version(issued.statement().version());
  answer.set_answer(fitness::OFFICER_ANSWER_ACCEPT);
  ASSERT_THAT(Ask("workforce", Of(kHere, options::v1::ROLE_OFFICER, subject_id),
                  &Fitness::Stub::AnswerFitness, answer),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const auto released, seen());
  ASSERT_EQ(released.fitness_size(), 1);
  EXPECT_EQ(released.fitness(0).code(), fitness::FITNESS_CODE_RECUPERATIVE);
  EXPECT_EQ(released.fitness(0).restrictions(0).code(), fitness::RESTRICTION_CODE_NO_CONFRONTATION);
  EXPECT_EQ(released.fitness(0).review_date().day(), propose.proposal().review_date().day());
  EXPECT_THAT(released.SerializeAsString(),
              ::testing::Not(::testing::HasSubstr(propose.case_id())));
}

}  // namespace
}  // namespace waymark
