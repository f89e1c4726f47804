// SCIM over the people of a force: what an identity system says, and what it is shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/workforce/feed/scim.h"
#include "services/workforce/feed/scim_filter.h"
#include "services/workforce/feed/scim_people.h"
#include "services/workforce/feed/scim_room.h"
#include "services/workforce/feed/scim_user.h"
#include "services/workforce/feed/store.h"
#include "services/workforce/relations/sight.h"
#include "services/workforce/store/protection.h"
#include "services/workforce/testing/ground.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

struct Got {
  int status = 0;
  std::string etag;
  json body;
};

class ScimPgTest : public Ground {
 protected:
  ScimPgTest() : room_(*desk_) {}

  Got Ask(const std::string& method, const std::string& path, const json& body = nullptr,
          const std::string& tag = "", const std::string& request_id = "") {
    v1::ScimAnswer answer;
    const size_t mark = path.find('?');
    if (method == "GET" || absl::EndsWith(path, "/.search")) {
      v1::ReadScimRequest request;
      request.set_http_method(method);
      request.set_path(path.substr(0, mark));
      if (mark != std::string::npos) request.set_query(path.substr(mark + 1));
      request.set_if_none_match(tag);
      request.set_base_url("https://w.example/scim/v2");
      if (!body.is_null()) request.set_body(body.dump());
      v1::ReadScimResponse response;
      EXPECT_THAT(room_.ReadScim(Hr("ReadScim"), request, &response), IsOk());
      answer = response.answer();
    } else {
      v1::ChangeScimRequest request;
      rpc::Call call = Hr("ChangeScim");
      if (!request_id.empty()) call.request_id = request_id;
      request.set_request_id(call.request_id);
      request.set_http_method(method);
      request.set_path(path);
      request.set_if_match(tag);
      request.set_base_url("https://w.example/scim/v2");
      if (!body.is_null()) request.set_body(body.dump());
      v1::ChangeScimResponse response;
      EXPECT_THAT(room_.ChangeScim(call, request, &response), IsOk());
      answer = response.answer();
    }
    return {answer.status(), answer.etag(),
            answer.body().empty() ? json() : json::parse(answer.body(), nullptr, false)};
  }
  rpc::Call Hr(const char* method) {
    return CallOf(absl::StrCat("HrFeedService.", method), {options::v1::ROLE_HR_INTEGRATION},
                  "entra", "", tenant_);
  }

  static json User(const std::string& name, const std::string& family = "Hughes") {
    return {{"schemas", {std::string(kScimUser)}},
            {"userName", name},
            {"externalId", "ext-" + name},
            {"name", {{"familyName", family}, {"givenName", "Siân"}}},
            {"emails", json::array({json{{"value", name}, {"type", "work"}, {"primary", true}}})},
            {std::string(kScimEnterprise), {{"employeeNumber", "E77"}}},
            {std::string(kScimPolice),
             {{"workforceType", "officer"}, {"siteCode", "HQ"}, {"roleFamily", "custody"}}}};
  }
  static json Patch(const json& operations) { return {{"Operations", operations}}; }
  static json Set(const std::string& path, const json& value) {
    return Patch(json::array({json{{"op", "Replace"}, {"path", path}, {"value", value}}}));
  }
  static std::string Police(const char* name) { return absl::StrCat(kScimPolice, ":", name); }

  std::string Make(const std::string& name, const std::string& family = "Hughes") {
    const Got made = Ask("POST", "/Users", User(name, family));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.body.value("id", "");
  }
  json List(const std::string& query) {
    const Got got = Ask("GET", "/Users?" + query);
    EXPECT_EQ(got.status, 200) << got.body;
    return got.body;
  }

  std::vector<Slice> SlicesOf(const std::string& id) {
    std::vector<Slice> slices;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(slices, ReadSlices(txn, keys, {id}, std::nullopt, clock_.Now()));
      return absl::OkStatus();
    });
    return slices;
  }
  v1::Person PersonOf(const std::string& id) {
    v1::Person person;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(auto fields, ReadFields(txn, keys, {id}));
      return FromFields(fields[id], person);
    });
    return person;
  }
  PersonRow RowOf(const std::string& id) {
    PersonRow row;
    Run([&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
      ASSIGN_OR_RETURN(auto rows, ReadPeople(txn, {id}));
      row = rows[id];
      return absl::OkStatus();
    });
    return row;
  }

  ScimRoom room_;
  std::string tenant_ = kTenant;
};

TEST_F(ScimPgTest, TakesSomebodyInKeepsThemAndLetsThemGo) {
  const Got made = Ask("POST", "/Users", User("sian@x.uk"));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = made.body["id"];
  EXPECT_EQ(made.etag, made.body["meta"]["version"]);
  EXPECT_EQ(made.body["meta"]["location"], "https://w.example/scim/v2/Users/" + id);
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_ACTIVE);
  EXPECT_EQ(PersonOf(id).name().family(), "Hughes");
  const std::vector<Slice> slices = SlicesOf(id);
  ASSERT_THAT(slices, SizeIs(1));
  EXPECT_EQ(slices[0].source, "scim");
  EXPECT_EQ(slices[0].from, kToday);
  EXPECT_EQ(slices[0].employment.site_code(), "HQ");
  EXPECT_THAT(Events(), Contains("ACTION_CHANGE person " + id));

  const Got got = Ask("GET", "/Users/" + id);
  EXPECT_EQ(got.body, made.body);
  EXPECT_THAT(Events(), Contains("ACTION_READ person " + id));
  EXPECT_EQ(Ask("GET", "/Users/" + id, nullptr, got.etag).status, 304);

  // A mover, from today on.
  const Got moved = Ask("PATCH", "/Users/" + id, Set(Police("siteCode"), "North"), got.etag);
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(moved.body[std::string(kScimPolice)]["siteCode"], "North");
  EXPECT_NE(moved.etag, got.etag);
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set("nickName", "Shan"), got.etag).status, 412);
  // The same again is no change.
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set(Police("siteCode"), "North")).etag, moved.etag);

  clock_.Advance(absl::Hours(48));
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 204);
  EXPECT_EQ(Ask("GET", "/Users/" + id).status, 404);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 404);
  EXPECT_EQ(List("")["totalResults"], 0);
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_LEFT) << "nobody is erased";
  EXPECT_EQ(PersonOf(id).name().family(), "Hughes");
  EXPECT_EQ(SlicesOf(id).back().employment.state(), v1::EMPLOYMENT_STATE_ENDED);
  EXPECT_EQ(SlicesOf(id).back().from, kToday + 2);

  // The name is free; whoever has it next is nobody's heir.
  EXPECT_NE(Make("sian@x.uk"), id);
}

TEST_F(ScimPgTest, DeactivatesAndTakesBackOnTheSameDayAndLater) {
  const std::string id = Make("a@x.uk");
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set("active", "False")).body["active"], false);
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_LEFT);
  EXPECT_EQ(Ask("GET", "/Users/" + id).body["active"], false) << "still a user";
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set("active", "True")).body["active"], true);
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_ACTIVE);
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set("active", false)).body["active"], false);
  clock_.Advance(absl::Hours(24 * 30));
  const Got back = Ask("PATCH", "/Users/" + id, Set("active", true));
  EXPECT_EQ(back.body["active"], true) << back.body;
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_ACTIVE);

  // An end that is announced, shown, and taken back.
  const Got ending = Ask("PATCH", "/Users/" + id, Set(Police("contractEndDate"), "2026-12-31"));
  EXPECT_EQ(ending.body["active"], true);
  EXPECT_EQ(ending.body[std::string(kScimPolice)]["contractEndDate"], "2026-12-31");
  const Got open =
      Ask("PATCH", "/Users/" + id,
          Patch(json::array({json{{"op", "Remove"}, {"path", Police("contractEndDate")}}})));
  EXPECT_FALSE(open.body[std::string(kScimPolice)].contains("contractEndDate")) << open.body;
}

TEST_F(ScimPgTest, FindsPeopleWhomAFileBroughtAndGoesOnWithThem) {
  v1::Person person;
  person.mutable_name()->set_family("Evans");
  person.mutable_name()->set_given("Rhys");
  person.mutable_work()->set_email("rhys@x.uk");
  v1::Employment employment;
  employment.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  employment.set_employee_number("E 1.00");
  employment.set_site_code("HQ");
  employment.set_fte_percent(100);
  const std::string id = Enter(person, employment);
  for (const char* query :
       {"filter=userName eq \"RHYS@x.uk\"", "filter=emails[type eq \"work\"].value pr",
        "filter=emails[type eq \"work\" and value eq \"rhys@x.uk\"]",
        "filter=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "
        "\"E 1.00\""}) {
    const Got got = Ask("GET", absl::StrCat("/Users?", query));
    if (got.status == 400) continue;  // no filter of the RFC
    EXPECT_EQ(got.body["totalResults"], 1) << query << got.body;
  }
  // Taken by nobody else.
  EXPECT_EQ(Ask("POST", "/Users", User("rhys@x.uk")).status, 409);
  const Got moved =
      Ask("PATCH", "/Users/" + id,
          Patch(json::array(
              {json{{"op", "Add"}, {"path", "externalId"}, {"value", "guid-1"}},
               json{{"op", "Replace"}, {"path", Police("siteCode")}, {"value", "South"}}})));
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(List("filter=externalId eq \"guid-1\"")["Resources"][0]["id"], id);
  const std::vector<Slice> slices = SlicesOf(id);
  ASSERT_THAT(slices, SizeIs(2)) << "one employment, not two";
  EXPECT_EQ(slices[0].employment.employment_id(), slices[1].employment.employment_id());
  EXPECT_EQ(slices[1].employment.site_code(), "South");
  EXPECT_EQ(slices[1].source, "scim");

  // What another source said since is what SCIM sees, and what it then says counts again.
  v1::Employment later = slices[1].employment;
  later.set_site_code("West");
  State(id, later, kToday + 1, 1);
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Ask("GET", "/Users/" + id).body[std::string(kScimPolice)]["siteCode"], "West");
  const Got again = Ask("PATCH", "/Users/" + id, Set(Police("siteCode"), "South"));
  EXPECT_EQ(again.body[std::string(kScimPolice)]["siteCode"], "South");

  // Nobody of occupational health's own is a user.
  v1::Employment none;
  none.set_workforce_type(v1::WORKFORCE_TYPE_FAMILY_MEMBER);
  v1::Person relative;
  relative.mutable_name()->set_family("Evans");
  const std::string relative_id = Enter(relative, none);
  Run([&](db::Transaction& txn, const TenantKeys&) {
    return txn
        .Exec("UPDATE person SET workforce_type = 7 WHERE tenant = $1 AND person_id = $2",
              txn.tenant(), relative_id)
        .status();
  });
  EXPECT_EQ(Ask("GET", "/Users/" + relative_id).status, 404);
  EXPECT_EQ(List("")["totalResults"], 1);
}

TEST_F(ScimPgTest, KnowsManagersByTheirIdsWhoeverBroughtThem) {
  const std::string boss = Enter("Bron", "Pugh");
  json user = User("a@x.uk");
  user[std::string(kScimEnterprise)]["manager"] = {{"value", boss}};
  const Got made = Ask("POST", "/Users", user);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body[std::string(kScimEnterprise)]["manager"]["value"], boss);
  user = User("b@x.uk");
  user[std::string(kScimEnterprise)]["manager"] = {{"value", ids::NewUuid()}};
  const Got unknown = Ask("POST", "/Users", user);
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body["scimType"], "invalidValue");
  EXPECT_EQ(List("filter=userName eq \"b@x.uk\"")["totalResults"], 0);
}

TEST_F(ScimPgTest, CarriesOutABulkWithReferencesEachOperationForItself) {
  json worker = User("worker@x.uk");
  worker[std::string(kScimEnterprise)]["manager"] = {{"value", "bulkId:boss"}};
  const Got bulk = Ask(
      "POST", "/Bulk",
      {{"Operations",
        {{{"method", "POST"}, {"path", "/Users"}, {"bulkId", "boss"}, {"data", User("boss@x.uk")}},
         {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "w"}, {"data", worker}},
         {{"method", "POST"}, {"path", "/Users"}, {"bulkId", "x"}, {"data", User("BOSS@x.uk")}},
         {{"method", "PATCH"}, {"path", "/Users/bulkId:w"}, {"data", Set("nickName", "Jo")}},
         {{"method", "PATCH"}, {"path", "/Users/bulkId:w"}, {"data", Set("nickName", "Joe")}}}}});
  ASSERT_EQ(bulk.status, 200) << bulk.body;
  const json& done = bulk.body["Operations"];
  ASSERT_THAT(done, SizeIs(5));
  EXPECT_EQ(done[0]["status"], "201");
  EXPECT_EQ(done[1]["status"], "201");
  EXPECT_EQ(done[2]["status"], "409");
  EXPECT_EQ(done[4]["status"], "200");
  EXPECT_EQ(List("")["totalResults"], 2);
  EXPECT_EQ(List("filter=userName eq \"worker@x.uk\"")["Resources"][0]["nickName"], "Joe");
}

TEST_F(ScimPgTest, BrakesWhenTooManyWouldEndInADay) {
  std::vector<std::string> ids;
  for (int i = 0; i < 13; ++i) ids.push_back(Make(absl::StrCat("u", i, "@x.uk")));
  const auto end = [&](size_t i) {
    return Ask("PATCH", "/Users/" + ids[i], Set("active", false)).status;
  };
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(end(i), 200);
  // In bulk: all of it or nothing.
  json operations = json::array();
  for (size_t i = 9; i < 12; ++i) {
    operations.push_back({{"method", "DELETE"}, {"path", "/Users/" + ids[i]}});
  }
  const Got bulk = Ask("POST", "/Bulk", {{"Operations", operations}});
  EXPECT_EQ(bulk.status, 403);
  EXPECT_THAT(bulk.body["detail"].get<std::string>(), HasSubstr("BRAKE"));
  EXPECT_EQ(Ask("GET", "/Users/" + ids[9]).body["active"], true);
  EXPECT_EQ(end(9), 200) << "the tenth";
  EXPECT_EQ(end(10), 403);
  EXPECT_EQ(RowOf(ids[10]).state, v1::PERSON_STATE_ACTIVE);
  Run([&](db::Transaction& txn, const TenantKeys&) {
    v1::FeedSource source;
    source.set_source("scim");
    source.set_brake_basis_points(10000);
    return PutSource(txn, source, clock_.Now());
  });
  EXPECT_EQ(end(10), 200);
}

TEST_F(ScimPgTest, ShowsAProtectedPersonAsAnAliasAndFindsThemForNobody) {
  const std::string id = Make("undercover@x.uk");
  const auto protect = [&](const std::set<std::string>& allowed) {
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      FieldsWrite alias;
      alias.person_id = id;
      alias.set[Field::kAlias] = "Sam Jones";
      RETURN_IF_ERROR(WriteFields(txn, keys, {alias}));
      return SetProtected(txn, id, true, allowed, clock_.Now());
    });
  };
  protect({"nia"});
  for (const char* query : {"", "filter=userName eq \"undercover@x.uk\"",
                            "filter=externalId eq \"ext-undercover@x.uk\"",
                            "filter=emails.value eq \"undercover@x.uk\"",
                            "filter=name.familyName eq \"Hughes\"", "sortBy=userName"}) {
    EXPECT_EQ(List(query)["totalResults"], 0) << query;
  }
  const Got got = Ask("GET", "/Users/" + id);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body["nickName"], "Sam Jones");
  EXPECT_THAT(got.body.dump(), Not(HasSubstr("Hughes")));
  EXPECT_THAT(got.body.dump(), Not(HasSubstr("undercover")));
  // HR goes on telling where they work, as a file would, and learns nothing by it.
  const Got moved = Ask("PATCH", "/Users/" + id, Set(Police("siteCode"), "North"));
  EXPECT_EQ(moved.status, 200);
  EXPECT_THAT(moved.body.dump(), Not(HasSubstr("Hughes")));
  EXPECT_EQ(SlicesOf(id).back().employment.site_code(), "North");
  EXPECT_EQ(PersonOf(id).name().known_as(), "");
  EXPECT_EQ(Ask("POST", "/Users", User("undercover@x.uk")).status, 409);
  protect({"entra"});
  EXPECT_EQ(List("filter=userName eq \"undercover@x.uk\"")["totalResults"], 1);
}

TEST_F(ScimPgTest, TakesNothingOfTheDead) {
  const std::string id = Make("a@x.uk");
  Run([&](db::Transaction& txn, const TenantKeys&) {
    return txn
        .Exec("UPDATE person SET state = 4 WHERE tenant = $1 AND person_id = $2", txn.tenant(), id)
        .status();
  });
  const Got before = Ask("GET", "/Users/" + id);
  EXPECT_EQ(before.body["active"], false);
  const Got patched = Ask("PATCH", "/Users/" + id, Set("nickName", "Shan"));
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(patched.body, before.body);
  EXPECT_EQ(PersonOf(id).name().known_as(), "");
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 204);
  EXPECT_EQ(RowOf(id).state, v1::PERSON_STATE_DECEASED);
}

TEST_F(ScimPgTest, IsOfOneForce) {
  const std::string id = Make("a@x.uk");
  tenant_ = kOtherTenant;
  EXPECT_EQ(Ask("GET", "/Users/" + id).status, 404);
  EXPECT_EQ(Ask("PATCH", "/Users/" + id, Set("nickName", "x")).status, 404);
  EXPECT_EQ(Ask("PUT", "/Users/" + id, User("a@x.uk")).status, 404);
  EXPECT_EQ(Ask("DELETE", "/Users/" + id).status, 404);
  EXPECT_EQ(List("")["totalResults"], 0);
  EXPECT_EQ(List("filter=userName eq \"a@x.uk\"")["totalResults"], 0);
  json user = User("b@x.uk");
  user[std::string(kScimEnterprise)]["manager"] = {{"value", id}};
  EXPECT_EQ(Ask("POST", "/Users", user).status, 400);
  EXPECT_EQ(Ask("POST", "/Users", User("a@x.uk")).status, 201) << "a name of its own";
}

TEST_F(ScimPgTest, ShowsNobodyTheirOwnRecordAsStaff) {
  const std::string id = Make("a@x.uk");
  v1::ReadScimRequest request;
  request.set_http_method("GET");
  request.set_path("/Users/" + id);
  v1::ReadScimResponse response;
  rpc::Call call = CallOf("HrFeedService.ReadScim", {options::v1::ROLE_HR_INTEGRATION}, "hr", id);
  ASSERT_THAT(room_.ReadScim(call, request, &response), IsOk());
  EXPECT_EQ(response.answer().status(), 404);
  EXPECT_THAT(Events(), Contains(HasSubstr("ACTION_REFUSED person " + id)));
}

TEST_F(ScimPgTest, AnswersARepeatedRequestAsBefore) {
  const std::string request_id = ids::NewUuid();
  const Got made = Ask("POST", "/Users", User("a@x.uk"), "", request_id);
  const Got again = Ask("POST", "/Users", User("a@x.uk"), "", request_id);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(List("")["totalResults"], 1);
}

TEST_F(ScimPgTest, PagesInTheOrderOfMaking) {
  std::vector<std::string> ids;
  for (const char* name : {"c@x.uk", "a@x.uk", "b@x.uk"}) ids.push_back(Make(name));
  const json page = List("startIndex=2&count=2");
  EXPECT_EQ(page["totalResults"], 3);
  ASSERT_THAT(page["Resources"], SizeIs(2));
  EXPECT_EQ(page["Resources"][0]["id"], ids[1]);
  EXPECT_EQ(page["Resources"][1]["id"], ids[2]);
  EXPECT_EQ(List("sortBy=userName&count=1")["Resources"][0]["id"], ids[1]);
  EXPECT_EQ(
      List("filter=active eq true&sortBy=userName&sortOrder=descending")["Resources"][0]["id"],
      ids[0]);
}

TEST_F(ScimPgTest, LeavesNothingReadableInItsTables) {
  Make("quxhilda@x.uk", "Zyzzlethwaite");
  const std::string dump = test_database_.Query(
      "SELECT (SELECT string_agg(t::text, ' ') FROM scim_user AS t) || ' ' ||"
      " (SELECT coalesce(string_agg(t::text, ' '), '') FROM feed_row AS t) || ' ' ||"
      " (SELECT string_agg(t::text, ' ') FROM feed_link AS t)");
  EXPECT_THAT(dump, Not(HasSubstr("quxhilda")));
  EXPECT_THAT(dump, Not(HasSubstr("Zyzzle")));
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM feed_row"), "0");
}

TEST_F(ScimPgTest, TellsReadingFromChanging) {
  v1::ReadScimRequest read;
  read.set_http_method("DELETE");
  read.set_path("/Users/x");
  v1::ReadScimResponse answer;
  EXPECT_THAT(room_.ReadScim(Hr("ReadScim"), read, &answer),
              StatusIs(absl::StatusCode::kInvalidArgument, "SCIM_METHOD"));
  v1::ChangeScimRequest change;
  change.set_http_method("GET");
  change.set_path("/Users/x");
  v1::ChangeScimResponse changed;
  EXPECT_THAT(room_.ChangeScim(Hr("ChangeScim"), change, &changed),
              StatusIs(absl::StatusCode::kInvalidArgument, "SCIM_METHOD"));
}

}  // namespace
}  // namespace waymark::workforce
