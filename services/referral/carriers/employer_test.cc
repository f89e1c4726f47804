// Nothing that says who employs the patient leaves without their consent: not in a message to a
// provider in the suite, not in FHIR, in a letter of either language, in a file, its name or its
// control file, nor in a header. Everything here goes through the acts and the carriers as it does
// in service; what they produce is caught at the very end and searched.
#include <arpa/inet.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/instants.h"
#include "services/referral/answer_question.h"
#include "services/referral/cancel_referral.h"
#include "services/referral/carriers/letter.h"
#include "services/referral/carriers/partners.h"
#include "services/referral/draft_referral.h"
#include "services/referral/fhir/referral_writer.h"
#include "services/referral/neutral.h"
#include "services/referral/record_partner_answer.h"
#include "services/referral/send_referral.h"

namespace waymark::referral {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using waymark::testing::IsOk;
using waymark::testing::ParseProto;

// What must not leave: each is how a provider could learn where the patient works.
constexpr char kForce[] = "Anyshire Police";
constexpr char kForceInWelsh[] = "Heddlu Sir Unrhyw";
constexpr char kCode[] = "E23000077";
constexpr char kCollar[] = "PC 471147";
constexpr char kAddress[] = "Police Headquarters, Planted Lane";
constexpr char kEmail[] = "sam@anyshire.police.uk";
constexpr const char* kPlanted[] = {kForce, kForceInWelsh, kCode, kCollar, kAddress, kEmail};

// One thing that left, and as what.
struct Left {
  std::string as;
  std::string text;
};

// A partner that takes every message and keeps it as it came over the wire.
class Wire {
 public:
  Wire() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    server_ = std::thread([this] { Serve(); });
  }
  ~Wire() {
    shutdown(socket_, SHUT_RDWR);
    server_.join();
    close(socket_);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  int port() const { return port_; }

  std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(taken_, {});
  }

 private:
  static std::string HeaderOf(const std::string& head, const char* name) {
    for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
      const std::pair<absl::string_view, absl::string_view> sides =
          absl::StrSplit(line, absl::MaxSplits(": ", 1));
      if (absl::EqualsIgnoreCase(sides.first, name)) return std::string(sides.second);
    }
    return "";
  }

  void Serve() {
    for (;;) {
      const int peer = accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      std::string request;
      char some[4096];
      size_t whole = std::string::npos;
      while (request.size() < whole) {
        const ssize_t read_now = read(peer, some, sizeof(some));
        if (read_now <= 0) break;
        request.append(some, static_cast<size_t>(read_now));
        const size_t head = request.find("\r\n\r\n");
        int length = 0;
        if (whole == std::string::npos && head != std::string::npos &&
            absl::SimpleAtoi(HeaderOf(request.substr(0, head), "content-length"), &length)) {
          whole = head + 4 + static_cast<size_t>(length);
        }
      }
      const std::string head = request.substr(0, request.find("\r\n\r\n"));
      const std::string answer =
          absl::StrCat("HTTP/1.1 200 OK\r\nX-Request-Id: ", HeaderOf(head, "x-request-id"),
                       "\r\nX-Correlation-Id: ", HeaderOf(head, "x-correlation-id"),
                       "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      {
        const std::lock_guard lock(mutex_);
        taken_.push_back(std::move(request));
      }
      const ssize_t written = write(peer, answer.data(), answer.size());
      EXPECT_EQ(written, static_cast<ssize_t>(answer.size()));
      close(peer);
    }
  }

  const int socket_;
  int port_ = 0;
  std::thread server_;
  std::mutex mutex_;
  std::vector<std::string> taken_;
};

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_.string(); }

  // Everything in it, names and marks too, and empties it.
  std::vector<Left> Take(const std::string& as) {
    std::vector<Left> left;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      const std::string name = entry.path().filename().string();
      left.push_back({absl::StrCat(as, " name"), name});
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      left.push_back({absl::StrCat(as, " ", entry.path().extension().string()), text.str()});
    }
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      std::filesystem::remove_all(entry.path());
    }
    return left;
  }

 private:
  std::filesystem::path path_;
};

std::string NoSpaces(absl::string_view text) {
  std::string dense;
  for (const char c : text) {
    if (!absl::ascii_isspace(c)) dense += absl::ascii_tolower(c);
  }
  return dense;
}

// As a person sees a page.
std::string Rendered(absl::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') in_tag = false;
  }
  return absl::StrReplaceAll(
      text, {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}});
}

// The ways in which one text may be read: as it is, as a page, and what its words are in base64.
std::vector<std::string> Readings(const std::string& text) {
  std::vector<std::string> readings = {text, Rendered(text)};
  for (const absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \r\n\t\":,"))) {
    std::string decoded;
    if (word.size() >= 8 && absl::Base64Unescape(word, &decoded)) readings.push_back(decoded);
  }
  return readings;
}

// The first planted text that can be read in it; empty when there is none.
std::string FoundIn(const std::string& text) {
  for (const std::string& reading : Readings(text)) {
    const std::string dense = NoSpaces(reading);
    for (const char* planted : kPlanted) {
      if (absl::StrContains(dense, NoSpaces(planted))) return planted;
    }
    if (absl::StrContains(dense, "anyshire")) return "anyshire";
    if (absl::StrContains(dense, "planted")) return "planted";
    if (absl::StrContains(dense, "471147")) return "471147";
  }
  return "";
}

// What the acts are given.
struct Given {
  v1::Draft draft;
  Material material;
  v1::AnswerQuestionRequest answer;
  v1::CancelReferralRequest cancel;
  v1::RecordPartnerAnswerRequest asked;
};

// Named wherever the force names itself and nothing has to be refused: these stay behind.
Given Ordinary() {
  Given given;
  given.draft = ParseProto<v1::Draft>(R"pb(
    need { pathway: "bbv" case_id: "2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c01" step_key: "pep_start" }
    provider { organisation_code: "RX1" organisation_name: "City Hospital" service_name: "ED" }
    service: CARE_SERVICE_EMERGENCY_DEPARTMENT
    priority: PRIORITY_STAT
    question: "Please assess."
    safety_needs: SAFETY_NEED_SEPARATE_WAITING
    waiting_times {
      kind: WAITING_TIME_KIND_RTT
      start_date { year: 2026 month: 1 day: 5 }
    }
    referrer {
      practitioner_name: "A. Nurse"
      practitioner_role: "Occupational health nurse"
      registration { system: "https://fhir.hl7.org.uk/Id/nmc-number" code: "18A0001E" }
      phone: "+441632960001"
    }
    consent { basis: CONSENT_BASIS_EXPLICIT }
  )pb");
  given.draft.mutable_referrer()->set_organisation_name(kForce);
  given.material.pathway = ParseProto<v1::PathwayContent>(R"pb(
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1301"
    jurisdiction: JURISDICTION_WALES
    step_title: "Start HIV post-exposure prophylaxis"
    anchor: "incident"
    anchor_time { seconds: 1770000000 }
    opens_time { seconds: 1770000000 }
    due_time { seconds: 1770086400 }
    closes_time { seconds: 1790000000 }
    items {
      key: "exposure"
      kind: ITEM_KIND_CONDITION
      code { system: "http://snomed.info/sct" code: "417981005" display: "Exposure to blood" }
      text: "needlestick"
    }
    items {
      key: "weight"
      kind: ITEM_KIND_OBSERVATION
      code { system: "http://snomed.info/sct" code: "27113001" display: "Body weight" }
      quantity { value: 70 unit: "kg" ucum: "kg" }
    }
    items {
      key: "group"
      kind: ITEM_KIND_OBSERVATION
      code { system: "http://snomed.info/sct" code: "365637002" display: "Blood group" }
      coded { system: "http://snomed.info/sct" code: "112144000" display: "Group A" }
    }
    results {
      result_id: "r1"
      test: "ANTI_HBS"
      code { system: "http://snomed.info/sct" code: "65911000237108" display: "Anti-HBs" }
      outcome: RESULT_OUTCOME_POSITIVE
      quantity { value: 120 unit: "mIU/mL" ucum: "m[IU]/mL" }
      sampled_time { seconds: 1769000000 }
      laboratory_reference: "L1"
    }
  )pb");
  given.material.identity.patient = ParseProto<v1::Patient>(R"pb(
    family_name: "Example"
    given_name: "Sam"
    birth_date { year: 1988 month: 4 day: 2 }
    sex: SEX_FEMALE
    nhs_number: "9434765919"
    nhs_number_status: NHS_NUMBER_STATUS_TRACED
    routes { kind: CONTACT_KIND_MOBILE value: "+447700900123" }
    language: LANGUAGE_WELSH
  )pb");
  v1::Patient& patient = given.material.identity.patient;
  patient.set_title("PC");
  const auto route = [&patient](v1::ContactKind kind, const char* value) {
    patient.add_routes()->set_kind(kind);
    patient.mutable_routes()->rbegin()->set_value(value);
  };
  route(v1::CONTACT_KIND_EMAIL, kEmail);
  route(v1::CONTACT_KIND_POST, kAddress);
  given.material.identity.consent_id = absl::StrCat(kCode, "/consent");
  given.answer.set_answer("None known.");
  given.cancel.mutable_cancelled()->set_reason(v1::CANCEL_REASON_PATIENT_WITHDREW);
  given.cancel.mutable_cancelled()->set_note("Wishes to wait.");
  given.asked.set_route(v1::ANSWER_ROUTE_TELEPHONE);
  given.asked.mutable_answer()->mutable_asked()->set_text("Any allergies?");
  return given;
}

class EmployerTest : public ::testing::Test {
 protected:
  EmployerTest() : clock_(absl::FromUnixSeconds(1'780'000'000)) {
    v1::PartnerList list;
    list.set_loopback(true);
    list.set_source_system("https://fhir.nhs.uk/Id/product-id");
    list.set_source_value("P.1");
    list.set_operator_code("X26");
    const auto add = [&list](const char* code) -> v1::Partner& {
      list.add_partners()->set_organisation_code(code);
      return *list.mutable_partners()->rbegin();
    };
    v1::BarsEndpoint& bars = *add("RBB").mutable_bars();
    bars.set_url(absl::StrCat("http://127.0.0.1:", wire_.port()));
    bars.set_target_system("https://fhir.nhs.uk/Id/dos-service-id");
    bars.set_target_value("1");
    v1::FileDrop& file = *add("RFF").mutable_file();
    file.set_folder(files_.path());
    file.set_to_mailbox("RFFOT1");
    file.set_from_mailbox("X26OT1");
    file.set_workflow_id("REFERRAL");
    v1::LetterTray& letter = *add("RLL").mutable_letter();
    letter.set_folder(letters_.path());
    letter.set_welsh(true);
    auto partners = Partners::Make(list, clock_);
    EXPECT_THAT(partners, IsOk());
    partners_ = *std::move(partners);
  }

  casework::Call CallTo(const char* act) {
    casework::Call call;
    call.now = clock_.Now();
    call.tenant = kCode;
    call.user_id = absl::StrCat(kCollar, " ", kEmail);
    call.role = options::v1::ROLE_OH_NURSE;
    call.request_id = ids::DeriveUuid("employer test", absl::StrCat(++acts_));
    call.act = act;
    return call;
  }

  // Takes what one act sent to wherever it goes, and keeps what arrives there.
  void Carry(const std::vector<casework::Outgoing>& messages, std::vector<Left>& left) {
    for (const casework::Outgoing& message : messages) {
      v1::PartnerMessage outside;
      if (absl::StartsWith(message.destination, "partner_")) {
        ASSERT_TRUE(outside.ParseFromString(message.payload));
        const absl::Status carried =
            partners_->Deliver(outside, absl::Now() + absl::Seconds(20)).status();
        // A letter cannot be called back.
        EXPECT_TRUE(carried.ok() || status::Reason(carried) == "UPDATE_NOT_CARRIED") << carried;
        Write(outside, left);
        continue;
      }
      v1::Parcel parcel;
      ASSERT_TRUE(parcel.ParseFromString(message.payload));
      // Where answers go is known to the service alone and held apart from the provider's copy.
      parcel.mutable_referral()->clear_return_route();
      left.push_back({"message in the suite", parcel.DebugString()});
    }
    for (const std::string& request : wire_.Take()) left.push_back({"BaRS request", request});
    for (Left& one : files_.Take("file")) left.push_back(std::move(one));
    for (Left& one : letters_.Take("letter")) left.push_back(std::move(one));
  }

  // The forms that no carrier of this test has.
  static void Write(const v1::PartnerMessage& message, std::vector<Left>& left) {
    const v1::ReceiveReferralRequest& referral = message.referral();
    const fhir::ReferralToWrite written = {referral.referral_id(), referral.provider(),
                                           referral.content(), referral.sending()};
    if (const auto transaction = fhir::ReferralTransaction(written); transaction.ok()) {
      left.push_back({"FHIR transaction", fhir::WriteJson(*transaction)});
    }
    for (const LetterLanguage language : {LetterLanguage::kEnglish, LetterLanguage::kWelsh}) {
      left.push_back({"letter as text", LetterText(written, language)});
      if (message.update().has_answered()) {
        left.push_back(
            {"answer as text", AnswerText(written, message.update().answered(), language)});
      }
    }
  }

  // Drafts, sends, answers a question, cancels, by one carrier. INVALID_FIELDS when an act refused.
  absl::Status Life(Given given, v1::Carrier carrier, const char* code, std::vector<Left>& left) {
    given.draft.mutable_provider()->set_carrier(carrier);
    given.draft.mutable_provider()->set_organisation_code(code);
    v1::DraftReferralRequest request;
    *request.add_drafts() = given.draft;
    ASSIGN_OR_RETURN(auto drafted,
                     DraftReferral(request, {given.material}, CallTo("DraftReferral")));
    ASSIGN_OR_RETURN(auto sent, SendReferral(drafted.cases[0], {}, given.material.identity,
                                             CallTo("SendReferral")));
    Carry(sent.messages, left);
    v1::ReferralCase record = sent.cases[0];
    if (carrier == v1::CARRIER_WAYMARK) {
      record.set_state(v1::REFERRAL_STATE_INFORMATION_ASKED);
      *record.add_questions() = given.asked.answer().asked();
      record.mutable_questions(0)->set_question_id("q");
    } else {
      ASSIGN_OR_RETURN(auto asked,
                       RecordPartnerAnswer(record, given.asked, CallTo("RecordPartnerAnswer")));
      record = asked.cases[0];
    }
    given.answer.set_question_id(record.questions(0).question_id());
    ASSIGN_OR_RETURN(auto answered, AnswerQuestion(record, given.answer, CallTo("AnswerQuestion")));
    Carry(answered.messages, left);
    ASSIGN_OR_RETURN(auto cancelled,
                     CancelReferral(answered.cases[0], given.cancel, CallTo("CancelReferral")));
    Carry(cancelled.messages, left);
    return absl::OkStatus();
  }

  struct Way {
    v1::Carrier carrier;
    const char* code;
  };
  static constexpr Way kWays[] = {{v1::CARRIER_WAYMARK, "RX1"},
                                  {v1::CARRIER_BARS, "RBB"},
                                  {v1::CARRIER_FILE, "RFF"},
                                  {v1::CARRIER_LETTER, "RLL"}};

  // This carrier either refuses what is planted, or lets none of it out.
  void ExpectNothing(const Way& way, const Given& given, const std::string& planted_in) {
    std::vector<Left> left;
    const absl::Status lived = Life(given, way.carrier, way.code, left);
    if (!lived.ok()) {
      EXPECT_EQ(status::Reason(lived), "INVALID_FIELDS") << planted_in << lived;
    }
    for (const Left& one : left) {
      EXPECT_EQ(FoundIn(one.text), "") << "planted in " << planted_in << ", left as " << one.as
                                       << " by " << v1::Carrier_Name(way.carrier) << "\n"
                                       << one.text;
    }
  }

  clock::FakeClock clock_;
  Wire wire_;
  Folder files_;
  Folder letters_;
  std::unique_ptr<Partners> partners_;
  int acts_ = 0;
};

// Every text field of a message, also in messages and lists within it, by its path.
void EachText(
    Message& message, const std::string& path,
    const std::function<void(const std::string&, std::function<void(std::string)>)>& see) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string at = absl::StrCat(path, ".", field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
      for (int i = 0; i < size; ++i) {
        Message* part = field->is_repeated()
                            ? reflection->MutableRepeatedMessage(&message, field, i)
                            : reflection->MutableMessage(&message, field);
        EachText(*part, field->is_repeated() ? absl::StrCat(at, "[", i, "]") : at, see);
      }
    } else if (field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated()) {
      const std::string before = reflection->GetString(message, field);
      see(at, [&message, reflection, field](std::string text) {
        reflection->SetString(&message, field, std::move(text));
      });
      reflection->SetString(&message, field, before);
    }
  }
}

// Texts that say nothing of a person, or that the patient's own documents hold.
bool IsElsewhere(const std::string& path) {
  // The provider is told its own name; a surname may be Constable.
  return absl::StrContains(path, ".provider.") || absl::EndsWith(path, ".family_name") ||
         absl::EndsWith(path, ".given_name") || absl::EndsWith(path, ".nhs_number");
}

TEST_F(EmployerTest, IsInNothingThatLeavesThoughItIsEverywhereInWhatStays) {
  for (const Way& way : kWays) ExpectNothing(way, Ordinary(), "what stays");
}

TEST_F(EmployerTest, IsInNothingThatLeavesWhateverTextItIsPlantedIn) {
  int planted = 0;
  for (size_t round = 0; round < std::size(kPlanted); ++round) {
    Given given = Ordinary();
    size_t field = 0;
    const auto plant = [&](const std::string& path, const std::function<void(std::string)>& set) {
      if (IsElsewhere(path)) return;
      ++planted;
      set(absl::StrCat("See ", kPlanted[round], " now"));
      const std::string where = absl::StrCat(path, ": ", kPlanted[round]);
      // Everything is in the message of the suite; each field goes by each carrier in its turn.
      ExpectNothing(kWays[0], given, where);
      ExpectNothing(kWays[1 + (field++ + round) % 3], given, where);
    };
    EachText(given.draft, "draft", plant);
    EachText(given.material.pathway, "pathway", plant);
    EachText(given.material.identity.patient, "patient", plant);
    EachText(given.answer, "answer", plant);
    EachText(given.cancel, "cancel", plant);
    EachText(given.asked, "asked", plant);
  }
  EXPECT_GT(planted, 200);
}

TEST_F(EmployerTest, LeavesByEveryWayOnceThePatientAgreed) {
  Given given = Ordinary();
  given.draft.set_disclose_employer(true);
  for (const Way& way : kWays) {
    std::vector<Left> left;
    ASSERT_THAT(Life(given, way.carrier, way.code, left), IsOk());
    bool found = false;
    for (const Left& one : left) found |= !FoundIn(one.text).empty();
    EXPECT_TRUE(found) << "The search does not see " << v1::Carrier_Name(way.carrier);
  }
}

TEST_F(EmployerTest, IsFoundByTheSearchInEveryKindOfThingThatLeaves) {
  std::set<std::string> kinds;
  for (const Way& way : kWays) {
    std::vector<Left> left;
    ASSERT_THAT(Life(Ordinary(), way.carrier, way.code, left), IsOk());
    for (const Left& one : left) {
      kinds.insert(one.as);
      for (const char* planted : kPlanted) {
        EXPECT_NE(FoundIn(absl::StrCat(one.text, planted)), "") << one.as;
      }
    }
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"message in the suite", "BaRS request", "file name",
                                          "file .dat", "file .ctl", "letter name", "letter .html",
                                          "FHIR transaction", "letter as text", "answer as text"}));
  EXPECT_NE(FoundIn(absl::StrCat("NHSD-End-User-Organisation: ", absl::Base64Escape(kForce))), "");
  EXPECT_NE(FoundIn("<dd>Heddlu <b>Sir</b> Unrhyw</dd>"), "");
  EXPECT_NE(FoundIn("pc471147"), "");
}

}  // namespace
}  // namespace waymark::referral
