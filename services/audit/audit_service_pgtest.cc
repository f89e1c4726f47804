// waymark-audit as a process would run it: mTLS, tokens, duty, stream.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/key_provider.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/test_signal.h"
#include "services/audit/audit_service.h"
#include "services/audit/verify.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"

namespace waymark::audit {
namespace {

using testing::Eventually;
using testing::IsOk;
using testing::StatusIs;

class AuditServicePgTest : public ::testing::Test {
 protected:
  AuditServicePgTest() {
    options_ = surroundings_.OptionsFor("audit");
    options_.database_dsn_file = surroundings_.WriteFile("dsn", database_.runtime_dsn().Reveal());
    options_.keys = surroundings_.folder() + "/keys";
    options_.pseudonym_key = surroundings_.folder() + "/pseudonym.key";
    const std::string signing = surroundings_.folder() + "/signing.key";
    if (!std::filesystem::exists(options_.keys + "/1.key")) {
      EXPECT_THAT(crypto::CreateKeyFile(options_.keys), IsOk());
    }
    if (!std::filesystem::exists(options_.pseudonym_key)) {
      EXPECT_THAT(crypto::WriteKeyFile(options_.pseudonym_key), IsOk());
    }
    EXPECT_THAT(crypto::WriteKeyFile(signing), IsOk());
    options_.own["signing-key"] = signing;
    options_.own["origin"] = "test.waymark/audit";
    options_.own["high-water"] = surroundings_.folder() + "/signed";
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<server::Server>> server =
        server::Server::Start(AuditProgram(), options_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  std::unique_ptr<v1::AuditService::Stub> As(absl::string_view service) {
    return v1::AuditService::NewStub(surroundings_.Channel(service, server_->port(), "audit"));
  }
  static rpc::Outgoing With(const std::string& token = "") {
    return {.deadline = absl::Now() + absl::Seconds(20), .token = token};
  }

  v1::AppendEntriesRequest Batch(int64_t first, int count) {
    v1::AppendEntriesRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_tenant("demo");
    request.set_source("bbv");
    for (int64_t number = first; number < first + count; ++number) {
      v1::AuditEvent event;
      event.set_event_id(ids::NewUuid());
      event.set_tenant("demo");
      event.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
      event.set_source("bbv");
      event.mutable_actor()->set_user_id("nurse-1");
      event.set_action(v1::ACTION_READ);
      event.set_method("waymark.bbv.v1.BbvService.GetCase");
      v1::NumberedEvent& numbered = *request.add_events();
      numbered.set_number(number);
      numbered.set_event(event.SerializeAsString());
    }
    return request;
  }

  testing::TestDatabase database_{{{"audit", "services/audit/migrations"}}};
  testing::Surroundings surroundings_;
  server::Options options_;
  std::unique_ptr<server::Server> server_;
};

TEST_F(AuditServicePgTest, TakesEntriesSignsThemWithinASecondAndExportsWhatVerifies) {
  Start();
  const auto bbv = As("bbv");
  v1::AppendEntriesResponse appended;
  const v1::AppendEntriesRequest batch = Batch(1, 700);
  ASSERT_THAT(rpc::Invoke(With(),
                          [&](grpc::ClientContext* context) {
                            return bbv->AppendEntries(context, batch, &appended);
                          }),
              IsOk());
  EXPECT_EQ(appended.accepted_count(), 700);
  EXPECT_EQ(appended.highest_contiguous_number(), 700);

  const auto cli = As("cli");
  const std::string auditor = surroundings_.TokenFor({"AUDITOR"}, "demo", "auditor-1");
  v1::GetCheckpointResponse checkpoint;
  EXPECT_TRUE(Eventually([&] {
    checkpoint.Clear();
    EXPECT_THAT(rpc::Invoke(With(auditor),
                            [&](grpc::ClientContext* context) {
                              return cli->GetCheckpoint(context, {}, &checkpoint);
                            }),
                IsOk());
    return checkpoint.checkpoint().size() == 700;
  }));

  v1::ExportLogRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_with_contents(true);
  const std::unique_ptr<grpc::ClientContext> context = rpc::MakeContext(With(auditor));
  const auto reader = cli->ExportLog(context.get(), request);
  std::stringstream file;
  v1::ExportLogResponse record;
  while (reader->Read(&record)) file << ExportLine(record);
  ASSERT_THAT(status::FromGrpc(reader->Finish()), IsOk());
  VerifyOptions options;
  options.keys = {*ParseVerifierKey(checkpoint.verifier_key())};
  options.held = {checkpoint.checkpoint().note()};
  ASSERT_OK_AND_ASSIGN(const VerifyReport report, VerifyExport(file, options));
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.entries, 701u);
  EXPECT_EQ(report.covered, 701u);
  EXPECT_EQ(report.contents_verified, 701u);
  EXPECT_EQ(report.held_verified, 1u);

  // Stopped and started again: the same history goes on.
  server_->Stop();
  server_.reset();
  Start();
  ASSERT_THAT(rpc::Invoke(With(),
                          [&, again = As("bbv")](grpc::ClientContext* context) {
                            return again->AppendEntries(context, Batch(701, 10), &appended);
                          }),
              IsOk());
  EXPECT_TRUE(
      Eventually([&] { return database_.Query("SELECT max(size) FROM checkpoint") == "711"; }));
}

TEST_F(AuditServicePgTest, RefusesAUserWhoWouldWriteAndAServiceThatIsNotNamed) {
  Start();
  v1::AppendEntriesResponse appended;
  const v1::AppendEntriesRequest batch = Batch(1, 1);
  EXPECT_THAT(rpc::Invoke(With(surroundings_.TokenFor({"AUDITOR"})),
                          [&, cli = As("cli")](grpc::ClientContext* context) {
                            return cli->AppendEntries(context, batch, &appended);
                          }),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(rpc::Invoke(With(),
                          [&, cli = As("cli")](grpc::ClientContext* context) {
                            return cli->AppendEntries(context, batch, &appended);
                          }),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(rpc::Invoke(With(),
                          [&, other = As("scheduling")](grpc::ClientContext* context) {
                            return other->AppendEntries(context, batch, &appended);
                          }),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_SOURCE"));
  v1::SearchEntriesResponse found;
  EXPECT_THAT(rpc::Invoke(With(surroundings_.TokenFor({"OH_NURSE"})),
                          [&, cli = As("cli")](grpc::ClientContext* context) {
                            return cli->SearchEntries(context, {}, &found);
                          }),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
}

TEST_F(AuditServicePgTest, SaysWhichFlagIsMissing) {
  options_.own.erase("signing-key");
  EXPECT_THAT(server::Server::Start(AuditProgram(), options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "FLAG_MISSING"));
}

}  // namespace
}  // namespace waymark::audit
