// SCIM over HTTPS, as far as it is the gateway's: who is let through, what is carried, and how a
// refusal looks. What a request means is tested with workforce, and both together in
// tests/journeys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/ids/ids.h"
#include "common/rpc/unary.h"
#include "common/server/testing/pki.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/browser.h"
#include "waymark/workforce/v1/hr_feed_service.grpc.pb.h"

namespace waymark::gateway {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
namespace wf = workforce::v1;

class FakeWorkforce final : public wf::HrFeedService::CallbackService {
 public:
  explicit FakeWorkforce(rpc::Corridor& corridor) : corridor_(corridor) {}

  std::function<absl::Status(const rpc::Call&, const wf::ReadScimRequest&, wf::ReadScimResponse*)>
      on_read;
  std::function<absl::Status(const rpc::Call&, const wf::ChangeScimRequest&,
                             wf::ChangeScimResponse*)>
      on_change;

  grpc::ServerUnaryReactor* ReadScim(grpc::CallbackServerContext* context,
                                     const wf::ReadScimRequest* request,
                                     wf::ReadScimResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_read);
  }
  grpc::ServerUnaryReactor* ChangeScim(grpc::CallbackServerContext* context,
                                       const wf::ChangeScimRequest* request,
                                       wf::ChangeScimResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_change);
  }

 private:
  rpc::Corridor& corridor_;
};

class GatewayScimPgTest : public ::testing::Test {
 protected:
  GatewayScimPgTest() {
    signal(SIGPIPE, SIG_IGN);
    auto workforce = server::Server::Start(
        {.name = "workforce",
         .about = "A back end.",
         .assemble = [this](server::Ground& ground) -> absl::StatusOr<server::Parts> {
           auto service = std::make_shared<FakeWorkforce>(ground.corridor);
           fake_ = service.get();
           return server::Parts{.services = {server::Expose<wf::HrFeedService>(service)}};
         }},
        surroundings_.OptionsFor("workforce"));
    EXPECT_THAT(workforce, IsOk());
    workforce_ = *std::move(workforce);
    server::Options options = surroundings_.OptionsFor("gateway");
    options.listen = "127.0.0.1:0";
    options.database_dsn_file =
        surroundings_.WriteFile("gateway.dsn", database_.runtime_dsn().Reveal());
    options.peers["workforce"] = absl::StrCat("127.0.0.1:", workforce_->port());
    options.peers["audit"] = options.peers["workforce"];  // nothing is delivered here
    options.own["token-key"] =
        surroundings_.WriteFile("token.jwk", surroundings_.token_key().private_jwk);
    std::filesystem::permissions(options.own["token-key"], std::filesystem::perms(0600));
    options.own["http-port-file"] = surroundings_.folder() + "/http.port";
    auto gateway = server::Server::Start(GatewayProgram({}), options);
    EXPECT_THAT(gateway, IsOk());
    gateway_ = *std::move(gateway);
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        absl::StripAsciiWhitespace(ReadFile(options.own["http-port-file"])), &port));
    origin_ = absl::StrCat("https://localhost:", port);
    authority_ = options.certificates + "/ca.crt";
  }
  ~GatewayScimPgTest() override {
    gateway_.reset();
    workforce_.reset();
  }

  Reply Send(const std::string& method, const std::string& path, const std::string& body = "",
             std::vector<std::string> headers = {}) {
    headers.push_back("authorization: Bearer " +
                      surroundings_.TokenFor({"HR_INTEGRATION"}, "demo", "entra"));
    if (!body.empty()) headers.emplace_back("content-type: application/scim+json; charset=utf-8");
    return Browser(origin_, authority_).Send(method, "/scim/v2" + path, body, headers);
  }

  testing::TestDatabase database_{{{"gateway", "services/gateway/migrations"}}};
  testing::Surroundings surroundings_;
  FakeWorkforce* fake_ = nullptr;
  std::unique_ptr<server::Server> workforce_;
  std::unique_ptr<server::Server> gateway_;
  std::string origin_;
  std::string authority_;
};

TEST_F(GatewayScimPgTest, CarriesARequestAndItsAnswer) {
  wf::ReadScimRequest read;
  rpc::Call seen;
  fake_->on_read = [&](const rpc::Call& call, const wf::ReadScimRequest& request,
                       wf::ReadScimResponse* response) {
    read = request;
    seen = call;
    response->mutable_answer()->set_status(200);
    response->mutable_answer()->set_etag("W/\"7\"");
    response->mutable_answer()->set_body("{\"id\":\"1\"}");
    return absl::OkStatus();
  };
  const Reply got =
      Send("GET", "/Users/1?attributes=userName%2Cname", "", {"if-none-match: W/\"6\""});
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.Header("content-type"), "application/scim+json");
  EXPECT_EQ(got.Header("etag"), "W/\"7\"");
  EXPECT_EQ(got.Header("cache-control"), "no-store");
  EXPECT_EQ(got.json()["id"], "1");
  EXPECT_EQ(read.http_method(), "GET");
  EXPECT_EQ(read.path(), "/Users/1");
  EXPECT_EQ(read.query(), "attributes=userName%2Cname");
  EXPECT_EQ(read.if_none_match(), "W/\"6\"");
  EXPECT_EQ(read.base_url(), origin_ + "/scim/v2");
  EXPECT_EQ(seen.caller.tenant, "demo");
  EXPECT_EQ(seen.caller.user_id, "entra");

  EXPECT_EQ(Send("POST", "/Users/.search", "{}").status, 200) << "a question, not a change";
  EXPECT_EQ(read.http_method(), "POST");
  EXPECT_EQ(Send("GET", "").status, 200);
  EXPECT_EQ(read.path(), "");

  std::vector<wf::ChangeScimRequest> changes;
  fake_->on_change = [&](const rpc::Call&, const wf::ChangeScimRequest& request,
                         wf::ChangeScimResponse* response) {
    changes.push_back(request);
    response->mutable_answer()->set_status(request.http_method() == "DELETE" ? 204 : 201);
    response->mutable_answer()->set_location("https://x/1");
    return absl::OkStatus();
  };
  const std::string request_id = ids::NewUuid();
  const Reply made =
      Send("POST", "/Users", "{\"a\":1}", {"x-request-id: " + request_id, "if-match: W/\"1\""});
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.Header("location"), "https://x/1");
  EXPECT_EQ(Send("DELETE", "/Users/1", "", {"x-request-id: no uuid"}).status, 204);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].request_id(), request_id);
  EXPECT_EQ(changes[0].if_match(), "W/\"1\"");
  EXPECT_EQ(changes[0].body(), "{\"a\":1}");
  EXPECT_TRUE(ids::IsUuid(changes[1].request_id()));
}

TEST_F(GatewayScimPgTest, RefusesAsScimHasIt) {
  fake_->on_read = [](const rpc::Call&, const wf::ReadScimRequest&, wf::ReadScimResponse*) {
    return status::WithRetryAfter(status::Unavailable("DATABASE_UNAVAILABLE", "Try again."),
                                  absl::Seconds(3));
  };
  const auto is_error = [](const Reply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.Header("content-type"), "application/scim+json");
    const nlohmann::json body = reply.json();
    EXPECT_EQ(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    EXPECT_EQ(body["status"], absl::StrCat(status));
    EXPECT_FALSE(body["detail"].get<std::string>().empty());
  };
  Browser browser(origin_, authority_);
  const Reply nobody = browser.Get("/scim/v2/Users");
  is_error(nobody, 401);
  EXPECT_EQ(nobody.Header("www-authenticate"), "Bearer");
  // A browser's session is no way in.
  browser.Plant("__Host-waymark-session=demo.secret");
  is_error(browser.Get("/scim/v2/Users"), 401);
  is_error(browser.Get("/scim/v2/Users", {"authorization: Bearer rubbish"}), 401);
  is_error(browser.Get("/scim/v2/Users",
                       {"authorization: Bearer " + surroundings_.TokenFor({"OH_NURSE"})}),
           403);
  const std::string bearer =
      "authorization: Bearer " + surroundings_.TokenFor({"HR_INTEGRATION"}, "demo", "entra");
  is_error(browser.Send("POST", "/scim/v2/Users", "{}", {bearer, "content-type: text/plain"}), 415);
  is_error(browser.Send("POST", "/scim/v2/Users", "{}",
                        {bearer, "content-type: application/json", "content-encoding: gzip"}),
           415);
  is_error(browser.Send("OPTIONS", "/scim/v2/Users", "", {bearer}), 405);
  const Reply away = browser.Get("/scim/v2/Users", {bearer});
  is_error(away, 503);
  EXPECT_EQ(away.Header("retry-after"), "3");
  // Neighbours are files of the console, not users.
  EXPECT_NE(browser.Get("/scim/v22", {bearer}).Header("content-type"), "application/scim+json");
}

TEST_F(GatewayScimPgTest, LetsOneClientHaveSoManyRequestsAtOnce) {
  absl::Notification go;
  fake_->on_read = [&](const rpc::Call&, const wf::ReadScimRequest&,
                       wf::ReadScimResponse* response) {
    go.WaitForNotification();
    response->mutable_answer()->set_status(204);
    return absl::OkStatus();
  };
  std::vector<std::thread> clients;
  std::atomic<int> refused = 0;
  std::atomic<int> served = 0;
  for (int i = 0; i < 9; ++i) {
    clients.emplace_back([&] {
      const long status = Send("GET", "/Users").status;
      if (status == 429) ++refused;
      if (status == 204) ++served;
      // The one too many has been refused: the others may go on.
      if (status == 429) go.Notify();
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(served, 8);
}

}  // namespace
}  // namespace waymark::gateway
