#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/schema_walk.h"
#include "common/testing/test_signal.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/fitness/postman.h"
#include "services/workforce/fitness/room.h"
#include "services/workforce/fitness/stop.h"
#include "services/workforce/fitness/watch.h"
#include "services/workforce/store/joins.h"
#include "services/workforce/testing/ground.h"

namespace waymark::workforce {
namespace {

using options::v1::ROLE_HR_INTEGRATION;
using options::v1::ROLE_LINE_MANAGER;
using options::v1::ROLE_OFFICER;
using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using options::v1::ROLE_OH_PHYSICIAN;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr char kSecret[] = "a secret that both of us know, 40 long..";
constexpr char kCase[] = "01900000-0000-7000-8000-00000000ca5e";

// The mock HR receiver of tools/hr_receiver as a process, on a port of its own.
class HrReceiver {
 public:
  explicit HrReceiver(const std::string& secret = kSecret, int fail = 0)
      : folder_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directories(folder_);
    Secret(secret);
    const std::string secret_file = (folder_ / "secret").string();
    const std::string port_file = (folder_ / "port").string();
    const std::string state_file = (folder_ / "state").string();
    const std::string failures = absl::StrCat(fail);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl("/usr/bin/python3", "python3", "tools/hr_receiver/receiver", "--secret-file",
              secret_file.c_str(), "--port", "0", "--port-file", port_file.c_str(), "--state",
              state_file.c_str(), "--fail", failures.c_str(), nullptr);
      ::_exit(127);
    }
    EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(port_file); }));
    std::ifstream(port_file) >> port_;
  }
  ~HrReceiver() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  void Secret(const std::string& secret) { std::ofstream(folder_ / "secret") << secret; }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/fitness"); }
  // What it holds of everybody, as JSON.
  std::string Held() const {
    std::ifstream file(folder_ / "state");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  const std::filesystem::path folder_;
  pid_t pid_ = 0;
  int port_ = 0;
};

class FitnessPgTest : public Ground {
 protected:
  FitnessPgTest()
      : real_(absl::Now()),
        own_desk_({.database = database_.get(),
                   .tenants = &tenants_,
                   .keys = keys_.get(),
                   .vault = vault_.get(),
                   .audit = audit_.get(),
                   .clinical_clock = &clock_,
                   .real_clock = &real_}),
        room_(own_desk_, {.released = [this](absl::string_view) { ++released_; },
                          .tell =
                              [this](db::Transaction&, const scheduling::v1::Plan& plan) {
                                const std::lock_guard lock(mutex_);
                                plans_.push_back(plan);
                                return absl::OkStatus();
                              }}) {
    manager_ = Enter("Mair", "Vaughan");
    officer_ = Enter("Owain", "Price", manager_);
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(absl::Status (FitnessRoom::*method)(const rpc::Call&, const Request&,
                                                                   Response*),
                               const rpc::Call& call, Request request) {
    const auto* field = Request::descriptor()->FindFieldByName("request_id");
    if (field != nullptr) {
      request.GetReflection()->SetString(&request, field, call.request_id);
    }
    Response response;
    RETURN_IF_ERROR((room_.*method)(call, request, &response));
    return response;
  }
  rpc::Call As(const std::string& method, std::vector<options::v1::Role> roles,
               const std::string& user = "nia", const std::string& subject = "",
               const std::string& tenant = kTenant) {
    return CallOf("FitnessService." + method, std::move(roles), user, subject, tenant);
  }

  v1::IssueFitnessRequest Statement(v1::FitnessCode code = v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS,
                                    const std::string& subject = "") {
    v1::IssueFitnessRequest request;
    v1::Fitness& fitness = *request.mutable_fitness();
    fitness.set_subject_id(subject.empty() ? officer_ : subject);
    fitness.set_code(code);
    const absl::CivilDay today = civil::DateOf(clock_.Now(), civil::London());
    *fitness.mutable_from_date() = casework::ToCivilDate(today);
    if (code == v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS) {
      fitness.add_restrictions()->set_code(v1::RESTRICTION_CODE_NO_NIGHT_WORK);
      *fitness.mutable_review_date() = casework::ToCivilDate(today + 28);
    }
    request.set_case_id(kCase);
    return request;
  }
  absl::StatusOr<v1::IssueFitnessResponse> Issue(const v1::IssueFitnessRequest& request,
                                                 options::v1::Role role = ROLE_OH_PHYSICIAN) {
    return Ask(&FitnessRoom::IssueFitness, As("IssueFitness", {role}), request);
  }
  // Issued, and its id.
  v1::FitnessStatement Issued(const v1::IssueFitnessRequest& request) {
    auto response = Issue(request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->statement() : v1::FitnessStatement();
  }
  absl::StatusOr<v1::FitnessStatement> Answer(const v1::FitnessStatement& statement,
                                              v1::OfficerAnswer answer,
                                              const std::string& subject = "") {
    v1::AnswerFitnessRequest request;
    request.set_statement_id(statement.fitness().statement_id());
    request.set_expected_version(statement.version());
    request.set_answer(answer);
    if (answer == v1::OFFICER_ANSWER_DISPUTE_FACTS) {
      request.add_disputed_facts(v1::FACT_CODE_DUTIES);
    }
    ASSIGN_OR_RETURN(auto response,
                     Ask(&FitnessRoom::AnswerFitness,
                         As("AnswerFitness", {ROLE_OFFICER}, "owain",
                            subject.empty() ? statement.fitness().subject_id() : subject),
                         request));
    return response.statement();
  }
  v1::FitnessStatement Released(const v1::IssueFitnessRequest& request) {
    auto statement = Answer(Issued(request), v1::OFFICER_ANSWER_ACCEPT);
    EXPECT_THAT(statement, IsOk());
    return statement.ok() ? *statement : v1::FitnessStatement();
  }
  absl::StatusOr<v1::FitnessStatement> Withdraw(const v1::FitnessStatement& statement) {
    v1::WithdrawFitnessRequest request;
    request.set_statement_id(statement.fitness().statement_id());
    request.set_expected_version(statement.version());
    ASSIGN_OR_RETURN(auto response, Ask(&FitnessRoom::WithdrawFitness,
                                        As("WithdrawFitness", {ROLE_OH_NURSE}), request));
    return response.statement();
  }
  absl::StatusOr<v1::FitnessStatement> Release(const v1::FitnessStatement& statement) {
    v1::ReleaseFitnessRequest request;
    request.set_statement_id(statement.fitness().statement_id());
    request.set_expected_version(statement.version());
    ASSIGN_OR_RETURN(auto response, Ask(&FitnessRoom::ReleaseFitness,
                                        As("ReleaseFitness", {ROLE_OH_PHYSICIAN}), request));
    return response.statement();
  }
  std::vector<v1::FitnessStatement> Statements() {
    v1::ListStatementsRequest request;
    request.set_subject_id(officer_);
    auto response =
        Ask(&FitnessRoom::ListStatements, As("ListStatements", {ROLE_OH_NURSE}), request);
    EXPECT_THAT(response, IsOk());
    return {response->statements().begin(), response->statements().end()};
  }

  rpc::Call Hr(const std::string& method) { return As(method, {ROLE_HR_INTEGRATION}, "hr-system"); }
  v1::ListFitnessReleasesResponse Releases(int64_t after = 0, int page_size = 0) {
    v1::ListFitnessReleasesRequest request;
    request.set_after_sequence(after);
    request.set_page_size(page_size);
    auto response = Ask(&FitnessRoom::ListFitnessReleases, Hr("ListFitnessReleases"), request);
    EXPECT_THAT(response, IsOk());
    return *response;
  }
  std::vector<v1::ReleaseKind> Kinds() {
    std::vector<v1::ReleaseKind> kinds;
    const v1::ListFitnessReleasesResponse page = Releases();
    for (const auto& one : page.releases()) kinds.push_back(one.kind());
    return kinds;
  }
  // Subject and code of everybody whom the caller may see.
  std::vector<std::string> Standing(const rpc::Call& call,
                                    const v1::ListFitnessRequest& request = {}) {
    auto response = Ask(&FitnessRoom::ListFitness, call, request);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> lines;
    for (const v1::Fitness& one : response->fitness()) {
      lines.push_back(absl::StrCat(one.subject_id(), " ", v1::FitnessCode_Name(one.code())));
    }
    return lines;
  }
  std::vector<std::string> StandingForManager(const std::string& manager) {
    return Standing(As("ListFitness", {ROLE_LINE_MANAGER}, "boss", manager));
  }
  std::vector<v1::FitnessTask> Tasks() {
    auto response = Ask(&FitnessRoom::ListFitnessTasks, As("ListFitnessTasks", {ROLE_OH_NURSE}),
                        v1::ListFitnessTasksRequest());
    EXPECT_THAT(response, IsOk());
    return {response->tasks().begin(), response->tasks().end()};
  }
  std::vector<v1::FitnessTaskKind> TaskKinds() {
    std::vector<v1::FitnessTaskKind> kinds;
    for (const v1::FitnessTask& task : Tasks()) kinds.push_back(task.kind());
    return kinds;
  }
  std::string officer(v1::FitnessCode code) const {
    return absl::StrCat(officer_, " ", v1::FitnessCode_Name(code));
  }
  void Consent(bool given) {
    Run([&](db::Transaction& txn, const TenantKeys&) {
      if (given) {
        return txn
            .Exec(
                "INSERT INTO consent (tenant, consent_id, person_id, kind, recipient, given_at)"
                " VALUES ($1, $2, $3, 1, $1, $4)",
                txn.tenant(), ids::NewUuid(), officer_, clock_.Now())
            .status();
      }
      return txn
          .Exec("UPDATE consent SET withdrawn_at = $3 WHERE tenant = $1 AND person_id = $2",
                txn.tenant(), officer_, clock_.Now())
          .status();
    });
  }
  void Die(const std::string& person) {
    Run([&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
      RETURN_IF_ERROR(txn.Exec("UPDATE person SET state = 4 WHERE tenant = $1 AND person_id = $2",
                               txn.tenant(), person)
                          .status());
      ASSIGN_OR_RETURN(const auto closed, StopFitness(txn, person, clock_.Now()));
      for (const scheduling::v1::Plan& plan : closed) plans_.push_back(plan);
      return absl::OkStatus();
    });
  }

  absl::Status PutWebhook(const std::string& url, const std::string& secret = kSecret,
                          int64_t after = 0) {
    v1::PutFitnessWebhookRequest request;
    request.set_url(url);
    request.set_secret(secret);
    request.set_after_sequence(after);
    return Ask(&FitnessRoom::PutFitnessWebhook, Hr("PutFitnessWebhook"), request).status();
  }
  void Deliver() {
    Postman postman(own_desk_, room_.options(), registry_);
    EXPECT_THAT(postman.RunOnce(), IsOk());
  }
  v1::GetFitnessDeliveryResponse Delivery() {
    auto response = Ask(&FitnessRoom::GetFitnessDelivery, Hr("GetFitnessDelivery"),
                        v1::GetFitnessDeliveryRequest());
    EXPECT_THAT(response, IsOk());
    return *response;
  }

  clock::FakeClock real_;
  Desk own_desk_;
  std::atomic<int> released_ = 0;
  std::mutex mutex_;  // guards plans_
  // What scheduling was told.
  std::vector<scheduling::v1::Plan> plans_;
  FitnessRoom room_;
  metrics::Registry registry_;
  std::string manager_;
  std::string officer_;
};

TEST_F(FitnessPgTest, KeepsTheRulesOfEveryTable) {
  EXPECT_THAT(testing::WalkSchema(test_database_), IsEmpty());
}

TEST_F(FitnessPgTest, ReachesTheOfficerFirstAndTheEmployerOnlyWhenTheyAccept) {
  const v1::FitnessStatement statement = Issued(Statement());
  EXPECT_EQ(released_, 0);
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
  EXPECT_THAT(StandingForManager(manager_), IsEmpty());
  EXPECT_THAT(Kinds(), IsEmpty());
  // The officer reads it, with the case that it comes from.
  auto own =
      Ask(&FitnessRoom::ListStatements, As("ListStatements", {ROLE_OFFICER}, "owain", officer_),
          v1::ListStatementsRequest());
  ASSERT_THAT(own, IsOk());
  ASSERT_THAT(own->statements(), SizeIs(1));
  EXPECT_EQ(own->statements(0).case_id(), kCase);

  auto accepted = Answer(statement, v1::OFFICER_ANSWER_ACCEPT);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->state(), v1::STATEMENT_STATE_RELEASED);
  EXPECT_EQ(released_, 1);
  EXPECT_THAT(Standing(Hr("ListFitness")),
              ElementsAre(officer(v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS)));
  EXPECT_THAT(StandingForManager(manager_),
              ElementsAre(officer(v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS)));
  const auto releases = Releases();
  ASSERT_THAT(releases.releases(), SizeIs(1));
  EXPECT_EQ(releases.releases(0).sequence(), 1);
  EXPECT_EQ(releases.next_after_sequence(), 1);
  EXPECT_THAT(releases.releases(0).DebugString(), Not(HasSubstr(kCase)));
  EXPECT_THAT(Events(), Contains(HasSubstr("fitness_acceptance " + officer_)));
  EXPECT_THAT(Events(), Contains("ACTION_READ fitness_release " + officer_));
}

TEST_F(FitnessPgTest, AnswersARepeatedRequestAsTheFirst) {
  const rpc::Call call = As("IssueFitness", {ROLE_OH_PHYSICIAN});
  const auto first = Ask(&FitnessRoom::IssueFitness, call, Statement());
  const auto again = Ask(&FitnessRoom::IssueFitness, call, Statement());
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->statement(), testing::EqualsProto(first->statement()));
  EXPECT_THAT(Statements(), SizeIs(1));
}

TEST_F(FitnessPgTest, TellsSchedulingWhatWaitsInTheSameTransaction) {
  // "<step> <version>" of each plan, or "closed <version>".
  const auto told = [&] {
    std::vector<std::string> lines;
    for (const scheduling::v1::Plan& plan : plans_) {
      lines.push_back(absl::StrCat(plan.closed() ? "closed" : plan.steps(0).step_key(), " ",
                                   plan.case_version()));
    }
    plans_.clear();
    return lines;
  };
  const v1::FitnessStatement first = Issued(Statement());
  EXPECT_THAT(told(), ElementsAre("fitness_answer 1"));
  auto disputed = Answer(first, v1::OFFICER_ANSWER_DISPUTE_FACTS);
  EXPECT_THAT(told(), ElementsAre("fitness_dispute 2"));
  ASSERT_THAT(Answer(*disputed, v1::OFFICER_ANSWER_ACCEPT), IsOk());
  EXPECT_THAT(told(), ElementsAre("fitness_review 3"));
  clock_.Advance(absl::Hours(1));
  Released(Statement(v1::FITNESS_CODE_FIT));
  EXPECT_THAT(told(), ElementsAre("fitness_answer 1", "closed 4", "closed 2"));
  Issued(Statement());
  told();
  Die(officer_);
  EXPECT_THAT(told(), ::testing::UnorderedElementsAre("closed 2", "closed 3"));
}

TEST_F(FitnessPgTest, LetsNobodyAnswerForTheOfficerNorTheOfficerActAsStaff) {
  const v1::FitnessStatement statement = Issued(Statement());
  EXPECT_THAT(Answer(statement, v1::OFFICER_ANSWER_ACCEPT, manager_), StatusIs(kNotFound));
  // A nurse who is the subject.
  v1::WithdrawFitnessRequest request;
  request.set_statement_id(statement.fitness().statement_id());
  request.set_expected_version(statement.version());
  EXPECT_THAT(Ask(&FitnessRoom::WithdrawFitness,
                  As("WithdrawFitness", {ROLE_OH_NURSE}, "owain", officer_), request),
              StatusIs(kNotFound));
  EXPECT_THAT(Ask(&FitnessRoom::IssueFitness,
                  As("IssueFitness", {ROLE_OH_NURSE}, "owain", officer_), Statement()),
              StatusIs(kNotFound));
  EXPECT_EQ(Statements().at(0).version(), 1);
}

TEST_F(FitnessPgTest, ShowsNothingOfOneForceToAnother) {
  const v1::FitnessStatement statement = Released(Statement());
  v1::ListStatementsRequest list;
  list.set_subject_id(officer_);
  EXPECT_THAT(Ask(&FitnessRoom::ListStatements,
                  As("ListStatements", {ROLE_OH_NURSE}, "ann", "", kOtherTenant), list),
              StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
  v1::WithdrawFitnessRequest withdraw;
  withdraw.set_statement_id(statement.fitness().statement_id());
  withdraw.set_expected_version(statement.version());
  EXPECT_THAT(Ask(&FitnessRoom::WithdrawFitness,
                  As("WithdrawFitness", {ROLE_OH_NURSE}, "ann", "", kOtherTenant), withdraw),
              StatusIs(kNotFound, "STATEMENT_UNKNOWN"));
  EXPECT_THAT(Standing(As("ListFitness", {ROLE_HR_INTEGRATION}, "their-hr", "", kOtherTenant)),
              IsEmpty());
  auto releases =
      Ask(&FitnessRoom::ListFitnessReleases,
          As("ListFitnessReleases", {ROLE_HR_INTEGRATION}, "their-hr", "", kOtherTenant),
          v1::ListFitnessReleasesRequest());
  ASSERT_THAT(releases, IsOk());
  EXPECT_THAT(releases->releases(), IsEmpty());
}

// Clinical reference, vector X16.
TEST_F(FitnessPgTest, TellsTheEmployerOfAWithheldStatementThatThereIsNoReport) {
  const v1::FitnessStatement statement = Issued(Statement());
  auto withheld = Answer(statement, v1::OFFICER_ANSWER_WITHHOLD);
  ASSERT_THAT(withheld, IsOk());
  EXPECT_EQ(withheld->state(), v1::STATEMENT_STATE_WITHHELD);
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
  const auto releases = Releases();
  ASSERT_THAT(releases.releases(), SizeIs(1));
  EXPECT_EQ(releases.releases(0).kind(), v1::RELEASE_KIND_NO_REPORT);
  EXPECT_EQ(releases.releases(0).statement_id(), "");
  EXPECT_FALSE(releases.releases(0).has_fitness());
  EXPECT_THAT(Events(), Contains(HasSubstr("fitness_consent_withdrawn " + officer_)));
  EXPECT_THAT(Release(*withheld), StatusIs(kFailed, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(Events(), Contains(HasSubstr("ACTION_REFUSED fitness_release " + officer_)));
}

TEST_F(FitnessPgTest, TakesBackWhatTheOfficerWithholdsLater) {
  const v1::FitnessStatement statement = Released(Statement());
  ASSERT_THAT(Answer(statement, v1::OFFICER_ANSWER_WITHHOLD), IsOk());
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
  EXPECT_THAT(StandingForManager(manager_), IsEmpty());
  EXPECT_THAT(Kinds(), ElementsAre(v1::RELEASE_KIND_STATEMENT, v1::RELEASE_KIND_WITHDRAWN));
}

TEST_F(FitnessPgTest, BringsADisputedFactBackToTheClinician) {
  const v1::FitnessStatement statement = Issued(Statement());
  auto disputed = Answer(statement, v1::OFFICER_ANSWER_DISPUTE_FACTS);
  ASSERT_THAT(disputed, IsOk());
  ASSERT_THAT(TaskKinds(), ElementsAre(v1::FITNESS_TASK_KIND_FACT_DISPUTED));
  EXPECT_EQ(Tasks()[0].case_id(), kCase);
  EXPECT_EQ(Tasks()[0].subject_id(), officer_);
  // The answer is another statement; what was wrong never leaves, nor that it was there.
  clock_.Advance(absl::Minutes(1));
  v1::IssueFitnessRequest better = Statement();
  better.mutable_fitness()->set_replaces_statement_id(statement.fitness().statement_id());
  const v1::FitnessStatement second = Issued(better);
  EXPECT_THAT(TaskKinds(), IsEmpty());
  EXPECT_EQ(Statements().at(1).state(), v1::STATEMENT_STATE_SUPERSEDED);
  EXPECT_THAT(Answer(*disputed, v1::OFFICER_ANSWER_ACCEPT), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Answer(second, v1::OFFICER_ANSWER_ACCEPT), IsOk());
  ASSERT_THAT(Kinds(), ElementsAre(v1::RELEASE_KIND_STATEMENT));
  EXPECT_EQ(Releases().releases(0).fitness().replaces_statement_id(), "");
}

TEST_F(FitnessPgTest, ReplacesWhatStandsWhenTheNewOneIsReleased) {
  const v1::FitnessStatement first = Released(Statement());
  clock_.Advance(absl::Hours(24));
  const v1::FitnessStatement second = Issued(Statement(v1::FITNESS_CODE_FIT));
  EXPECT_THAT(Standing(Hr("ListFitness")),
              ElementsAre(officer(v1::FITNESS_CODE_FIT_WITH_ADJUSTMENTS)));
  ASSERT_THAT(Answer(second, v1::OFFICER_ANSWER_ACCEPT), IsOk());
  EXPECT_THAT(Standing(Hr("ListFitness")), ElementsAre(officer(v1::FITNESS_CODE_FIT)));
  EXPECT_EQ(Releases(1).releases(0).fitness().replaces_statement_id(),
            first.fitness().statement_id());
  EXPECT_EQ(Statements().at(1).state(), v1::STATEMENT_STATE_SUPERSEDED);
}

TEST_F(FitnessPgTest, NeverLetsAnEarlierStatementTakeThePlaceOfALaterOne) {
  const v1::FitnessStatement first = Issued(Statement());
  clock_.Advance(absl::Hours(1));
  Released(Statement(v1::FITNESS_CODE_FIT));
  EXPECT_THAT(Answer(first, v1::OFFICER_ANSWER_ACCEPT), StatusIs(kFailed, "STATEMENT_STATE"));
  EXPECT_THAT(Standing(Hr("ListFitness")), ElementsAre(officer(v1::FITNESS_CODE_FIT)));
}

TEST_F(FitnessPgTest, CountsRecuperativeDutiesThroughEveryRenewal) {
  v1::IssueFitnessRequest request = Statement(v1::FITNESS_CODE_RECUPERATIVE);
  const auto review = [&](int days) {
    const absl::CivilDay today = civil::DateOf(clock_.Now(), civil::London());
    *request.mutable_fitness()->mutable_from_date() = casework::ToCivilDate(today);
    *request.mutable_fitness()->mutable_review_date() = casework::ToCivilDate(today + days);
  };
  for (int month = 0; month < 13; ++month) {
    review(28);
    Released(request);
    clock_.Advance(absl::Hours(24 * 28));
  }
  // 364 days on: 1 June 2027 is the last day on which they may be reviewed.
  review(2);
  EXPECT_THAT(Issue(request), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  review(1);
  EXPECT_THAT(Issue(request), IsOk());
}

TEST_F(FitnessPgTest, ReleasesAnUnansweredStatementOnlyOnAConsentThatStands) {
  v1::FitnessStatement statement = Issued(Statement());
  EXPECT_THAT(Release(statement), StatusIs(kFailed, "ANSWER_AWAITED"));
  EXPECT_THAT(TaskKinds(), IsEmpty());
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_THAT(TaskKinds(), ElementsAre(v1::FITNESS_TASK_KIND_UNANSWERED));
  EXPECT_THAT(Release(statement), StatusIs(kFailed, "CONSENT_MISSING"));
  Consent(true);
  clock_.Advance(absl::Hours(1));
  Consent(false);
  EXPECT_THAT(Release(statement), StatusIs(kFailed, "CONSENT_WITHDRAWN"));
  Consent(true);
  EXPECT_THAT(Release(statement), IsOk());
  EXPECT_THAT(Kinds(), ElementsAre(v1::RELEASE_KIND_STATEMENT));
}

// Access to Medical Reports Act 1988.
TEST_F(FitnessPgTest, NeverReleasesATreatingCliniciansReportUnanswered) {
  Consent(true);
  v1::IssueFitnessRequest request = Statement();
  request.set_treating_clinician(true);
  const v1::FitnessStatement statement = Issued(request);
  EXPECT_EQ(
      civil::FormatLocal(casework::FromTimestamp(statement.answer_due_time()), civil::London()),
      "2026-06-22T23:59:59+01:00");
  clock_.Advance(absl::Hours(24 * 60));
  EXPECT_THAT(Release(statement), StatusIs(kFailed, "ANSWER_AWAITED"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(FitnessPgTest, RefusesAnAnswerToAnotherVersion) {
  v1::FitnessStatement statement = Issued(Statement());
  ASSERT_THAT(Withdraw(statement), IsOk());
  EXPECT_THAT(Answer(statement, v1::OFFICER_ANSWER_ACCEPT),
              StatusIs(absl::StatusCode::kAborted, "STALE_VERSION"));
  statement.set_version(2);
  EXPECT_THAT(Answer(statement, v1::OFFICER_ANSWER_ACCEPT), StatusIs(kFailed, "STATEMENT_STATE"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(FitnessPgTest, WithdrawsWhatTheEmployerHas) {
  const v1::FitnessStatement statement = Released(Statement());
  ASSERT_THAT(Withdraw(statement), IsOk());
  EXPECT_THAT(Kinds(), ElementsAre(v1::RELEASE_KIND_STATEMENT, v1::RELEASE_KIND_WITHDRAWN));
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
}

TEST_F(FitnessPgTest, LeavesAFormerManagerNothingFromTheDayOfTheMove) {
  Released(Statement());
  const std::string next = Enter("Gwen", "Rees");
  EXPECT_THAT(StandingForManager(manager_), SizeIs(1));
  EXPECT_THAT(StandingForManager(next), IsEmpty());
  // The officer moves to another manager today.
  Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const auto slices, ReadSlices(txn, keys, {officer_}, kToday, clock_.Now()));
    waymark::workforce::Statement move;
    move.person_id = officer_;
    move.employment = slices.at(0).employment;
    move.employment.set_manager_subject_id(next);
    move.from = kToday;
    move.source = "test";
    move.source_version = 2;
    return WriteStatements(txn, keys, {move}, kToday, clock_.Now());
  });
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(StandingForManager(manager_), IsEmpty());
  EXPECT_THAT(StandingForManager(next), SizeIs(1));
  v1::ListFitnessRequest by_name;
  by_name.add_subject_ids(officer_);
  EXPECT_THAT(Standing(As("ListFitness", {ROLE_LINE_MANAGER}, "boss", manager_), by_name),
              IsEmpty());
  EXPECT_THAT(Standing(As("ListFitness", {ROLE_LINE_MANAGER}, "boss", next), by_name), SizeIs(1));
}

TEST_F(FitnessPgTest, ShowsAManagerOfTwoRecordsTheStaffOfBoth) {
  const std::string twin = Enter("Boss", "Twin");
  const std::string other = Enter("Ann", "Other", twin);
  Released(Statement());
  Released(Statement(v1::FITNESS_CODE_FIT, other));
  EXPECT_THAT(StandingForManager(manager_), SizeIs(1));
  Run([&](db::Transaction& txn, const TenantKeys& keys) {
    return Join(txn, keys, {ids::NewUuid(), manager_, twin, v1::PERSON_STATE_ACTIVE, clock_.Now()},
                "One person.", "lee");
  });
  EXPECT_THAT(StandingForManager(manager_), SizeIs(2));
  EXPECT_THAT(StandingForManager(twin), SizeIs(2));
}

TEST_F(FitnessPgTest, PagesThroughAForce) {
  std::vector<std::string> people = {officer_};
  for (int i = 0; i < 4; ++i) people.push_back(Enter("A", absl::StrCat("Person", i)));
  for (const std::string& one : people) Released(Statement(v1::FITNESS_CODE_FIT, one));
  v1::ListFitnessRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    auto page = Ask(&FitnessRoom::ListFitness, Hr("ListFitness"), request);
    ASSERT_THAT(page, IsOk());
    for (const auto& one : page->fitness()) seen.push_back(one.subject_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  std::sort(people.begin(), people.end());
  EXPECT_EQ(seen, people);
  EXPECT_TRUE(Releases(0, 3).more());
  EXPECT_EQ(Releases(0, 3).next_after_sequence(), 3);
  EXPECT_FALSE(Releases(3, 3).more());
  EXPECT_THAT(Releases(5).releases(), IsEmpty());
  EXPECT_EQ(Releases(5).next_after_sequence(), 5);
  request.set_page_token("that page");
  EXPECT_THAT(Ask(&FitnessRoom::ListFitness, Hr("ListFitness"), request),
              StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TEST_F(FitnessPgTest, NamesAProtectedPersonByIdOnlyAndOnlyToWhoMayAct) {
  Released(Statement());
  Run([&](db::Transaction& txn, const TenantKeys&) {
    return txn
        .Exec("UPDATE person SET protected = true WHERE tenant = $1 AND person_id = $2",
              txn.tenant(), officer_)
        .status();
  });
  // Ids, codes and days say nothing of a name; nobody outside their list reads or states more.
  EXPECT_THAT(Standing(Hr("ListFitness")), SizeIs(1));
  EXPECT_THAT(Issue(Statement()),
              StatusIs(absl::StatusCode::kPermissionDenied, "PERSON_PROTECTED"));
  v1::ListStatementsRequest list;
  list.set_subject_id(officer_);
  EXPECT_THAT(Ask(&FitnessRoom::ListStatements, As("ListStatements", {ROLE_OH_NURSE}), list),
              StatusIs(absl::StatusCode::kPermissionDenied, "PERSON_PROTECTED"));
  EXPECT_THAT(
      Ask(&FitnessRoom::ListStatements, As("ListStatements", {ROLE_OFFICER}, "owain", officer_),
          v1::ListStatementsRequest()),
      IsOk());
}

TEST_F(FitnessPgTest, EndsAStatementAfterItsLastDayAndSaysSoOnce) {
  v1::IssueFitnessRequest request = Statement();
  *request.mutable_fitness()->mutable_until_date() = casework::ToCivilDate(kToday + 3);
  Released(request);
  clock_.Set(civil::EndOfDay(kToday + 3, civil::London()));
  EXPECT_THAT(room_.ExpireStatements(kTenant), IsOk());
  EXPECT_THAT(Standing(Hr("ListFitness")), SizeIs(1));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(room_.ExpireStatements(kTenant), IsOk());
  EXPECT_THAT(room_.ExpireStatements(kTenant), IsOk());
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
  EXPECT_THAT(Kinds(), ElementsAre(v1::RELEASE_KIND_STATEMENT, v1::RELEASE_KIND_EXPIRED));
  EXPECT_EQ(Statements().at(0).state(), v1::STATEMENT_STATE_EXPIRED);
  EXPECT_THAT(Events(), Contains("ACTION_CHANGE fitness_expiry " + officer_));
}

TEST_F(FitnessPgTest, RemindsTheClinicianOfAReviewTwoWeeksAhead) {
  Released(Statement());
  EXPECT_THAT(TaskKinds(), IsEmpty());
  clock_.Advance(absl::Hours(24 * 14));
  ASSERT_THAT(TaskKinds(), ElementsAre(v1::FITNESS_TASK_KIND_REVIEW));
  EXPECT_EQ(civil::FormatLocal(casework::FromTimestamp(Tasks()[0].due_time()), civil::London()),
            "2026-06-29T00:00:00+01:00");
  // Reviewed by stating anew.
  Released(Statement(v1::FITNESS_CODE_FIT));
  EXPECT_THAT(TaskKinds(), IsEmpty());
}

TEST_F(FitnessPgTest, TurnsAPathwaysProposalIntoATaskAndNothingElse) {
  v1::ProposeFitnessRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(kTenant);
  request.set_subject_id(officer_);
  request.set_case_id(kCase);
  request.set_code(v1::FITNESS_CODE_TEMPORARILY_UNFIT);
  v1::ProposeFitnessResponse first;
  const rpc::Call call = CallOfService("FitnessService.ProposeFitness", "mental_health");
  ASSERT_THAT(room_.ProposeFitness(call, request, &first), IsOk());
  v1::ProposeFitnessResponse again;
  ASSERT_THAT(room_.ProposeFitness(call, request, &again), IsOk());
  EXPECT_EQ(first.proposal_id(), again.proposal_id());
  const auto tasks = Tasks();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].kind(), v1::FITNESS_TASK_KIND_PROPOSED);
  EXPECT_EQ(tasks[0].case_id(), kCase);
  EXPECT_EQ(tasks[0].proposed_code(), v1::FITNESS_CODE_TEMPORARILY_UNFIT);
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_THAT(Statements(), IsEmpty());
  // Which pathway it was stands nowhere in clear.
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM fitness_proposal AS p"
                                 " WHERE p::text LIKE '%mental%' OR p::text LIKE '%ca5e%'"),
            "0");

  v1::IssueFitnessRequest issue = Statement();
  issue.clear_case_id();
  issue.set_proposal_id(first.proposal_id());
  EXPECT_EQ(Issued(issue).case_id(), kCase);
  EXPECT_THAT(TaskKinds(), IsEmpty());
  EXPECT_THAT(Issue(issue), StatusIs(kNotFound, "PROPOSAL_UNKNOWN"));

  request.set_request_id(ids::NewUuid());
  ASSERT_THAT(room_.ProposeFitness(call, request, &first), IsOk());
  v1::DismissFitnessProposalRequest dismiss;
  dismiss.set_proposal_id(first.proposal_id());
  EXPECT_THAT(Ask(&FitnessRoom::DismissFitnessProposal,
                  As("DismissFitnessProposal", {ROLE_OH_NURSE}), dismiss),
              IsOk());
  EXPECT_THAT(TaskKinds(), IsEmpty());
}

TEST_F(FitnessPgTest, TakesInASubjectIdThatOnlyACaseKnowsSoThatNoProposalIsLost) {
  v1::ProposeFitnessRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(kTenant);
  request.set_subject_id(ids::NewUuid());
  request.set_case_id(kCase);
  v1::ProposeFitnessResponse proposed;
  ASSERT_THAT(room_.ProposeFitness(CallOfService("FitnessService.ProposeFitness", "msk"), request,
                                   &proposed),
              IsOk());
  const auto tasks = Tasks();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].subject_id(), request.subject_id());
  EXPECT_EQ(tasks[0].proposed_code(), v1::FITNESS_CODE_UNSPECIFIED);
}

TEST_F(FitnessPgTest, StopsEverythingInTheTransactionOfADeath) {
  HrReceiver receiver;
  const v1::FitnessStatement released = Released(Statement());
  clock_.Advance(absl::Hours(1));
  const v1::FitnessStatement waiting = Issued(Statement());
  v1::ProposeFitnessRequest proposal;
  proposal.set_request_id(ids::NewUuid());
  proposal.set_subject_id(officer_);
  proposal.set_case_id(kCase);
  v1::ProposeFitnessResponse proposed;
  ASSERT_THAT(room_.ProposeFitness(CallOfService("FitnessService.ProposeFitness", "msk"), proposal,
                                   &proposed),
              IsOk());
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  Die(officer_);
  EXPECT_THAT(Answer(waiting, v1::OFFICER_ANSWER_ACCEPT), StatusIs(kFailed, "PERSON_DECEASED"));
  EXPECT_THAT(Issue(Statement()), StatusIs(kFailed, "PERSON_DECEASED"));
  Deliver();
  EXPECT_EQ(receiver.Held(), "") << "what had not left stays";
  EXPECT_EQ(Delivery().delivered_sequence(), 1) << "and holds up nothing";
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_THAT(Standing(Hr("ListFitness")), IsEmpty());
  EXPECT_THAT(TaskKinds(), IsEmpty());
  // The record of what was stated can be read still.
  for (const v1::FitnessStatement& one : Statements()) {
    EXPECT_EQ(one.state(), v1::STATEMENT_STATE_WITHDRAWN);
    EXPECT_TRUE(one.has_ended_time());
  }
}

TEST_F(FitnessPgTest, PostsReleasesInOrderToAReceiverThatChecksThem) {
  HrReceiver receiver;
  Released(Statement());
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  Deliver();
  EXPECT_THAT(receiver.Held(), HasSubstr(officer_));
  EXPECT_THAT(receiver.Held(), HasSubstr("NO_NIGHT_WORK"));
  clock_.Advance(absl::Hours(1));
  const v1::FitnessStatement fit = Released(Statement(v1::FITNESS_CODE_FIT));
  Deliver();
  EXPECT_THAT(receiver.Held(), HasSubstr("\"code\": \"FIT\""));
  ASSERT_THAT(Withdraw(fit), IsOk());
  Deliver();
  EXPECT_THAT(receiver.Held(), HasSubstr("\"fitness\": null"));
  EXPECT_EQ(Delivery().delivered_sequence(), 3);
  EXPECT_EQ(Delivery().last_sequence(), 3);
  EXPECT_EQ(Delivery().failed_attempts(), 0);
  EXPECT_THAT(Events(), Contains("ACTION_EXPORT fitness_release " + officer_));
  // Put again, it goes on from where it was.
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 3);
}

TEST_F(FitnessPgTest, BeginsANewWebhookWhereItWasAskedTo) {
  HrReceiver receiver;
  Released(Statement());
  ASSERT_THAT(PutWebhook(receiver.url(), kSecret, -1), IsOk());
  Deliver();
  EXPECT_EQ(receiver.Held(), "");
  ASSERT_THAT(PutWebhook(""), IsOk());
  EXPECT_FALSE(Delivery().configured());
  ASSERT_THAT(PutWebhook(receiver.url(), kSecret, 0), IsOk());
  Deliver();
  EXPECT_THAT(receiver.Held(), HasSubstr(officer_));
}

TEST_F(FitnessPgTest, TriesAgainWithRisingPauses) {
  HrReceiver receiver(kSecret, /*fail=*/2);
  Released(Statement());
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  Deliver();
  Deliver();  // not yet
  EXPECT_EQ(Delivery().failed_attempts(), 1);
  EXPECT_EQ(Delivery().last_answer(), 503);
  real_.Advance(absl::Seconds(5));
  Deliver();
  EXPECT_EQ(Delivery().failed_attempts(), 2);
  real_.Advance(absl::Seconds(5));
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 0) << "the second pause is longer";
  real_.Advance(absl::Seconds(5));
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 1);
  EXPECT_THAT(receiver.Held(), HasSubstr(officer_));
}

TEST_F(FitnessPgTest, MakesWhatNeverArrivedAPersonsTaskAndGoesOn) {
  Released(Statement());
  ASSERT_THAT(PutWebhook("http://127.0.0.1:1/hook"), IsOk());
  Deliver();
  EXPECT_EQ(Delivery().failed_attempts(), 1);
  // Three days pass.
  test_database_.Query(
      "UPDATE fitness_webhook SET next_attempt_at = '-infinity',"
      " first_failed_at = first_failed_at - interval '72 hours'");
  Deliver();
  EXPECT_THAT(Delivery().undelivered_sequences(), ElementsAre(1));
  EXPECT_EQ(Delivery().delivered_sequence(), 1);
  const auto tasks = Tasks();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].kind(), v1::FITNESS_TASK_KIND_NOT_DELIVERED);
  EXPECT_EQ(tasks[0].sequence(), 1);
  EXPECT_EQ(tasks[0].subject_id(), "");
  Deliver();
  EXPECT_THAT(Delivery().undelivered_sequences(), SizeIs(1)) << "only a person sends it again";

  const auto resend = [&] {
    auto response =
        Ask(&FitnessRoom::ResendFitness, Hr("ResendFitness"), v1::ResendFitnessRequest());
    EXPECT_THAT(response, IsOk());
    return response->count();
  };
  EXPECT_EQ(resend(), 1);
  EXPECT_THAT(TaskKinds(), IsEmpty());
  Deliver();
  EXPECT_THAT(TaskKinds(), SizeIs(1)) << "refused once more";
  // The cause is mended. A later release has gone out before; the receiver keeps the later one.
  HrReceiver receiver;
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  clock_.Advance(absl::Hours(1));
  Released(Statement(v1::FITNESS_CODE_FIT));
  Deliver();
  EXPECT_EQ(resend(), 1);
  Deliver();
  EXPECT_THAT(TaskKinds(), IsEmpty());
  EXPECT_THAT(Delivery().undelivered_sequences(), IsEmpty());
  EXPECT_THAT(receiver.Held(), HasSubstr("\"code\": \"FIT\""));
}

TEST_F(FitnessPgTest, ChangesItsSecretWithoutLosingAMessage) {
  const std::string fresh = "another secret that both of us will know";
  HrReceiver receiver;
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  ASSERT_THAT(PutWebhook(receiver.url(), fresh), IsOk());
  Released(Statement());
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 1) << "the receiver knows only the former secret yet";
  receiver.Secret(fresh);
  clock_.Advance(absl::Hours(1));
  Released(Statement(v1::FITNESS_CODE_FIT));
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 2);
  EXPECT_THAT(receiver.Held(), HasSubstr("\"code\": \"FIT\""));
}

TEST_F(FitnessPgTest, SignsWithTheFormerSecretForADayAndNoLonger) {
  const std::string fresh = "another secret that both of us will know";
  HrReceiver receiver;
  real_.Set(absl::Now() - FitnessRoom::kSecretOverlap);
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  ASSERT_THAT(PutWebhook(receiver.url(), fresh), IsOk());
  Released(Statement());
  real_.Set(absl::Now());
  Deliver();
  EXPECT_EQ(Delivery().last_answer(), 401) << "it knows only the former one still";
  receiver.Secret(fresh);
  test_database_.Query("UPDATE fitness_webhook SET next_attempt_at = '-infinity'");
  Deliver();
  EXPECT_EQ(Delivery().delivered_sequence(), 1);
}

TEST_F(FitnessPgTest, InProductionTakesAndCallsNoAddressWithoutTls) {
  HrReceiver receiver;
  Released(Statement());
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  const FitnessOptions production = {.webhooks = webhook::Transport::kTlsOnly};
  FitnessRoom room(own_desk_, production);
  v1::PutFitnessWebhookRequest request;
  request.set_url(receiver.url());
  request.set_secret(kSecret);
  v1::PutFitnessWebhookResponse response;
  EXPECT_THAT(room.PutFitnessWebhook(Hr("PutFitnessWebhook"), request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  // One that was entered before is not called either.
  Postman postman(own_desk_, production, registry_);
  EXPECT_THAT(postman.RunOnce(), IsOk());
  EXPECT_EQ(receiver.Held(), "");
  EXPECT_EQ(Delivery().failed_attempts(), 1);
}

TEST_F(FitnessPgTest, SendsAgainWhatAnotherProcessDiedWith) {
  HrReceiver receiver;
  Released(Statement());
  ASSERT_THAT(PutWebhook(receiver.url()), IsOk());
  Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const auto letter,
                     LeaseLetter(txn, keys, real_.Now(), real_.Now() + absl::Minutes(2)));
    EXPECT_TRUE(letter.has_value());
    return absl::OkStatus();
  });
  Deliver();
  EXPECT_EQ(receiver.Held(), "");
  real_.Advance(absl::Minutes(2));
  Deliver();
  EXPECT_THAT(receiver.Held(), HasSubstr(officer_));
}

TEST_F(FitnessPgTest, StreamsWhatIsReleasedToWhoMaySeeItThen) {
  const v1::FitnessStatement first = Released(Statement());
  FitnessWatchers watchers(room_, [] {});
  const auto open = [&](const rpc::Call& call, int64_t after) {
    v1::WatchFitnessRequest request;
    request.set_after_sequence(after);
    auto feed = std::make_shared<FitnessFeed>(16);
    EXPECT_THAT(watchers.Add(call, request, feed), IsOk());
    return feed;
  };
  // What a feed holds is not for the test to read: count what was audited as shown.
  const auto shown = [&] {
    const auto events = Events();
    return std::count(events.begin(), events.end(), "ACTION_READ fitness_release " + officer_);
  };
  const auto from_first = open(Hr("WatchFitness"), 0);
  const auto from_now = open(Hr("WatchFitness"), -1);
  const auto other_manager =
      open(As("WatchFitness", {ROLE_LINE_MANAGER}, "gwen", Enter("Gwen", "Rees")), 0);
  EXPECT_THAT(watchers.RunOnce(), IsOk());
  EXPECT_EQ(shown(), 1);
  ASSERT_THAT(Withdraw(first), IsOk());
  EXPECT_THAT(watchers.RunOnce(), IsOk());
  EXPECT_EQ(shown(), 3);
  EXPECT_THAT(watchers.RunOnce(), IsOk());
  EXPECT_EQ(shown(), 3) << "nothing twice";
  from_first->Finish(absl::OkStatus());
  EXPECT_THAT(watchers.RunOnce(), IsOk());
}

TEST_F(FitnessPgTest, GivesConcurrentReleasesNumbersWithoutAGap) {
  std::vector<v1::FitnessStatement> statements;
  for (int i = 0; i < 8; ++i) {
    statements.push_back(
        Issued(Statement(v1::FITNESS_CODE_FIT, Enter("A", absl::StrCat("Person", i)))));
  }
  std::vector<std::thread> threads;
  for (const v1::FitnessStatement& one : statements) {
    threads.emplace_back([&] { EXPECT_THAT(Answer(one, v1::OFFICER_ANSWER_ACCEPT), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> numbers;
  const v1::ListFitnessReleasesResponse page = Releases();
  for (const auto& one : page.releases()) numbers.push_back(one.sequence());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(FitnessPgTest, HoldsNoCodeDayOrCaseInClear) {
  v1::IssueFitnessRequest request = Statement();
  request.mutable_fitness()->mutable_restrictions(0)->set_code(v1::RESTRICTION_CODE_NO_FIREARMS);
  Released(request);
  ASSERT_THAT(PutWebhook("https://hr.force.police.uk/hook"), IsOk());
  EXPECT_EQ(test_database_.Query(absl::StrCat(
                "SELECT count(*) FROM (SELECT s::text AS t FROM fitness_statement AS s UNION ALL"
                " SELECT r::text FROM fitness_release AS r UNION ALL SELECT w::text"
                " FROM fitness_webhook AS w) AS rows WHERE t LIKE '%",
                kCase,
                "%' OR t LIKE '%hr.force%' OR t LIKE '%secret%'"
                " OR t LIKE '%' || encode('",
                kCase, "', 'hex') || '%'")),
            "0");
}

TEST_F(FitnessPgTest, ShowsASubjectAllThatIsHeld) {
  Released(Statement());
  Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> held, FitnessHeldOn(txn, keys, {officer_}));
    EXPECT_THAT(held, ElementsAre(HasSubstr("STATEMENT_STATE_RELEASED"),
                                  HasSubstr("RELEASE_KIND_STATEMENT")));
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace waymark::workforce
