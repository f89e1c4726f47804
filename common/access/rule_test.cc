#include "common/access/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "waymark/testing/v1/echo_service.pb.h"

namespace waymark::access {
namespace {

namespace v1 = options::v1;

constexpr char kNurseSubject[] = "0190a000-0000-7000-8000-00000000000a";
constexpr char kOtherSubject[] = "0190a000-0000-7000-8000-00000000000b";

v1::Rule MakeRule(const std::vector<std::pair<v1::Relation, std::vector<v1::Role>>>& grants,
                  const std::vector<std::string>& services = {}) {
  v1::Rule rule;
  for (const auto& [relation, roles] : grants) {
    v1::Grant* grant = rule.add_grants();
    grant->set_relation(relation);
    for (v1::Role role : roles) grant->add_roles(role);
  }
  for (const std::string& service : services) rule.add_services(service);
  return rule;
}

Caller User(std::vector<v1::Role> roles) {
  return {.user_id = "nurse-1",
          .tenant = "demo",
          .roles = std::move(roles),
          .subject_id = kNurseSubject};
}

absl::Status Reach(const v1::Rule& rule, const Caller& caller, const RecordFacts& record) {
  absl::StatusOr<Granted> granted = Authorise(rule, caller, caller.service);
  if (!granted.ok()) return granted.status();
  return CheckRelation(*granted, caller, record);
}

TEST(RuleFor, ReadsTheRulePrintedOnTheMethod) {
  testing::v1::EchoRequest::descriptor();  // links the descriptors
  const v1::Rule* rule = RuleFor("waymark.testing.v1.EchoService.Echo");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->purpose(), "Testing a read.");
  EXPECT_EQ(rule->grants_size(), 2);
}

TEST(RuleFor, KnowsNoRuleForAMethodWithoutOneOrForNoMethod) {
  EXPECT_EQ(RuleFor("waymark.testing.v1.EchoService.Unruled"), nullptr);
  EXPECT_EQ(RuleFor("waymark.testing.v1.EchoService.Nothing"), nullptr);
  EXPECT_EQ(RuleFor(""), nullptr);
}

TEST(Authorise, GrantsOnlyTheRolesThatTheCallerHolds) {
  const v1::Rule rule = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE, v1::ROLE_OH_LEAD}},
                                  {v1::RELATION_OWN_CASE, {v1::ROLE_OFFICER}}});
  const absl::StatusOr<Granted> granted = Authorise(rule, User({v1::ROLE_OH_LEAD}), "gateway");
  ASSERT_TRUE(granted.ok());
  ASSERT_EQ(granted->grants.size(), 1u);
  EXPECT_THAT(granted->grants[0].roles(), ::testing::ElementsAre(v1::ROLE_OH_LEAD));
}

TEST(Authorise, RefusesAUserWithoutARoleAndAServiceThatIsNotNamed) {
  const v1::Rule users = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}}});
  const v1::Rule services = MakeRule({}, {"bbv"});
  EXPECT_EQ(status::Reason(Authorise(users, User({v1::ROLE_ANALYST}), "gateway").status()),
            "ROLE_REQUIRED");
  EXPECT_EQ(status::Reason(Authorise(users, User({}), "gateway").status()), "ROLE_REQUIRED");
  EXPECT_EQ(status::Reason(Authorise(users, Caller{.service = "bbv"}, "bbv").status()),
            "TOKEN_MISSING");
  EXPECT_EQ(status::Reason(Authorise(services, Caller{.service = "cli"}, "cli").status()),
            "SERVICE_NOT_NAMED");
  EXPECT_TRUE(Authorise(services, Caller{.service = "bbv"}, "bbv").ok());
}

TEST(Authorise, JudgesAPersonAsAPersonEvenBehindANamedService) {
  const v1::Rule rule = MakeRule({}, {"bbv"});
  EXPECT_EQ(status::Reason(Authorise(rule, User({v1::ROLE_OH_NURSE}), "bbv").status()),
            "ROLE_REQUIRED");
}

TEST(Authorise, RefusesEverybodyUnderAnEmptyRuleOrAnUnspecifiedGrant) {
  EXPECT_FALSE(Authorise(v1::Rule(), User({v1::ROLE_OH_NURSE}), "bbv").ok());
  EXPECT_FALSE(Authorise(v1::Rule(), Caller{.service = ""}, "").ok());
  EXPECT_FALSE(Authorise(MakeRule({}, {""}), Caller{.service = ""}, "").ok());
  EXPECT_FALSE(Authorise(MakeRule({{v1::RELATION_UNSPECIFIED, {v1::ROLE_OH_NURSE}}}),
                         User({v1::ROLE_OH_NURSE}), "bbv")
                   .ok());
  EXPECT_FALSE(Authorise(MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_UNSPECIFIED}}}),
                         User({v1::ROLE_UNSPECIFIED}), "bbv")
                   .ok());
}

TEST(CheckRelation, KeepsANurseOutOfAnotherForceAndOutOfHerOwnCase) {
  const v1::Rule rule = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}}});
  const Caller nurse = User({v1::ROLE_OH_NURSE});
  EXPECT_TRUE(Reach(rule, nurse, {.tenant = "demo", .subject_id = kOtherSubject}).ok());
  EXPECT_TRUE(Reach(rule, nurse, {.tenant = "demo"}).ok());
  const absl::Status foreign = Reach(rule, nurse, {.tenant = "E2", .subject_id = kOtherSubject});
  const absl::Status own = Reach(rule, nurse, {.tenant = "demo", .subject_id = kNurseSubject});
  EXPECT_EQ(foreign.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(foreign, own) << "the two refusals must not be told apart";
}

TEST(CheckRelation, RecognisesTheCallersOwnCaseInAnotherSpelling) {
  const v1::Rule rule = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}}});
  EXPECT_FALSE(Reach(rule, User({v1::ROLE_OH_NURSE}),
                     {.tenant = "demo", .subject_id = "0190A000-0000-7000-8000-00000000000A"})
                   .ok());
}

TEST(CheckRelation, LetsAnOfficerWhoIsAlsoANurseReachTheirOwnCaseOnlyAsOfficer) {
  const Caller both = User({v1::ROLE_OH_NURSE, v1::ROLE_OFFICER});
  const RecordFacts own = {.tenant = "demo", .subject_id = kNurseSubject};
  const v1::Rule staff = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}}});
  const v1::Rule either = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}},
                                    {v1::RELATION_OWN_CASE, {v1::ROLE_OFFICER}}});
  EXPECT_FALSE(Reach(staff, both, own).ok());
  EXPECT_TRUE(Reach(either, both, own).ok());
  // OWN_CASE printed for a staff role by mistake opens nothing.
  EXPECT_FALSE(Reach(MakeRule({{v1::RELATION_OWN_CASE, {v1::ROLE_OH_NURSE}}}), both, own).ok());
}

TEST(CheckRelation, GivesAnOfficerNobodyElsesCase) {
  const v1::Rule rule = MakeRule({{v1::RELATION_OWN_CASE, {v1::ROLE_OFFICER}}});
  Caller officer = User({v1::ROLE_OFFICER});
  EXPECT_FALSE(Reach(rule, officer, {.tenant = "demo", .subject_id = kOtherSubject}).ok());
  EXPECT_FALSE(Reach(rule, officer, {.tenant = "demo"}).ok());
  officer.subject_id.reset();
  EXPECT_FALSE(Reach(rule, officer, {.tenant = "demo"}).ok());
  officer.subject_id = "";
  EXPECT_FALSE(Reach(rule, officer, {.tenant = "demo", .subject_id = ""}).ok());
}

TEST(CheckRelation, AsksForTheAssignmentAndTheReferralByName) {
  const v1::Rule assigned = MakeRule({{v1::RELATION_ASSIGNED, {v1::ROLE_OH_NURSE}}});
  const v1::Rule referred = MakeRule({{v1::RELATION_REFERRED_TO_ME, {v1::ROLE_NHS_CLINICIAN}}});
  const Caller nurse = User({v1::ROLE_OH_NURSE, v1::ROLE_NHS_CLINICIAN});
  EXPECT_TRUE(Reach(assigned, nurse, {.tenant = "demo", .assigned_to = "nurse-1"}).ok());
  EXPECT_FALSE(Reach(assigned, nurse, {.tenant = "demo", .assigned_to = "nurse-2"}).ok());
  EXPECT_FALSE(Reach(assigned, nurse, {.tenant = "demo"}).ok());
  EXPECT_TRUE(Reach(referred, nurse, {.tenant = "demo", .referred_to = "demo"}).ok());
  EXPECT_FALSE(Reach(referred, nurse, {.tenant = "demo", .referred_to = "E2"}).ok());
  EXPECT_FALSE(
      Reach(referred, nurse, {.tenant = "demo", .subject_id = kNurseSubject, .referred_to = "demo"})
          .ok());
}

TEST(CheckRelation, LetsAReporterReportAnybodyButThemselvesUnlessAsOfficer) {
  const v1::Rule rule =
      MakeRule({{v1::RELATION_REPORTER, {v1::ROLE_SUPERVISOR_REPORTER, v1::ROLE_OFFICER}}});
  const RecordFacts own = {.tenant = "demo", .subject_id = kNurseSubject};
  const RecordFacts other = {.tenant = "demo", .subject_id = kOtherSubject};
  EXPECT_TRUE(Reach(rule, User({v1::ROLE_SUPERVISOR_REPORTER}), other).ok());
  EXPECT_FALSE(Reach(rule, User({v1::ROLE_SUPERVISOR_REPORTER}), own).ok());
  EXPECT_TRUE(Reach(rule, User({v1::ROLE_OFFICER}), own).ok());
}

TEST(CheckRelation, HidesFromManagersWhatIsNoneOfTheirBusiness) {
  const RecordFacts hidden = {
      .tenant = "demo", .subject_id = kOtherSubject, .hidden_from_managers = true};
  RecordFacts shown = hidden;
  shown.hidden_from_managers = false;
  for (const v1::Role role :
       {v1::ROLE_LINE_MANAGER, v1::ROLE_HR_INTEGRATION, v1::ROLE_SUPERVISOR_REPORTER}) {
    for (const v1::Relation relation : {v1::RELATION_SAME_FORCE, v1::RELATION_REPORTER}) {
      v1::Rule rule;
      v1::Grant& grant = *rule.add_grants();
      grant.add_roles(role);
      grant.add_roles(v1::ROLE_OH_NURSE);
      grant.set_relation(relation);
      EXPECT_FALSE(Reach(rule, {.user_id = "m", .tenant = "demo", .roles = {role}}, hidden).ok());
      EXPECT_TRUE(Reach(rule, {.user_id = "m", .tenant = "demo", .roles = {role}}, shown).ok());
      EXPECT_TRUE(Reach(rule,
                        {.user_id = "m", .tenant = "demo", .roles = {role, v1::ROLE_OH_NURSE}},
                        hidden)
                      .ok());
    }
  }
}

TEST(CheckRelation, HoldsAServiceToTheTenantOfItsCall) {
  const v1::Rule rule = MakeRule({}, {"bbv"});
  const Caller service = {.tenant = "demo", .service = "bbv"};
  EXPECT_TRUE(Reach(rule, service, {.tenant = "demo"}).ok());
  EXPECT_FALSE(Reach(rule, service, {.tenant = "E2"}).ok());
  EXPECT_FALSE(Reach(rule, Caller{.service = "bbv"}, {.tenant = ""}).ok());
}

TEST(ScopeOf, SaysWhatAListMayHold) {
  const v1::Rule rule = MakeRule({{v1::RELATION_SAME_FORCE, {v1::ROLE_OH_NURSE}},
                                  {v1::RELATION_OWN_CASE, {v1::ROLE_OFFICER}}});
  const Caller nurse = User({v1::ROLE_OH_NURSE});
  const Scope staff = ScopeOf(*Authorise(rule, nurse, ""), nurse);
  EXPECT_TRUE(staff.whole_force);
  EXPECT_EQ(staff.not_subject, kNurseSubject);
  EXPECT_FALSE(staff.own_subject.has_value());
  const Caller officer = User({v1::ROLE_OFFICER});
  const Scope own = ScopeOf(*Authorise(rule, officer, ""), officer);
  EXPECT_FALSE(own.whole_force);
  EXPECT_EQ(own.own_subject, kNurseSubject);
}

TEST(IsTenant, TakesForceCodesAndRefusesAnythingElse) {
  EXPECT_TRUE(IsTenant("demo"));
  EXPECT_TRUE(IsTenant("E23000025-test"));
  for (const char* bad : {"", "-demo", "a b", "a'b", "a/b", "\xff", "a\n"}) {
    EXPECT_FALSE(IsTenant(bad)) << bad;
  }
  EXPECT_FALSE(IsTenant(std::string(65, 'a')));
}

}  // namespace
}  // namespace waymark::access
