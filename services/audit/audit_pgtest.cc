#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/crypto/crypto.h"
#include "common/crypto/key_provider.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/schema_walk.h"
#include "services/audit/content_keys.h"
#include "services/audit/integrator.h"
#include "services/audit/leaf.h"
#include "services/audit/log.h"
#include "services/audit/queries.h"
#include "services/audit/recheck.h"
#include "services/audit/verify.h"

namespace waymark::audit {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr char kNurse[] = "nurse-1";
constexpr char kOrigin[] = "test.waymark/audit";

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/waymark_audit_XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One process of the service without gRPC, over a database that several may share.
struct Process {
  Process(db::Database& database, const crypto::KeyProvider& provider, Pseudonyms tokens,
          const std::string& high_water)
      : tenants(database),
        keys(database, provider, clock::Real()),
        pseudonyms(std::move(tokens)),
        signer(kOrigin, crypto::SecretBytes(std::string(32, 's'))),
        integrator(database, tenants, signer, HighWater(high_water), clock::Real()),
        log(database, tenants, keys, pseudonyms, clock::Real(),
            [this](absl::string_view tenant) { integrator.Mark(tenant); }),
        queries(database, tenants, keys, pseudonyms, log, integrator, signer, clock::Real()) {}

  db::Tenants tenants;
  ContentKeys keys;
  Pseudonyms pseudonyms;
  Signer signer;
  Integrator integrator;
  Log log;
  Queries queries;
};

class AuditPgTest : public ::testing::Test {
 protected:
  AuditPgTest() {
    EXPECT_THAT(crypto::CreateKeyFile(keys_.path()), IsOk());
    provider_ = *crypto::FileKeyProvider::Load(keys_.path());
    process_ = Start({1});
  }

  std::unique_ptr<Process> Start(const std::vector<int32_t>& versions) {
    return std::make_unique<Process>(
        *pool_, *provider_,
        *Pseudonyms::Create(crypto::SecretBytes(std::string(32, 'r')), versions), high_water_);
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

  // The events of source bbv come in order of their numbers.
  v1::AuditEvent Event(const std::string& subject = "", const std::string& tenant = "demo") {
    v1::AuditEvent event;
    event.set_event_id(ids::NewUuid());
    event.set_tenant(tenant);
    event.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    event.set_source("bbv");
    event.mutable_actor()->set_user_id(kNurse);
    event.mutable_actor()->add_roles(options::v1::ROLE_OH_NURSE);
    event.mutable_actor()->set_service("bbv");
    event.set_action(v1::ACTION_READ);
    event.set_method("waymark.bbv.v1.BbvService.GetCase");
    event.set_purpose("Caring for the patient.");
    event.set_object_type("bbv_case");
    event.set_object_id(ids::NewUuid());
    event.set_object_version(1);
    event.set_subject_id(subject);
    return event;
  }
  absl::StatusOr<Appended> Append(const std::vector<v1::AuditEvent>& events, int64_t first,
                                  const std::string& tenant = "demo",
                                  const std::string& source = "bbv") {
    std::vector<NumberedBytes> batch;
    batch.reserve(events.size());
    for (const v1::AuditEvent& event : events) {
      batch.push_back({first++, event.SerializeAsString()});
    }
    return process_->log.Append(Soon(), tenant, source, batch);
  }
  // `count` events about nobody, numbered from `first`.
  void Fill(int count, int64_t first = 1, const std::string& tenant = "demo") {
    while (count > 0) {
      std::vector<v1::AuditEvent> events;
      for (int i = 0; i < std::min(count, 500); ++i) events.push_back(Event("", tenant));
      ASSERT_THAT(Append(events, first, tenant), IsOk());
      first += events.size();
      count -= events.size();
    }
  }

  // A call as the corridor would hand it to the room.
  rpc::Call Call(const std::string& method, const std::string& user,
                 std::vector<options::v1::Role> roles, const std::string& subject = "",
                 const std::string& tenant = "demo") {
    rpc::Call call;
    call.method = "waymark.audit.v1.AuditService." + method;
    call.rule = access::RuleFor(call.method);
    call.caller.user_id = user;
    call.caller.tenant = tenant;
    call.caller.roles = std::move(roles);
    if (!subject.empty()) call.caller.subject_id = subject;
    call.request_id = ids::NewUuid();
    call.now = absl::Now();
    call.deadline = Soon();
    absl::StatusOr<access::Granted> granted = access::Authorise(*call.rule, call.caller, "");
    EXPECT_THAT(granted, IsOk());
    call.granted = *std::move(granted);
    return call;
  }
  rpc::Call Auditor(const std::string& method, const std::string& tenant = "demo") {
    return Call(method, "auditor-1", {options::v1::ROLE_AUDITOR}, "", tenant);
  }
  rpc::Call Service(const std::string& method, const std::string& service) {
    rpc::Call call;
    call.method = "waymark.audit.v1.AuditService." + method;
    call.rule = access::RuleFor(call.method);
    call.caller.service = service;
    call.caller.tenant = "demo";
    call.granted.as_service = true;
    call.deadline = Soon();
    return call;
  }

  std::string Export(bool with_contents = true, const std::string& tenant = "demo") {
    v1::ExportLogRequest request;
    request.set_with_contents(with_contents);
    std::string text;
    const absl::Status status = process_->queries.ExportLog(
        Auditor("ExportLog", tenant), request, [&](const v1::ExportLogResponse& record) {
          text += ExportLine(record);
          return absl::OkStatus();
        });
    EXPECT_THAT(status, IsOk());
    return text;
  }
  VerifyReport Verify(const std::string& text, const std::string& tenant = "demo") {
    std::istringstream in(text);
    VerifyOptions options;
    options.keys = {process_->signer.For(tenant)->verifier_key()};
    absl::StatusOr<VerifyReport> report = VerifyExport(in, options);
    EXPECT_THAT(report, IsOk());
    return report.ok() ? *std::move(report) : VerifyReport();
  }
  v1::Checkpoint Newest(const std::string& tenant = "demo") {
    v1::GetCheckpointResponse response;
    EXPECT_THAT(process_->queries.GetCheckpoint(Auditor("GetCheckpoint", tenant), {}, &response),
                IsOk());
    return response.checkpoint();
  }
  std::vector<v1::LogEntry> SearchAll(const v1::SearchEntriesRequest& request) {
    v1::SearchEntriesResponse response;
    EXPECT_THAT(process_->queries.SearchEntries(Auditor("SearchEntries"), request, &response),
                IsOk());
    return {response.entries().begin(), response.entries().end()};
  }

  Folder keys_;
  std::string high_water_;
  testing::TestDatabase database_{{{"audit", "services/audit/migrations"}}};
  std::unique_ptr<db::Database> pool_ = database_.Open(6);
  std::unique_ptr<crypto::FileKeyProvider> provider_;
  std::unique_ptr<Process> process_;
};

TEST_F(AuditPgTest, EveryTableKeepsTheRules) {
  EXPECT_THAT(testing::WalkSchema(database_), IsEmpty());
}

TEST_F(AuditPgTest, TheRuntimeRoleCannotChangeOrRemoveAnythingThatIsLogged) {
  Fill(1);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  for (const std::string table : {"entry", "repeat", "node", "tree_head", "checkpoint"}) {
    for (const std::string& sql :
         {absl::StrCat("UPDATE ", table, " SET tenant = 'other'"),
          absl::StrCat("DELETE FROM ", table), absl::StrCat("TRUNCATE ", table)}) {
      const absl::Status status = pool_->Transact(
          Soon(), "demo", [&](db::Transaction& txn) { return txn.Exec(sql).status(); });
      EXPECT_EQ(db::Sqlstate(status), "42501") << sql;
    }
  }
}

TEST_F(AuditPgTest, GivesEachEventOnePositionHoweverOftenItIsDelivered) {
  const std::vector<v1::AuditEvent> events = {Event(), Event(), Event()};
  ASSERT_OK_AND_ASSIGN(const Appended first, Append(events, 1));
  EXPECT_EQ(first.accepted, 3);
  EXPECT_EQ(first.repeated, 0);
  EXPECT_EQ(first.contiguous, 3);
  ASSERT_OK_AND_ASSIGN(const Appended again, Append(events, 1));
  EXPECT_EQ(again.accepted, 3);
  EXPECT_EQ(again.repeated, 3);
  EXPECT_EQ(database_.Query("SELECT string_agg(sequence::text, ',' ORDER BY sequence) FROM entry"),
            "0,1,2");
}

TEST_F(AuditPgTest, KnowsAnEventThatComesAgainUnderAnotherNumber) {
  const std::vector<v1::AuditEvent> events = {Event(), Event()};
  ASSERT_THAT(Append(events, 1), IsOk());
  // The source lost its numbering and sent its rows again.
  ASSERT_OK_AND_ASSIGN(const Appended again, Append({events[0], Event(), events[1]}, 3));
  EXPECT_EQ(again.repeated, 2);
  EXPECT_EQ(again.contiguous, 5);
  const VerifyReport report = Verify(Export());
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.sources.at("bbv").entries, 3);
  EXPECT_EQ(report.sources.at("bbv").highest_number, 5);
}

TEST_F(AuditPgTest, TakesABatchWholeOrNotAtAll) {
  v1::AuditEvent wrong = Event();
  wrong.set_event_id("not a uuid");
  EXPECT_THAT(Append({Event(), wrong}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_INVALID"));
  EXPECT_THAT(Append({Event("", "other")}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_INVALID"));
  EXPECT_THAT(Append({}, 1), StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(process_->log.Append(Soon(), "demo", "bbv", {{1, "\xff\xff"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_INVALID"));
  EXPECT_EQ(database_.Query("SELECT count(*) FROM entry"), "0");
  // Nothing was taken: the same numbers can come again.
  EXPECT_THAT(Append({Event()}, 1), IsOk());
}

TEST_F(AuditPgTest, KeepsOneOrderWhileManySourcesAndReplicasAppendAtOnce) {
  const std::unique_ptr<Process> replica = Start({1});
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string source = absl::StrCat("source", t);
      Process& process = t % 2 == 0 ? *process_ : *replica;
      for (int64_t number = 1; number <= 100; number += 10) {
        std::vector<NumberedBytes> batch;
        for (int64_t i = number; i < number + 10; ++i) {
          v1::AuditEvent event = Event();
          event.set_source(source);
          batch.push_back({i, event.SerializeAsString()});
        }
        EXPECT_THAT(process.log.Append(Soon(), "demo", source, batch), IsOk());
        if (number % 30 == 1) {
          EXPECT_THAT(process.integrator.CatchUp("demo"), IsOk());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const VerifyReport report = Verify(Export());
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.entries, 401u);  // and the export's own
  EXPECT_EQ(report.covered, 401u);
  EXPECT_THAT(report.sources, SizeIs(5));
}

TEST_F(AuditPgTest, HoldsNoPersonActorOrCaseOutsideTheEncryptedContent) {
  const std::string subject = ids::NewUuid();
  const v1::AuditEvent event = Event(subject);
  ASSERT_THAT(Append({event}, 1), IsOk());
  const std::string everything = database_.Query(
      "SELECT string_agg(e::text, ' ') || (SELECT string_agg(encode(sealed, 'escape'), '')"
      " FROM entry_content) FROM entry e");
  EXPECT_THAT(everything, Not(HasSubstr(subject)));
  EXPECT_THAT(everything, Not(HasSubstr(kNurse)));
  EXPECT_THAT(everything, Not(HasSubstr(event.object_id())));
}

TEST_F(AuditPgTest, ShowsAGapToTheSourceAndToTheVerifierUntilItIsFilled) {
  const std::vector<v1::AuditEvent> events = {Event(), Event(), Event(), Event()};
  ASSERT_THAT(Append({events[0]}, 1), IsOk());
  ASSERT_OK_AND_ASSIGN(const Appended gap, Append({events[3]}, 4));
  EXPECT_EQ(gap.contiguous, 1);
  VerifyReport report = Verify(Export());
  ASSERT_EQ(report.faults_found, 1u) << FormatReport(report);
  EXPECT_EQ(report.faults[0].kind, FaultKind::kNumberMissing);
  EXPECT_THAT(report.faults[0].what, HasSubstr("Numbers 2 to 3 of bbv"));
  ASSERT_OK_AND_ASSIGN(const Appended filled, Append({events[1], events[2]}, 2));
  EXPECT_EQ(filled.contiguous, 4);
  EXPECT_TRUE(Verify(Export()).ok());
}

TEST_F(AuditPgTest, PublishesCheckpointsThatVerifyAndOnlyGrow) {
  EXPECT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  EXPECT_EQ(Newest().size(), 0);
  std::vector<v1::Checkpoint> published;
  int64_t first = 1;
  for (const int count : {1, 2, 254, 300, 43, 200}) {
    Fill(count, first);
    first += count;
    ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
    published.push_back(Newest());
    EXPECT_EQ(published.back().size(), first - 1);
    ASSERT_OK_AND_ASSIGN(const Note note, OpenNote(published.back().note(),
                                                   {process_->signer.For("demo")->verifier_key()}));
    ASSERT_OK_AND_ASSIGN(const CheckpointText text, ParseCheckpoint(note.text));
    EXPECT_EQ(text.origin, "test.waymark/audit/demo");
    EXPECT_EQ(text.size, static_cast<uint64_t>(first - 1));
    EXPECT_EQ(text.root, published.back().root());
  }
  for (size_t i = 0; i < published.size(); ++i) {
    for (size_t j = i; j < published.size(); ++j) {
      v1::GetConsistencyProofRequest request;
      request.set_first_size(published[i].size());
      request.set_second_size(published[j].size());
      v1::GetConsistencyProofResponse response;
      ASSERT_THAT(
          process_->queries.GetConsistencyProof(Auditor("GetConsistencyProof"), request, &response),
          IsOk());
      const std::vector<std::string> proof(response.proof().begin(), response.proof().end());
      EXPECT_THAT(VerifyConsistency(published[i].size(), published[j].size(), published[i].root(),
                                    published[j].root(), proof),
                  IsOk());
    }
  }
  v1::ListCheckpointsRequest list;
  list.set_page_size(4);
  v1::ListCheckpointsResponse page;
  ASSERT_THAT(process_->queries.ListCheckpoints(Auditor("ListCheckpoints"), list, &page), IsOk());
  EXPECT_EQ(page.checkpoints_size(), 4);
  list.set_page_token(page.next_page_token());
  page.Clear();
  ASSERT_THAT(process_->queries.ListCheckpoints(Auditor("ListCheckpoints"), list, &page), IsOk());
  EXPECT_EQ(page.checkpoints_size(), 2);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(AuditPgTest, ProvesEveryEntryUnderEveryLaterTree) {
  Fill(600);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    const int64_t size = 1 + static_cast<int64_t>(random() % 600);
    v1::GetInclusionProofRequest request;
    request.set_sequence(static_cast<int64_t>(random() % size));
    request.set_tree_size(size);
    v1::GetInclusionProofResponse response;
    ASSERT_THAT(
        process_->queries.GetInclusionProof(Auditor("GetInclusionProof"), request, &response),
        IsOk());
    const std::vector<std::string> proof(response.proof().begin(), response.proof().end());
    EXPECT_THAT(
        VerifyInclusion(request.sequence(), size, response.leaf_hash(), proof, response.root()),
        IsOk());
    if (size == 600) {
      EXPECT_EQ(response.root(), Newest().root());
    }
  }
  v1::GetInclusionProofRequest beyond;
  beyond.set_sequence(0);
  beyond.set_tree_size(601);
  v1::GetInclusionProofResponse response;
  EXPECT_THAT(process_->queries.GetInclusionProof(Auditor("GetInclusionProof"), beyond, &response),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_INTEGRATED"));
  beyond.set_tree_size(0);
  beyond.set_event_id(ids::NewUuid());
  EXPECT_THAT(process_->queries.GetInclusionProof(Auditor("GetInclusionProof"), beyond, &response),
              StatusIs(absl::StatusCode::kNotFound, "ENTRY_NOT_FOUND"));
}

TEST_F(AuditPgTest, GoesOnWhereAnotherProcessStopped) {
  Fill(300);
  ASSERT_THAT(process_->integrator.IntegrateStep("demo").status(), IsOk());
  // Killed between integrating and signing.
  process_ = Start({1});
  Fill(300, 301);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  EXPECT_EQ(Newest().size(), 600);
  EXPECT_TRUE(Verify(Export()).ok());
}

TEST_F(AuditPgTest, TheDutyIntegratesWhatWasMarkedAndSweepsWhatWasNot) {
  Fill(3);
  EXPECT_EQ(Newest().size(), 0);
  ASSERT_THAT(process_->integrator.RunOnce(), IsOk());
  EXPECT_EQ(Newest().size(), 3);
  // Another replica appended and died: the sweep of a fresh process finds it.
  Fill(2, 4);
  process_ = Start({1});
  ASSERT_THAT(process_->integrator.RunOnce(), IsOk());
  EXPECT_EQ(Newest().size(), 5);
}

TEST_F(AuditPgTest, FindsAnEntryThatWasEditedInPlaceByHashingTheLogAgain) {
  Fill(600);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  Recheck recheck(*pool_, process_->tenants);
  EXPECT_THAT(recheck.RunOnce(), IsOk());
  const auto fault_after = [&](const std::string& sql) {
    database_.Query(absl::StrCat("CREATE TABLE kept AS SELECT * FROM entry; ", sql));
    const absl::Status status = recheck.CheckStretch("demo", 0).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, "LOG_INCONSISTENT"));
    EXPECT_THAT(recheck.RunOnce(), StatusIs(absl::StatusCode::kDataLoss));
    database_.Query(
        "DELETE FROM entry; INSERT INTO entry SELECT * FROM kept; DROP TABLE kept; SELECT 1");
    EXPECT_THAT(recheck.CheckStretch("demo", 0), IsOk());
    return std::string(status.message());
  };
  EXPECT_THAT(fault_after("UPDATE entry SET leaf = replace(leaf, 'GetCase', 'ListCases')"
                          " WHERE sequence = 123 RETURNING 1"),
              HasSubstr("Entry 123 does not have the hash"));
  EXPECT_THAT(fault_after("UPDATE entry SET method = 'x' WHERE sequence = 44 RETURNING 1"),
              HasSubstr("Entry 44 is filed under what is not in its leaf"));
  EXPECT_THAT(fault_after("DELETE FROM entry WHERE sequence = 7 RETURNING 1"),
              HasSubstr("Entry 7 is missing"));
  // Edited with its hash: the next entry holds another.
  EXPECT_THAT(fault_after("UPDATE entry SET leaf = replace(leaf, 'READ', 'CHANGE'), leaf_hash ="
                          " sha256('\\x00'::bytea || convert_to(replace(leaf, 'READ', 'CHANGE'),"
                          " 'UTF8')) WHERE sequence = 300 RETURNING 1"),
              HasSubstr("Entry 301 does not follow"));
}

TEST_F(AuditPgTest, SignsNothingWhenTheStoredTreeWasTamperedWith) {
  Fill(300);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  database_.Query("UPDATE node SET hash = sha256('forged') RETURNING 1");
  process_ = Start({1});
  Fill(10, 301);
  EXPECT_THAT(process_->integrator.CatchUp("demo"),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_INCONSISTENT"));
  EXPECT_EQ(Newest().size(), 300);
}

TEST_F(AuditPgTest, SignsNoSecondHistoryAfterTheDatabaseWasRestored) {
  const Folder folder;
  high_water_ = folder.path() + "/signed";
  process_ = Start({1});
  Fill(20);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  const std::string held = Newest().note();
  // What a restore from an older backup looks like.
  database_.Query(
      "DELETE FROM checkpoint; DELETE FROM tree_head; DELETE FROM entry_content WHERE sequence > 9;"
      "DELETE FROM inbox_arrival WHERE number > 10; UPDATE inbox SET contiguous = 10, highest = 10;"
      "DELETE FROM entry WHERE sequence > 9 RETURNING 1");
  process_ = Start({1});
  EXPECT_THAT(process_->integrator.CatchUp("demo"),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_INCONSISTENT"));
  // The source sends the lost entries again; the log is whole, but it is another history.
  Fill(15, 11);
  EXPECT_THAT(process_->integrator.CatchUp("demo"),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_INCONSISTENT"));
  EXPECT_EQ(Newest().size(), 0);
  // Whoever holds the old checkpoint sees it too.
  std::istringstream in(Export());
  VerifyOptions options;
  options.keys = {process_->signer.For("demo")->verifier_key()};
  options.held = {held};
  ASSERT_OK_AND_ASSIGN(const VerifyReport report, VerifyExport(in, options));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.faults[0].kind, FaultKind::kRewritten) << FormatReport(report);
}

TEST_F(AuditPgTest, TheExportNamesWhatSomebodyDidToTheDatabase) {
  Fill(600);
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  EXPECT_TRUE(Verify(Export(false)).ok());
  database_.Query(
      "UPDATE entry SET leaf = replace(leaf, 'GetCase', 'ListCases')"
      " WHERE sequence = 123 RETURNING 1");
  VerifyReport report = Verify(Export(false));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.faults[0].kind, FaultKind::kEdited);
  EXPECT_EQ(report.faults[0].sequence, 123u);
  database_.Query("DELETE FROM entry WHERE sequence = 77 RETURNING 1");
  report = Verify(Export(false));
  EXPECT_EQ(report.faults[0].kind, FaultKind::kRemoved);
  EXPECT_EQ(report.faults[0].sequence, 77u);
}

TEST_F(AuditPgTest, FindsEntriesBySubjectActorMethodActionAndTimePageByPage) {
  const std::string anna = ids::NewUuid();
  const std::string ben = ids::NewUuid();
  std::vector<v1::AuditEvent> events;
  for (int i = 0; i < 6; ++i) {
    events.push_back(Event(i % 2 == 0 ? anna : ben));
    events.back().mutable_occurred_time()->set_seconds(1763786400 + i);
  }
  events[3].mutable_actor()->set_user_id("doctor-2");
  events[4].set_method("waymark.bbv.v1.BbvService.RecordTestResult");
  events[4].set_action(v1::ACTION_CHANGE);
  ASSERT_THAT(Append(events, 1), IsOk());

  v1::SearchEntriesRequest request;
  request.set_subject_id(anna);
  request.set_page_size(2);
  v1::SearchEntriesResponse page;
  ASSERT_THAT(process_->queries.SearchEntries(Auditor("SearchEntries"), request, &page), IsOk());
  ASSERT_EQ(page.entries_size(), 2);
  EXPECT_EQ(page.entries(0).sequence(), 4);
  EXPECT_EQ(page.entries(0).event().subject_id(), anna);
  EXPECT_EQ(page.entries(0).event().actor().user_id(), kNurse);
  EXPECT_EQ(page.entries(1).sequence(), 2);
  request.set_page_token(page.next_page_token());
  page.Clear();
  ASSERT_THAT(process_->queries.SearchEntries(Auditor("SearchEntries"), request, &page), IsOk());
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).sequence(), 0);
  EXPECT_EQ(page.next_page_token(), "");
  // The token belongs to its question.
  v1::SearchEntriesRequest other;
  other.set_page_token(request.page_token());
  EXPECT_THAT(process_->queries.SearchEntries(Auditor("SearchEntries"), other, &page),
              StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));

  v1::SearchEntriesRequest by_actor;
  by_actor.set_actor_user_id("doctor-2");
  ASSERT_THAT(SearchAll(by_actor), SizeIs(1));
  EXPECT_EQ(SearchAll(by_actor)[0].sequence(), 3);
  v1::SearchEntriesRequest by_method;
  by_method.set_method("waymark.bbv.v1.BbvService.RecordTestResult");
  ASSERT_THAT(SearchAll(by_method), SizeIs(1));
  v1::SearchEntriesRequest by_action;
  by_action.set_action(v1::ACTION_CHANGE);
  ASSERT_THAT(SearchAll(by_action), SizeIs(1));
  EXPECT_EQ(SearchAll(by_action)[0].sequence(), 4);
  v1::SearchEntriesRequest by_time;
  by_time.mutable_from_time()->set_seconds(1763786401);
  by_time.mutable_until_time()->set_seconds(1763786403);
  ASSERT_THAT(SearchAll(by_time), SizeIs(2));
}

TEST_F(AuditPgTest, LogsEveryLookIntoTheLog) {
  const std::string anna = ids::NewUuid();
  ASSERT_THAT(Append({Event(anna)}, 1), IsOk());
  v1::SearchEntriesRequest request;
  request.set_subject_id(anna);
  EXPECT_THAT(SearchAll(request), SizeIs(1));
  // The second look sees the first.
  const std::vector<v1::LogEntry> entries = SearchAll(request);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].event().actor().user_id(), "auditor-1");
  EXPECT_EQ(entries[0].event().method(), "waymark.audit.v1.AuditService.SearchEntries");
  EXPECT_EQ(entries[0].event().purpose(), "Examining who did what to whose record.");
  EXPECT_EQ(entries[0].event().object_count(), 1);
  EXPECT_EQ(entries[0].source_number(), 1);
  EXPECT_EQ(entries[0].event().source(), "audit");
}

TEST_F(AuditPgTest, ShowsAPersonWhoLookedAtTheirRecordAndNobodyElses) {
  const std::string anna = ids::NewUuid();
  const std::string ben = ids::NewUuid();
  ASSERT_THAT(Append({Event(anna), Event(ben), Event(anna)}, 1), IsOk());
  const rpc::Call call = Call("ListAccesses", "anna", {options::v1::ROLE_OFFICER}, anna);
  v1::ListAccessesResponse response;
  ASSERT_THAT(process_->queries.ListAccesses(call, {}, &response), IsOk());
  ASSERT_EQ(response.accesses_size(), 2);
  EXPECT_EQ(response.accesses(0).actor().user_id(), kNurse);
  EXPECT_THAT(response.accesses(0).actor().roles(), ElementsAre(options::v1::ROLE_OH_NURSE));
  EXPECT_EQ(response.accesses(0).action(), v1::ACTION_READ);
  EXPECT_EQ(response.accesses(0).purpose(), "Caring for the patient.");
  // Her own look is on her list from now on.
  response.Clear();
  ASSERT_THAT(process_->queries.ListAccesses(call, {}, &response), IsOk());
  EXPECT_EQ(response.accesses_size(), 3);
  // Somebody else's is as if it did not exist, and the attempt is logged with its subject.
  v1::ListAccessesRequest others;
  others.set_subject_id(ben);
  response.Clear();
  EXPECT_THAT(process_->queries.ListAccesses(call, others, &response),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(response.accesses_size(), 0);
  v1::SearchEntriesRequest refused;
  refused.set_subject_id(ben);
  refused.set_action(v1::ACTION_REFUSED);
  const std::vector<v1::LogEntry> entries = SearchAll(refused);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].event().actor().user_id(), "anna");
}

TEST_F(AuditPgTest, ShowsAnAuditorNothingAboutThemselves) {
  const std::string self = ids::NewUuid();
  ASSERT_THAT(Append({Event(self), Event(ids::NewUuid())}, 1), IsOk());
  rpc::Call call = Call("SearchEntries", "auditor-1", {options::v1::ROLE_AUDITOR}, self);
  v1::SearchEntriesResponse response;
  v1::SearchEntriesRequest request;
  ASSERT_THAT(process_->queries.SearchEntries(call, request, &response), IsOk());
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_NE(response.entries(0).event().subject_id(), self);
  request.set_subject_id(self);
  EXPECT_THAT(process_->queries.SearchEntries(call, request, &response),
              StatusIs(absl::StatusCode::kNotFound));
  // Nor in an export with contents.
  v1::ExportLogRequest all;
  all.set_with_contents(true);
  std::string contents;
  ASSERT_THAT(process_->queries.ExportLog(
                  Call("ExportLog", "auditor-1", {options::v1::ROLE_AUDITOR}, self), all,
                  [&](const v1::ExportLogResponse& record) {
                    contents += record.entry().content();
                    return absl::OkStatus();
                  }),
              IsOk());
  EXPECT_THAT(contents, HasSubstr(kNurse));
  // The refused search above names the subject it was about: that entry is withheld, too.
  EXPECT_THAT(contents, Not(HasSubstr(self)));
}

TEST_F(AuditPgTest, FindsAPersonUnderEveryLiveKeyVersion) {
  const std::string anna = ids::NewUuid();
  ASSERT_THAT(Append({Event(anna)}, 1), IsOk());
  process_ = Start({1, 2});
  ASSERT_THAT(Append({Event(anna)}, 2), IsOk());
  EXPECT_EQ(database_.Query("SELECT count(DISTINCT subject_token) FROM entry"), "2");
  v1::SearchEntriesRequest request;
  request.set_subject_id(anna);
  EXPECT_THAT(SearchAll(request), SizeIs(2));
  // A version that was given up no longer links.
  process_ = Start({2});
  request.set_action(v1::ACTION_READ);
  request.set_method("waymark.bbv.v1.BbvService.GetCase");
  EXPECT_THAT(SearchAll(request), SizeIs(1));
}

TEST_F(AuditPgTest, ListsOutcomesUnderAPseudonymThatIsNotTheLogs) {
  const std::string anna = ids::NewUuid();
  v1::AuditEvent closed = Event(anna);
  closed.set_action(v1::ACTION_CHANGE);
  closed.mutable_occurred_time()->set_seconds(1763786420);  // 22 November 2025
  v1::Outcome& outcome = *closed.mutable_outcome();
  outcome.set_pathway("bbv");
  outcome.set_closing("COMPLETED");
  outcome.add_completed_tests("HIV_12_WEEKS");
  v1::Measure& measure = *outcome.add_measures();
  measure.set_code("ASSESSED_WITHIN_HOUR");
  measure.set_finding(v1::FINDING_YES);
  ASSERT_THAT(Append({Event(anna), closed}, 1), IsOk());
  v1::ListOutcomesResponse response;
  const rpc::Call call = Call("ListOutcomes", "analyst-1", {options::v1::ROLE_ANALYST});
  ASSERT_THAT(process_->queries.ListOutcomes(call, {}, &response), IsOk());
  ASSERT_EQ(response.outcomes_size(), 1);
  EXPECT_EQ(response.outcomes(0).closed_quarter(), "2025-Q4");
  EXPECT_EQ(response.outcomes(0).outcome().measures(0).finding(), v1::FINDING_YES);
  const std::string token = response.outcomes(0).subject_token();
  EXPECT_NE(token, "");
  EXPECT_THAT(database_.Query("SELECT string_agg(leaf, '') FROM entry"), Not(HasSubstr(token)));
  v1::ListOutcomesRequest other;
  other.set_pathway("dental");
  response.Clear();
  ASSERT_THAT(process_->queries.ListOutcomes(call, other, &response), IsOk());
  EXPECT_EQ(response.outcomes_size(), 0);
}

TEST_F(AuditPgTest, ErasesAPersonOnceAndEveryProofStillVerifies) {
  const std::string anna = ids::NewUuid();
  const std::string ben = ids::NewUuid();
  v1::AuditEvent closed = Event(anna);
  closed.mutable_outcome()->set_pathway("bbv");
  closed.mutable_outcome()->set_closing("COMPLETED");
  ASSERT_THAT(Append({Event(anna), Event(ben), closed}, 1), IsOk());
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  const v1::Checkpoint before = Newest();

  v1::EraseSubjectRequest request;
  request.set_subject_id(anna);
  request.set_reason("Retention period ended.");
  request.set_request_id(ids::NewUuid());
  rpc::Call call = Auditor("EraseSubject");
  call.request_id = request.request_id();
  v1::EraseSubjectResponse response;
  ASSERT_THAT(process_->queries.EraseSubject(call, request, &response), IsOk());
  EXPECT_EQ(response.erased_count(), 2);
  response.Clear();
  ASSERT_THAT(process_->queries.EraseSubject(call, request, &response), IsOk());
  EXPECT_EQ(response.erased_count(), 2);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM outcome"), "0");

  const VerifyReport report = Verify(Export());
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.erased, 2u);
  EXPECT_GT(report.contents_verified, 0u);
  // The entries still say that they were there.
  v1::SearchEntriesRequest search;
  search.set_subject_id(anna);
  const std::vector<v1::LogEntry> entries = SearchAll(search);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_TRUE(entries[0].erased());
  EXPECT_FALSE(entries[0].has_event());
  // And the checkpoint from before is a prefix of the newest.
  ASSERT_THAT(process_->integrator.CatchUp("demo"), IsOk());
  v1::GetConsistencyProofRequest proof_request;
  proof_request.set_first_size(before.size());
  v1::GetConsistencyProofResponse proof;
  ASSERT_THAT(
      process_->queries.GetConsistencyProof(Auditor("GetConsistencyProof"), proof_request, &proof),
      IsOk());
  EXPECT_EQ(proof.first_root(), before.root());
}

TEST_F(AuditPgTest, KeepsTheLogsOfTwoForcesApart) {
  const std::string anna = ids::NewUuid();
  ASSERT_THAT(Append({Event(anna)}, 1), IsOk());
  ASSERT_THAT(Append({Event(anna, "other"), Event(anna, "other")}, 1, "other"), IsOk());
  v1::SearchEntriesRequest request;
  request.set_subject_id(anna);
  EXPECT_THAT(SearchAll(request), SizeIs(1));
  EXPECT_EQ(Verify(Export(true, "other"), "other").entries, 3u);
  EXPECT_EQ(database_.Query("SELECT count(DISTINCT subject_token) FROM entry"), "2");
}

TEST_F(AuditPgTest, TellsAServiceWhatToSendAgain) {
  std::vector<v1::AuditEvent> events;
  events.reserve(6);
  for (int i = 0; i < 6; ++i) events.push_back(Event());
  ASSERT_THAT(Append({events[0], events[1], events[2]}, 1), IsOk());
  ASSERT_THAT(Append({events[5]}, 6), IsOk());
  const auto range = [&](int64_t first, int64_t last) {
    v1::SentRange sent;
    sent.mutable_numbers()->set_first(first);
    sent.mutable_numbers()->set_last(last);
    std::string ids;
    for (int64_t i = first; i <= last; ++i) absl::StrAppend(&ids, events[i - 1].event_id(), "\n");
    sent.set_event_ids_sha256(std::string(crypto::Bytes(crypto::Sha256(ids))));
    return sent;
  };
  v1::ReconcileRequest request;
  request.set_tenant("demo");
  request.set_source("bbv");
  *request.add_ranges() = range(1, 3);
  *request.add_ranges() = range(4, 6);
  v1::ReconcileResponse response;
  ASSERT_THAT(process_->queries.Reconcile(Service("Reconcile", "bbv"), request, &response), IsOk());
  ASSERT_EQ(response.send_again_size(), 1);
  EXPECT_EQ(response.send_again(0).first(), 4);
  EXPECT_EQ(response.send_again(0).last(), 6);
  EXPECT_EQ(response.highest_contiguous_number(), 3);
  EXPECT_EQ(response.highest_number(), 6);
  EXPECT_THAT(process_->queries.Reconcile(Service("Reconcile", "scheduling"), request, &response),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_SOURCE"));
  for (const auto& [first, last] : {std::pair<int64_t, int64_t>{INT64_MIN, INT64_MAX},
                                    {1, INT64_MAX},
                                    {INT64_MAX, INT64_MIN},
                                    {1, 10001},
                                    {2, 1}}) {
    request.mutable_ranges(0)->mutable_numbers()->set_first(first);
    request.mutable_ranges(0)->mutable_numbers()->set_last(last);
    EXPECT_THAT(process_->queries.Reconcile(Service("Reconcile", "bbv"), request, &response),
                StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"))
        << first << " to " << last;
  }
}

TEST_F(AuditPgTest, TakesEntriesOnlyFromTheServiceThatRecordedThem) {
  v1::AppendEntriesRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant("demo");
  request.set_source("bbv");
  request.add_events()->set_number(1);
  request.mutable_events(0)->set_event(Event().SerializeAsString());
  v1::AppendEntriesResponse response;
  EXPECT_THAT(
      process_->queries.AppendEntries(Service("AppendEntries", "scheduling"), request, &response),
      StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_SOURCE"));
  ASSERT_THAT(process_->queries.AppendEntries(Service("AppendEntries", "bbv"), request, &response),
              IsOk());
  EXPECT_EQ(response.accepted_count(), 1);
  EXPECT_EQ(response.highest_contiguous_number(), 1);
}

}  // namespace
}  // namespace waymark::audit
