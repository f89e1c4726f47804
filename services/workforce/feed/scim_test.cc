#include "services/workforce/feed/scim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
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
  absl::StatusOr<std::vector<ScimRecord>> Find(ScimKey, absl::string_view) override {
    ++looked_up;
    return Page(0, INT64_MAX);  // the caller compares
  }
  absl::StatusOr<std::string> HolderOf(absl::string_view name) override {
    for (const auto& [id, user] : users) {
      const std::string has = json::parse(user.resource)["userName"];
      if (absl::EqualsIgnoreCase(has, name)) return id;
    }
    return "";
  }
  absl::StatusOr<int64_t> Count() override {
    return crowd > 0 ? crowd : static_cast<int64_t>(users.size());
  }
  absl::StatusOr<std::vector<ScimRecord>> Page(int64_t offset, int64_t limit) override {
    std::vector<ScimRecord> page;
    for (const auto& [id, user] : users) {
      if (offset-- > 0) continue;
      if (static_cast<int64_t>(page.size()) < limit) page.push_back(user);
    }
    return page;
  }
  absl::StatusOr<ScimRecord> Put(const ScimRecord& record, const v1::FeedPerson& person) override {
    if (!refuse.ok()) return refuse;
    ScimRecord& kept = users[record.id] = record;
    ++kept.version;
    told.push_back(person);
    return kept;
  }
  absl::Status Remove(const ScimRecord& record, const v1::FeedPerson& person) override {
    if (!refuse.ok()) return refuse;
    users.erase(record.id);
    told.push_back(person);
    return absl::OkStatus();
  }
  std::string NewId() override { return absl::StrCat("id", ++last); }

  std::map<std::string, ScimRecord> users;
  std::vector<v1::FeedPerson> told;
  absl::Status refuse;
  // How many more there are said to be.
  int64_t crowd = 0;
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
              {"userId", "force:sian"},
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
  EXPECT_EQ(person.user_id(), "force:sian");
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
  EXPECT_EQ(list("filter=emails[type eq \"work\" and value eq \"no@x.uk\"]")["totalResults"], 0);
  EXPECT_EQ(list(absl::StrCat("filter=", kScimEnterprise,
                              ":employeeNumber eq \"E77\" and active "
                              "eq true"))["totalResults"],
            2);
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
  for (const char* path : {"/", "/Schemas/x", "/ResourceTypes/x", "/Users/a/b", "/x"}) {
    const ScimResponse response = Ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(json::parse(response.body)["status"], "404");
  }
  EXPECT_EQ(Ask("GET", "/Me").status, 501);
  EXPECT_EQ(Ask("POST", "/Groups", {{"displayName", "x"}}).status, 501);
  EXPECT_EQ(Ask("PATCH", "/Users").status, 405);
}

TEST_F(ScimTest, SortsAndPagesWhatAQuestionHits) {
  for (const char* name : {"b", "C", "a"}) Make(name);
  const auto names = [this](const std::string& query) {
    std::string joined;
    const json found = json::parse(Ask("GET", "/Users", nullptr, {}, query).body);
    if (!found.contains("Resources")) return joined;
    for (const json& user : found["Resources"]) joined += user["userName"].get<std::string>();
    return joined;
  };
  EXPECT_EQ(names(""), "bCa") << "in the order they were made";
  EXPECT_EQ(names("sortBy=userName"), "abC");
  EXPECT_EQ(names("sortBy=userName&sortOrder=descending&count=2"), "Cb");
  EXPECT_EQ(names("sortBy=userName&startIndex=3"), "C");
  EXPECT_EQ(names("filter=userName%20ne%20%22a%22&sortBy=userName"), "bC");
  EXPECT_EQ(names("startIndex=9"), "");
  EXPECT_EQ(TypeOf(Ask("GET", "/Users", nullptr, {}, "sortBy=a%20b")), "invalidPath");
  EXPECT_EQ(json::parse(Ask("POST", "/Users/.search", {{"sortBy", "userName"}, {"count", 1}})
                            .body)["Resources"][0]["userName"],
            "a");
}

TEST_F(ScimTest, RefusesAQuestionThatWouldOpenTooMany) {
  Make("a");
  users_.crowd = kMostScimWalked + 1;
  for (const char* query : {"filter=active%20eq%20true", "sortBy=userName",
                            "filter=userName%20eq%20%22a%22%20or%20active%20eq%20true"}) {
    const ScimResponse response = Ask("GET", "/Users", nullptr, {}, query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(TypeOf(response), "tooMany") << query;
  }
  EXPECT_EQ(Ask("GET", "/Users", nullptr, {}, "filter=userName%20eq%20%22a%22").status, 200);
  EXPECT_EQ(Ask("GET", "/Users", nullptr, {}, "count=5").status, 200);
}

TEST_F(ScimTest, RefusesABulkWholeThatMeetsTheBrake) {
  const std::string id = Make("a");
  users_.refuse = status::PermissionDenied("SCIM_BRAKE", "BRAKE");
  const json end = Patch({{{"op", "replace"}, {"path", "active"}, {"value", false}}});
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, end).status, 403);
  const json bulk = {
      {"Operations", {{{"method", "PATCH"}, {"path", "/Users/" + id}, {"data", end}}}}};
  EXPECT_EQ(Ask("POST", "/Bulk", bulk).status, 403);
}

TEST_F(ScimTest, ShowsAnAliasAndTakesChangesOfWhatStandsBehindIt) {
  const std::string id = Make("a");
  users_.users[id].shown = R"({"schemas": [], "userName": "x", "nickName": "Alias"})";
  const ScimResponse got = Ask("GET", "/Users/" + id);
  EXPECT_EQ(json::parse(got.body)["nickName"], "Alias");
  EXPECT_EQ(got.body.find("Hughes"), std::string::npos);
  const ScimResponse changed = Ask("PATCH", "/Users/" + id,
                                   Patch({{{"op", "replace"},
                                           {"path", absl::StrCat(kScimPolice, ":siteCode")},
                                           {"value", "North"}}}));
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body.find("Hughes"), std::string::npos);
  EXPECT_EQ(users_.told.back().name().family(), "Hughes");
  EXPECT_EQ(users_.told.back().name().known_as(), "");
  EXPECT_EQ(users_.told.back().employment().site_code(), "North");
}

TEST_F(ScimTest, TakesInNobodyWhoDoesNotWork) {
  json user = User("a");
  user["active"] = "False";
  EXPECT_EQ(TypeOf(Ask("POST", "/Users", user)), "invalidValue");
}

// What is known of somebody, told as a user, says to the feed what is known.
TEST(ScimUser, SaysOfSomebodyWhatWasSaidOfThem) {
  const json user = {
      {"schemas", {std::string(kScimUser), std::string(kScimEnterprise), std::string(kScimPolice)}},
      {"userName", "s@x.uk"},
      {"externalId", "E-1"},
      {"active", true},
      {"name", {{"familyName", "Hughes"}, {"givenName", "Siân"}, {"honorificPrefix", "Dr"}}},
      {"nickName", "Shan"},
      {"preferredLanguage", "cy"},
      {"emails", json::array({json{{"value", "s@x.uk"}, {"type", "work"}, {"primary", true}}})},
      {"phoneNumbers", json::array({json{{"value", "4711"}, {"type", "work"}},
                                    json{{"value", "+447700900123"}, {"type", "mobile"}}})},
      {std::string(kScimEnterprise), {{"employeeNumber", "E77"}, {"manager", {{"value", "m-1"}}}}},
      {std::string(kScimPolice),
       {{"workforceType", "officer"},
        {"forceCode", "f"},
        {"collarNumber", "12"},
        {"rankOrGrade", "constable_to_sergeant"},
        {"roleFamily", "custody"},
        {"siteCode", "HQ"},
        {"serviceStartDate", "2019-04-01"},
        {"contractEndDate", "2030-01-02"},
        {"fte", 0.8},
        {"shiftPatternCode", "2-2-4"},
        {"absence", true},
        {"exposureRoleFlags", {"blood_borne_virus", "noise"}},
        {"userId", "force:sian"}}}};
  const auto kept = NormaliseScimUser(user);
  ASSERT_TRUE(kept.ok()) << kept.status();
  const auto said = ToFeedPerson(*kept, "id", "f", absl::CivilDay(2026, 6, 1));
  ASSERT_TRUE(said.ok()) << said.status();
  ScimFacts facts;
  *facts.person.mutable_name() = said->name();
  *facts.person.mutable_work() = said->work();
  facts.person.set_language(said->language());
  facts.person.set_user_id(said->user_id());
  facts.employment = said->employment();
  facts.employment.set_manager_subject_id(said->manager_external_id());
  facts.active = true;
  facts.ends = absl::CivilDay(2030, 1, 2);
  EXPECT_EQ(ScimUserOf(facts, ScimSaidOf(*kept), "unused"), *kept);
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
                                              {"userId", "force:1"},
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
  EXPECT_GE(tried, 23);
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
