// Every method of every service, called over the wire by those who may not.
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "common/access/development_token.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/casework/instants.h"
#include "tests/chaos/load.h"
#include "tests/contract/api.h"
#include "tests/harness/suite.h"
#include "tools/services/services.h"
#include "tools/waymark/remote.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/workforce/v1/fitness_service.grpc.pb.h"
#include "waymark/workforce/v1/hr_feed_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using harness::Person;
using harness::Suite;
using testing::IsOk;
using testing::StatusIs;

constexpr absl::StatusCode kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr absl::StatusCode kPermissionDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kInvalidArgument = absl::StatusCode::kInvalidArgument;

constexpr char kNurseSubject[] = "0190a000-0000-7000-8000-0000000000aa";

std::unique_ptr<Message> NewRequest(const Method& method) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  return std::unique_ptr<Message>(factory->GetPrototype(method.descriptor->input_type())->New());
}

bool SetText(Message& message, const char* name, const std::string& value) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated()) {
    return false;
  }
  message.GetReflection()->SetString(&message, field, value);
  return true;
}

// As much of a request as the corridor looks at.
std::unique_ptr<Message> MinimalRequest(const Method& method) {
  std::unique_ptr<Message> request = NewRequest(method);
  SetText(*request, "request_id", ids::NewUuid());
  return request;
}

// A role of `rule`, for the walks that need somebody who may call.
std::vector<options::v1::Role> SomeRole(const options::v1::Rule& rule) {
  return {static_cast<options::v1::Role>(rule.grants(0).roles(0))};
}

Method MethodNamed(const google::protobuf::MethodDescriptor& descriptor) {
  for (const Method& method : Methods()) {
    if (method.descriptor == &descriptor) return method;
  }
  ADD_FAILURE() << descriptor.full_name();
  return {};
}

casework::v1::CivilDate Day(int year, int month, int day) {
  casework::v1::CivilDate date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// Makes everybody in the request this one person.
void SetSubject(Message& message, const std::string& subject) {
  SetText(message, "subject_id", subject);
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      SetSubject(*message.GetReflection()->MutableMessage(&message, field), subject);
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      SetSubject(*message.GetReflection()->MutableRepeatedMessage(&message, field, i), subject);
    }
  }
}

std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  // Held by name: a loop over the temporary's value would outlive it.
  const auto services = tools::ReadServices(".");
  for (const tools::Service& service : services.value()) names.push_back(service.name);
  return names;
}

class WireTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    harness::SuiteOptions options;
    options.services = ServiceNames();
    absl::StatusOr<std::unique_ptr<Suite>> suite = Suite::Start(std::move(options));
    ASSERT_THAT(suite, IsOk());
    suite_ = std::move(*suite).release();
  }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }
  void SetUp() override { ASSERT_NE(suite_, nullptr); }

  static std::shared_ptr<grpc::Channel> ChannelTo(const std::string& service,
                                                  const std::string& as) {
    static auto* channels =
        new std::map<std::pair<std::string, std::string>, std::shared_ptr<grpc::Channel>>();
    std::shared_ptr<grpc::Channel>& channel = (*channels)[{service, as}];
    if (channel == nullptr) channel = suite_->Connect(service, as);
    return channel;
  }

  // A streaming method that refuses sends no message, so all may be called as if they were unary.
  static absl::Status CallBytes(const Method& method, const std::string& as,
                                const rpc::Outgoing& outgoing, const std::string& bytes,
                                std::string* answer = nullptr) {
    const std::unique_ptr<grpc::ClientContext> context = rpc::MakeContext(outgoing);
    grpc::GenericStub stub(ChannelTo(method.service, as));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    absl::Status result;
    stub.UnaryCall(context.get(), method.path(), grpc::StubOptions(), &request, &response,
                   [&](const grpc::Status& status) {
                     result = status::FromGrpc(status);
                     done.Notify();
                   });
    done.WaitForNotification();
    std::vector<grpc::Slice> slices;
    if (answer != nullptr && result.ok() && response.Dump(&slices).ok()) {
      for (const grpc::Slice& part : slices) {
        answer->append(reinterpret_cast<const char*>(part.begin()), part.size());
      }
    }
    return result;
  }

  // A whole feed of one person; `answer` takes what came back, as bytes.
  static absl::Status SendFeed(const rpc::Outgoing& outgoing,
                               const workforce::v1::FeedPerson& person, std::string* answer) {
    const std::unique_ptr<grpc::ClientContext> context = rpc::MakeContext(outgoing);
    const auto stub = workforce::v1::HrFeedService::NewStub(ChannelTo("workforce", "cli"));
    workforce::v1::SyncPeopleResponse response;
    const auto writer = stub->SyncPeople(context.get(), &response);
    workforce::v1::SyncPeopleRequest message;
    message.set_request_id(ids::NewUuid());
    workforce::v1::FeedHeader& header = *message.mutable_header();
    header.set_kind(workforce::v1::FEED_KIND_CHANGES);
    workforce::v1::FeedManifest& manifest = *header.mutable_manifest();
    manifest.set_file_name("walk.csv");
    manifest.set_source("walk");
    manifest.set_schema_version(1);
    manifest.set_row_count(1);
    *manifest.mutable_extract_time() = casework::ToTimestamp(absl::Now() - absl::Minutes(1));
    writer->Write(message);
    message.set_number(1);
    *message.mutable_rows()->add_people() = person;
    writer->Write(message);
    message.set_number(0);
    message.set_end(true);
    writer->Write(message);
    writer->WritesDone();
    absl::Status status = status::FromGrpc(writer->Finish());
    *answer = response.SerializeAsString();
    return status;
  }

  static absl::Status Call(const Method& method, const std::string& as, const std::string& token,
                           const Message& request) {
    return CallBytes(method, as, {.deadline = absl::Now() + absl::Seconds(20), .token = token},
                     request.SerializeAsString());
  }
  static absl::Status Call(const Method& method, const std::string& as, const std::string& token) {
    return Call(method, as, token, *MinimalRequest(method));
  }

  // An exposure of `subject`, logged by a nurse of tenant demo; its case.
  static std::string LogExposure(const std::string& subject, const std::string& token,
                                 absl::Status* status = nullptr,
                                 bbv::v1::LogExposureResponse* response = nullptr) {
    bbv::v1::LogExposureRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
    bbv::v1::ExposedPerson* person = request.add_people();
    person->set_subject_id(subject);
    bbv::v1::Exposure* exposure = person->mutable_exposure();
    exposure->mutable_incident_time()->set_civil(
        absl::FormatTime("%Y-%m-%dT%H:%M", absl::Now() - absl::Hours(2), absl::UTCTimeZone()));
    exposure->set_route(bbv::v1::ROUTE_NEEDLESTICK);
    exposure->set_fluid(bbv::v1::FLUID_BLOOD);
    exposure->set_visible_blood(bbv::v1::ANSWER_YES);
    exposure->set_site(bbv::v1::BODY_SITE_FINGER);
    exposure->set_depth(bbv::v1::DEPTH_SUPERFICIAL);
    exposure->set_device(bbv::v1::DEVICE_HOLLOW_NEEDLE);
    exposure->set_activity(bbv::v1::ACTIVITY_SEARCH);
    exposure->set_assault(bbv::v1::ANSWER_NO);
    exposure->mutable_hepatitis_b_status()->set_vaccination(bbv::v1::HEP_B_VACCINATION_FULL);
    bbv::v1::LogExposureResponse ignored;
    if (response == nullptr) response = &ignored;
    const auto stub = bbv::v1::BbvService::NewStub(ChannelTo("bbv", "cli"));
    const absl::Status result =
        rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20), .token = token},
                    [&](grpc::ClientContext* context) {
                      return stub->LogExposure(context, request, response);
                    });
    if (status != nullptr) {
      *status = result;
    } else {
      EXPECT_THAT(result, IsOk()) << suite_->Log("bbv");
    }
    return response->receipts_size() == 0 ? "" : response->receipts(0).case_id();
  }

  // A case of `subject` in that pathway, opened from the first of its reports in tests/data; its
  // id.
  static std::string OpenCase(const std::string& pathway, const std::string& subject) {
    std::set<std::string> reports;
    const std::string folder = pathway == "bbv" ? "tests/data" : "tests/data/" + pathway;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") reports.insert(entry.path().string());
    }
    const std::string json = cli::ReadFile(*reports.begin()).value();
    // The first opening that the report fits, as `waymark` finds it.
    const auto openings = cli::FindOpenings(pathway, "");
    for (const auto* opening : openings.value()) {
      const Method method = MethodNamed(*opening);
      const std::unique_ptr<Message> request = NewRequest(method);
      if (!cli::FillMessage(json, {}, absl::Now(), *request).ok()) continue;
      SetSubject(*request, subject);
      std::string answer;
      EXPECT_THAT(CallBytes(method, "cli",
                            {.deadline = absl::Now() + absl::Seconds(20),
                             .token = suite_->Token({.roles = SomeRole(*method.rule)})},
                            request->SerializeAsString(), &answer),
                  IsOk())
          << pathway << suite_->Log(pathway);
      const std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                                  ->GetPrototype(opening->output_type())
                                                  ->New());
      response->ParseFromString(answer);
      const FieldDescriptor* receipts = opening->output_type()->FindFieldByName("receipts");
      const Message& receipt =
          response->GetReflection()->GetRepeatedMessage(*response, receipts, 0);
      return receipt.GetReflection()->GetString(
          receipt, receipt.GetDescriptor()->FindFieldByName("case_id"));
    }
    ADD_FAILURE() << "no opening of " << pathway << " reads " << *reports.begin();
    return "";
  }

  // The same in every pathway: by service, the id.
  static std::map<std::string, std::string> OpenCases(const std::string& subject) {
    std::map<std::string, std::string> cases;
    for (const std::string& pathway : cli::Pathways()) {
      // Opened for a case of another pathway and a person in workforce: see journeys_referral_test.
      if (pathway == "referral") continue;
      cases[pathway] = OpenCase(pathway, subject);
    }
    return cases;
  }

  static Suite* suite_;
};
Suite* WireTest::suite_ = nullptr;

TEST_F(WireTest, RefusesEveryMethodWithoutAToken) {
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.path());
    if (method.rule->grants_size() > 0) {
      EXPECT_THAT(Call(method, "cli", ""), StatusIs(kUnauthenticated, "TOKEN_MISSING"));
    } else {
      EXPECT_THAT(Call(method, "cli", ""), StatusIs(kPermissionDenied, "SERVICE_NOT_NAMED"));
    }
  }
}

TEST_F(WireTest, RefusesEveryMethodWithATokenThatIsNotWhole) {
  const Person nurse;
  Person expired = nurse;
  expired.valid_for = -absl::Minutes(1);
  Person audience = nurse;
  audience.audience = "payroll";
  const std::string good = suite_->Token(nurse);
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const std::string header = *crypto::FromBase64Url(parts[0]);
  const std::string forged_key = access::MakeDevelopmentKey("not-a-key-of-yours")->private_jwk;
  const std::string unknown_key =
      *access::MintDevelopmentToken(forged_key, {.issuer = "https://waymark.test",
                                                 .user_id = "nurse-1",
                                                 .tenant = "demo",
                                                 .roles = {"OH_NURSE"},
                                                 .not_before = absl::Now() - absl::Minutes(1),
                                                 .expiry = absl::Now() + absl::Hours(1)});
  std::string other_claims = *crypto::FromBase64Url(parts[1]);
  other_claims.insert(other_claims.size() - 1, R"(,"more":1)");
  const std::vector<std::pair<std::string, std::string>> tokens = {
      {"TOKEN_EXPIRED", suite_->Token(expired)},
      {"TOKEN_AUDIENCE", suite_->Token(audience)},
      {"TOKEN_ALGORITHM",
       absl::StrCat(crypto::Base64Url(R"({"alg":"none","kid":"x"})"), ".", parts[1], ".")},
      {"TOKEN_ALGORITHM", absl::StrCat(crypto::Base64Url(R"({"alg":"HS256","kid":"x"})"), ".",
                                       parts[1], ".", parts[2])},
      {"TOKEN_KEY_UNKNOWN", unknown_key},
      {"TOKEN_SIGNATURE",
       absl::StrCat(parts[0], ".", crypto::Base64Url(other_claims), ".", parts[2])},
      {"TOKEN_MALFORMED", "rubbish"},
  };
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.path());
    for (const auto& [reason, token] : tokens) {
      EXPECT_THAT(Call(method, "cli", token), StatusIs(kUnauthenticated, reason));
      // A service's own certificate does not make a bad token better.
      EXPECT_THAT(Call(method, "bbv", token), StatusIs(kUnauthenticated, reason));
    }
  }
}

TEST_F(WireTest, RefusesEveryMethodToEveryRoleItDoesNotName) {
  const auto* roles = options::v1::Role_descriptor();
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.path());
    EXPECT_THAT(Call(method, "cli", suite_->Token({.roles = {}})),
                StatusIs(kPermissionDenied, "ROLE_REQUIRED"));
    for (int i = 0; i < roles->value_count(); ++i) {
      const auto role = static_cast<options::v1::Role>(roles->value(i)->number());
      if (role == options::v1::ROLE_UNSPECIFIED || Grants(*method.rule, role)) continue;
      EXPECT_THAT(Call(method, "cli", suite_->Token({.roles = {role}})),
                  StatusIs(kPermissionDenied, "ROLE_REQUIRED"))
          << options::v1::Role_Name(role);
    }
  }
}

TEST_F(WireTest, RefusesEveryMethodToEveryServiceItDoesNotName) {
  for (const Method& method : Methods()) {
    std::vector<std::string> identities = ServiceNames();
    identities.insert(identities.end(), {"cli", "gateway"});
    for (const std::string& service : identities) {
      SCOPED_TRACE(absl::StrCat(method.path(), " as ", service));
      const auto& named = method.rule->services();
      if (std::find(named.begin(), named.end(), service) != named.end()) continue;
      EXPECT_THAT(Call(method, service, ""),
                  ::testing::AnyOf(StatusIs(kPermissionDenied, "SERVICE_NOT_NAMED"),
                                   StatusIs(kUnauthenticated, "TOKEN_MISSING")));
    }
  }
}

TEST_F(WireTest, BelievesNoServiceThatDeliversForAnother) {
  int walked = 0;
  for (const Method& method : Methods()) {
    const auto& named = method.rule->services();
    if (std::find(named.begin(), named.end(), "bbv") == named.end()) continue;
    SCOPED_TRACE(method.path());
    const std::unique_ptr<Message> request = MinimalRequest(method);
    SetText(*request, "tenant", "demo");
    if (!SetText(*request, "source", "scheduling")) continue;
    EXPECT_THAT(Call(method, "bbv", "", *request),
                ::testing::AnyOf(StatusIs(kPermissionDenied), StatusIs(kInvalidArgument)));
    ++walked;
  }
  EXPECT_GE(walked, 4);
}

TEST_F(WireTest, AsksForADeadlineOnEveryUnaryMethod) {
  for (const Method& method : Methods()) {
    if (method.descriptor->client_streaming() || method.descriptor->server_streaming() ||
        method.rule->grants_size() == 0) {
      continue;
    }
    SCOPED_TRACE(method.path());
    EXPECT_THAT(CallBytes(method, "cli",
                          {.deadline = absl::InfiniteFuture(),
                           .token = suite_->Token({.roles = SomeRole(*method.rule)})},
                          MinimalRequest(method)->SerializeAsString()),
                StatusIs(kInvalidArgument, "DEADLINE_REQUIRED"));
  }
}

TEST_F(WireTest, AsksForARequestIdWhereverSomethingChangesOrStreams) {
  for (const Method& method : Methods()) {
    if (method.rule->grants_size() == 0 || (method.rule->audit() != options::v1::AUDIT_CHANGE &&
                                            !method.descriptor->server_streaming())) {
      continue;
    }
    SCOPED_TRACE(method.path());
    const std::string token = suite_->Token({.roles = SomeRole(*method.rule)});
    for (const char* bad : {"", "42", "0190A000-0000-7000-8000-0000000000AA"}) {
      const std::unique_ptr<Message> request = NewRequest(method);
      SetText(*request, "request_id", bad);
      EXPECT_THAT(Call(method, "cli", token, *request),
                  StatusIs(kInvalidArgument, "REQUEST_ID_INVALID"));
    }
  }
}

TEST_F(WireTest, RefusesBytesThatAreNoRequestOfTheMethod) {
  for (const Method& method : Methods()) {
    if (method.rule->grants_size() == 0) continue;
    SCOPED_TRACE(method.path());
    const rpc::Outgoing outgoing = {.deadline = absl::Now() + absl::Seconds(20),
                                    .token = suite_->Token({.roles = SomeRole(*method.rule)})};
    if (method.descriptor->client_streaming()) {
      // gRPC cannot tell a message that cannot be read from the end of the stream.
      EXPECT_THAT(CallBytes(method, "cli", outgoing, "\xff\xff\xff\xff"),
                  StatusIs(kInvalidArgument, "REQUEST_ID_INVALID"));
      continue;
    }
    EXPECT_THAT(CallBytes(method, "cli", outgoing, "\xff\xff\xff\xff"),
                StatusIs(kInvalidArgument, "MALFORMED_REQUEST"));
    // Its first text field, in Latin-1.
    const auto* type = method.descriptor->input_type();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->type() != FieldDescriptor::TYPE_STRING || field->number() > 15) continue;
      const std::string bytes = {static_cast<char>(field->number() << 3 | 2), 1, '\xe9'};
      const absl::Status status = CallBytes(method, "cli", outgoing, bytes);
      EXPECT_THAT(status, StatusIs(kInvalidArgument, "INVALID_FIELDS"));
      ASSERT_EQ(status::Violations(status).size(), 1u);
      EXPECT_EQ(status::Violations(status)[0].field, field->name());
      break;
    }
  }
}

// What a backup of it holds: every row of every table; bytea as hexadecimal.
std::string Dump(const testing::TestDatabase& database) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/", database.name(), ".sql");
  const std::string dsn = database.superuser_dsn().Reveal();
  EXPECT_EQ(std::system(absl::StrCat("/usr/lib/postgresql/15/bin/pg_dump --data-only --dbname=\"",
                                     dsn, "\" --file=", file)
                            .c_str()),
            0);
  std::string dump = cli::ReadFile(file).value();
  std::filesystem::remove(file);
  return dump;
}

// A value as it could lie somewhere without being seen: as it is, in hexadecimal, and in base64
// wherever in the encoded text it begins.
std::vector<std::string> FormsOf(const std::string& value) {
  std::vector<std::string> forms = {value, crypto::Hex(value), crypto::Hex(crypto::Hex(value))};
  for (size_t shift = 0; shift < 3; ++shift) {
    const std::string whole = crypto::Base64(std::string(shift, 'x') + value);
    // Without what depends on what stands before and behind it.
    const size_t first = shift == 0 ? 0 : 4;
    const std::string form = whole.substr(first, whole.find_last_not_of('=') - first - 1);
    // A few letters of base64 stand everywhere.
    if (form.size() < 8) continue;
    forms.push_back(form);
    forms.push_back(crypto::Hex(form));
  }
  return forms;
}

TEST_F(WireTest, KeepsNamesNumbersAndContactsInWorkforceAloneAndThereInNothingClear) {
  const std::string subject = ids::NewUuid();
  const std::vector<std::string> secrets = {
      "Quxhilda",      "Zyzzlethwaite", "9000000009", "quxhilda@home.example",
      "+447700900777", "XQ12",          "Kinsfolk",   "quxhilda.z@force.example",
      "EMPQ-0907755",  "COLLARQ-90755"};
  workforce::v1::RegisterPersonRequest enter;
  enter.set_request_id(ids::NewUuid());
  enter.set_subject_id(subject);
  enter.mutable_name()->set_given(secrets[0]);
  enter.mutable_name()->set_family(secrets[1]);
  enter.mutable_nhs_number()->set_number(secrets[2]);
  enter.mutable_personal()->set_email(secrets[3]);
  enter.mutable_personal()->set_mobile(secrets[4]);
  enter.set_home_area(secrets[5]);
  enter.mutable_next_of_kin()->set_name(secrets[6]);
  enter.mutable_work()->set_email(secrets[7]);
  enter.set_workforce_type(workforce::v1::WORKFORCE_TYPE_OFFICER);
  const auto people = workforce::v1::WorkforceService::NewStub(ChannelTo("workforce", "cli"));
  const std::string token = suite_->Token();
  const auto outgoing = [&] {
    return rpc::Outgoing{.deadline = absl::Now() + absl::Seconds(20), .token = token};
  };
  workforce::v1::RegisterPersonResponse entered;
  ASSERT_THAT(rpc::Invoke(outgoing(),
                          [&](grpc::ClientContext* context) {
                            return people->RegisterPerson(context, enter, &entered);
                          }),
              IsOk());
  workforce::v1::RecordEmploymentRequest work;
  work.set_request_id(ids::NewUuid());
  work.set_subject_id(subject);
  work.mutable_employment()->set_employee_number(secrets[8]);
  work.mutable_employment()->set_collar_number(secrets[9]);
  work.mutable_employment()->set_workforce_type(workforce::v1::WORKFORCE_TYPE_OFFICER);
  work.mutable_employment()->set_state(workforce::v1::EMPLOYMENT_STATE_WORKING);
  *work.mutable_from_date() = Day(2026, 1, 1);
  workforce::v1::RecordEmploymentResponse employed;
  const rpc::Outgoing as_lead = {.deadline = absl::Now() + absl::Seconds(20),
                                 .token = suite_->Token({.roles = {options::v1::ROLE_OH_LEAD}})};
  ASSERT_THAT(rpc::Invoke(as_lead,
                          [&](grpc::ClientContext* context) {
                            return people->RecordEmployment(context, work, &employed);
                          }),
              IsOk());
  // They want reminders, a case is opened in every pathway, a fitness statement is issued, the
  // force goes live and time passes, so that notices go out and routes are asked for; and the name
  // is looked at.
  workforce::v1::SetMyChoicesRequest choose;
  choose.set_request_id(ids::NewUuid());
  choose.mutable_choices()->set_reminders(true);
  workforce::v1::SetMyChoicesResponse chosen;
  const rpc::Outgoing as_officer = {
      .deadline = absl::Now() + absl::Seconds(20),
      .token = suite_->Token(
          {.user_id = "officer-q", .roles = {options::v1::ROLE_OFFICER}, .subject_id = subject})};
  EXPECT_THAT(rpc::Invoke(as_officer,
                          [&](grpc::ClientContext* context) {
                            return people->SetMyChoices(context, choose, &chosen);
                          }),
              IsOk());
  OpenCases(subject);
  const auto fitness = workforce::v1::FitnessService::NewStub(ChannelTo("workforce", "cli"));
  workforce::v1::IssueFitnessRequest issue;
  issue.set_request_id(ids::NewUuid());
  issue.mutable_fitness()->set_subject_id(subject);
  issue.mutable_fitness()->set_code(workforce::v1::FITNESS_CODE_FIT);
  *issue.mutable_fitness()->mutable_from_date() = Day(2026, 11, 1);
  workforce::v1::IssueFitnessResponse issued;
  const rpc::Outgoing as_physician = {
      .deadline = absl::Now() + absl::Seconds(20),
      .token = suite_->Token({.roles = {options::v1::ROLE_OH_PHYSICIAN}})};
  EXPECT_THAT(rpc::Invoke(as_physician,
                          [&](grpc::ClientContext* context) {
                            return fitness->IssueFitness(context, issue, &issued);
                          }),
              IsOk());
  chaos::ActivateTenant(*suite_);
  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(24 * 36)), IsOk());
  EXPECT_TRUE(testing::Eventually(
      [] {
        return suite_->database("scheduling")
                   .Query("SELECT count(*) FROM notice WHERE recipient = '*'") != "0";
      },
      absl::Seconds(30)));
  workforce::v1::ResolveNamesRequest names;
  names.add_subject_ids(subject);
  workforce::v1::ResolveNamesResponse named;
  ASSERT_THAT(rpc::Invoke(outgoing(),
                          [&](grpc::ClientContext* context) {
                            return people->ResolveNames(context, names, &named);
                          }),
              IsOk());
  ASSERT_EQ(named.names_size(), 1);
  EXPECT_EQ(named.names(0).display_name(), absl::StrCat(secrets[0], " ", secrets[1]));
  // Until the acts have arrived in the audit log.
  const absl::Time patience = absl::Now() + absl::Seconds(20);
  while (absl::Now() < patience &&
         suite_->database("workforce")
                 .Query("SELECT count(*) FROM outbox_counter WHERE destination = 'audit'"
                        " AND delivered_through > 0") == "0") {
    absl::SleepFor(absl::Milliseconds(20));
  }
  for (const std::string& service : ServiceNames()) {
    const std::string dump = Dump(suite_->database(service));
    EXPECT_FALSE(dump.empty()) << service;
    for (const std::string& secret : secrets) {
      for (const std::string& form : FormsOf(secret)) {
        EXPECT_FALSE(absl::StrContains(dump, form))
            << secret << " in " << service << " as " << form;
      }
    }
  }
  EXPECT_TRUE(absl::StrContains(Dump(suite_->database("workforce")), subject));
}

TEST(FormsOf, FindsAValueWhereverItBeginsInBase64) {
  for (const char* before : {"", "a", "ab", "abc", "abcd"}) {
    const std::string text = crypto::Base64(absl::StrCat(before, "Zyzzlethwaite", " and more"));
    int found = 0;
    for (const std::string& form : FormsOf("Zyzzlethwaite")) {
      found += absl::StrContains(text, form) ? 1 : 0;
    }
    EXPECT_GT(found, 0) << before;
  }
}

// What the walk over workforce puts into a text field, by the field's name.
class AboutAPerson {
 public:
  AboutAPerson(std::string subject, std::string statement)
      : subject_(std::move(subject)), statement_(std::move(statement)) {}

  // False for a field that the walk does not know: then it must be taught.
  bool Fill(const FieldDescriptor& field, Message& message) const {
    const std::string& name = field.name();
    const auto put = [&](const std::string& value) {
      if (field.is_repeated()) {
        message.GetReflection()->AddString(&message, &field, value);
      } else {
        message.GetReflection()->SetString(&message, &field, value);
      }
      return true;
    };
    if (name == "subject_id" || name == "subject_ids" || name == "kept_subject_id" ||
        name == "merged_subject_id" || name == "manager_subject_id") {
      return put(subject_);
    }
    if (name == "statement_id" || name == "replaces_statement_id") return put(statement_);
    static const auto* const kOthersIds = new std::set<std::string>{
        "request_id", "case_id",      "proposal_id",   "run_id",
        "consent_id", "grant_id",     "hold_id",       "transfer_id",
        "merge_id",   "duplicate_id", "employment_id", "reidentification_id"};
    if (kOthersIds->count(name) > 0) return put(ids::NewUuid());
    static const auto* const kTexts =
        new std::map<std::string, std::string>{{"reason", "The walk asks about this person."},
                                               {"note", "The walk asks about this person."},
                                               {"to_force", "E23000025-test"},
                                               {"recipient", "E23000025-test"},
                                               {"user_id", "undine-signs-in"},
                                               {"http_method", "GET"},
                                               {"query", ""},
                                               {"base_url", "https://waymark.example/scim/v2"},
                                               {"pseudonym", "p1.nobody"},
                                               {"page_token", ""},
                                               {"if_match", ""},
                                               {"if_none_match", ""},
                                               {"url", ""},
                                               {"secret", ""},
                                               {"clear", "home_area"},
                                               {"source", ""},
                                               {"home_area", "AB1"},
                                               {"nhs_number", ""},
                                               {"employee_number", ""},
                                               {"collar_number", ""},
                                               {"email", ""},
                                               {"family_name", "Zyzzcovert"}};
    if (name == "path") return put("/Users/" + subject_);
    const auto text = kTexts->find(name);
    if (text == kTexts->end()) return false;
    return text->second.empty() || put(text->second);
  }

  void Fill(Message& message, int depth = 0) const {
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          if (field->type() == FieldDescriptor::TYPE_STRING && !Fill(*field, message) &&
              depth == 0) {
            ADD_FAILURE() << "Teach the walk what to put into " << field->full_name();
          }
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          if (!field->is_repeated()) {
            message.GetReflection()->SetEnumValue(&message, field, 1);
          }
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE: {
          if (field->is_repeated() || depth > 1) break;
          Message& inner = *message.GetReflection()->MutableMessage(&message, field);
          if (auto* day = dynamic_cast<casework::v1::CivilDate*>(&inner)) {
            *day = Day(2026, 11, 20);
          } else if (inner.GetDescriptor()->full_name() != "google.protobuf.Timestamp") {
            Fill(inner, depth + 1);
          }
          break;
        }
        default:
          break;
      }
    }
  }

 private:
  const std::string subject_;
  const std::string statement_;
};

// Somebody whom the source does not know yet, with every value that the hidden person has too.
workforce::v1::FeedPerson FeedOn(const std::vector<std::string>& secrets) {
  workforce::v1::FeedPerson person;
  person.set_external_id(absl::StrCat("HR-", ids::NewUuid()));
  person.mutable_name()->set_given(secrets[0]);
  person.mutable_name()->set_family(secrets[1]);
  person.mutable_work()->set_email(secrets[7]);
  person.mutable_employment()->set_collar_number(secrets[5]);
  person.mutable_employment()->set_site_code(secrets[6]);
  person.mutable_employment()->set_workforce_type(workforce::v1::WORKFORCE_TYPE_OFFICER);
  person.set_active(true);
  return person;
}

TEST_F(WireTest, ShowsAProtectedPersonToNobodyOfTheirForceOrAnotherByAnyMethodOfWorkforce) {
  const std::vector<std::string> secrets = {
      "Quxundine",     "Zyzzcovert",  "9434765919",  "quxundine@home.example",
      "+447700900778", "COLLARH-788", "SITE-HIDDEN", "quxundine.z@force.example"};
  const auto people = workforce::v1::WorkforceService::NewStub(ChannelTo("workforce", "cli"));
  const auto invoke = [&](options::v1::Role role, auto call) {
    EXPECT_THAT(rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20),
                             .token = suite_->Token({.user_id = "nia-cleared", .roles = {role}})},
                            call),
                IsOk());
  };
  workforce::v1::RegisterPersonRequest enter;
  enter.set_request_id(ids::NewUuid());
  enter.mutable_name()->set_given(secrets[0]);
  enter.mutable_name()->set_family(secrets[1]);
  enter.mutable_nhs_number()->set_number(secrets[2]);
  enter.mutable_personal()->set_email(secrets[3]);
  enter.mutable_personal()->set_mobile(secrets[4]);
  enter.mutable_work()->set_email(secrets[7]);
  enter.set_user_id("undine-signs-in");
  enter.set_workforce_type(workforce::v1::WORKFORCE_TYPE_OFFICER);
  workforce::v1::RegisterPersonResponse entered;
  invoke(options::v1::ROLE_OH_NURSE, [&](grpc::ClientContext* context) {
    return people->RegisterPerson(context, enter, &entered);
  });
  const std::string hidden = entered.person().subject_id();
  workforce::v1::RecordEmploymentRequest work;
  work.set_request_id(ids::NewUuid());
  work.set_subject_id(hidden);
  work.mutable_employment()->set_collar_number(secrets[5]);
  work.mutable_employment()->set_site_code(secrets[6]);
  work.mutable_employment()->set_workforce_type(workforce::v1::WORKFORCE_TYPE_OFFICER);
  work.mutable_employment()->set_state(workforce::v1::EMPLOYMENT_STATE_WORKING);
  *work.mutable_from_date() = Day(2026, 1, 1);
  workforce::v1::RecordEmploymentResponse employed;
  invoke(options::v1::ROLE_OH_LEAD, [&](grpc::ClientContext* context) {
    return people->RecordEmployment(context, work, &employed);
  });
  const auto fitness = workforce::v1::FitnessService::NewStub(ChannelTo("workforce", "cli"));
  workforce::v1::IssueFitnessRequest issue;
  issue.set_request_id(ids::NewUuid());
  issue.mutable_fitness()->set_subject_id(hidden);
  issue.mutable_fitness()->set_code(workforce::v1::FITNESS_CODE_FIT);
  *issue.mutable_fitness()->mutable_from_date() = Day(2026, 11, 1);
  workforce::v1::IssueFitnessResponse issued;
  invoke(options::v1::ROLE_OH_PHYSICIAN, [&](grpc::ClientContext* context) {
    return fitness->IssueFitness(context, issue, &issued);
  });
  workforce::v1::GetPersonRequest get;
  get.set_subject_id(hidden);
  workforce::v1::GetPersonResponse got;
  invoke(options::v1::ROLE_OH_LEAD,
         [&](grpc::ClientContext* context) { return people->GetPerson(context, get, &got); });
  workforce::v1::SetProtectionRequest protect;
  protect.set_request_id(ids::NewUuid());
  protect.set_subject_id(hidden);
  protect.set_expected_version(got.person().version());
  protect.mutable_protection()->set_active(true);
  protect.mutable_protection()->set_alias("Alex Grey");
  protect.mutable_protection()->add_allowed_user_ids("nia-cleared");
  workforce::v1::SetProtectionResponse protection;
  invoke(options::v1::ROLE_OH_LEAD, [&](grpc::ClientContext* context) {
    return people->SetProtection(context, protect, &protection);
  });

  const AboutAPerson about(hidden, issued.statement().fitness().statement_id());
  const std::string of_demo =
      "SELECT md5(string_agg(p::text, ' ' ORDER BY person_id)) FROM person AS p WHERE tenant = "
      "'demo'";
  int walked = 0;
  const auto walk = [&](const std::string& tenant) {
    for (const Method& method : Methods()) {
      if (method.service != "workforce" || method.rule->grants_size() == 0) continue;
      const bool streams = method.descriptor->client_streaming();
      ASSERT_EQ(streams, method.descriptor->name() == "SyncPeople")
          << "Teach the walk what to stream into " << method.path();
      for (const auto& grant : method.rule->grants()) {
        for (const int role : grant.roles()) {
          // Every find of FindPeople; of the others one.
          std::vector<std::unique_ptr<Message>> requests;
          requests.push_back(NewRequest(method));
          about.Fill(*requests.front());
          if (method.descriptor->name() == "FindPeople") {
            requests.clear();
            for (const auto& [field, value] :
                 std::map<std::string, std::string>{{"nhs_number", secrets[2]},
                                                    {"collar_number", secrets[5]},
                                                    {"email", secrets[3]},
                                                    {"family_name", secrets[1]}}) {
              requests.push_back(NewRequest(method));
              SetText(*requests.back(), field.c_str(), value);
            }
          } else if (method.descriptor->name() == "ReadScim") {
            requests.push_back(NewRequest(method));
            about.Fill(*requests.back());
            SetText(*requests.back(), "path", "/Users");
            SetText(*requests.back(), "query",
                    "filter=userName%20eq%20%22undine-signs-in%22&count=50");
          }
          for (const std::unique_ptr<Message>& request : requests) {
            // A caller of their own each time: emergency access opens to one user alone.
            const std::string token =
                suite_->Token({.user_id = absl::StrCat("walker-", walked),
                               .tenant = tenant,
                               .roles = {static_cast<options::v1::Role>(role)},
                               .subject_id = ids::NewUuid()});
            const rpc::Outgoing outgoing = {
                .deadline = absl::Now() + absl::Seconds(streams ? 20 : 3), .token = token};
            std::string answer;
            const absl::Status status =
                streams ? SendFeed(outgoing, FeedOn(secrets), &answer)
                        : CallBytes(method, "cli", outgoing, request->SerializeAsString(), &answer);
            if (streams) {
              EXPECT_THAT(status, IsOk());
              EXPECT_FALSE(absl::StrContains(answer, hidden)) << "knows them by what the file says";
            }
            answer += status.ToString();
            for (const std::string& secret : secrets) {
              EXPECT_FALSE(absl::StrContains(answer, secret))
                  << method.path() << " as " << role << " of " << tenant << " tells " << secret;
            }
            if (tenant != "demo") {
              EXPECT_FALSE(absl::StrContains(answer, "Alex Grey")) << method.path();
            }
            ++walked;
          }
        }
      }
    }
  };
  const std::string before = suite_->database("workforce").Query(of_demo);
  walk("E23000025-test");
  EXPECT_EQ(suite_->database("workforce").Query(of_demo), before)
      << "another force has changed nobody";
  walk("demo");
  EXPECT_GT(walked, 200);
  // Who is on the list reads them as before.
  invoke(options::v1::ROLE_OH_NURSE,
         [&](grpc::ClientContext* context) { return people->GetPerson(context, get, &got); });
  EXPECT_EQ(got.person().name().family(), secrets[1]);
}

TEST_F(WireTest, AnswersAboutACaseOfAnotherForceAsAboutNone) {
  const std::map<std::string, std::string> cases = OpenCases(ids::NewUuid());
  int walked = 0;
  for (const Method& method : Methods()) {
    if (method.rule->grants_size() == 0) continue;
    SCOPED_TRACE(method.path());
    const bool pathway = cases.count(method.service) > 0;
    const std::string& case_id = pathway ? cases.at(method.service) : cases.at("bbv");
    const std::unique_ptr<Message> foreign = MinimalRequest(method);
    if (!SetText(*foreign, "case_id", case_id)) continue;
    const std::unique_ptr<Message> nothing = MinimalRequest(method);
    SetText(*nothing, "case_id", ids::NewUuid());
    const std::string token =
        suite_->Token({.tenant = "E23000025-test", .roles = SomeRole(*method.rule)});
    const absl::Status of_other = Call(method, "cli", token, *foreign);
    const absl::Status of_none = Call(method, "cli", token, *nothing);
    EXPECT_FALSE(of_other.ok());
    EXPECT_EQ(of_other, of_none) << "tells that the case exists";
    if (pathway) {
      EXPECT_EQ(of_other.code(), absl::StatusCode::kNotFound);
    }
    ++walked;
  }
  EXPECT_GT(walked, 20);
}

TEST_F(WireTest, AnswersStaffAboutTheirOwnCaseAsAboutNone) {
  // Logged by somebody else; then the subject comes along as staff.
  const std::map<std::string, std::string> cases = OpenCases(kNurseSubject);
  int walked = 0;
  for (const Method& method : Methods()) {
    if (cases.count(method.service) == 0 || method.rule->grants_size() == 0) continue;
    SCOPED_TRACE(method.path());
    const std::string& case_id = cases.at(method.service);
    const std::unique_ptr<Message> own = MinimalRequest(method);
    if (!SetText(*own, "case_id", case_id)) continue;
    const std::unique_ptr<Message> nothing = MinimalRequest(method);
    SetText(*nothing, "case_id", ids::NewUuid());
    for (const auto& grant : method.rule->grants()) {
      if (grant.relation() != options::v1::RELATION_SAME_FORCE) continue;
      for (const int role : grant.roles()) {
        const std::string token = suite_->Token({.user_id = "nurse-2",
                                                 .roles = {static_cast<options::v1::Role>(role)},
                                                 .subject_id = kNurseSubject});
        const absl::Status of_own = Call(method, "cli", token, *own);
        EXPECT_EQ(of_own.code(), absl::StatusCode::kNotFound) << of_own;
        EXPECT_EQ(of_own, Call(method, "cli", token, *nothing));
        ++walked;
      }
    }
  }
  EXPECT_GT(walked, 20);
}

TEST_F(WireTest, GivesAnOfficerTheirOwnCaseAndNobodyElses) {
  const std::string own_subject = ids::NewUuid();
  const std::map<std::string, std::string> own = OpenCases(own_subject);
  const std::map<std::string, std::string> others = OpenCases(ids::NewUuid());
  const std::string officer = suite_->Token(
      {.user_id = "officer-1", .roles = {options::v1::ROLE_OFFICER}, .subject_id = own_subject});
  int walked = 0;
  for (const Method& method : Methods()) {
    if (!Grants(*method.rule, options::v1::ROLE_OFFICER) || own.count(method.service) == 0)
      continue;
    SCOPED_TRACE(method.path());
    const std::unique_ptr<Message> request = MinimalRequest(method);
    if (!SetText(*request, "case_id", own.at(method.service))) continue;
    // An act that finds the case goes on to say what its request lacks.
    const absl::Status about_own = Call(method, "cli", officer, *request);
    if (method.descriptor->input_type()->FindFieldByName("request_id") != nullptr) {
      EXPECT_THAT(about_own, StatusIs(absl::StatusCode::kInvalidArgument));
    } else {
      EXPECT_THAT(about_own, IsOk());
    }
    SetText(*request, "case_id", others.at(method.service));
    EXPECT_THAT(Call(method, "cli", officer, *request), StatusIs(absl::StatusCode::kNotFound));
    ++walked;
  }
  EXPECT_GE(walked, 2);
}

TEST_F(WireTest, ListsNothingOfAnotherForceNorOnesOwnCaseAsStaff) {
  LogExposure(kNurseSubject, suite_->Token());
  const auto stub = bbv::v1::BbvService::NewStub(ChannelTo("bbv", "cli"));
  const auto list = [&](const Person& person) {
    bbv::v1::ListCasesResponse response;
    EXPECT_THAT(
        rpc::Invoke(
            {.deadline = absl::Now() + absl::Seconds(20), .token = suite_->Token(person)},
            [&](grpc::ClientContext* context) { return stub->ListCases(context, {}, &response); }),
        IsOk());
    return response.SerializeAsString();
  };
  EXPECT_TRUE(absl::StrContains(list({}), kNurseSubject));
  EXPECT_FALSE(absl::StrContains(list({.tenant = "E23000025-test"}), kNurseSubject));
  EXPECT_FALSE(
      absl::StrContains(list({.user_id = "nurse-2", .subject_id = kNurseSubject}), kNurseSubject));
}

TEST_F(WireTest, ShowsASupervisorThatTheCaseIsInHandAndNothingElse) {
  bbv::v1::LogExposureResponse response;
  absl::Status status;
  const std::string case_id = LogExposure(
      ids::NewUuid(),
      suite_->Token({.user_id = "sergeant-1", .roles = {options::v1::ROLE_SUPERVISOR_REPORTER}}),
      &status, &response);
  ASSERT_THAT(status, IsOk());
  EXPECT_NE(case_id, "");
  EXPECT_EQ(response.cases_size(), 0);
}

TEST_F(WireTest, LetsNobodyReportThemselvesAsStaff) {
  absl::Status status;
  LogExposure(kNurseSubject, suite_->Token({.subject_id = kNurseSubject}), &status);
  EXPECT_FALSE(status.ok());
  LogExposure(kNurseSubject,
              suite_->Token({.user_id = "officer-2",
                             .roles = {options::v1::ROLE_OFFICER},
                             .subject_id = kNurseSubject}),
              &status);
  EXPECT_THAT(status, IsOk());
}

}  // namespace
}  // namespace waymark::contract
