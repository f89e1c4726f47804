#include "tools/waymark/commands.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/civil/civil.h"
#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/audit/verify.h"
#include "services/bbv/facts.h"
#include "services/casework/protocol_loader.h"
#include "services/casework/status.h"
#include "services/dental/facts.h"
#include "services/mental_health/facts.h"
#include "services/msk/facts.h"
#include "services/referral/facts.h"
#include "tools/waymark/person.h"
#include "waymark/audit/v1/audit_service.pb.h"
#include "waymark/bbv/v1/bbv_service.pb.h"
#include "waymark/dental/v1/dental_service.pb.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace waymark::cli {
namespace {

namespace pb = google::protobuf;
namespace audit_v1 = ::waymark::audit::v1;
namespace scheduling_v1 = ::waymark::scheduling::v1;

void Stamp(absl::Time instant, pb::Timestamp* stamp) {
  stamp->set_seconds(absl::ToUnixSeconds(instant));
}

// The header of any pathway's case: its field `header`.
const casework::v1::CaseHeader& HeaderOf(const pb::Message& of_case) {
  const pb::FieldDescriptor* field = of_case.GetDescriptor()->FindFieldByName("header");
  return static_cast<const casework::v1::CaseHeader&>(
      of_case.GetReflection()->GetMessage(of_case, field));
}

const pb::Message& FieldOf(const pb::Message& message, const char* name) {
  return message.GetReflection()->GetMessage(message,
                                             message.GetDescriptor()->FindFieldByName(name));
}

std::vector<const pb::Message*> ElementsOf(const pb::Message& message, const char* name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  std::vector<const pb::Message*> elements;
  for (int i = 0; field != nullptr && i < message.GetReflection()->FieldSize(message, field); ++i) {
    elements.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
  }
  return elements;
}

std::string CaseIdOf(const pb::Message& receipt) {
  return receipt.GetReflection()->GetString(receipt,
                                            receipt.GetDescriptor()->FindFieldByName("case_id"));
}

// What any pathway's receipt says: its case, each time ("assessment_due_time") and each line of
// advice ("first_aid").
std::string Receipt(const pb::Message& receipt) {
  std::vector<std::string> times, lines;
  for (int i = 0; i < receipt.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* field = receipt.GetDescriptor()->field(i);
    const pb::Reflection* reflection = receipt.GetReflection();
    const std::string words = absl::StrReplaceAll(field->name(), {{"_", " "}});
    if (field->is_repeated() && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
      for (int j = 0; j < reflection->FieldSize(receipt, field); ++j) {
        lines.push_back(
            absl::StrCat("  ", words, ": ", reflection->GetRepeatedString(receipt, field, j)));
      }
    } else if (field->message_type() == pb::Timestamp::descriptor() && !field->is_repeated() &&
               reflection->HasField(receipt, field)) {
      const auto& stamp = static_cast<const pb::Timestamp&>(reflection->GetMessage(receipt, field));
      times.push_back(absl::StrCat(absl::StripSuffix(words, " time"), " ",
                                   Moment(absl::FromUnixSeconds(stamp.seconds()))));
    }
  }
  return absl::StrCat("Logged case ", CaseIdOf(receipt), times.empty() ? "" : ": ",
                      absl::StrJoin(times, ", "), "\n", absl::StrJoin(lines, "\n"),
                      lines.empty() ? "" : "\n");
}

absl::StatusOr<const pb::MethodDescriptor*> PathwayMethod(const std::string& pathway,
                                                          absl::string_view method) {
  return FindLinkedMethod(absl::StrCat(pathway, ".", method));
}

// "oh_nurse", "OH_NURSE" or "ROLE_OH_NURSE".
absl::StatusOr<options::v1::Role> RoleNamed(absl::string_view name) {
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  const std::string upper = absl::AsciiStrToUpper(name);
  if (!options::v1::Role_Parse(absl::StrCat("ROLE_", absl::StripPrefix(upper, "ROLE_")), &role)) {
    return status::InvalidArgument("ROLE_UNKNOWN", absl::StrCat("There is no role '", name, "'."));
  }
  return role;
}

// An https address is a webhook, anything with an @ is e-mail.
absl::Status SetContact(const std::string& address, scheduling_v1::Contact* contact) {
  if (address.empty()) {
    contact->set_channel(scheduling_v1::CHANNEL_CONSOLE);
  } else if (absl::StartsWith(address, "https://")) {
    contact->set_channel(scheduling_v1::CHANNEL_WEBHOOK);
  } else if (absl::StrContains(address, '@')) {
    contact->set_channel(scheduling_v1::CHANNEL_EMAIL);
  } else {
    return status::InvalidArgument("CONTACT_INVALID",
                                   "A contact is an e-mail address or an https address.");
  }
  contact->set_address(address);
  return absl::OkStatus();
}

absl::StatusOr<casework::v1::Protocol> ReadProtocol(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  std::vector<casework::Fault> faults;
  casework::v1::Protocol protocol = casework::ParseProtocol(text, nullptr, faults);
  if (!faults.empty()) {
    std::cerr << casework::DescribeFaults(file, faults);
    return NotInOrder();
  }
  return protocol;
}

// A watch has no end of its own: the time given for it is not an error.
absl::Status UntilDeadline(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status NotInOrder() { return absl::Status(absl::StatusCode::kUnknown, "NOT_IN_ORDER"); }
bool IsNotInOrder(const absl::Status& status) { return status == NotInOrder(); }

absl::Status ListMethods() {
  for (const pb::MethodDescriptor* method : LinkedMethods()) {
    std::cout << method->service()->name() << "." << method->name()
              << (method->server_streaming() ? "  (stream)" : "") << "\n";
  }
  return absl::OkStatus();
}

absl::Status CallMethod(Remote& remote, const std::string& method_name, const std::string& body,
                        const std::vector<std::string>& sets, const std::string& service) {
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, remote.FindMethod(method_name, service));
  std::string json = body;
  if (absl::StartsWith(body, "@") || body == "-") {
    ASSIGN_OR_RETURN(json, ReadFile(absl::StripPrefix(body, "@")));
  }
  const auto request = remote.NewRequest(*method);
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  RETURN_IF_ERROR(FillMessage(json, sets, now, *request));
  return remote.Stream(*method, *request, [](const pb::Message& answer) {
    std::cout << ToJson(answer) << std::flush;
    return true;
  });
}

namespace {

absl::Status Log(Remote& remote, const pb::MethodDescriptor& method, const pb::Message& request,
                 const std::string& pathway, absl::Time now, bool id_only, const Output& output) {
  ASSIGN_OR_RETURN(const auto answer, remote.Call(method, request));
  const std::vector<const pb::Message*> receipts = ElementsOf(*answer, "receipts");
  if (id_only) {
    std::cout << (receipts.empty() ? "" : CaseIdOf(*receipts.front())) << "\n";
    return absl::OkStatus();
  }
  if (output.json) {
    std::cout << ToJson(*answer);
    return absl::OkStatus();
  }
  for (const pb::Message* receipt : receipts) std::cout << Receipt(*receipt);
  for (const pb::Message* of_case : ElementsOf(*answer, "cases")) {
    std::cout << "\n" << Timeline(HeaderOf(*of_case), pathway, now, output.style);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LogReport(Remote& remote, const std::string& pathway, const std::string& opening,
                       const std::string& file, const std::vector<std::string>& sets, bool id_only,
                       const Output& output) {
  ASSIGN_OR_RETURN(const auto openings, FindOpenings(pathway, opening));
  ASSIGN_OR_RETURN(const std::string json, ReadFile(file));
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  // The report itself says which opening it is meant for: the first whose request has its fields.
  absl::Status unread;
  for (const pb::MethodDescriptor* method : openings) {
    const auto request = remote.NewRequest(*method);
    const absl::Status read = FillMessage(json, sets, now, *request);
    if (read.ok()) return Log(remote, *method, *request, pathway, now, id_only, output);
    unread.Update(read);
  }
  return unread;
}

namespace {

std::string DayText(const casework::v1::CivilDate& date) {
  return civil::FormatDay(absl::CivilDay(date.year(), date.month(), date.day()));
}

// When to come and what for, of a pathway that merges visits; empty for the others.
std::string Appointments(const pb::Message& answer, const casework::v1::Plan& plan) {
  const auto* dental = dynamic_cast<const dental::v1::GetCaseResponse*>(&answer);
  if (dental == nullptr || dental->visits().empty()) return "";
  std::string text = "The fewest appointments that serve all of it\n";
  for (const auto& visit : dental->visits()) {
    const std::string first = DayText(visit.earliest_date());
    const std::string last = DayText(visit.latest_date());
    absl::StrAppend(&text, "  ",
                    visit.overdue() ? "as soon as possible"
                    : first == last ? last
                                    : absl::StrCat(first, " to ", last),
                    "\n");
    for (const std::string& key : visit.step_keys()) {
      const casework::v1::Step* step = casework::FindStep(plan, key);
      if (step != nullptr) absl::StrAppend(&text, "    ", step->title(), "\n");
    }
  }
  return text;
}

}  // namespace

absl::Status ShowCase(Remote& remote, const std::string& case_id, const std::string& pathway,
                      const Output& output) {
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, PathwayMethod(pathway, "GetCase"));
  const auto request = remote.NewRequest(*method);
  request->GetReflection()->SetString(
      request.get(), request->GetDescriptor()->FindFieldByName("case_id"), case_id);
  ASSIGN_OR_RETURN(const auto answer, remote.Call(*method, *request));
  if (output.json) {
    std::cout << ToJson(*answer);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  const casework::v1::CaseHeader& header = HeaderOf(FieldOf(*answer, "case"));
  const Names names = NamesOf(remote, {header.subject_id()});
  std::cout << Timeline(header, pathway, now, output.style,
                        names.empty() ? "" : names.begin()->second);
  if (const std::string visits = Appointments(*answer, header.plan()); !visits.empty()) {
    std::cout << "\n" << visits;
  }
  if (const std::string moves = Moves(header.plan().moves()); !moves.empty()) {
    std::cout << "\n" << moves;
  }
  return absl::OkStatus();
}

absl::Status Act(Remote& remote, const std::string& case_id, const std::string& pathway,
                 const std::string& act, const std::string& body,
                 const std::vector<std::string>& sets, const Output& output) {
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, PathwayMethod(pathway, act));
  if (method->output_type()->FindFieldByName("case") == nullptr ||
      method->input_type()->FindFieldByName("request_id") == nullptr) {
    return status::InvalidArgument(
        "NOT_AN_ACT", absl::StrCat(method->name(), " is no act on a case; see `waymark call`."));
  }
  std::string json = body;
  if (absl::StartsWith(body, "@") || body == "-") {
    ASSIGN_OR_RETURN(json, ReadFile(absl::StripPrefix(body, "@")));
  }
  std::vector<std::string> all = sets;
  all.push_back(absl::StrCat("case_id=", case_id));
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  const auto request = remote.NewRequest(*method);
  RETURN_IF_ERROR(FillMessage(json, all, now, *request));
  ASSIGN_OR_RETURN(const auto answer, remote.Call(*method, *request));
  if (output.json) {
    std::cout << ToJson(*answer);
    return absl::OkStatus();
  }
  const casework::v1::CaseHeader& header = HeaderOf(FieldOf(*answer, "case"));
  std::cout << method->name() << ": case " << header.case_id() << " is now version "
            << header.version();
  if (header.state() == casework::v1::CASE_STATE_CLOSED) {
    std::cout << ", closed";
  } else if (const auto* next = casework::NextStep(header.plan(), now); next != nullptr) {
    std::cout << "; next: " << next->title();
  }
  std::cout << ".\n";
  pb::RepeatedPtrField<casework::v1::Move> moved;
  for (const pb::Message* move : ElementsOf(*answer, "moves")) {
    *moved.Add() = static_cast<const casework::v1::Move&>(*move);
  }
  std::cout << Moves(moved);
  return absl::OkStatus();
}

absl::Status RecordResults(Remote& remote, const std::string& case_id, const std::string& outcome,
                           const std::vector<std::string>& tests, const std::string& sampled,
                           const Output& output) {
  for (const std::string& test : tests) {
    RETURN_IF_ERROR(
        Act(remote, case_id, "bbv", "RecordTestResult", "",
            {absl::StrCat("result.test=TEST_CODE_", absl::AsciiStrToUpper(test)),
             absl::StrCat("result.outcome=TEST_OUTCOME_", absl::AsciiStrToUpper(outcome)),
             absl::StrCat("result.sampled_time.civil=", sampled)},
            output));
  }
  return absl::OkStatus();
}

absl::Status RecordTold(Remote& remote, const std::string& case_id, const std::string& told,
                        const Output& output) {
  bbv::v1::GetCaseRequest request;
  request.set_case_id(case_id);
  ASSIGN_OR_RETURN(const auto answer, remote.Ask<bbv::v1::GetCaseResponse>(
                                          "waymark.bbv.v1.BbvService.GetCase", request));
  std::vector<std::string> sets = {absl::StrCat("told_time.civil=", told)};
  for (const bbv::v1::TestResult& result : answer.case_().results()) {
    if (!result.has_told_time() && result.superseded_by().empty()) {
      sets.push_back(absl::StrCat("result_ids.", sets.size() - 1, "=", result.result_id()));
    }
  }
  if (sets.size() == 1) {
    return status::FailedPrecondition("NOTHING_TO_TELL", "Every result has been told.");
  }
  return Act(remote, case_id, "bbv", "RecordResultTold", "", sets, output);
}

absl::Status ListCases(Remote& remote, const std::string& pathway, const Output& output) {
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, PathwayMethod(pathway, "ListCases"));
  ASSIGN_OR_RETURN(const auto answer, remote.Call(*method, *remote.NewRequest(*method)));
  if (output.json) {
    std::cout << ToJson(*answer);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  std::set<std::string> subjects;
  for (const pb::Message* of_case : ElementsOf(*answer, "cases")) {
    subjects.insert(HeaderOf(*of_case).subject_id());
  }
  const Names names = NamesOf(remote, subjects);
  for (const pb::Message* of_case : ElementsOf(*answer, "cases")) {
    const casework::v1::CaseHeader& header = HeaderOf(*of_case);
    std::cout << header.case_id() << "  "
              << (header.state() == casework::v1::CASE_STATE_CLOSED ? "closed" : "open  ")
              << "  opened " << Moment(absl::FromUnixSeconds(header.opened_time().seconds()))
              << "  " << NameIn(names, header.subject_id());
    const auto* next = casework::NextStep(header.plan(), now);
    if (header.state() != casework::v1::CASE_STATE_CLOSED && next != nullptr) {
      std::cout << "  next: " << next->title();
    }
    std::cout << "\n";
  }
  return absl::OkStatus();
}

absl::Status ShowEvents(Remote& remote, const std::string& case_id, const std::string& pathway,
                        const Output& output) {
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, PathwayMethod(pathway, "ListCaseEvents"));
  const auto request = remote.NewRequest(*method);
  request->GetReflection()->SetString(
      request.get(), request->GetDescriptor()->FindFieldByName("case_id"), case_id);
  ASSIGN_OR_RETURN(const auto answer, remote.Call(*method, *request));
  if (output.json) {
    std::cout << ToJson(*answer);
    return absl::OkStatus();
  }
  for (const pb::Message* element : ElementsOf(*answer, "events")) {
    const auto& event = static_cast<const casework::v1::CaseEvent&>(*element);
    std::cout << event.case_version() << "  "
              << Moment(absl::FromUnixSeconds(event.recorded_time().seconds())) << "  "
              << event.act() << "  by " << event.actor() << "\n"
              << Moves(event.moves());
  }
  return absl::OkStatus();
}

namespace {

// One page with its names, which are one call.
std::string WorklistPage(Remote& remote, const scheduling_v1::ListWorklistResponse& list,
                         const Output& output) {
  if (output.json) return ToJson(list);
  std::set<std::string> subjects;
  for (const auto& item : list.items()) subjects.insert(item.subject_id());
  return Worklist(list, NamesOf(remote, subjects), output.style);
}

}  // namespace

absl::Status ShowWorklist(Remote& remote, const WorklistQuestion& question, const Output& output) {
  scheduling_v1::WorklistFilter filter;
  filter.set_mine(question.mine);
  filter.set_case_id(question.case_id);
  if (!question.tab.empty()) {
    static const std::map<std::string, scheduling_v1::Tab>* const kTabs =
        new std::map<std::string, scheduling_v1::Tab>{{"open", scheduling_v1::TAB_ALL_OPEN},
                                                      {"now", scheduling_v1::TAB_OPEN},
                                                      {"overdue", scheduling_v1::TAB_OVERDUE},
                                                      {"shut", scheduling_v1::TAB_WINDOW_CLOSED},
                                                      {"later", scheduling_v1::TAB_UPCOMING}};
    filter.set_tab(kTabs->at(question.tab));
  }
  if (!question.role.empty()) {
    ASSIGN_OR_RETURN(const options::v1::Role role, RoleNamed(question.role));
    filter.set_responsible(role);
  }
  if (question.watch) {
    scheduling_v1::WatchWorklistRequest request;
    request.set_request_id(ids::NewUuid());
    *request.mutable_filter() = filter;
    ASSIGN_OR_RETURN(const auto* method,
                     FindLinkedMethod("waymark.scheduling.v1.SchedulingService.WatchWorklist"));
    return UntilDeadline(remote.Stream(*method, request, [&](const pb::Message& message) {
      const auto& page = static_cast<const scheduling_v1::WatchWorklistResponse&>(message);
      scheduling_v1::ListWorklistResponse list;
      *list.mutable_items() = page.items();
      list.set_total_count(page.total_count());
      *list.mutable_as_of_time() = page.as_of_time();
      std::cout << (output.json ? ToJson(page) : WorklistPage(remote, list, output)) << "\n"
                << std::flush;
      return true;
    }));
  }
  scheduling_v1::ListWorklistRequest request;
  *request.mutable_filter() = filter;
  do {
    ASSIGN_OR_RETURN(const auto list,
                     remote.Ask<scheduling_v1::ListWorklistResponse>(
                         "waymark.scheduling.v1.SchedulingService.ListWorklist", request));
    std::cout << WorklistPage(remote, list, output);
    request.set_page_token(list.next_page_token());
  } while (question.all && !request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Acknowledge(Remote& remote, const std::string& step_ref, absl::Duration hold) {
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  scheduling_v1::AcknowledgeStepRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_step_ref(step_ref);
  Stamp(now + hold, request.mutable_until_time());
  ASSIGN_OR_RETURN(const auto answer,
                   remote.Ask<scheduling_v1::AcknowledgeStepResponse>(
                       "waymark.scheduling.v1.SchedulingService.AcknowledgeStep", request));
  std::cout << "Held until " << Moment(absl::FromUnixSeconds(answer.acknowledged_until().seconds()))
            << ".";
  if (answer.has_next_rung_time()) {
    std::cout << " The next rung goes out "
              << Moment(absl::FromUnixSeconds(answer.next_rung_time().seconds())) << ".";
  }
  std::cout << "\n";
  return absl::OkStatus();
}

absl::Status Claim(Remote& remote, const std::string& step_ref) {
  scheduling_v1::ClaimStepRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_step_ref(step_ref);
  ASSIGN_OR_RETURN(const auto answer,
                   remote.Ask<scheduling_v1::ClaimStepResponse>(
                       "waymark.scheduling.v1.SchedulingService.ClaimStep", request));
  std::cout << "Claimed by " << answer.claimed_by() << ".\n";
  return absl::OkStatus();
}

absl::Status ShowNotices(Remote& remote, bool watch, const Output& output) {
  if (watch) {
    scheduling_v1::WatchNoticesRequest request;
    request.set_request_id(ids::NewUuid());
    Stamp(absl::UnixEpoch(), request.mutable_after_time());
    ASSIGN_OR_RETURN(const auto* method,
                     FindLinkedMethod("waymark.scheduling.v1.SchedulingService.WatchNotices"));
    return UntilDeadline(remote.Stream(*method, request, [&output](const pb::Message& message) {
      const auto& page = static_cast<const scheduling_v1::WatchNoticesResponse&>(message);
      std::cout << (output.json ? ToJson(page) : Notices(page.notices())) << std::flush;
      return true;
    }));
  }
  ASSIGN_OR_RETURN(const auto answer, remote.Ask<scheduling_v1::ListNoticesResponse>(
                                          "waymark.scheduling.v1.SchedulingService.ListNotices",
                                          scheduling_v1::ListNoticesRequest()));
  std::cout << (output.json ? ToJson(answer) : Notices(answer.notices()));
  return absl::OkStatus();
}

absl::Status ShowRota(Remote& remote, const Output& output) {
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  scheduling_v1::ListRotaRequest request;
  Stamp(now, request.mutable_from_time());
  ASSIGN_OR_RETURN(const auto rota,
                   remote.Ask<scheduling_v1::ListRotaResponse>(
                       "waymark.scheduling.v1.SchedulingService.ListRota", request));
  std::cout << (output.json ? ToJson(rota) : Rota(rota));
  return absl::OkStatus();
}

absl::Status PutOnRota(Remote& remote, const RotaQuestion& question) {
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  ASSIGN_OR_RETURN(const options::v1::Role role, RoleNamed(question.role));
  scheduling_v1::PutRotaEntryRequest request;
  request.set_request_id(ids::NewUuid());
  scheduling_v1::RotaEntry& entry = *request.mutable_entry();
  entry.set_rota_entry_id(ids::NewUuid());
  entry.set_role(role);
  entry.set_person(question.person);
  Stamp(now, entry.mutable_starts_time());
  Stamp(now + question.length, entry.mutable_ends_time());
  RETURN_IF_ERROR(SetContact(question.address, entry.mutable_contact()));
  ASSIGN_OR_RETURN(const auto answer,
                   remote.Ask<scheduling_v1::PutRotaEntryResponse>(
                       "waymark.scheduling.v1.SchedulingService.PutRotaEntry", request));
  std::cout << answer.entry().person() << " is on call until "
            << Moment(absl::FromUnixSeconds(answer.entry().ends_time().seconds())) << ".\n";
  return absl::OkStatus();
}

absl::Status SetDutyAddress(Remote& remote, const std::string& address,
                            const std::optional<std::string>& telephone) {
  scheduling_v1::SetDutyAddressRequest request;
  if (telephone) {
    request.set_telephone(*telephone);
  } else {
    ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
    scheduling_v1::ListRotaRequest known;
    Stamp(now, known.mutable_from_time());
    ASSIGN_OR_RETURN(const auto rota,
                     remote.Ask<scheduling_v1::ListRotaResponse>(
                         "waymark.scheduling.v1.SchedulingService.ListRota", known));
    request.set_telephone(rota.telephone());
  }
  request.set_request_id(ids::NewUuid());
  RETURN_IF_ERROR(SetContact(address, request.mutable_contact()));
  RETURN_IF_ERROR(remote
                      .Ask<scheduling_v1::SetDutyAddressResponse>(
                          "waymark.scheduling.v1.SchedulingService.SetDutyAddress", request)
                      .status());
  std::cout << "When nobody on the rota can be reached, " << address << " is told; officers "
            << (request.telephone().empty() ? "are told of no telephone"
                                            : absl::StrCat("may ring ", request.telephone()))
            << ".\n";
  return absl::OkStatus();
}

absl::Status Activate(Remote& remote) {
  scheduling_v1::ActivateTenantRequest request;
  request.set_request_id(ids::NewUuid());
  ASSIGN_OR_RETURN(const auto answer,
                   remote.Ask<scheduling_v1::ActivateTenantResponse>(
                       "waymark.scheduling.v1.SchedulingService.ActivateTenant", request));
  std::cout << "The force is live; " << answer.due_now_count() << " rungs were due already.\n";
  return absl::OkStatus();
}

absl::Status Export(Remote& remote, bool with_contents, std::ostream& out) {
  audit_v1::ExportLogRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_with_contents(with_contents);
  ASSIGN_OR_RETURN(const auto* method, FindLinkedMethod("waymark.audit.v1.AuditService.ExportLog"));
  RETURN_IF_ERROR(remote.Stream(*method, request, [&out](const pb::Message& record) {
    out << audit::ExportLine(static_cast<const audit_v1::ExportLogResponse&>(record));
    return out.good();
  }));
  out.flush();
  if (!out) return status::Unavailable("EXPORT_NOT_WRITTEN", "The export could not be written.");
  return absl::OkStatus();
}

absl::Status ExportLog(Remote& remote, const std::string& file, bool with_contents) {
  if (file == "-") return Export(remote, with_contents, std::cout);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!out) {
    return status::InvalidArgument("FILE_UNWRITABLE", absl::StrCat("Cannot write ", file, "."));
  }
  RETURN_IF_ERROR(Export(remote, with_contents, out));
  std::cout << "Wrote " << file << ". `waymark audit verify " << file << "` checks it anywhere.\n";
  return absl::OkStatus();
}

absl::Status VerifyAudit(Remote* remote, const Settings* settings, const AuditQuestion& question) {
  audit::VerifyOptions options;
  std::vector<std::string> keys = question.keys;
  if (keys.empty() && settings != nullptr && !settings->audit_key.empty() &&
      std::ifstream(settings->audit_key).good()) {
    keys.push_back(settings->audit_key);
  }
  for (const std::string& named : keys) {
    std::string text = named;
    if (std::ifstream(named).good()) {
      ASSIGN_OR_RETURN(text, ReadFile(named));
    }
    ASSIGN_OR_RETURN(auto key, audit::ParseVerifierKey(absl::StripAsciiWhitespace(text)));
    options.keys.push_back(std::move(key));
  }
  for (const std::string& file : question.held) {
    ASSIGN_OR_RETURN(auto note, ReadFile(file));
    options.held.push_back(std::move(note));
  }
  std::unique_ptr<std::istream> in;
  if (remote != nullptr) {
    auto exported = std::make_unique<std::stringstream>();
    RETURN_IF_ERROR(Export(*remote, /*with_contents=*/true, *exported));
    in = std::move(exported);
  } else {
    in = std::make_unique<std::ifstream>(question.file, std::ios::binary);
    if (!*in) {
      return status::NotFound("FILE_UNREADABLE", absl::StrCat("Cannot read ", question.file, "."));
    }
  }
  ASSIGN_OR_RETURN(const audit::VerifyReport report, audit::VerifyExport(*in, options));
  std::cout << "Log " << report.origin << " of " << report.tenant << ": " << report.entries
            << " entries, " << report.checkpoints_verified << " checkpoints signed correctly, "
            << report.covered << " entries under the largest.\n";
  if (report.held_verified > 0) {
    std::cout << report.held_verified << " checkpoints that you hold agree.\n";
  }
  if (report.contents_verified + report.erased > 0) {
    std::cout << report.contents_verified << " contents agree with what was committed to, "
              << report.erased << " were erased.\n";
  }
  if (report.key_from_export) {
    std::cout << "The key came from the export itself: give one that you hold with --key, or this "
                 "does not tell a forger from the log.\n";
  }
  for (const auto& [source, summary] : report.sources) {
    std::cout << source << ": numbers 1 to " << summary.highest_number << ", "
              << (summary.missing.empty() ? "none missing" : "MISSING") << "\n";
    for (const auto& range : summary.missing) {
      std::cout << "  missing " << range.first() << " to " << range.last() << "\n";
    }
  }
  for (const audit::Fault& fault : report.faults) {
    std::cout << "FAULT at entry " << fault.sequence << ": " << audit::FaultName(fault.kind) << ": "
              << fault.what << "\n";
  }
  if (!report.ok()) {
    std::cout << report.faults_found << " faults found.\n";
    return NotInOrder();
  }
  std::cout << "Nothing was edited, removed, reordered or cut off.\n";
  return absl::OkStatus();
}

absl::Status ShowCheckpoint(Remote& remote, const Output& output) {
  ASSIGN_OR_RETURN(const auto answer, remote.Ask<audit_v1::GetCheckpointResponse>(
                                          "waymark.audit.v1.AuditService.GetCheckpoint",
                                          audit_v1::GetCheckpointRequest()));
  if (output.json) {
    std::cout << ToJson(answer);
  } else if (!answer.has_checkpoint()) {
    std::cout << "The log has no checkpoint yet.\n";
  } else {
    std::cout << answer.checkpoint().note();
  }
  return absl::OkStatus();
}

absl::Status ShowHealth(Remote& remote) {
  bool all_well = true;
  for (const auto& [service, address] : remote.settings().services) {
    const absl::Time asked = absl::Now();
    const auto state = remote.Health(service);
    const bool well = state.ok() && *state == "SERVING";
    all_well &= well;
    std::cout << service << "  " << address << "  "
              << (state.ok() ? *state : absl::StrCat("not reachable: ", state.status().message()))
              << "  " << absl::ToInt64Milliseconds(absl::Now() - asked) << " ms\n";
  }
  return all_well ? absl::OkStatus() : NotInOrder();
}

absl::Status ShowClock(const Settings& settings) {
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(settings));
  // A moment passes between the two looks at the clock.
  const absl::Duration ahead = now - clock::Real().Now() + absl::Milliseconds(500);
  std::cout << "The clinical clock shows " << Moment(now)
            << (ahead < absl::Seconds(1) ? ", the real time"
                                         : absl::StrCat(", ", Span(ahead), " ahead"))
            << ".\n";
  return absl::OkStatus();
}

absl::Status AdvanceClock(const Settings& settings, absl::Duration step) {
  if (settings.clock.empty()) {
    return status::FailedPrecondition("NO_DEVELOPMENT_CLOCK",
                                      "This configuration has no development clock to move.");
  }
  RETURN_IF_ERROR(clock::AdvanceOffset(settings.clock, step).status());
  return ShowClock(settings);
}

namespace {

// What names a protocol may use depends on its pathway, which is its key. A new pathway is one line
// here, an #include above and its library in CMakeLists.txt; null when this program has none.
const casework::KnownFacts* KnownFactsOf(absl::string_view key) {
  if (key == "bbv") return &bbv::KnownFacts();
  if (key == "mental_health") return &mental_health::KnownFacts();
  if (key == "msk") return &msk::KnownFacts();
  if (key == "referral") return &referral::KnownFacts();
  if (key == "dental") return &dental::KnownFacts();
  return nullptr;
}

}  // namespace

absl::Status LintProtocols(const std::vector<std::string>& files) {
  bool clean = true;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    std::vector<casework::Fault> faults;
    const std::string key = casework::ParseProtocol(text, nullptr, faults).key();
    faults.clear();
    casework::ParseProtocol(text, KnownFactsOf(key), faults);
    std::cout << casework::DescribeFaults(file, faults);
    clean &= faults.empty();
  }
  if (!clean) return NotInOrder();
  std::cout << files.size() << (files.size() == 1 ? " protocol" : " protocols")
            << " without a fault.\n";
  return absl::OkStatus();
}

absl::Status ShowProtocol(const std::string& file) {
  ASSIGN_OR_RETURN(const auto protocol, ReadProtocol(file));
  std::cout << ProtocolPage(protocol);
  return absl::OkStatus();
}

absl::Status DiffProtocols(const std::string& before, const std::string& after) {
  ASSIGN_OR_RETURN(const auto a, ReadProtocol(before));
  ASSIGN_OR_RETURN(const auto b, ReadProtocol(after));
  const std::string difference = ProtocolDifference(a, b);
  std::cout << (difference.empty() ? "The two say the same.\n" : difference);
  return absl::OkStatus();
}

}  // namespace waymark::cli
