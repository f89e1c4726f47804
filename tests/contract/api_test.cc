// What is printed on the methods and fields of every service. Needs no server.
#include "tests/contract/api.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tools/services/apis.h"
#include "tools/services/services.h"
#include "waymark/bbv/v1/bbv_case.pb.h"
#include "waymark/testing/v1/echo_service.pb.h"

namespace waymark::contract {
namespace {

using google::protobuf::FieldDescriptor;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

const FieldDescriptor* RequestId(const Method& method) {
  const FieldDescriptor* field = method.descriptor->input_type()->FindFieldByName("request_id");
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated()
             ? field
             : nullptr;
}

TEST(Api, KnowsEveryServiceThatIsDeclared) {
  // Read from the files, so that a new service cannot be forgotten here.
  std::set<std::string> declared;
  const std::regex service("(^|\n)service (\\w+) \\{");
  for (const auto& entry : std::filesystem::recursive_directory_iterator("proto/waymark")) {
    if (entry.path().extension() != ".proto") continue;
    if (entry.path().string().find("/testing/") != std::string::npos) continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string all = text.str();
    for (std::sregex_iterator it(all.begin(), all.end(), service), end; it != end; ++it) {
      declared.insert((*it)[2]);
    }
  }
  std::set<std::string> known;
  for (const tools::Api& api : tools::Apis()) {
    ASSERT_NE(api.descriptor, nullptr) << api.service;
    known.insert(api.descriptor->name());
  }
  EXPECT_EQ(known, declared);
}

TEST(Api, PrintsAWholeRuleOnEveryMethod) {
  // Those that are listed, those that a rule waits for already, and those that are no service.
  std::set<std::string> services = {"mental_health", "msk", "dental", "referral", "cli", "gateway"};
  const auto listed = tools::ReadServices(".");
  ASSERT_TRUE(listed.ok()) << listed.status();
  for (const tools::Service& service : *listed) services.insert(service.name);
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.path());
    ASSERT_NE(method.rule, nullptr);
    EXPECT_TRUE(method.rule->grants_size() > 0 || method.rule->services_size() > 0)
        << "nobody may call it";
    EXPECT_GE(method.rule->purpose().size(), 10u) << "say what it is for";
    EXPECT_NE(method.rule->audit(), options::v1::AUDIT_UNSPECIFIED);
    for (const auto& grant : method.rule->grants()) {
      EXPECT_NE(grant.relation(), options::v1::RELATION_UNSPECIFIED);
      EXPECT_GT(grant.roles_size(), 0);
      EXPECT_THAT(grant.roles(), Not(Contains(options::v1::ROLE_UNSPECIFIED)));
      // Nobody reaches their own record with a staff role.
      if (grant.relation() == options::v1::RELATION_OWN_CASE) {
        EXPECT_THAT(grant.roles(), ::testing::Each(options::v1::ROLE_OFFICER));
      }
    }
    for (const std::string& service : method.rule->services()) {
      EXPECT_EQ(services.count(service), 1u) << service;
    }
  }
}

TEST(Api, AsksForARequestIdWhereverSomethingChangesOrStreams) {
  for (const Method& method : Methods()) {
    if (method.rule->audit() == options::v1::AUDIT_CHANGE ||
        method.descriptor->client_streaming() || method.descriptor->server_streaming()) {
      EXPECT_NE(RequestId(method), nullptr) << method.path();
    }
  }
}

TEST(Api, GivesEveryMethodARequestAndAResponseOfItsOwn) {
  std::map<const google::protobuf::Descriptor*, std::string> used;
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.path());
    const std::string name = method.descriptor->name();
    EXPECT_EQ(method.descriptor->input_type()->name(), name + "Request");
    EXPECT_EQ(method.descriptor->output_type()->name(), name + "Response");
    // The corridor finds the method by its request, in the file of the service.
    EXPECT_EQ(method.descriptor->input_type()->file(), method.descriptor->file());
    EXPECT_TRUE(used.emplace(method.descriptor->input_type(), method.path()).second);
    EXPECT_TRUE(used.emplace(method.descriptor->output_type(), method.path()).second);
    EXPECT_FALSE(method.descriptor->client_streaming() && method.descriptor->server_streaming())
        << "there is no corridor for it";
  }
}

TEST(Api, LetsAPersonNameNoOrganisationButTheTokens) {
  for (const Method& method : Methods()) {
    if (method.rule->grants_size() == 0) continue;
    EXPECT_EQ(method.descriptor->input_type()->FindFieldByName("tenant"), nullptr) << method.path();
  }
}

TEST(Sensitivity, FindsClinicalFieldsHoweverDeep) {
  EXPECT_THAT(FieldsOf(*testing::v1::EchoRequest::descriptor(), options::v1::SENSITIVITY_CLINICAL),
              ::testing::ElementsAre("parts.note"));
  EXPECT_THAT(FieldsOf(*bbv::v1::BbvCase::descriptor(), options::v1::SENSITIVITY_CLINICAL),
              Not(IsEmpty()));
}

TEST(Sensitivity, LeavesNothingClinicalWithinReachOfALineManagerOrAnHrSystem) {
  for (const Method& method : Methods()) {
    if (!Grants(*method.rule, options::v1::ROLE_LINE_MANAGER) &&
        !Grants(*method.rule, options::v1::ROLE_HR_INTEGRATION)) {
      continue;
    }
    EXPECT_THAT(FieldsOf(*method.descriptor->output_type(), options::v1::SENSITIVITY_CLINICAL),
                IsEmpty())
        << method.path();
    EXPECT_THAT(FieldsOf(*method.descriptor->output_type(), options::v1::SENSITIVITY_UNSPECIFIED),
                IsEmpty())
        << method.path() << ": what is not marked counts as clinical here";
  }
}

TEST(Sensitivity, LeavesNothingClinicalWithinReachOfAnOperator) {
  for (const Method& method : Methods()) {
    if (!Grants(*method.rule, options::v1::ROLE_OPERATOR)) continue;
    // What a method gives to others besides is withheld from an operator by the room; a method for
    // operators alone must have nothing to withhold.
    bool alone = true;
    for (const auto& grant : method.rule->grants()) {
      for (const int role : grant.roles()) alone &= role == options::v1::ROLE_OPERATOR;
    }
    if (!alone) continue;
    EXPECT_THAT(FieldsOf(*method.descriptor->output_type(), options::v1::SENSITIVITY_CLINICAL),
                IsEmpty())
        << method.path();
  }
}

TEST(Sensitivity, IsMarkedOnEveryTextThatAnAnswerCanHold) {
  for (const Method& method : Methods()) {
    for (const std::string& path :
         FieldsOf(*method.descriptor->output_type(), options::v1::SENSITIVITY_UNSPECIFIED)) {
      // Numbers, enums and truth values say nothing of their own accord; text may say anything.
      const google::protobuf::Descriptor* message = method.descriptor->output_type();
      const FieldDescriptor* field = nullptr;
      std::stringstream steps(path);
      for (std::string step; std::getline(steps, step, '.');) {
        field = message->FindFieldByName(step);
        message = field->message_type();
      }
      const bool text = field->type() == FieldDescriptor::TYPE_STRING ||
                        field->type() == FieldDescriptor::TYPE_BYTES;
      EXPECT_FALSE(text) << method.path() << ": " << path;
    }
  }
}

TEST(Rule, LetsASupervisorReportAndReadNothing) {
  for (const Method& method : Methods()) {
    if (!Grants(*method.rule, options::v1::ROLE_SUPERVISOR_REPORTER)) continue;
    EXPECT_NE(method.rule->audit(), options::v1::AUDIT_READ) << method.path();
    for (const auto& grant : method.rule->grants()) {
      if (std::find(grant.roles().begin(), grant.roles().end(),
                    options::v1::ROLE_SUPERVISOR_REPORTER) != grant.roles().end()) {
        EXPECT_EQ(grant.relation(), options::v1::RELATION_REPORTER) << method.path();
      }
    }
  }
}

}  // namespace
}  // namespace waymark::contract
