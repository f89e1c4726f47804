#include "services/workforce/feed/scim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/workforce/feed/scim_filter.h"
#include "services/workforce/feed/scim_patch.h"
#include "services/workforce/feed/scim_user.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;
using ::testing::SizeIs;

// Users in memory, and what the feed was told.
class UsersInMemory : public ScimUsers {
 public:
  absl::StatusOr<std::optional<ScimRecord>> Get(absl::string_view id) override {
    const auto found = users.find(std::string(id));
    return found == users.end() ? std::nullopt : std::optional<ScimRecord>(found->second);
  }
  absl::StatusOr<std::optional<ScimRecord>> FindByUserName(absl::string_view lower) override {
    ++looked_up;
    for (const auto& [id, user] : users) {
      if (user.user_name == lower) return std::optional<ScimRecord>(user);
    }
    return std::optional<ScimRecord>();
  }
  absl::StatusOr<std::optional<ScimRecord>> FindByExternalId(absl::string_view wanted) override {
    for (const auto& [id, user] : users) {
      if (user.external_id == wanted) return std::optional<ScimRecord>(user);
    }
    return std::optional<ScimRecord>();
  }
  absl::Status ForEach(const std::function<bool(const ScimRecord&)>& each) override {
    for (const auto& [id, user] : users) {
      if (!each(user)) break;
    }
    return absl::OkStatus();
  }
  absl::Status Put(const ScimRecord& record, const v1::FeedPerson& person) override {
    users[record.id] = record;
    told.push_back(person);
    return absl::OkStatus();
  }
  absl::Status Remove(absl::string_view id, const v1::FeedPerson& person) override {
    users.erase(std::string(id));
    told.push_back(person);
    return absl::OkStatus();
  }
  std::string NewId() override { return absl::StrCat("id", ++last); }

  std::map<std::string, ScimRecord> users;
  std::vector<v1::FeedPerson> told;
  int last = 0;
  int looked_up = 0;
};

class ScimTest : public ::testing::Test {
 protected:
  ScimResponse Ask(const std::string& method, const std::string& path, const json& body = nullptr,
                   const std::map<std::string, std::string>& headers = {},
                   const std::string& query = "") {
    return HandleScim({.method = method,
                       .path = path,
                       .query = query,
                       .headers = headers,
                       .body = body.is_null() ? "" : body.dump()},
                      {.base_url = "https://w.example/scim/v2",
                       .force = "E23000025",
                       .now = absl::FromUnixSeconds(1'780'000'000),
                       .today = absl::CivilDay(2026, 6, 1)},
                      users_);
  }
  static json User(const std::string& name) {
    return {{"schemas", {kScimUser.data()}},
            {"userName", name},
            {"externalId", "ext-" + name},
            {"name", {{"familyName", "Hughes"}, {"givenName", "Siân"}}},
            {"displayName", "not kept"},
            {"ethnicity", "never kept"},
            {"emails", {{{"type", "work"}, {"value", "s@x.police.uk"}, {"primary", true}}}},
            {"preferredLanguage", "cy-GB"},
            {std::string(kScimEnterprise), {{"employeeNumber", "E77"}, {"costCenter", "no"}}},
            {std::string(kScimPolice),
             {{"workforceType", "officer"},
              {"collarNumber", "1234"},
              {"siteCode", "HQ"},
              {"roleFamily", "custody"},
              {"serviceStartDate", "2019-04-01"},
              {"fte", 0.8}}}};
  }
  std::string Make(const std::string& name) {
    const ScimResponse made = Ask("POST", "/Users", User(name));
    EXPECT_EQ(made.status, 201) << made.body;
    return json::parse(made.body)["id"];
  }
  static json Patch(const json& operations) {
    return {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
            {"Operations", operations}};
  }
  static std::string TypeOf(const ScimResponse& response) {
    return json::parse(response.body).value("scimType", "");
  }

  UsersInMemory users_;
};

TEST_F(ScimTest, CreatesReadsReplacesAndDeletesAUserAndTellsTheFeed) {
  const ScimResponse made = Ask("POST", "/Users", User("Sian"));
  ASSERT_EQ(made.status, 201) << made.body;
  const json user = json::parse(made.body);
  EXPECT_EQ(made.headers.at("location"), "https://w.example/scim/v2/Users/id1");
  EXPECT_EQ(made.headers.at("etag"), "W/\"1\"");
  EXPECT_EQ(made.headers.at("content-type"), "application/scim+json");
  EXPECT_EQ(user["meta"]["version"], "W/\"1\"");
  EXPECT_EQ(user["externalId"], "ext-Sian");
  EXPECT_FALSE(user.contains("ethnicity"));
  ASSERT_THAT(users_.told, SizeIs(1));
  const v1::FeedPerson& person = users_.told[0];
  EXPECT_EQ(person.external_id(), "id1");
  EXPECT_EQ(person.user_id(), "Sian");
  EXPECT_EQ(person.language(), v1::LANGUAGE_WELSH);
  EXPECT_EQ(person.work().email(), "s@x.police.uk");
  EXPECT_EQ(person.employment().workforce_type(), v1::WORKFORCE_TYPE_OFFICER);
  EXPECT_EQ(person.employment().fte_percent(), 80);
  EXPECT_EQ(person.employment().employee_number(), "E77");
  EXPECT_TRUE(person.active());

  EXPECT_EQ(json::parse(Ask("GET", "/Users/id1").body), user);
  json other = User("Sian");
  other["active"] = "False";
  const ScimResponse put = Ask("PUT", "/Users/id1", other);
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(json::parse(put.body)["active"], false);
  EXPECT_FALSE(users_.told.back().active());
  EXPECT_EQ(Ask("DELETE", "/Users/id1").status, 204);
  EXPECT_FALSE(users_.told.back().active());
  EXPECT_EQ(Ask("GET", "/Users/id1").status, 404);
  EXPECT_EQ(Ask("DELETE", "/Users/id1").status, 404);
}

TEST_F(ScimTest, SaysWhyAUserCannotBe) {
  Make("a");
  EXPECT_EQ(TypeOf(Ask("POST", "/Users", User("A"))), "uniqueness");
  EXPECT_EQ(Ask("POST", "/Users", User("A")).status, 409);
  json user = User("b");
  user.erase("userName");
  EXPECT_EQ(TypeOf(Ask("POST", "/Users", user)), "invalidValue");
  user = User("b");
  user["name"]["familyName"] = "=cmd()";
  const ScimResponse formula = Ask("POST", "/Users", user);
  EXPECT_EQ(formula.status, 400);
  EXPECT_EQ(json::parse(formula.body)["detail"], "name.familyName: FORMULA");
  user = User("b");
  user.erase(std::string(kScimPolice));
  EXPECT_EQ(json::parse(Ask("POST", "/Users", user).body)["detail"], "workforceType: REQUIRED");
  EXPECT_EQ(TypeOf(HandleScim({.method = "POST", .path = "/Users", .body = "{"}, {}, users_)),
            "invalidSyntax");
  EXPECT_EQ(
      HandleScim(
          {.method = "POST", .path = "/Users", .body = std::string(kBiggestScimPayload + 1, ' ')},
          {}, users_)
          .status,
      413);
  EXPECT_THAT(users_.users, SizeIs(1));
}

TEST_F(ScimTest, AnswersTheQuestionsThatEntraAndOktaAsk) {
  Make("a@x.uk");
  Make("b@x.uk");
  const auto list = [this](const std::string& query) {
    const ScimResponse response = Ask("GET", "/Users", nullptr, {}, query);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  };
  EXPECT_EQ(list("filter=userName%20eq%20%22A@X.UK%22")["totalResults"], 1);
  EXPECT_EQ(users_.looked_up, 3) << "an index, not a walk";
  const json none = list("filter=userName+eq+%22nobody%22");
  EXPECT_EQ(none["totalResults"], 0);
  EXPECT_FALSE(none.contains("Resources"));
  EXPECT_EQ(list("filter=externalId eq \"ext-b@x.uk\"")["Resources"][0]["userName"], "b@x.uk");
  EXPECT_EQ(list("filter=emails[type eq \"work\" and value eq \"S@x.police.uk\"]")["totalResults"],
            2);
  const json page = list("startIndex=2&count=2");
  EXPECT_EQ(page["totalResults"], 2);
  EXPECT_EQ(page["itemsPerPage"], 1);
  EXPECT_EQ(page["startIndex"], 2);
  EXPECT_EQ(list("startIndex=-5&count=-1")["itemsPerPage"], 0);
  const json few = list("attributes=userName")["Resources"][0];
  EXPECT_EQ(few.size(), 3U) << few << " id, schemas, userName";
  EXPECT_FALSE(list("excludedAttributes=emails,id")["Resources"][0].contains("emails"));
  EXPECT_TRUE(list("excludedAttributes=emails,id")["Resources"][0].contains("id"));
  EXPECT_EQ(TypeOf(Ask("GET", "/Users", nullptr, {}, "filter=userName%20is")), "invalidFilter");
  EXPECT_EQ(Ask("GET", "/Users", nullptr, {}, "filter=%zz").status, 400);
  EXPECT_EQ(json::parse(Ask("POST", "/.search", {{"filter", "userName sw \"a\""}, {"count", 10}})
                            .body)["totalResults"],
            1);
}

TEST_F(ScimTest, PatchesAsTheRfcAndTheClientsHaveIt) {
  const std::string id = Make("a");
  const auto patch = [&](const json& operations) {
    const ScimResponse response = Ask("PATCH", "/Users/" + id, Patch(operations));
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  };
  EXPECT_EQ(patch({{{"op", "Replace"}, {"path", "active"}, {"value", "False"}}})["active"], false);
  EXPECT_FALSE(users_.told.back().active());
  EXPECT_EQ(
      patch({{{"op", "replace"},
              {"value", {{"active", true}, {"name.familyName", "Evans"}}}}})["name"]["familyName"],
      "Evans");
  EXPECT_EQ(patch({{{"op", "replace"},
                    {"path", "emails[type eq \"work\"].value"},
                    {"value", "new@x.police.uk"}}})["emails"][0]["value"],
            "new@x.police.uk");
  EXPECT_EQ(users_.told.back().work().email(), "new@x.police.uk");
  EXPECT_THAT(patch({{{"op", "Add"},
                      {"path", "phoneNumbers[type eq \"mobile\"].value"},
                      {"value", "07700 900123"}}})["phoneNumbers"],
              SizeIs(1));
  EXPECT_EQ(users_.told.back().work().mobile(), "+447700900123");
  EXPECT_EQ(patch({{{"op", "add"},
                    {"path", absl::StrCat(kScimEnterprise, ":employeeNumber")},
                    {"value", "E99"}}})[std::string(kScimEnterprise)]["employeeNumber"],
            "E99");
  const json moved = patch(
      {{{"op", "replace"}, {"path", absl::StrCat(kScimEnterprise, ":manager")}, {"value", "id9"}}});
  EXPECT_EQ(moved[std::string(kScimEnterprise)]["manager"]["value"], "id9");
  EXPECT_EQ(users_.told.back().manager_external_id(), "id9");
  EXPECT_FALSE(patch({{{"op", "remove"}, {"path", "phoneNumbers"}}}).contains("phoneNumbers"));
  const json two =
      patch({{{"op", "add"},
              {"path", "emails"},
              {"value", {{{"value", "b@x.uk"}, {"type", "work"}, {"primary", true}}}}}});
  EXPECT_THAT(two["emails"], SizeIs(2));
  EXPECT_EQ(users_.told.back().work().email(), "b@x.uk")
      << "the primary one, and there is only one";
  EXPECT_THAT(patch({{{"op", "remove"}, {"path", "emails[value eq \"b@x.uk\"]"}}})["emails"],
              SizeIs(1));
  // What everybody is sent and nobody keeps.
  patch({{{"op", "add"}, {"path", "displayName"}, {"value", "x"}},
         {{"op", "add"}, {"path", "addresses[type eq \"home\"].streetAddress"}, {"value", "x"}},
         {{"op", "add"}, {"path", absl::StrCat(kScimEnterprise, ":department")}, {"value", "x"}}});
}

TEST_F(ScimTest, RefusesAPatchWholeWithTheRfcsReason) {
  const std::string id = Make("a");
  const auto type = [&](const json& operations) {
    const ScimResponse response = Ask("PATCH", "/Users/" + id, Patch(operations));
    EXPECT_EQ(response.status, 400) << response.body;
    return TypeOf(response);
  };
  const std::string before = users_.users[id].resource;
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "nickName"}, {"value", "x"}}, {{"op", "remove"}}}),
            "noTarget");
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "id"}, {"value", "x"}}}), "mutability");
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "emails[type is 1]"}, {"value", "x"}}}),
            "invalidFilter");
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "a b"}, {"value", "x"}}}), "invalidPath");
  EXPECT_EQ(type({{{"op", "move"}, {"path", "name"}, {"value", "x"}}}), "invalidSyntax");
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "emails[type eq \"x\"].value"}, {"value", "x"}}}),
            "noTarget");
  EXPECT_EQ(type({{{"op", "replace"}, {"path", "active"}, {"value", 7}}}), "invalidValue");
  EXPECT_EQ(type({{{"op", "remove"}, {"path", "userName"}}}), "invalidValue");
  EXPECT_EQ(users_.users[id].resource, before);
  EXPECT_EQ(users_.users[id].version, 1);
}

TEST_F(ScimTest, ChangesNothingAndNoVersionWhenTheSameComesAgain) {
  const std::string id = Make("a");
  Ask("PATCH", "/Users/" + id, Patch({{{"op", "Replace"}, {"path", "active"}, {"value", "True"}}}));
  Ask("PUT", "/Users/" + id, User("a"));
  EXPECT_EQ(users_.users[id].version, 1);
  EXPECT_THAT(users_.told, SizeIs(1));
}

TEST_F(ScimTest, HeedsETags) {
  const std::string id = Make("a");
  EXPECT_EQ(Ask("GET", "/Users/" + id, nullptr, {{"if-none-match", "W/\"1\""}}).status, 304);
  EXPECT_EQ(Ask("GET", "/Users/" + id, nullptr, {{"if-none-match", "W/\"2\""}}).status, 200);
  const json change = Patch({{{"op", "replace"}, {"path", "nickName"}, {"value", "Shan"}}});
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, change, {{"if-match", "W/\"2\""}}).status, 412);
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, change, {{"if-match", "W/\"0\", W/\"1\""}}).status, 200);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id, nullptr, {{"if-match", "\"1\""}}).status, 412);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id, nullptr, {{"if-match", "*"}}).status, 204);
}

TEST_F(ScimTest, CarriesOutBulkWithReferencesAndStopsAfterSoManyErrors) {
  json worker = User("worker");
  worker[std::string(kScimEnterprise)]["manager"] = {{"value", "bulkId:boss"}};
  const json bulk = {
      {"schemas", {"urn:ietf:params:scim:api:messages:2.0:BulkRequest"}},
      {"failOnErrors", 1},
      {"Operations",
       {{{"method", "POST"}, {"path", "/Users"}, {"bulkId", "boss"}, {"data", User("boss")}},
        {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "w"}, {"data", worker}},
        {{"method", "PATCH"},
         {"path", "/Users/bulkId:w"},
         {"data", Patch({{{"op", "replace"}, {"path", "nickName"}, {"value", "Jo"}}})}},
        {{"method", "DELETE"}, {"path", "/Users/nobody"}},
        {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "x"}, {"data", User("x")}}}}};
  const ScimResponse response = Ask("POST", "/Bulk", bulk);
  ASSERT_EQ(response.status, 200) << response.body;
  const json operations = json::parse(response.body)["Operations"];
  ASSERT_THAT(operations, SizeIs(4)) << "nothing after the first error";
  EXPECT_EQ(operations[0]["status"], "201");
  EXPECT_EQ(operations[0]["bulkId"], "boss");
  EXPECT_EQ(operations[2]["version"], "W/\"2\"");
  EXPECT_EQ(operations[3]["status"], "404");
  EXPECT_EQ(operations[3]["response"]["status"], "404");
  EXPECT_EQ(users_.told[1].manager_external_id(), "id1");
  json many = {{"Operations", json::array()}};
  for (int i = 0; i <= kMostScimOperations; ++i) many["Operations"].push_back(json::object());
  EXPECT_EQ(Ask("POST", "/Bulk", many).status, 413);
}

TEST_F(ScimTest, TellsWhatItServesAndRefusesTheRest) {
  for (const char* path :
       {"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas"}) {
    EXPECT_EQ(Ask("GET", path).status, 200) << path;
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
      EXPECT_EQ(Ask(method, path).status, 405) << path;
    }
    EXPECT_EQ(Ask("GET", path, nullptr, {}, "filter=id pr").status, 403);
  }
  for (const absl::string_view urn : {kScimUser, kScimEnterprise, kScimPolice}) {
    EXPECT_EQ(json::parse(Ask("GET", absl::StrCat("/Schemas/", urn)).body)["id"], std::string(urn));
  }
  for (const char* path : {"/", "/Groups", "/Schemas/x", "/ResourceTypes/x", "/Users/a/b", "/x"}) {
    const ScimResponse response = Ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(json::parse(response.body)["status"], "404");
  }
  EXPECT_EQ(Ask("GET", "/Me").status, 501);
  EXPECT_EQ(Ask("PATCH", "/Users").status, 405);
}

// Every attribute that the schemas advertise can be set, read back and removed: what conformance
// testers do.
TEST_F(ScimTest, KeepsEveryAttributeThatItAdvertises) {
  const std::map<std::string, json> values = {{"userName", "z"},
                                              {"active", false},
                                              {"preferredLanguage", "en"},
                                              {"workforceType", "staff"},
                                              {"forceCode", "E23000025"},
                                              {"rankOrGrade", "constable_to_sergeant"},
                                              {"roleFamily", "dog"},
                                              {"serviceStartDate", "2020-01-02"},
                                              {"contractEndDate", "2030-01-02"},
                                              {"fte", 0.5},
                                              {"absence", true},
                                              {"exposureRoleFlags", {"noise"}}};
  int tried = 0;
  for (const absl::string_view schema : {kScimUser, kScimEnterprise, kScimPolice}) {
    for (const ScimAttribute& attribute : *ScimAttributesOf(schema)) {
      const std::string id = Make(absl::StrCat("user", ++tried));
      const std::string name(attribute.name);
      json value = values.contains(name) ? values.at(name) : json("77");
      if (name == "name")
        value = {{"familyName", "F"}, {"givenName", "G"}, {"honorificPrefix", "Dr"}};
      if (name == "emails") value = {{{"value", "q@x.uk"}, {"type", "work"}, {"primary", true}}};
      if (name == "phoneNumbers") value = {{{"value", "+441234567890"}, {"type", "work"}}};
      if (name == "manager") value = {{"value", "id9"}};
      const std::string path = schema == kScimUser ? name : absl::StrCat(schema, ":", name);
      const ScimResponse set = Ask("PATCH", "/Users/" + id,
                                   Patch({{{"op", "replace"}, {"path", path}, {"value", value}}}));
      ASSERT_EQ(set.status, 200) << path << set.body;
      const json user = json::parse(Ask("GET", "/Users/" + id).body);
      const json& holder = schema == kScimUser ? user : user[std::string(schema)];
      EXPECT_EQ(holder[name], value) << path;
      if (name == "userName" || name == "name" || name == "workforceType") continue;
      const ScimResponse removed =
          Ask("PATCH", "/Users/" + id, Patch({{{"op", "remove"}, {"path", path}}}));
      EXPECT_EQ(removed.status, 200) << path << removed.body;
    }
  }
  EXPECT_GE(tried, 22);
}

bool Matches(absl::string_view filter, const json& resource) {
  const auto parsed = ScimFilter::Parse(filter);
  EXPECT_TRUE(parsed.ok()) << filter;
  return parsed.ok() && parsed->Matches(resource);
}

TEST(ScimFilter, KnowsOperatorsPrecedenceAndValuePaths) {
  const json user = {
      {"userName", "Siân"},
      {"active", true},
      {"n", 5},
      {"title", ""},
      {"name", {{"familyName", "Hughes"}}},
      {"emails", {{{"type", "work"}, {"value", "a@x"}}, {{"type", "home"}, {"value", "b@y"}}}},
      {std::string(kScimEnterprise), {{"employeeNumber", "701984"}}}};
  for (const char* yes :
       {"userName eq \"siân\"",
        "USERNAME Eq \"Siân\"",
        "userName ne \"x\"",
        "userName sw \"si\"",
        "userName ew \"ÂN\" or userName ew \"ân\"",
        "userName co \"i\"",
        "userName pr",
        "active eq true",
        "active eq \"True\"",
        "n gt 4",
        "n ge 5",
        "n lt 6",
        "n le 5.0",
        "not (title pr)",
        "missing ne \"x\"",
        "missing eq null",
        "name.familyName eq \"Hughes\"",
        "emails eq \"b@y\"",
        "emails.type eq \"home\"",
        "emails[type eq \"work\" and value co \"@x\"]",
        "userName eq \"x\" and n eq 1 or active eq true",
        "userName eq \"x\" or n eq 5 and active eq true",
        "(n eq 1 or n eq 5) and not (n eq 6)",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"701984\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName pr"}) {
    EXPECT_TRUE(Matches(yes, user)) << yes;
  }
  for (const char* no : {"userName eq \"x\"", "title pr", "missing pr", "missing eq \"x\"",
                         "n gt 5", "emails[type eq \"work\" and value co \"@y\"]", "not (n eq 5)",
                         "userName eq \"x\" and (n eq 5 or n eq 5)"}) {
    EXPECT_FALSE(Matches(no, user)) << no;
  }
  for (const char* bad :
       {"", " ", "userName", "userName eq", "userName is \"x\"", "userName eq \"x", "(n eq 1",
        "n eq 1)", "n eq 1 and", "emails[type eq \"x\"", "emails[]", "n eq {}", "active gt true",
        "eq \"x\"", "a..b pr", "n eq 1 n eq 2", "emails[type eq \"x\"].value eq \"y\""}) {
    EXPECT_FALSE(ScimFilter::Parse(bad).ok()) << bad;
  }
  EXPECT_FALSE(ScimFilter::Parse(std::string(1000, '(') + "n pr" + std::string(1000, ')')).ok());
  EXPECT_FALSE(ScimFilter::Parse(std::string(3000, 'a') + " pr").ok());
}

}  // namespace
}  // namespace waymark::workforce
