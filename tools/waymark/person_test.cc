#include "tools/waymark/person.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::cli {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<google::protobuf::Message> RequestOf(
    const google::protobuf::MethodDescriptor& method) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
}

// A value that the field called `field` of `type` takes.
std::string ValueFor(const google::protobuf::Descriptor& type, const PersonPart& part) {
  const google::protobuf::Descriptor* here = &type;
  const google::protobuf::FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(part.field, '.')) {
    field = here->FindFieldByName(std::string(name));
    if (field == nullptr) return "";
    here = field->message_type();
  }
  if (field->enum_type() != nullptr) {
    return field->enum_type()->value(1)->name().substr(part.prefix.size());
  }
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL) return "true";
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32) return "30";
  if (here == nullptr) return "a word";
  return here->full_name() == "google.protobuf.Timestamp" ? "2026-03-01T12:00:00Z" : "today";
}

TEST(PersonCommands, EachFillsARequestOfItsMethod) {
  for (const PersonCommand& command : PersonCommands()) {
    SCOPED_TRACE(command.words);
    const auto method = FindLinkedMethod(command.method);
    ASSERT_TRUE(method.ok()) << method.status();
    std::vector<std::string> sets = command.says;
    for (const PersonPart& part : command.parts) {
      const std::string value = ValueFor(*(*method)->input_type(), part);
      EXPECT_NE(value, "") << part.field;
      const std::vector<std::string> more =
          SetsOf(part, part.many ? std::vector<std::string>{value, value}
                                 : std::vector<std::string>{value});
      sets.insert(sets.end(), more.begin(), more.end());
    }
    if (command.versioned) sets.push_back("expected_version=3");
    const auto request = RequestOf(**method);
    EXPECT_EQ(FillMessage("{}", sets, absl::FromUnixSeconds(1774737000), *request),
              absl::OkStatus());
  }
}

// A new method of WorkforceService has a command, or a reason here why not.
TEST(PersonCommands, LeaveOutNoMethodThatAPersonMayCall) {
  std::set<std::string> covered = {
      "FindPeople",       "SetMyChoices",  // commands of their own
      "RecordEmployment",                  // `waymark workforce import`, or `waymark call`
      "RotateKeys",       "GetKeyStatus",  // `waymark call`: an operator's, once a year
  };
  for (const PersonCommand& command : PersonCommands()) {
    covered.insert(command.method.substr(command.method.find('.') + 1));
  }
  const auto* service = workforce::v1::FindPeopleRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    if (service->method(i)->options().GetExtension(options::v1::rule).grants().empty()) continue;
    EXPECT_EQ(covered.count(service->method(i)->name()), 1u) << service->method(i)->name();
  }
}

TEST(SetsOf, SpellsEnumsAndPutsListsInOrder) {
  EXPECT_THAT(SetsOf({.name = "--sex", .field = "sex", .help = "", .prefix = "SEX_"}, {"female"}),
              ElementsAre("sex=SEX_FEMALE"));
  EXPECT_THAT(
      SetsOf({.name = "subjects", .field = "subject_ids", .help = "", .prefix = "", .many = true},
             {"a", "b"}),
      ElementsAre("subject_ids.0=a", "subject_ids.1=b"));
  EXPECT_THAT(SetsOf({.name = "--on", .field = "as_of_date", .help = ""}, {}), ElementsAre());
}

// The line as it is typed reaches its command; nothing is called.
TEST(AddPersonCommands, TakesTheLinesThatPeopleType) {
  for (const char* line :
       {"person find 9434765919", "person find --family Jones --born 1990-02-01",
        "person show 0190a000-0000-7000-8000-0000000000aa",
        "person add --family Jones --given Sam --type volunteer",
        "person adopt 0190a000-0000-7000-8000-0000000000aa 0190a000-0000-7000-8000-0000000000ab",
        "person change 0190a000-0000-7000-8000-0000000000aa --email sam@home.example --clear "
        "home_area",
        "person choices --route personal_email --never work_email --remind --language welsh",
        "person employment 0190a000-0000-7000-8000-0000000000aa --on 2026-03-01 --history",
        "person protect 0190a000-0000-7000-8000-0000000000aa --alias Grey --allow nia --allow ned",
        "person break-glass 0190a000-0000-7000-8000-0000000000aa unconscious --minutes 30",
        "person glass list --open", "person merge a b --reason same", "person transfer accept a",
        "person who-looked --of a", "person export", "person reidentify grant a --minutes 15"}) {
    CLI::App app;
    int ran = 0;
    AddPersonCommands(
        app,
        // The work is kept, as its command keeps it: what is typed is written into it.
        [&ran](CLI::App* command, const std::function<absl::Status(Remote&)>& work) {
          command->callback([&ran, work] { ++ran; });
        },
        [] { return Output(); });
    EXPECT_NO_THROW(app.parse(line)) << line;
    EXPECT_EQ(ran, 1) << line;
  }
}

}  // namespace
}  // namespace waymark::cli
