// FHIR over HTTPS, as far as it is the gateway's: who is let through, what is carried, and how a
// refusal looks. What a request means is tested with services/referral/fhir.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/rpc/unary.h"
#include "common/server/testing/pki.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/browser.h"
#include "waymark/referral/v1/partner_service.grpc.pb.h"

namespace waymark::gateway {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
namespace rf = referral::v1;

class FakeReferral final : public rf::PartnerService::CallbackService {
 public:
  explicit FakeReferral(rpc::Corridor& corridor) : corridor_(corridor) {}

  std::function<absl::Status(const rpc::Call&, const rf::ReadFhirRequest&, rf::ReadFhirResponse*)>
      on_read;
  std::function<absl::Status(const rpc::Call&, const rf::ChangeFhirRequest&,
                             rf::ChangeFhirResponse*)>
      on_change;

  grpc::ServerUnaryReactor* ReadFhir(grpc::CallbackServerContext* context,
                                     const rf::ReadFhirRequest* request,
                                     rf::ReadFhirResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_read);
  }
  grpc::ServerUnaryReactor* ChangeFhir(grpc::CallbackServerContext* context,
                                       const rf::ChangeFhirRequest* request,
                                       rf::ChangeFhirResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_change);
  }

 private:
  rpc::Corridor& corridor_;
};

class GatewayFhirPgTest : public ::testing::Test {
 protected:
  GatewayFhirPgTest() {
    signal(SIGPIPE, SIG_IGN);
    auto referral = server::Server::Start(
        {.name = "referral",
         .about = "A back end.",
         .assemble = [this](server::Ground& ground) -> absl::StatusOr<server::Parts> {
           auto service = std::make_shared<FakeReferral>(ground.corridor);
           fake_ = service.get();
           return server::Parts{.services = {server::Expose<rf::PartnerService>(service)}};
         }},
        surroundings_.OptionsFor("referral"));
    EXPECT_THAT(referral, IsOk());
    referral_ = *std::move(referral);
    server::Options options = surroundings_.OptionsFor("gateway");
    options.listen = "127.0.0.1:0";
    options.database_dsn_file =
        surroundings_.WriteFile("gateway.dsn", database_.runtime_dsn().Reveal());
    options.peers["referral"] = absl::StrCat("127.0.0.1:", referral_->port());
    options.peers["audit"] = options.peers["referral"];  // nothing is delivered here
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
  ~GatewayFhirPgTest() override {
    gateway_.reset();
    referral_.reset();
  }

  Reply Send(const std::string& method, const std::string& path, const std::string& body = "",
             std::vector<std::string> headers = {}) {
    headers.push_back("authorization: Bearer " +
                      surroundings_.TokenFor({"NHS_CLINICIAN"}, "RYE", "pas"));
    if (!body.empty()) headers.emplace_back("content-type: application/fhir+json; charset=utf-8");
    return Browser(origin_, authority_).Send(method, "/fhir/R4" + path, body, headers);
  }

  testing::TestDatabase database_{{{"gateway", "services/gateway/migrations"}}};
  testing::Surroundings surroundings_;
  FakeReferral* fake_ = nullptr;
  std::unique_ptr<server::Server> referral_;
  std::unique_ptr<server::Server> gateway_;
  std::string origin_;
  std::string authority_;
};

std::string HeaderOf(const google::protobuf::RepeatedPtrField<rf::FhirHeader>& headers,
                     const std::string& name) {
  for (const rf::FhirHeader& header : headers) {
    if (header.name() == name) return header.value();
  }
  return "";
}

TEST_F(GatewayFhirPgTest, CarriesARequestAndItsAnswer) {
  rf::ReadFhirRequest read;
  rpc::Call seen;
  fake_->on_read = [&](const rpc::Call& call, const rf::ReadFhirRequest& request,
                       rf::ReadFhirResponse* response) {
    read = request;
    seen = call;
    response->mutable_answer()->set_status(200);
    rf::FhirHeader& etag = *response->mutable_answer()->add_headers();
    etag.set_name("etag");
    etag.set_value("W/\"7\"");
    rf::FhirHeader& media = *response->mutable_answer()->add_headers();
    media.set_name("content-type");
    media.set_value("application/fhir+json");
    response->mutable_answer()->set_body("{\"id\":\"1\"}");
    return absl::OkStatus();
  };
  const Reply got = Send("GET", "/Task/1?_count=2", "", {"if-none-match: W/\"6\"", "cookie: a=b"});
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.Header("content-type"), "application/fhir+json");
  EXPECT_EQ(got.Header("etag"), "W/\"7\"");
  EXPECT_EQ(got.Header("cache-control"), "no-store");
  EXPECT_EQ(got.json()["id"], "1");
  EXPECT_EQ(read.http_method(), "GET");
  EXPECT_EQ(read.path(), "/Task/1");
  EXPECT_EQ(read.query(), "_count=2");
  EXPECT_EQ(HeaderOf(read.headers(), "if-none-match"), "W/\"6\"");
  EXPECT_EQ(HeaderOf(read.headers(), "cookie"), "");
  EXPECT_EQ(HeaderOf(read.headers(), "authorization"), "");
  EXPECT_EQ(read.base_url(), origin_ + "/fhir/R4");
  EXPECT_EQ(seen.caller.tenant, "RYE");

  rf::ChangeFhirRequest change;
  fake_->on_change = [&](const rpc::Call&, const rf::ChangeFhirRequest& request,
                         rf::ChangeFhirResponse* response) {
    change = request;
    response->mutable_answer()->set_status(200);
    return absl::OkStatus();
  };
  const std::string request_id = ids::NewUuid();
  EXPECT_EQ(Send("POST", "/$process-message", "{}", {"x-request-id: " + request_id}).status, 200);
  EXPECT_EQ(change.path(), "/$process-message");
  EXPECT_EQ(change.request_id(), request_id);
  EXPECT_EQ(change.body(), "{}");
  EXPECT_EQ(Send("PUT", "/Task/1", "{}", {"if-match: W/\"1\""}).status, 200);
  EXPECT_TRUE(ids::IsUuid(change.request_id()));
  EXPECT_EQ(HeaderOf(change.headers(), "if-match"), "W/\"1\"");
}

TEST_F(GatewayFhirPgTest, RefusesWithAnOperationOutcome) {
  fake_->on_read = [](const rpc::Call&, const rf::ReadFhirRequest&, rf::ReadFhirResponse*) {
    return status::WithRetryAfter(status::Unavailable("DATABASE_UNAVAILABLE", "Try again."),
                                  absl::Seconds(3));
  };
  const auto is_error = [](const Reply& reply, int status, const std::string& issue) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.Header("content-type"), "application/fhir+json");
    const nlohmann::json body = reply.json();
    EXPECT_EQ(body["resourceType"], "OperationOutcome");
    EXPECT_EQ(body["issue"][0]["severity"], "error");
    EXPECT_EQ(body["issue"][0]["code"], issue);
    EXPECT_FALSE(body["issue"][0]["diagnostics"].get<std::string>().empty());
  };
  Browser browser(origin_, authority_);
  const Reply nobody = browser.Get("/fhir/R4/Task");
  is_error(nobody, 401, "login");
  EXPECT_EQ(nobody.Header("www-authenticate"), "Bearer");
  // A browser's session is no way in.
  browser.Plant("__Host-waymark-session=demo.secret");
  is_error(browser.Get("/fhir/R4/Task"), 401, "login");
  is_error(browser.Get("/fhir/R4/Task",
                       {"authorization: Bearer " + surroundings_.TokenFor({"LINE_MANAGER"})}),
           403, "forbidden");
  const std::string bearer =
      "authorization: Bearer " + surroundings_.TokenFor({"NHS_CLINICIAN"}, "RYE", "pas");
  is_error(
      browser.Send("POST", "/fhir/R4/$process-message", "{}", {bearer, "content-type: text/plain"}),
      415, "not-supported");
  is_error(browser.Send("POST", "/fhir/R4/Task/_search", "{}",
                        {bearer, "content-type: application/fhir+json"}),
           415, "not-supported");
  is_error(browser.Send("DELETE", "/fhir/R4/Task/1", "", {bearer}), 405, "not-supported");
  const Reply away = browser.Get("/fhir/R4/Task", {bearer});
  is_error(away, 503, "transient");
  EXPECT_EQ(away.Header("retry-after"), "3");
}

}  // namespace
}  // namespace waymark::gateway
