// kill -9 of the workforce program at every step of an HR feed, of a rotation of keys and of a
// person's way to another force: whole or not at all, and it goes on where it was.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/kill_at_write.h"
#include "tests/harness/suite.h"
#include "waymark/workforce/v1/hr_feed_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

namespace v1 = workforce::v1;
using harness::Person;
using testing::Eventually;
using testing::IsOk;
using Feed = v1::HrFeedService::Stub;
using People = v1::WorkforceService::Stub;

constexpr char kHere[] = "demo";
constexpr char kThere[] = "north";
constexpr absl::Duration kLong = absl::Minutes(2);

class PeopleChaos : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        suite_, harness::Suite::Start({.durable = true, .services = {"audit", "workforce"}}));
  }

  std::string Query(const std::string& sql) { return suite_->database("workforce").Query(sql); }
  void Update(const std::string& sql) {
    Query(absl::StrCat("WITH changed AS (", sql, " RETURNING 1) SELECT count(*) FROM changed"));
  }

  static Person Of(options::v1::Role role, const std::string& tenant = kHere,
                   const std::string& subject_id = "") {
    return {.user_id = absl::StrCat(tenant, "-", role, subject_id.empty() ? "" : "-self"),
            .tenant = tenant,
            .roles = {role},
            .subject_id = subject_id};
  }

  // Once; the request_id is the caller's, so that a repeat is one.
  template <typename Stub, typename Request, typename Response>
  absl::Status AskOnce(const Person& who,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const Request& request, Response* response) {
    Stub stub(suite_->Connect("workforce"));
    return rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(20), .token = suite_->Token(who)},
        [&](grpc::ClientContext* context) { return (stub.*method)(context, request, response); });
  }
  // Until it is answered.
  template <typename Stub, typename Request, typename Response>
  Response Ask(const Person& who,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(ids::NewUuid());
    }
    Response response;
    absl::Status last;
    EXPECT_TRUE(Eventually([&] {
      last = AskOnce(who, method, request, &response);
      return last.ok();
    })) << last
        << suite_->Log("workforce");
    return response;
  }

  void KillAtWriteOf(
      const std::string& table, const std::string& beside, const std::function<void()>& provoke,
      const std::function<void()>& meanwhile = [] {}) {
    chaos::KillAtWriteOf(*suite_, "workforce", {table, beside}, provoke, meanwhile);
  }

  std::unique_ptr<harness::Suite> suite_;
};

// ---- An HR feed

std::string Csv(int people, const std::string& site) {
  std::string csv = "external_id,family_name,given_name,workforce_type,site_code,collar_number\n";
  for (int i = 0; i < people; ++i) {
    absl::StrAppend(&csv, "P", i, ",Jones,Sam", std::string(1 + i % 26, 'a'), ",OFFICER,", site,
                    ",C", i, "\n");
  }
  return csv;
}

class FeedChaos : public PeopleChaos {
 protected:
  // Sends the file and awaits its preview; the run's id.
  std::string Preview(const std::string& csv) {
    std::string run_id = ids::NewUuid();
    // A second apart at least: of two extracts of one second neither is the newer.
    const int64_t extracted = absl::ToUnixSeconds(absl::Now()) - 60 + ++extracts_;
    Feed stub(suite_->Connect("workforce"));
    const absl::Status sent =
        rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20),
                     .token = suite_->Token(Of(options::v1::ROLE_HR_INTEGRATION))},
                    [&](grpc::ClientContext* context) {
                      v1::SyncPeopleResponse response;
                      const auto writer = stub.SyncPeople(context, &response);
                      v1::SyncPeopleRequest message;
                      message.set_request_id(run_id);
                      v1::FeedHeader& header = *message.mutable_header();
                      header.set_kind(v1::FEED_KIND_SNAPSHOT);
                      v1::FeedManifest& manifest = *header.mutable_manifest();
                      manifest.set_sha256(crypto::Hex(crypto::Bytes(crypto::Sha256(csv))));
                      manifest.set_row_count(std::count(csv.begin(), csv.end(), '\n') - 1);
                      manifest.mutable_extract_time()->set_seconds(extracted);
                      manifest.set_source("origin");
                      manifest.set_schema_version(1);
                      writer->Write(message);
                      message.Clear();
                      message.set_request_id(run_id);
                      message.set_number(1);
                      message.set_csv(csv);
                      writer->Write(message);
                      message.Clear();
                      message.set_request_id(run_id);
                      message.set_end(true);
                      writer->Write(message);
                      writer->WritesDone();
                      return writer->Finish();
                    });
    EXPECT_THAT(sent, IsOk());
    Await(run_id, v1::FEED_RUN_STATE_PREVIEWED);
    return run_id;
  }
  void Apply(const std::string& run_id) {
    v1::ApplyFeedRunRequest request;
    request.set_run_id(run_id);
    Ask(Of(options::v1::ROLE_HR_INTEGRATION), &Feed::ApplyFeedRun, request);
  }
  void Await(const std::string& run_id, v1::FeedRunState state) {
    v1::GetFeedRunRequest request;
    request.set_run_id(run_id);
    v1::FeedRunState last = v1::FEED_RUN_STATE_UNSPECIFIED;
    EXPECT_TRUE(Eventually(
        [&] {
          last =
              Ask(Of(options::v1::ROLE_HR_INTEGRATION), &Feed::GetFeedRun, request).run().state();
          return last == state;
        },
        kLong))
        << v1::FeedRunState_Name(last) << suite_->Log("workforce");
  }
  // People, who of them works in the north, tokens, links, and the audit trail of the changes.
  std::string Held() {
    return Query(
        "SELECT concat_ws('/', (SELECT count(*) FROM person),"
        " (SELECT count(*) FROM employment_slice WHERE site_code = 'NORTH'"
        "  AND known_until = 'infinity'),"
        " (SELECT count(DISTINCT person_id) FROM blind_index),"
        " (SELECT count(*) FROM feed_link WHERE last_run_id = (SELECT run_id FROM feed_run"
        "  ORDER BY begun_at DESC LIMIT 1)))");
  }

 private:
  int extracts_ = 0;
};

TEST_F(FeedChaos, AppliesAFeedWholeOrNotAtAllWhereverItIsKilled) {
  const std::string first = Preview(Csv(20, "HQ"));
  Apply(first);
  Await(first, v1::FEED_RUN_STATE_APPLIED);
  ASSERT_EQ(Held(), "20/0/20/20");

  const std::string second = Preview(Csv(30, "NORTH"));
  bool asked = false;
  for (const char* table : {"person", "person_field", "employment_slice", "blind_index",
                            "feed_link", "outbox", "feed_source", "feed_run"}) {
    KillAtWriteOf(table, "feed_run", [&] {
      if (std::exchange(asked, true)) {
        ASSERT_THAT(suite_->StartService("workforce"), IsOk());
      } else {
        Apply(second);
      }
    });
    EXPECT_EQ(Held(), "20/0/20/0") << "killed when about to write " << table;
    if (HasFailure()) return;
  }
  ASSERT_THAT(suite_->StartService("workforce"), IsOk());
  Await(second, v1::FEED_RUN_STATE_APPLIED);
  EXPECT_EQ(Held(), "30/30/30/30");
}

// ---- A rotation of keys

TEST_F(PeopleChaos, RotatesKeysToTheEndWhereverItIsKilledAndEverybodyIsFoundMeanwhile) {
  std::vector<std::string> people;
  for (int i = 0; i < 10; ++i) {
    v1::RegisterPersonRequest request;
    request.mutable_name()->set_given("Sam");
    request.mutable_name()->set_family(absl::StrCat("Jones", std::string(1 + i, 'a')));
    request.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
    people.push_back(Ask(Of(options::v1::ROLE_OH_NURSE), &People::RegisterPerson, request)
                         .person()
                         .subject_id());
  }
  const auto expect_everybody = [&] {
    for (int i = 0; i < 10; ++i) {
      v1::FindPeopleRequest find;
      find.set_family_name(absl::StrCat("Jones", std::string(1 + i, 'a')));
      const auto found = Ask(Of(options::v1::ROLE_OH_NURSE), &People::FindPeople, find);
      ASSERT_EQ(found.hits_size(), 1) << i;
      EXPECT_EQ(found.hits(0).subject_id(), people[i]);
      EXPECT_EQ(found.hits(0).name().given(), "Sam");
    }
  };
  const auto restart = [&] { ASSERT_THAT(suite_->StartService("workforce"), IsOk()); };
  // The minutes that every process has to learn of a key, or to forget one, are over.
  const auto let_minutes_pass = [&] {
    Update(
        "UPDATE tenant_key SET created_at = created_at - interval '1 hour',"
        " retired_at = retired_at - interval '1 hour'");
  };
  Ask(Of(options::v1::ROLE_OPERATOR), &People::RotateKeys, v1::RotateKeysRequest());
  suite_->KillService("workforce");
  let_minutes_pass();

  // Values are sealed anew and counted; tokens of the new key; how far; the old key is retired.
  for (const auto& [table, beside] :
       std::vector<std::pair<const char*, const char*>>{{"person_field", "person_field"},
                                                        {"key_rotation", "person_field"},
                                                        {"blind_index", "key_rotation"},
                                                        {"tenant_key", "blind_index"}}) {
    KillAtWriteOf(table, beside, restart, expect_everybody);
    if (HasFailure()) return;
  }
  restart();
  ASSERT_TRUE(Eventually([&] {
    return Query("SELECT count(*) FROM tenant_key WHERE retired_at IS NOT NULL") == "1";
  })) << suite_->Log("workforce");
  expect_everybody();
  suite_->KillService("workforce");
  let_minutes_pass();
  // Its tokens go; then itself; then it is over.
  for (const auto& [table, beside] : std::vector<std::pair<const char*, const char*>>{
           {"blind_index", "key_rotation"}, {"tenant_key", "blind_index"}}) {
    KillAtWriteOf(table, beside, restart, expect_everybody);
    if (HasFailure()) return;
  }
  restart();
  ASSERT_TRUE(Eventually([&] {
    return Query("SELECT count(*) FROM key_rotation WHERE finished_at IS NOT NULL") == "1";
  })) << suite_->Log("workforce");
  expect_everybody();
  EXPECT_EQ(Query("SELECT count(*) FROM person_field WHERE key_version < 2"), "0");
  EXPECT_EQ(Query("SELECT count(*) FROM blind_index WHERE key_version < 2"), "0");
  EXPECT_EQ(Query("SELECT string_agg(key_version::text, ' ') FROM tenant_key WHERE purpose = 2"),
            "2");
}

// ---- A person's way to another force

TEST_F(PeopleChaos, HandsAPersonOverOnceWhereverItIsKilled) {
  v1::RegisterPersonRequest enter;
  enter.mutable_name()->set_given("Sam");
  enter.mutable_name()->set_family("Jones");
  enter.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  const std::string person =
      Ask(Of(options::v1::ROLE_OH_NURSE), &People::RegisterPerson, enter).person().subject_id();
  // The other force exists from its first call on.
  Ask(Of(options::v1::ROLE_OH_LEAD, kThere), &People::ListTransfers, v1::ListTransfersRequest());
  v1::GiveConsentRequest give;
  give.set_kind(v1::DISCLOSURE_KIND_RECORD_TO_FORCE);
  give.set_recipient(kThere);
  v1::OfferTransferRequest offer;
  offer.set_request_id(ids::NewUuid());
  offer.set_subject_id(person);
  offer.set_to_force(kThere);
  offer.set_consent_id(Ask(Of(options::v1::ROLE_OFFICER, kHere, person), &People::GiveConsent, give)
                           .consent()
                           .consent_id());

  // A call that is killed at each of its tables and asked again with the same request id.
  const auto kill_call = [&](const std::vector<const char*>& tables, const auto& call) {
    for (const char* table : tables) {
      std::future<void> caller;
      KillAtWriteOf(table, "idempotency_key",
                    [&] { caller = std::async(std::launch::async, call); });
      caller.wait();
      ASSERT_THAT(suite_->StartService("workforce"), IsOk());
      if (HasFailure()) return;
    }
  };
  kill_call({"transfer", "outbox"}, [&] {
    v1::OfferTransferResponse unheard;
    EXPECT_FALSE(
        AskOnce(Of(options::v1::ROLE_OH_LEAD), &People::OfferTransfer, offer, &unheard).ok());
  });
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(Query("SELECT count(*) FROM transfer"), "0");
  const std::string transfer_id =
      Ask(Of(options::v1::ROLE_OH_LEAD), &People::OfferTransfer, offer).transfer().transfer_id();

  // The other force has it once, and answers once.
  ASSERT_TRUE(Eventually([&] { return Query("SELECT count(*) FROM transfer") == "2"; }))
      << suite_->Log("workforce");
  v1::AnswerTransferRequest answer;
  answer.set_request_id(ids::NewUuid());
  answer.set_transfer_id(transfer_id);
  answer.set_accept(true);
  kill_call({"person", "person_field", "blind_index", "transfer", "outbox"}, [&] {
    v1::AnswerTransferResponse unheard;
    EXPECT_FALSE(
        AskOnce(Of(options::v1::ROLE_OH_LEAD, kThere), &People::AnswerTransfer, answer, &unheard)
            .ok());
  });
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(Query("SELECT count(*) FROM person WHERE tenant = 'north'"), "0");
  EXPECT_EQ(Query("SELECT string_agg(state::text, ' ') FROM transfer"), "1 1");

  // Accepted now; the old force hears of it while it is killed as well.
  Ask(Of(options::v1::ROLE_OH_LEAD, kThere), &People::AnswerTransfer, answer);
  ASSERT_TRUE(Eventually([&] {
    return Query("SELECT string_agg(state::text, ' ') FROM transfer") == "2 2";
  })) << suite_->Log("workforce");
  EXPECT_EQ(Query("SELECT count(*) FROM person WHERE tenant = 'north' AND state = 2"), "1");
  EXPECT_EQ(Query("SELECT count(*) FROM person WHERE tenant = 'demo' AND state = 6"), "1");
  Ask(Of(options::v1::ROLE_OH_LEAD, kThere), &People::AnswerTransfer, answer);
  EXPECT_EQ(Query("SELECT count(*) FROM person WHERE tenant = 'north'"), "1") << "asked once more";
}

}  // namespace
}  // namespace waymark::chaos
