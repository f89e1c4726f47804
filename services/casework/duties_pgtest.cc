#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "common/status/status.h"
#include "common/testing/test_signal.h"
#include "services/casework/conformance.h"
#include "services/casework/duties.h"
#include "services/casework/toy_for_test.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::casework {

// Only its fixture is used here; cases_pgtest.cc runs the suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CaseLifecycle);

namespace {

using ::waymark::testing::Eventually;
using ::waymark::testing::IsOk;

// Keeps the highest version of each case, as scheduling does. Forgets and refuses on request.
class FakeScheduling final : public scheduling::v1::SchedulingService::Service {
 public:
  grpc::Status PutPlan(grpc::ServerContext*, const scheduling::v1::PutPlanRequest* request,
                       scheduling::v1::PutPlanResponse* response) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& numbered : request->plans()) {
      if (numbered.plan().case_id() == refused_) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "no"};
      }
    }
    for (const auto& numbered : request->plans()) {
      int64_t& known = versions_[numbered.plan().case_id()];
      known = std::max(known, numbered.plan().case_version());
      if (numbered.number() > 0) numbers_.insert(numbered.number());
    }
    response->set_highest_contiguous_number(Contiguous());
    return grpc::Status::OK;
  }
  grpc::Status Reconcile(grpc::ServerContext*, const scheduling::v1::ReconcileRequest* request,
                         scheduling::v1::ReconcileResponse* response) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& asked : request->cases()) {
      const int64_t known = versions_[asked.case_id()];
      if (known == asked.case_version()) continue;
      auto* differs = known < asked.case_version() ? response->add_behind() : response->add_ahead();
      differs->set_case_id(asked.case_id());
      differs->set_case_version(known);
    }
    return grpc::Status::OK;
  }

  int64_t Version(const std::string& case_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return versions_[case_id];
  }
  void Know(const std::string& case_id, int64_t version) {
    const std::lock_guard<std::mutex> lock(mutex_);
    versions_[case_id] = version;
  }
  void Refuse(const std::string& case_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    refused_ = case_id;
  }

 private:
  int64_t Contiguous() const {
    int64_t number = 0;
    while (numbers_.count(number + 1) != 0) ++number;
    return number;
  }

  std::mutex mutex_;
  std::map<std::string, int64_t> versions_;
  std::set<int64_t> numbers_;
  std::string refused_;
};

// Keeps events by number, as audit does.
class FakeAudit final : public audit::v1::AuditService::Service {
 public:
  grpc::Status AppendEntries(grpc::ServerContext*, const audit::v1::AppendEntriesRequest* request,
                             audit::v1::AppendEntriesResponse* response) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& numbered : request->events()) {
      audit::v1::AuditEvent event;
      if (!event.ParseFromString(numbered.event())) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "no event"};
      }
      events_[numbered.number()] = event.event_id();
    }
    int64_t number = 0;
    while (events_.count(number + 1) != 0) ++number;
    response->set_highest_contiguous_number(number);
    return grpc::Status::OK;
  }
  grpc::Status Reconcile(grpc::ServerContext*, const audit::v1::ReconcileRequest* request,
                         audit::v1::ReconcileResponse* response) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& range : request->ranges()) {
      std::string ids;
      for (int64_t n = range.numbers().first(); n <= range.numbers().last(); ++n) {
        if (events_.count(n) != 0) absl::StrAppend(&ids, events_[n], "\n");
      }
      const crypto::Digest digest = crypto::Sha256(ids);
      if (absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()) !=
          range.event_ids_sha256()) {
        *response->add_send_again() = range.numbers();
      }
    }
    response->set_highest_number(events_.empty() ? 0 : events_.rbegin()->first);
    return grpc::Status::OK;
  }

  size_t size() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return events_.size();
  }
  void Forget(int64_t number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_.erase(number);
  }

 private:
  std::mutex mutex_;
  std::map<int64_t, std::string> events_;
};

// Another pathway: away at first, refuses "bad" and "gone", says that it is too early for "early",
// and keeps the rest.
class FakeNeighbour {
 public:
  absl::Status Take(const std::string& payload) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++asked_;
    if (away_) return absl::UnavailableError("away");
    if (payload == "bad") return absl::InvalidArgumentError("no");
    if (payload == "gone") return status::NotFound("CASE_NOT_FOUND", "no");
    if (payload == "early" && early_) return status::FailedPrecondition("CASE_ARRIVING", "no");
    return taken_.insert(payload).second ? absl::OkStatus() : absl::AlreadyExistsError("there");
  }
  void ComeBack() {
    const std::lock_guard<std::mutex> lock(mutex_);
    away_ = false;
  }
  void Arrive() {
    const std::lock_guard<std::mutex> lock(mutex_);
    early_ = false;
  }
  int asked() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }
  std::set<std::string> taken() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return taken_;
  }

 private:
  std::mutex mutex_;
  bool away_ = true;
  bool early_ = true;
  int asked_ = 0;
  std::set<std::string> taken_;
};

// An act that tells the other pathway its note.
absl::StatusOr<::waymark::casework::Change<ToyPathway::Case>> TellNeighbour(
    const ToyPathway::Case& before, const ToyPathway::ChangeRequest& request, const Call& call) {
  auto change = ToyPathway::Apply(before, request, call);
  change->messages.push_back({.destination = "neighbour", .payload = request.note()});
  return change;
}

class DutiesPgTest : public CaseLifecycle<ToyPathway> {
 protected:
  DutiesPgTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&scheduling_);
    builder.RegisterService(&audit_);
    server_ = builder.BuildAndStart();
    relays_ = std::make_unique<Relays>(
        Relays::Options{.source = "toy",
                        .database = pool_.get(),
                        .tenants = &tenants_,
                        .keys = keys_.get(),
                        .scheduling = server_->InProcessChannel(grpc::ChannelArguments()),
                        .audit = server_->InProcessChannel(grpc::ChannelArguments()),
                        .others = {{"neighbour", [this](const std::string& payload, absl::Time) {
                                      return neighbour_.Take(payload);
                                    }}}});
  }
  ~DutiesPgTest() override {
    relays_->Stop();
    server_->Shutdown();
  }
  void TestBody() override {}

  // Relays start with the first wake, as after a commit.
  void Deliver() {
    if (!started_) relays_->Start();
    started_ = true;
    relays_->Wake("demo");
  }
  // An act on a new case that tells the neighbour this.
  void TellOf(const std::string& note) {
    const rpc::Call call = CallOf("RecordNote");
    ToyPathway::ChangeRequest request = ToyPathway::Changing(OpenOne().header().case_id(), now_);
    request.set_request_id(call.request_id);
    request.set_note(note);
    ToyPathway::ChangeResponse response;
    ASSERT_THAT(cases_->RunChange(call, request, &response, &TellNeighbour), IsOk());
  }
  absl::StatusOr<Reconciled> ReconcileNow() {
    return Reconcile(cases_->untyped(), *relays_, "demo", absl::Now() + absl::Seconds(20));
  }

  FakeScheduling scheduling_;
  FakeAudit audit_;
  FakeNeighbour neighbour_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Relays> relays_;
  bool started_ = false;
};

TEST_F(DutiesPgTest, DeliversPlansAndEventsAsTheyWereWritten) {
  const std::string case_id = OpenOne().header().case_id();
  ASSERT_THAT(Change(CallOf("RecordNote"), case_id), IsOk());
  Deliver();
  EXPECT_TRUE(Eventually([&] { return scheduling_.Version(case_id) == 2 && audit_.size() == 2; }));
}

TEST_F(DutiesPgTest, OnePlanRefusedHoldsUpNobodyElse) {
  const std::string bad = OpenOne().header().case_id();
  const std::string good = OpenOne().header().case_id();
  scheduling_.Refuse(bad);
  Deliver();
  EXPECT_TRUE(Eventually([&] { return scheduling_.Version(good) == 1; }));
  EXPECT_EQ(scheduling_.Version(bad), 0);
}

TEST_F(DutiesPgTest, TellsAnotherPathwayOnceItIsBackAndPassesOverWhatItRefuses) {
  for (const char* note : {"bad", "good", "good"}) TellOf(note);
  EXPECT_EQ(Count("outbox WHERE payload LIKE '%good%'::bytea"), 0) << "sealed";
  Deliver();
  ASSERT_TRUE(Eventually([&] { return neighbour_.asked() > 0; }));
  EXPECT_TRUE(neighbour_.taken().empty());
  neighbour_.ComeBack();
  EXPECT_TRUE(Eventually([&] {
    return Count("outbox_counter WHERE destination = 'neighbour' AND delivered_through = 3") == 1;
  }));
  EXPECT_THAT(neighbour_.taken(), ::testing::ElementsAre("good"));
}

TEST_F(DutiesPgTest, NothingThatIsGoneBlocksAndWhatIsEarlyWaits) {
  for (const char* note : {"gone", "early", "good"}) TellOf(note);
  neighbour_.ComeBack();
  Deliver();
  ASSERT_TRUE(Eventually([&] { return neighbour_.taken().count("good") == 1; }));
  EXPECT_EQ(neighbour_.taken().count("early"), 0u);
  neighbour_.Arrive();
  EXPECT_TRUE(Eventually([&] {
    return Count("outbox_counter WHERE destination = 'neighbour' AND delivered_through = 3") == 1;
  }));
  EXPECT_THAT(neighbour_.taken(), ::testing::ElementsAre("early", "good"));
}

TEST(IsRefusal, IsWhatSayingItAgainWouldNotChange) {
  EXPECT_TRUE(IsRefusal(status::NotFound("CASE_NOT_FOUND", "")));
  EXPECT_TRUE(IsRefusal(status::InvalidArgument("INVALID_FIELDS", "")));
  EXPECT_TRUE(IsRefusal(status::FailedPrecondition("NOT_AN_ANSWER", "")));
  EXPECT_FALSE(IsRefusal(status::Unavailable("DATABASE_UNAVAILABLE", "")));
  EXPECT_FALSE(IsRefusal(status::FailedPrecondition("CASE_ARRIVING", "")));
  // A release that does not know the case's protocol yet is replaced.
  EXPECT_FALSE(IsRefusal(status::NotFound("PROTOCOL_NOT_FOUND", "")));
  EXPECT_FALSE(IsRefusal(absl::OkStatus()));
}

TEST_F(DutiesPgTest, ReconciliationSendsAgainWhatTheOthersForgot) {
  const std::string case_id = OpenOne().header().case_id();
  Deliver();
  ASSERT_TRUE(Eventually([&] { return scheduling_.Version(case_id) == 1 && audit_.size() == 1; }));
  auto found = ReconcileNow();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->cases, 1);
  EXPECT_EQ(found->plans_sent_again + found->ranges_sent_again + found->ahead, 0);

  scheduling_.Know(case_id, 0);
  audit_.Forget(1);
  found = ReconcileNow();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->plans_sent_again, 1);
  EXPECT_EQ(found->ranges_sent_again, 1);
  EXPECT_EQ(scheduling_.Version(case_id), 1);
  EXPECT_TRUE(Eventually([&] { return audit_.size() == 1; }));
}

TEST_F(DutiesPgTest, ReconciliationSaysWhenTheOthersKnowMore) {
  const std::string case_id = OpenOne().header().case_id();
  scheduling_.Know(case_id, 9);
  const auto found = ReconcileNow();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->ahead, 1);
  EXPECT_EQ(scheduling_.Version(case_id), 9);
}

TEST_F(DutiesPgTest, EveryDutyRuns) {
  OpenOne();
  clock::FakeClock clock(now_);
  std::vector<std::string> names;
  for (const server::Duty& duty :
       CaseDuties(cases_->untyped(), *relays_, {.clinical_clock = &clock})) {
    names.push_back(duty.name);
    EXPECT_THAT(duty.run_once(), IsOk()) << duty.name;
  }
  EXPECT_THAT(names,
              ::testing::ElementsAre("reconcile", "rewrap-keys", "retention", "housekeeping"));
}

}  // namespace
}  // namespace waymark::casework
