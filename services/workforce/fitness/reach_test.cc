// What a line manager or an HR system can be told, read off the descriptors of the fitness API.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/options/v1/sensitivity.pb.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::workforce {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Every field that `message` can hold, however deep, with its path.
using Visit = std::function<void(const FieldDescriptor&, const std::string& path)>;
void Walk(const Descriptor& message, const std::string& path, std::set<const Descriptor*> above,
          const Visit& visit) {
  if (!above.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string here = absl::StrCat(path, path.empty() ? "" : ".", field.name());
    visit(field, here);
    if (field.message_type() != nullptr) Walk(*field.message_type(), here, above, visit);
  }
}

options::v1::Sensitivity SensitivityOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::sensitivity);
}

const ServiceDescriptor& Service() {
  return *v1::IssueFitnessRequest::descriptor()->file()->service(0);
}

// True when a line manager or an HR system, or a grant of any kind that names them, may call it.
bool IsForTheEmployer(const MethodDescriptor& method) {
  for (const options::v1::Grant& grant :
       method.options().GetExtension(options::v1::rule).grants()) {
    for (const int role : grant.roles()) {
      if (role == options::v1::ROLE_LINE_MANAGER || role == options::v1::ROLE_HR_INTEGRATION) {
        return true;
      }
    }
  }
  return false;
}

// A field that can say nothing but a code, a day, an instant, a number, an id or a place in a list.
bool IsCodeDateOrId(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_ENUM:
    case FieldDescriptor::TYPE_BOOL:
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
      return true;
    case FieldDescriptor::TYPE_STRING:
      return absl::EndsWith(field.name(), "_id") || field.name() == "next_page_token";
    case FieldDescriptor::TYPE_MESSAGE:
      return true;  // its own fields are walked
    default:
      return false;
  }
}

TEST(FitnessReach, IsWalkedOverMethodsThatTheEmployerHasAtAll) {
  std::set<std::string> names;
  for (int i = 0; i < Service().method_count(); ++i) {
    if (IsForTheEmployer(*Service().method(i))) names.insert(Service().method(i)->name());
  }
  EXPECT_THAT(names,
              ::testing::ElementsAre("GetFitnessDelivery", "ListFitness", "ListFitnessReleases",
                                     "PutFitnessWebhook", "ResendFitness", "WatchFitness"));
}

TEST(FitnessReach, LeavesNothingClinicalAndNoTextToAManagerOrAnHrSystem) {
  for (int i = 0; i < Service().method_count(); ++i) {
    const MethodDescriptor& method = *Service().method(i);
    if (!IsForTheEmployer(method)) continue;
    SCOPED_TRACE(method.full_name());
    Walk(*method.output_type(), "", {}, [](const FieldDescriptor& field, const std::string& path) {
      EXPECT_NE(SensitivityOf(field), options::v1::SENSITIVITY_CLINICAL) << path;
      EXPECT_NE(SensitivityOf(field), options::v1::SENSITIVITY_IDENTITY) << path;
      EXPECT_TRUE(IsCodeDateOrId(field)) << path << " could hold text";
      EXPECT_FALSE(field.message_type() == v1::FitnessStatement::descriptor()) << path;
    });
  }
}

TEST(FitnessReach, HoldsNoFreeTextInAnythingThatIsStatedProposedOrReleased) {
  for (const Descriptor* message :
       {v1::Fitness::descriptor(), v1::FitnessRelease::descriptor(), v1::FitnessTask::descriptor(),
        v1::FitnessProposal::descriptor(), v1::AnswerFitnessRequest::descriptor(),
        v1::WithdrawFitnessRequest::descriptor()}) {
    Walk(*message, message->name(), {}, [](const FieldDescriptor& field, const std::string& path) {
      EXPECT_TRUE(IsCodeDateOrId(field)) << path << " could hold text";
    });
  }
  // The one name is the clinician's user id, and it stays with the officer and occupational health.
  Walk(*v1::FitnessStatement::descriptor(), "FitnessStatement", {},
       [](const FieldDescriptor& field, const std::string& path) {
         EXPECT_TRUE(IsCodeDateOrId(field) || field.name() == "issued_by") << path;
       });
  // What a pathway says holds its case, by id, and who acted.
  Walk(*v1::ProposeFitnessRequest::descriptor(), "ProposeFitnessRequest", {},
       [](const FieldDescriptor& field, const std::string& path) {
         EXPECT_TRUE(IsCodeDateOrId(field) || field.name() == "tenant" ||
                     absl::StartsWith(path, "ProposeFitnessRequest.actor."))
             << path;
       });
}

TEST(FitnessReach, MarksEveryFieldOfWhatLeaves) {
  for (const Descriptor* message : {v1::Fitness::descriptor(), v1::FitnessRelease::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      if (field.message_type() == v1::Fitness::descriptor()) continue;
      EXPECT_EQ(SensitivityOf(field), options::v1::SENSITIVITY_NONE) << field.full_name();
    }
  }
}

// A pathway's request is the only one that names no user, and it can do no more than ask.
TEST(FitnessReach, LetsServicesDoNothingButPropose) {
  for (int i = 0; i < Service().method_count(); ++i) {
    const auto& rule = Service().method(i)->options().GetExtension(options::v1::rule);
    EXPECT_EQ(rule.services_size() > 0, Service().method(i)->name() == "ProposeFitness")
        << Service().method(i)->full_name();
  }
}

}  // namespace
}  // namespace waymark::workforce
