// An identity system and the whole suite behind the gateway: the life of a user by RFC 7644, as
// Entra ID and Okta lead it, over HTTPS.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/gateway/testing/browser.h"
#include "tests/harness/suite.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark {
namespace {

using gateway::Browser;
using gateway::Reply;
using harness::Suite;
using Json = nlohmann::json;
using testing::Eventually;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
namespace wf = workforce::v1;

constexpr char kPolice[] = "urn:police-oh:scim:schemas:extension:workforce:1.0:User";
constexpr char kEnterprise[] = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

class ScimJourney : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    signal(SIGPIPE, SIG_IGN);
    absl::StatusOr<std::unique_ptr<Suite>> suite =
        Suite::Start({.services = {"audit", "scheduling", "workforce", "gateway"}});
    ASSERT_THAT(suite, IsOk());
    suite_ = suite->release();
  }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }
  void SetUp() override { ASSERT_NE(suite_, nullptr); }

  static std::string Origin() {
    const std::string port = gateway::ReadFile(suite_->folder() + "/gateway.http");
    return absl::StrCat("https://localhost:", absl::StripAsciiWhitespace(port));
  }
  Reply Ask(const std::string& method, const std::string& path, const Json& body = nullptr,
            std::vector<std::string> headers = {}) const {
    headers.push_back("authorization: Bearer " +
                      suite_->Token({.user_id = "entra", .tenant = tenant_, .roles = roles_}));
    if (!body.is_null()) headers.emplace_back("content-type: application/scim+json");
    return Browser(Origin(), suite_->folder() + "/tls/gateway/ca.crt")
        .Send(method, "/scim/v2" + path, body.is_null() ? "" : body.dump(), headers);
  }
  // As Entra ID sends it, without an extension of its own.
  static Json User(const std::string& name) {
    return {
        {"schemas", {"urn:ietf:params:scim:schemas:core:2.0:User", kEnterprise, kPolice}},
        {"externalId", "guid-" + name},
        {"userName", name},
        {"active", true},
        {"displayName", "Siân Hughes"},
        {"emails", Json::array({Json{{"primary", true}, {"type", "work"}, {"value", name}}})},
        {"meta", {{"resourceType", "User"}}},
        {"name", {{"formatted", "x"}, {"familyName", "Hughes"}, {"givenName", "Siân"}}},
        {kEnterprise,
         {{"employeeNumber", "E-" + name.substr(0, name.find('@'))}, {"department", "x"}}},
        {kPolice, {{"workforceType", "officer"}, {"siteCode", "HQ"}, {"roleFamily", "custody"}}}};
  }
  std::string Make(const std::string& name) {
    const Reply made = Ask("POST", "/Users", User(name));
    EXPECT_EQ(made.status, 201) << made.body << suite_->Log("workforce");
    return made.json().value("id", "");
  }
  static Json Patch(const Json& operations) {
    return {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
            {"Operations", operations}};
  }
  static Json One(const std::string& op, const std::string& path, const Json& value) {
    return Patch(Json::array({Json{{"op", op}, {"path", path}, {"value", value}}}));
  }

  static Suite* suite_;
  std::string tenant_ = "demo";
  std::vector<options::v1::Role> roles_ = {options::v1::ROLE_HR_INTEGRATION};
};
Suite* ScimJourney::suite_ = nullptr;

TEST_F(ScimJourney, AUserIsMadeFoundChangedReplacedAndGone) {
  // Entra asks first, makes what is not there, and remembers the id.
  const Reply none = Ask("GET", "/Users?filter=userName+eq+%22life%40x.uk%22");
  ASSERT_EQ(none.status, 200) << none.body;
  EXPECT_EQ(none.json()["totalResults"], 0);
  const Reply made = Ask("POST", "/Users", User("life@x.uk"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.Header("content-type"), "application/scim+json");
  const std::string id = made.json()["id"];
  EXPECT_EQ(made.Header("location"), Origin() + "/scim/v2/Users/" + id);
  EXPECT_EQ(made.json()["meta"]["location"], made.Header("location"));
  EXPECT_EQ(made.Header("etag"), made.json()["meta"]["version"]);
  EXPECT_EQ(Ask("POST", "/Users", User("LIFE@x.uk")).json()["scimType"], "uniqueness");

  const Reply got = Ask("GET", "/Users/" + id);
  EXPECT_EQ(got.json(), made.json());
  EXPECT_EQ(Ask("GET", "/Users/" + id, nullptr, {"if-none-match: " + got.Header("etag")}).status,
            304);
  for (const char* filter :
       {"userName%20eq%20%22Life%40x.uk%22", "externalId%20eq%20%22guid-life%40x.uk%22",
        "emails%5Btype%20eq%20%22work%22%20and%20value%20eq%20%22life%40x.uk%22%5D",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber%20eq%20%22E-"
        "life%22"}) {
    const Reply found = Ask("GET", absl::StrCat("/Users?filter=", filter));
    EXPECT_EQ(found.json()["totalResults"], 1) << filter << found.body;
    EXPECT_EQ(found.json()["Resources"][0]["id"], id);
  }

  // Entra's own way to change: capital op, booleans as texts, a path that picks an element.
  const Reply patched = Ask(
      "PATCH", "/Users/" + id,
      Patch(Json::array(
          {Json{{"op", "Add"}, {"path", "nickName"}, {"value", "Shan"}},
           Json{{"op", "Replace"},
                {"path", R"(emails[type eq "work"].value)"},
                {"value", "new@x.uk"}},
           Json{{"op", "Replace"}, {"path", "active"}, {"value", "True"}},
           Json{{"op", "Replace"}, {"path", absl::StrCat(kPolice, ":siteCode")}, {"value", "N1"}},
           Json{{"op", "Add"}, {"path", "displayName"}, {"value", "not kept"}}})));
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(patched.json()["nickName"], "Shan");
  EXPECT_EQ(patched.json()["emails"][0]["value"], "new@x.uk");
  EXPECT_EQ(patched.json()[kPolice]["siteCode"], "N1");
  EXPECT_NE(patched.Header("etag"), got.Header("etag"));
  // Whoever read before may not write over it.
  const Reply stale =
      Ask("PUT", "/Users/" + id, User("life@x.uk"), {"if-match: " + got.Header("etag")});
  EXPECT_EQ(stale.status, 412);
  EXPECT_FALSE(stale.json()["detail"].get<std::string>().empty());

  Json whole = User("life2@x.uk");
  whole[kPolice]["rankOrGrade"] = "constable_to_sergeant";
  const Reply put = Ask("PUT", "/Users/" + id, whole, {"if-match: " + patched.Header("etag")});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.json()["userName"], "life2@x.uk");
  EXPECT_FALSE(put.json().contains("nickName"));
  EXPECT_EQ(put.json()[kPolice]["rankOrGrade"], "constable_to_sergeant");

  EXPECT_EQ(Ask("PATCH", "/Users/" + id, One("Replace", "active", "False")).json()["active"],
            false);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 204);
  EXPECT_EQ(Ask("GET", "/Users/" + id).status, 404);
  // What was done is in the audit log: the trail is delivered.
  EXPECT_TRUE(Eventually([] {
    return suite_->database("workforce")
               .Query(
                   "SELECT count(*) FROM outbox_counter WHERE destination = 'audit'"
                   " AND delivered_through > 0") != "0";
  }));
}

TEST_F(ScimJourney, ManyComeInBulkAndARepeatedRequestMakesNobodyTwice) {
  Json worker = User("worker@bulk.uk");
  worker[kEnterprise]["manager"] = {{"value", "bulkId:boss"}};
  const Json bulk = {
      {"schemas", {"urn:ietf:params:scim:api:messages:2.0:BulkRequest"}},
      {"failOnErrors", 1},
      {"Operations",
       {{{"method", "POST"},
         {"path", "/Users"},
         {"bulkId", "boss"},
         {"data", User("boss@bulk.uk")}},
        {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "w"}, {"data", worker}},
        {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "d"}, {"data", User("boss@bulk.uk")}},
        {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "e"}, {"data", User("e@bulk.uk")}}}}};
  const std::string request_id = "x-request-id: " + ids::NewUuid();
  const Reply done = Ask("POST", "/Bulk", bulk, {request_id});
  ASSERT_EQ(done.status, 200) << done.body;
  const Json operations = done.json()["Operations"];
  ASSERT_EQ(operations.size(), 3U) << "one error, and no further";
  EXPECT_EQ(operations[1]["status"], "201");
  EXPECT_EQ(operations[2]["response"]["scimType"], "uniqueness");
  EXPECT_EQ(Ask("POST", "/Bulk", bulk, {request_id}).body, done.body);
  const Reply boss = Ask("GET", "/Users?filter=userName%20eq%20%22boss@bulk.uk%22");
  const Reply found = Ask("GET", "/Users?filter=userName%20eq%20%22worker@bulk.uk%22");
  EXPECT_EQ(found.json()["Resources"][0][kEnterprise]["manager"]["value"],
            boss.json()["Resources"][0]["id"]);
}

TEST_F(ScimJourney, ListsInPagesAndInOrder) {
  tenant_ = "E23000025-test";
  std::vector<std::string> ids;
  for (const char* name : {"b@p.uk", "a@p.uk", "c@p.uk"}) ids.push_back(Make(name));
  const Json page = Ask("GET", "/Users?startIndex=2&count=1&attributes=userName").json();
  EXPECT_EQ(page["totalResults"], 3);
  EXPECT_EQ(page["itemsPerPage"], 1);
  EXPECT_EQ(page["Resources"][0]["id"], ids[1]);
  EXPECT_FALSE(page["Resources"][0].contains("name"));
  const Json sorted =
      Ask("POST", "/Users/.search", {{"sortBy", "userName"}, {"count", 2}, {"startIndex", 1}})
          .json();
  EXPECT_EQ(sorted["Resources"][0]["userName"], "a@p.uk");
  EXPECT_EQ(sorted["Resources"][1]["userName"], "b@p.uk");
  EXPECT_EQ(Ask("GET", "/Users?filter=userName%20is").json()["scimType"], "invalidFilter");
}

TEST_F(ScimJourney, TellsWhatItServes) {
  const Reply config = Ask("GET", "/ServiceProviderConfig");
  EXPECT_EQ(config.status, 200) << config.body;
  EXPECT_EQ(config.json()["patch"]["supported"], true);
  for (const char* path : {"/ResourceTypes", "/Schemas", "/ResourceTypes/User"}) {
    EXPECT_EQ(Ask("GET", path).status, 200) << path;
    EXPECT_EQ(Ask("POST", path, Json::object()).status, 405) << path;
  }
  EXPECT_EQ(Ask("GET", absl::StrCat("/Schemas/", kPolice)).json()["id"], kPolice);
  EXPECT_EQ(Ask("GET", "/Groups").status, 501);
  EXPECT_EQ(Ask("GET", "/Nothing").status, 404);
}

TEST_F(ScimJourney, AnotherForceSeesNobodyAndAnotherRoleNothing) {
  const std::string id = Make("mine@x.uk");
  tenant_ = "W15000001-test";
  EXPECT_EQ(Ask("GET", "/Users/" + id).status, 404);
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, One("Replace", "active", false)).status, 404);
  EXPECT_EQ(Ask("PUT", "/Users/" + id, User("mine@x.uk")).status, 404);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 404);
  EXPECT_EQ(Ask("GET", "/Users?filter=userName%20eq%20%22mine@x.uk%22").json()["totalResults"], 0);
  EXPECT_EQ(Ask("GET", "/Users").json()["totalResults"], 0);
  tenant_ = "demo";
  for (const options::v1::Role role :
       {options::v1::ROLE_OH_NURSE, options::v1::ROLE_LINE_MANAGER, options::v1::ROLE_OFFICER}) {
    roles_ = {role};
    EXPECT_EQ(Ask("GET", "/Users/" + id).status, 403);
    EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 403);
  }
  roles_ = {options::v1::ROLE_HR_INTEGRATION};
  EXPECT_EQ(Ask("GET", "/Users/" + id).json()["active"], true);
}

TEST_F(ScimJourney, AProtectedPersonStandsAsAnAliasAndIsFoundByNothing) {
  const Json made = Ask("POST", "/Users", User("undercover@x.uk")).json();
  const std::string id = made["id"];
  const auto people = wf::WorkforceService::NewStub(suite_->Connect("workforce"));
  const auto lead = [] {
    return rpc::Outgoing{
        .deadline = absl::Now() + absl::Seconds(20),
        .token = suite_->Token({.user_id = "lead", .roles = {options::v1::ROLE_OH_LEAD}})};
  };
  wf::SetProtectionRequest protect;
  protect.set_request_id(ids::NewUuid());
  protect.set_subject_id(id);
  protect.set_expected_version(
      std::stoll(made["meta"]["version"].get<std::string>().substr(3)));  // W/"1"
  protect.mutable_protection()->set_active(true);
  protect.mutable_protection()->set_alias("Sam Jones");
  protect.mutable_protection()->add_allowed_user_ids("lead");
  wf::SetProtectionResponse protected_now;
  ASSERT_THAT(rpc::Invoke(lead(),
                          [&](grpc::ClientContext* context) {
                            return people->SetProtection(context, protect, &protected_now);
                          }),
              IsOk());
  for (const char* query : {"filter=userName%20eq%20%22undercover@x.uk%22",
                            "filter=externalId%20eq%20%22guid-undercover@x.uk%22",
                            "filter=emails.value%20eq%20%22undercover@x.uk%22"}) {
    EXPECT_EQ(Ask("GET", absl::StrCat("/Users?", query)).json()["totalResults"], 0) << query;
  }
  const Reply got = Ask("GET", "/Users/" + id);
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.json()["nickName"], "Sam Jones");
  for (const char* secret : {"Hughes", "undercover", "E-undercover"}) {
    EXPECT_THAT(got.body, Not(HasSubstr(secret)));
    EXPECT_THAT(
        Ask("PATCH", "/Users/" + id, One("Replace", absl::StrCat(kPolice, ":siteCode"), secret))
            .body,
        Not(HasSubstr("Hughes")));
  }
  EXPECT_EQ(Ask("POST", "/Users", User("undercover@x.uk")).status, 409);
}

TEST_F(ScimJourney, ABackEndThatIsAwayIsSaidToBeAway) {
  ASSERT_EQ(suite_->StopService("workforce"), 0);
  const Reply away = Ask("GET", "/Users");
  EXPECT_THAT(away.status, ::testing::AnyOf(503, 504)) << away.body;
  EXPECT_EQ(away.json()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
  ASSERT_THAT(suite_->StartService("workforce"), IsOk());
  EXPECT_TRUE(Eventually([this] { return Ask("GET", "/ServiceProviderConfig").status == 200; }));
}

}  // namespace
}  // namespace waymark
