// Holds access-matrix.md to the rules printed on the methods. After a rule has changed:
//   WAYMARK_UPDATE_GOLDEN=1 tools/test -R access_matrix
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "tools/services/apis.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/options/v1/sensitivity.pb.h"

namespace waymark {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kPath[] = "deploy/assurance/access-matrix.md";

std::vector<const ServiceDescriptor*> Services() {
  std::vector<const ServiceDescriptor*> services;
  for (const tools::Api& api : tools::Apis()) services.push_back(api.descriptor);
  return services;
}

// ROLE_OH_NURSE -> "OH nurse", RELATION_SAME_FORCE -> "same force".
std::string Words(absl::string_view name, absl::string_view prefix) {
  absl::ConsumePrefix(&name, prefix);
  std::string words = absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
  return absl::StrReplaceAll(words, {{"oh ", "OH "}, {"nhs ", "NHS "}, {"hr ", "HR "}});
}

void CollectSensitivities(const Descriptor& message, std::set<const Descriptor*>& seen,
                          std::set<options::v1::Sensitivity>& found) {
  if (!seen.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    found.insert(field.options().GetExtension(options::v1::sensitivity));
    if (field.message_type() != nullptr) CollectSensitivities(*field.message_type(), seen, found);
  }
}

std::set<options::v1::Sensitivity> SensitivitiesOf(const Descriptor& message) {
  std::set<const Descriptor*> seen;
  std::set<options::v1::Sensitivity> found;
  CollectSensitivities(message, seen, found);
  return found;
}

std::string Returns(const MethodDescriptor& method) {
  const std::set<options::v1::Sensitivity> found = SensitivitiesOf(*method.output_type());
  std::vector<std::string> kinds;
  if (found.count(options::v1::SENSITIVITY_CLINICAL) > 0) kinds.push_back("clinical");
  if (found.count(options::v1::SENSITIVITY_IDENTITY) > 0) kinds.push_back("identity");
  return kinds.empty() ? "neither" : absl::StrJoin(kinds, ", ");
}

std::string Callers(const options::v1::Rule& rule) {
  std::vector<std::string> callers;
  for (const options::v1::Grant& grant : rule.grants()) {
    std::vector<std::string> roles;
    for (const int role : grant.roles()) {
      roles.push_back(Words(options::v1::Role_Name(static_cast<options::v1::Role>(role)), "ROLE_"));
    }
    callers.push_back(absl::StrCat(absl::StrJoin(roles, ", "), " (",
                                   Words(options::v1::Relation_Name(grant.relation()), "RELATION_"),
                                   ")"));
  }
  for (const std::string& service : rule.services()) {
    callers.push_back(absl::StrCat("service `", service, "`"));
  }
  return absl::StrJoin(callers, "; ");
}

std::string Render() {
  std::string text =
      "# Who may do what\n\n"
      "Made from the rules printed on the methods in `proto/`, which every call is held to; a "
      "test\n"
      "fails when this page is not what they say. A person needs one of the roles and the "
      "relation\n"
      "behind it; nobody reaches their own record with a staff role. `Returns` is the gravest mark "
      "on\n"
      "any field that the answer can hold; an answer may hold less: whoever may log and not read "
      "gets a\n"
      "receipt.\n";
  for (const ServiceDescriptor* service : Services()) {
    absl::StrAppend(&text, "\n## ", service->full_name(),
                    "\n\n| Method | May be called by | Returns | Audited as | What for |\n"
                    "|---|---|---|---|---|\n");
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const options::v1::Rule& rule = method.options().GetExtension(options::v1::rule);
      absl::StrAppend(&text, "| ", method.name(), " | ", Callers(rule), " | ", Returns(method),
                      " | ", Words(options::v1::Audit_Name(rule.audit()), "AUDIT_"), " | ",
                      rule.purpose(), " |\n");
    }
  }
  // By role, as a reviewer of one person's access reads it.
  std::map<options::v1::Role, std::vector<std::string>> by_role;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      std::set<options::v1::Role> roles;
      for (const auto& grant : method.options().GetExtension(options::v1::rule).grants()) {
        for (const int role : grant.roles()) roles.insert(static_cast<options::v1::Role>(role));
      }
      for (const options::v1::Role role : roles) {
        by_role[role].push_back(absl::StrCat(service->name(), ".", method.name()));
      }
    }
  }
  absl::StrAppend(&text, "\n## By role\n\n| Role | Methods |\n|---|---|\n");
  for (int number = options::v1::Role_MIN + 1; number <= options::v1::Role_MAX; ++number) {
    if (!options::v1::Role_IsValid(number)) continue;
    const auto role = static_cast<options::v1::Role>(number);
    const auto found = by_role.find(role);
    absl::StrAppend(
        &text, "| ", Words(options::v1::Role_Name(role), "ROLE_"), " | ",
        found == by_role.end() ? "none in this release" : absl::StrJoin(found->second, ", "),
        " |\n");
  }
  return text;
}

TEST(AccessMatrix, IsWhatTheRulesOnTheMethodsSay) {
  const std::string rendered = Render();
  if (const char* update = std::getenv("WAYMARK_UPDATE_GOLDEN"); update != nullptr) {
    std::ofstream(kPath) << rendered;
  }
  std::ifstream file(kPath);
  std::stringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), rendered)
      << "WAYMARK_UPDATE_GOLDEN=1 tools/test -R access_matrix writes it anew; read the difference.";
}

TEST(AccessMatrix, LeavesManagersHrSystemsAndOperatorsWithoutAnythingClinical) {
  const std::set<int> kept_out = {options::v1::ROLE_LINE_MANAGER, options::v1::ROLE_HR_INTEGRATION,
                                  options::v1::ROLE_OPERATOR};
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      for (const auto& grant : method.options().GetExtension(options::v1::rule).grants()) {
        for (const int role : grant.roles()) {
          if (kept_out.count(role) == 0) continue;
          EXPECT_EQ(SensitivitiesOf(*method.output_type()).count(options::v1::SENSITIVITY_CLINICAL),
                    0u)
              << method.full_name() << " answers "
              << options::v1::Role_Name(static_cast<options::v1::Role>(role));
        }
      }
    }
  }
}

TEST(AccessMatrix, FindsARuleAPurposeAndAnAuditOnEveryMethod) {
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const options::v1::Rule& rule = method.options().GetExtension(options::v1::rule);
      EXPECT_TRUE(rule.grants_size() > 0 || rule.services_size() > 0) << method.full_name();
      EXPECT_FALSE(rule.purpose().empty()) << method.full_name();
      EXPECT_NE(rule.audit(), options::v1::AUDIT_UNSPECIFIED) << method.full_name();
      for (const options::v1::Grant& grant : rule.grants()) {
        EXPECT_GT(grant.roles_size(), 0) << method.full_name();
        EXPECT_NE(grant.relation(), options::v1::RELATION_UNSPECIFIED) << method.full_name();
      }
    }
  }
}

}  // namespace
}  // namespace waymark
