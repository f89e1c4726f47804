#include "services/gateway/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_replace.h"
#include "common/testing/matchers.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

// Entra ID for a force, CIS2 for a trust: shared/reference/interop.md 2.3 and 2.4.
constexpr char kConfig[] = R"json({
  "providers": [
    {"name": "force", "label": "Police", "issuer": "https://login.microsoftonline.com/t1/v2.0",
     "client_id": "c", "user": ["tid", "oid"], "display_name": "name",
     "tenant": {"claim": "tid", "values": {"t1": "E23000025"}},
     "roles": {"claim": "roles", "values": {"Waymark.Nurse": "OH_NURSE",
                                            "Waymark.Lead": ["OH_LEAD", "CLINICAL_LEAD"]}},
     "require": [{"claim": "amr", "any_of": ["mfa", "fido"]}]},
    {"name": "cis2", "label": "NHS", "issuer": "https://am.nhsidentity.spineservices.nhs.uk/x",
     "client_id": "c", "client_auth": "private_key_jwt", "secret_file": "/k", "userinfo": true,
     "scopes": ["openid", "nhsperson", "nationalrbacaccess", "associatedorgs", "selectedrole"],
     "acr_values": "AAL2_OR_AAL3_ANY", "user": ["nhsid_useruid"], "display_name": "display_name",
     "tenant": {"claim": "nhsid_nrbac_roles.org_code", "select": "person_roleid",
                "equals_claim": "selected_roleid", "values": {"RJ1": "RJ1"}},
     "roles": {"claim": "nhsid_nrbac_roles.role_code", "select": "person_roleid",
               "equals_claim": "selected_roleid", "split": ":",
               "values": {"R8000": "NHS_CLINICIAN"}},
     "require": [{"claim": "authentication_assurance_level", "at_least": 2},
                 {"claim": "id_assurance_level", "at_least": 2},
                 {"claim": "nhsid_user_orgs.org_code", "names_tenant": true}]}
  ]
})json";

IdentityConfig Config() { return *ParseIdentityConfig(kConfig, /*production=*/true); }

Json Entra() {
  return {{"tid", "t1"},
          {"oid", "o-1"},
          {"sub", "s"},
          {"name", "Nia Evans"},
          {"roles", {"Waymark.Nurse", "Other.App"}},
          {"amr", {"pwd", "mfa"}}};
}

Json Cis2() {
  return Json::parse(R"json({
    "sub": "s", "nhsid_useruid": "555021900000", "display_name": "ADEYEMI Ruth (Dr)",
    "authentication_assurance_level": "3", "id_assurance_level": "3",
    "selected_roleid": "2",
    "nhsid_user_orgs": [{"org_name": "TRUST", "org_code": "RJ1"}],
    "nhsid_nrbac_roles": [
      {"person_roleid": "1", "org_code": "XYZ", "role_code": "S8000:G8000:R9999"},
      {"person_roleid": "2", "org_code": "RJ1", "role_code": "S8001:G8005:R8000"}]})json");
}

TEST(PersonOf, TakesEntraIdsTenantObjectAndAppRoles) {
  const auto person = PersonOf(*Config().Find("force"), Entra());
  ASSERT_THAT(person.status(), IsOk());
  EXPECT_EQ(person->user_id, "force:t1:o-1");
  EXPECT_EQ(person->tenant, "E23000025");
  EXPECT_THAT(person->roles, ElementsAre("OH_NURSE"));
  EXPECT_EQ(person->display_name, "Nia Evans");
  EXPECT_EQ(person->subject_id, "");
}

TEST(PersonOf, TakesTheRoleThatWasSelectedWithTheSmartcardAndNoOther) {
  const auto person = PersonOf(*Config().Find("cis2"), Cis2());
  ASSERT_THAT(person.status(), IsOk());
  EXPECT_EQ(person->user_id, "cis2:555021900000");
  EXPECT_EQ(person->tenant, "RJ1");
  EXPECT_THAT(person->roles, ElementsAre("NHS_CLINICIAN"));

  // A role that the person does not hold.
  Json claims = Cis2();
  claims["selected_roleid"] = "3";
  EXPECT_THAT(PersonOf(*Config().Find("cis2"), claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ORGANISATION_UNKNOWN"));
  claims.erase("selected_roleid");
  EXPECT_FALSE(PersonOf(*Config().Find("cis2"), claims).ok());
  // A role at an organisation that the person does not belong to.
  claims = Cis2();
  claims["nhsid_user_orgs"] = Json::array();
  EXPECT_THAT(PersonOf(*Config().Find("cis2"), claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ASSURANCE_TOO_LOW"));
  claims = Cis2();
  claims["nhsid_nrbac_roles"] = claims["nhsid_nrbac_roles"][1];  // no list: nothing was selected
  EXPECT_FALSE(PersonOf(*Config().Find("cis2"), claims).ok());
}

TEST(PersonOf, AsksForTheLevelOfAssurance) {
  for (const char* claim : {"authentication_assurance_level", "id_assurance_level"}) {
    for (const Json& level : {Json("1"), Json(1), Json("high"), Json(), Json::array({"3", "1"})}) {
      Json claims = Cis2();
      claims[claim] = level;
      EXPECT_THAT(PersonOf(*Config().Find("cis2"), claims).status(),
                  StatusIs(absl::StatusCode::kPermissionDenied, "ASSURANCE_TOO_LOW"))
          << claim << level;
    }
  }
  Json claims = Entra();
  claims["amr"] = {"pwd"};
  EXPECT_THAT(PersonOf(*Config().Find("force"), claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ASSURANCE_TOO_LOW"));
}

TEST(PersonOf, RefusesWhoIsNotOneOfOurs) {
  const IdentityConfig config = Config();
  const Provider& force = *config.Find("force");
  Json claims = Entra();
  claims["tid"] = "t2";
  EXPECT_THAT(PersonOf(force, claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ORGANISATION_UNKNOWN"));
  claims = Entra();
  claims["roles"] = {"Other.App"};
  EXPECT_THAT(PersonOf(force, claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "NO_ROLE_HERE"));
  claims.erase("roles");
  claims["_claim_names"] = {{"roles", "src1"}};
  EXPECT_THAT(PersonOf(force, claims).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "CLAIMS_OVERAGE"));
  for (const Json& oid : {Json("a:b"), Json(""), Json(), Json("a b"), Json::array({"o"})}) {
    claims = Entra();
    claims["oid"] = oid;
    EXPECT_THAT(PersonOf(force, claims).status(),
                StatusIs(absl::StatusCode::kPermissionDenied, "CLAIMS_UNUSABLE"))
        << oid;
  }
  EXPECT_FALSE(PersonOf(force, Json::array()).ok());
}

TEST(ParseIdentityConfig, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\"OH_NURSE\"", "\"SUPERUSER\""},
      {"\"user\": [\"tid\", \"oid\"],", ""},
      {"\"client_id\": \"c\", \"user\"", "\"client_idd\": \"c\", \"user\""},
      {"\"any_of\": [\"mfa\", \"fido\"]", "\"any_of\": []"},
      {"\"name\": \"cis2\"", "\"name\": \"force\""},
      {"https://login", "http://login"},
      {"\"select\": \"person_roleid\",", ""},
      {"\"E23000025\"", "\"a tenant\""},
      {"private_key_jwt", "password"},
      {"\"openid\",", ""},
  };
  for (const auto& [from, to] : changes) {
    const std::string text = absl::StrReplaceAll(kConfig, {{from, to}});
    ASSERT_NE(text, kConfig) << from;
    EXPECT_THAT(ParseIdentityConfig(text, false).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, "IDENTITY_CONFIG"))
        << from;
  }
}

TEST(ParseIdentityConfig, RefusesTheDevelopmentProviderInProduction) {
  const std::string development = absl::StrReplaceAll(
      kConfig, {{"\"providers\": [", "\"development\": true, \"providers\": ["}});
  EXPECT_THAT(ParseIdentityConfig(development, false).status(), IsOk());
  EXPECT_THAT(ParseIdentityConfig(development, true).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DEVELOPMENT_PROVIDER_REFUSED"));
  const std::string local = absl::StrReplaceAll(
      development, {{"https://login.microsoftonline.com", "http://127.0.0.1:80"}});
  EXPECT_THAT(ParseIdentityConfig(local, false).status(), IsOk());
  const std::string plain =
      absl::StrReplaceAll(kConfig, {{"https://login.microsoftonline.com", "http://127.0.0.1:80"}});
  EXPECT_FALSE(ParseIdentityConfig(plain, false).ok());
  EXPECT_THAT(ParseIdentityConfig(plain, true).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DEVELOPMENT_PROVIDER_REFUSED"));
}

}  // namespace
}  // namespace waymark::gateway
