#include "tools/waymark/show.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/civil/civil.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/casework/status.h"
#include "waymark/casework/v1/local_time.pb.h"

namespace waymark::cli {
namespace {

namespace casework_v1 = ::waymark::casework::v1;
using casework_v1::Step;

absl::Time At(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// "OH_NURSE" -> "OH nurse".
std::string RoleWords(options::v1::Role role) {
  std::string words =
      absl::AsciiStrToLower(absl::StripPrefix(options::v1::Role_Name(role), "ROLE_"));
  std::replace(words.begin(), words.end(), '_', ' ');
  return absl::StrReplaceAll(words, {{"oh ", "OH "}, {"nhs ", "NHS "}, {"hr ", "HR "}});
}

std::string Words(absl::string_view name, absl::string_view prefix) {
  std::string words = absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string Paint(const Style& style, const char* code, absl::string_view text) {
  return style.colour ? absl::StrCat("\033[", code, "m", text, "\033[0m") : std::string(text);
}

struct Look {
  const char* mark;
  const char* colour;
};

Look LookOf(casework_v1::StepStatus status) {
  switch (status) {
    case casework_v1::STEP_STATUS_DONE:
      return {"✓", "32"};
    case casework_v1::STEP_STATUS_OVERDUE:
      return {"!", "31;1"};
    case casework_v1::STEP_STATUS_WINDOW_CLOSED:
      return {"✗", "31;1"};
    case casework_v1::STEP_STATUS_OPEN:
      return {"●", "33"};
    case casework_v1::STEP_STATUS_UPCOMING:
      return {"○", "0"};
    default:
      return {"–", "2"};
  }
}

// How many columns a UTF-8 text takes, as long as it holds no wide or combining characters.
size_t Columns(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

std::string Padded(absl::string_view text, size_t width) {
  const size_t columns = Columns(text);
  return absl::StrCat(text, std::string(columns < width ? width - columns : 0, ' '));
}

std::string Standing(const Step& step, absl::Time now) {
  const auto status = casework::StatusAt(step, now);
  const auto left = [&now](const google::protobuf::Timestamp& time) { return At(time) - now; };
  switch (status) {
    case casework_v1::STEP_STATUS_UPCOMING:
      return absl::StrCat("due in ", Span(left(step.due_time())),
                          step.has_opens_time()
                              ? absl::StrCat(", can be done from ", Moment(At(step.opens_time())))
                              : "");
    case casework_v1::STEP_STATUS_OPEN:
      return absl::StrCat(
          Span(left(step.due_time())), " left",
          step.has_closes_time() && step.closes_time().seconds() != step.due_time().seconds()
              ? absl::StrCat("; window shuts ", Moment(At(step.closes_time())))
              : "");
    case casework_v1::STEP_STATUS_OVERDUE:
      return absl::StrCat("OVERDUE by ", Span(-left(step.due_time())),
                          step.has_closes_time()
                              ? absl::StrCat("; window shuts in ", Span(left(step.closes_time())))
                              : "");
    case casework_v1::STEP_STATUS_WINDOW_CLOSED:
      return absl::StrCat("WINDOW SHUT ", Span(-left(step.closes_time())),
                          " ago: needs a decision");
    default: {
      std::string text = absl::StrCat(
          Words(casework_v1::StepStatus_Name(status), "STEP_STATUS_"), " ",
          step.outcome().has_ended_time() ? Moment(At(step.outcome().ended_time())) : "");
      if (status == casework_v1::STEP_STATUS_DONE &&
          At(step.outcome().ended_time()) > At(step.due_time())) {
        absl::StrAppend(&text, " (", Span(At(step.outcome().ended_time()) - At(step.due_time())),
                        " late)");
      }
      return text;
    }
  }
}

std::string OffsetWords(const casework_v1::Offset& offset) {
  switch (offset.kind_case()) {
    case casework_v1::Offset::kElapsed: {
      const auto& elapsed = offset.elapsed();
      std::vector<std::string> parts;
      if (elapsed.hours() != 0) parts.push_back(absl::StrCat(elapsed.hours(), " h"));
      if (elapsed.minutes() != 0) parts.push_back(absl::StrCat(elapsed.minutes(), " min"));
      return parts.empty() ? "at once" : absl::StrJoin(parts, " ");
    }
    case casework_v1::Offset::kCivil: {
      const auto& civil = offset.civil();
      if (civil.months() != 0) return absl::StrCat(civil.months(), " calendar months");
      if (civil.weeks() != 0) return absl::StrCat(civil.weeks(), " weeks");
      return absl::StrCat(civil.days(), " days");
    }
    case casework_v1::Offset::kWorking:
      return absl::StrCat(offset.working().days(), " working days");
    default:
      return "at once";
  }
}

std::string ChoiceWords(const casework_v1::AnchorChoice& choice) {
  std::vector<std::string> terms;
  for (const auto& term : choice.terms()) {
    terms.push_back(term.offset().kind_case() == casework_v1::Offset::KIND_NOT_SET
                        ? term.point()
                        : absl::StrCat(term.point(), " + ", OffsetWords(term.offset())));
    if (term.optional_term()) terms.back() += " if known";
  }
  return absl::StrJoin(terms, ", ");
}

std::string AnchorWords(const casework_v1::Anchor& anchor) {
  switch (anchor.kind_case()) {
    case casework_v1::Anchor::kPoint:
      return anchor.point();
    case casework_v1::Anchor::kLatestOf:
      return absl::StrCat("the latest of (", ChoiceWords(anchor.latest_of()), ")");
    case casework_v1::Anchor::kEarliestOf:
      return absl::StrCat("the earliest of (", ChoiceWords(anchor.earliest_of()), ")");
    default:
      return "nothing";
  }
}

std::string ConditionWords(const casework_v1::Condition& condition) {
  const auto list = [](const casework_v1::Conditions& conditions, const char* word) {
    std::vector<std::string> parts;
    for (const auto& each : conditions.conditions()) parts.push_back(ConditionWords(each));
    return parts.size() == 1 ? parts[0] : absl::StrCat("(", absl::StrJoin(parts, word), ")");
  };
  switch (condition.kind_case()) {
    case casework_v1::Condition::kEquals:
      return condition.equals().value() == "true"
                 ? condition.equals().fact()
                 : absl::StrCat(condition.equals().fact(), " is ", condition.equals().value());
    case casework_v1::Condition::kAll:
      return list(condition.all(), " and ");
    case casework_v1::Condition::kAny:
      return list(condition.any(), " or ");
    case casework_v1::Condition::kNot:
      return absl::StrCat("not ", ConditionWords(condition.not_()));
    default:
      return "always";
  }
}

}  // namespace

std::string Span(absl::Duration length) {
  const int64_t minutes = absl::ToInt64Minutes(length);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return absl::StrCat(minutes, " min");
  const int64_t hours = minutes / 60;
  if (hours < 48) {
    return minutes % 60 == 0 ? absl::StrCat(hours, " h")
                             : absl::StrCat(hours, " h ", minutes % 60, " min");
  }
  const int64_t days = hours / 24;
  return days < 21 ? absl::StrCat(days, " days") : absl::StrCat(days / 7, " weeks");
}

std::string Moment(absl::Time instant) {
  return absl::FormatTime("%a %e %b %Y %H:%M", instant, civil::London());
}

std::string Timeline(const casework_v1::CaseHeader& header, absl::string_view pathway,
                     absl::Time now, const Style& style, absl::string_view name) {
  std::string page = absl::StrCat(
      Paint(style, "1", absl::StrCat("Case ", header.case_id())), "\n", pathway, " · ",
      Words(casework_v1::CaseState_Name(header.state()), "CASE_STATE_"), " · version ",
      header.version(), " · protocol ", header.protocol_key(), " ", header.protocol_version(),
      header.protocol_signed_off() ? "" : " (not signed off by a clinician)", "\n",
      header.subject_kind() == casework_v1::SUBJECT_KIND_THIRD_PARTY
          ? "third party, no identity held"
          : absl::StrCat("subject ", header.subject_id(), name.empty() ? "" : "  ", name),
      " · now ", Moment(now), "\n");
  for (const auto& link : header.links()) {
    absl::StrAppend(&page, "linked: ", Words(link.kind(), ""), " ", link.case_id(), "\n");
  }
  absl::StrAppend(&page, "\n");
  size_t width = 0;
  for (const Step& step : header.plan().steps()) width = std::max(width, Columns(step.title()));
  width = std::min<size_t>(width, 60);
  const bool closed = header.state() == casework_v1::CASE_STATE_CLOSED;
  int open = 0, overdue = 0;
  for (const Step& step : header.plan().steps()) {
    const auto status = casework::StatusAt(step, now);
    const bool is_open = casework::IsOpen(step);
    // Nobody waits for what a closed case left undone.
    const Look look = closed && is_open ? Look{"–", "2"} : LookOf(status);
    open += is_open ? 1 : 0;
    overdue += status == casework_v1::STEP_STATUS_OVERDUE ||
                       status == casework_v1::STEP_STATUS_WINDOW_CLOSED
                   ? 1
                   : 0;
    absl::StrAppend(&page,
                    Paint(style, look.colour,
                          absl::StrCat(look.mark, " ", Moment(At(step.due_time())), "  ",
                                       Padded(step.title(), width), "  ",
                                       closed && is_open ? "not done" : Standing(step, now))),
                    "\n");
    std::vector<std::string> tests;
    for (const auto& test : step.tests()) {
      tests.push_back(absl::StrCat(test.test(), test.has_done_time() ? " ✓" : ""));
    }
    if (!tests.empty()) {
      absl::StrAppend(&page, std::string(26, ' '), absl::StrJoin(tests, ", "), "\n");
    }
  }
  const int ended = header.plan().steps_size() - open;
  if (closed) {
    return absl::StrCat(page, "\nClosed ", Moment(At(header.closed_time())), ": ", ended,
                        " steps ended, ", open, " not done.\n");
  }
  absl::StrAppend(&page, "\n", open, " open, ", overdue, " of them overdue; ", ended, " ended");
  if (const Step* next = casework::NextStep(header.plan(), now); next != nullptr) {
    absl::StrAppend(&page, ". Next: ", next->title());
  }
  return absl::StrCat(page, ".\n");
}

std::string Moves(const google::protobuf::RepeatedPtrField<casework_v1::Move>& moves) {
  std::string page;
  for (const auto& move : moves) {
    const std::string from = move.has_from_due_time() ? Moment(At(move.from_due_time())) : "added";
    const std::string to = move.has_to_due_time() ? Moment(At(move.to_due_time())) : "superseded";
    absl::StrAppend(&page, "moved ", move.step_key(), ": ", from, " -> ", to, " (", move.cause(),
                    ")\n");
  }
  return page;
}

std::string NameIn(const Names& names, const std::string& subject_id) {
  const auto found = names.find(subject_id);
  return found == names.end() || found->second.empty() ? "—" : found->second;
}

std::string Worklist(const scheduling::v1::ListWorklistResponse& list, const Names& names,
                     const Style& style) {
  std::string page = absl::StrCat(list.total_count(), list.total_count() == 1 ? " step" : " steps",
                                  " as of ", Moment(At(list.as_of_time())), "\n\n");
  for (const auto& item : list.items()) {
    const absl::Duration left = absl::Seconds(item.seconds_left());
    const bool late = item.seconds_left() < 0;
    const bool shut = item.status() == casework_v1::STEP_STATUS_WINDOW_CLOSED;
    absl::StrAppend(
        &page,
        Paint(style, late ? "31;1" : "0",
              absl::StrCat(Padded(shut   ? "window shut"
                                  : late ? absl::StrCat("late ", Span(-left))
                                         : absl::StrCat(Span(left), " left"),
                                  20),
                           "  ", Moment(At(item.due_time())), "  ", item.title(), "  (",
                           RoleWords(item.responsible()),
                           item.claimed_by().empty() ? "" : ", claimed by " + item.claimed_by(),
                           item.highest_rung() == 0
                               ? ""
                               : absl::StrCat(", rung ", item.highest_rung(), " sent"),
                           ")")),
        "\n", std::string(22, ' '), NameIn(names, item.subject_id()), "  case ", item.case_id(),
        "  step ", item.step_ref(), "\n");
  }
  if (!list.next_page_token().empty()) absl::StrAppend(&page, "... more with --all\n");
  return page;
}

namespace {

namespace pb = google::protobuf;

// A value that stands on one line; empty when it is a message of several.
std::string OneLine(const pb::Message& message, const pb::FieldDescriptor* field, int index) {
  const pb::Reflection* reflection = message.GetReflection();
  const bool list = field->is_repeated();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return list ? reflection->GetRepeatedString(message, field, index)
                  : reflection->GetString(message, field);
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return (list ? reflection->GetRepeatedBool(message, field, index)
                   : reflection->GetBool(message, field))
                 ? "yes"
                 : "no";
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(list ? reflection->GetRepeatedInt32(message, field, index)
                               : reflection->GetInt32(message, field));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(list ? reflection->GetRepeatedInt64(message, field, index)
                               : reflection->GetInt64(message, field));
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const pb::EnumValueDescriptor* value =
          list ? reflection->GetRepeatedEnum(message, field, index)
               : reflection->GetEnum(message, field);
      // PERSON_STATE_ACTIVE -> active: what all values of the enum begin with is left out.
      const std::string unspecified = field->enum_type()->value(0)->name();
      return Words(value->name(), absl::StripSuffix(unspecified, "UNSPECIFIED"));
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
      const pb::Message& inner = list ? reflection->GetRepeatedMessage(message, field, index)
                                      : reflection->GetMessage(message, field);
      if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&inner)) {
        return Moment(At(*time));
      }
      if (const auto* day = dynamic_cast<const casework_v1::CivilDate*>(&inner)) {
        return civil::FormatDay(absl::CivilDay(day->year(), day->month(), day->day()));
      }
      return "";
    }
    default:
      return absl::StrCat("(", field->type_name(), ")");
  }
}

void AppendPage(const pb::Message& message, size_t indent, std::string& page) {
  std::vector<const pb::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string name = absl::StrReplaceAll(field->name(), {{"_", " "}});
      const std::string line = OneLine(message, field, i);
      if (!line.empty() || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
        absl::StrAppend(&page, std::string(indent, ' '), Padded(name, 20), "  ", line, "\n");
        continue;
      }
      absl::StrAppend(&page, std::string(indent, ' '), name, "\n");
      AppendPage(field->is_repeated()
                     ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                     : message.GetReflection()->GetMessage(message, field),
                 indent + 2, page);
    }
  }
}

}  // namespace

std::string Page(const google::protobuf::Message& message) {
  std::string page;
  AppendPage(message, 0, page);
  return page;
}

std::string Rota(const scheduling::v1::ListRotaResponse& rota) {
  std::string page = absl::StrCat(
      "The force is ", rota.active() ? "live" : "not live yet: `waymark rota activate`", ". ",
      rota.has_duty_address() ? absl::StrCat("Duty address: ", rota.duty_address().address(), ".")
                              : "There is no duty address: `waymark rota duty-address ADDRESS`.",
      "\n");
  for (const auto& entry : rota.entries()) {
    absl::StrAppend(&page, Padded(RoleWords(entry.role()), 18), " ", Padded(entry.person(), 20),
                    " ", Moment(At(entry.starts_time())), " - ", Moment(At(entry.ends_time())),
                    "  ",
                    Words(scheduling::v1::Channel_Name(entry.contact().channel()), "CHANNEL_"), " ",
                    entry.contact().address(), "  ", entry.rota_entry_id(), "\n");
  }
  return page;
}

std::string Notices(const google::protobuf::RepeatedPtrField<scheduling::v1::Notice>& notices) {
  std::string page;
  for (const auto& notice : notices) {
    absl::StrAppend(&page, Moment(At(notice.fired_time())), "  ",
                    Padded(Words(scheduling::v1::RungKind_Name(notice.kind()), "RUNG_KIND_"), 10),
                    "  rung ", notice.rung(), " to ", RoleWords(notice.audience()), ", due ",
                    Moment(At(notice.due_time())), ", ",
                    Words(scheduling::v1::NoticeState_Name(notice.state()), "NOTICE_STATE_"),
                    "  step ", notice.step_ref(), "\n");
  }
  return page.empty() ? "No notices.\n" : page;
}

std::string ProtocolPage(const casework_v1::Protocol& protocol) {
  std::string page = absl::StrCat(
      protocol.key(), " ", protocol.version(), ": ", protocol.title(), "\n",
      protocol.signed_off() ? absl::StrCat("Signed off by ", protocol.signed_off_by(), ".")
                            : "Not signed off by a clinician.",
      "\n");
  if (protocol.parameters_size() > 0) absl::StrAppend(&page, "\nThresholds\n");
  for (const auto& parameter : protocol.parameters()) {
    absl::StrAppend(&page, "  ", parameter.key(), " = ", parameter.value(), " ", parameter.unit(),
                    "  [", parameter.source().guideline(), ", ", parameter.source().section(),
                    "]\n");
  }
  for (const auto& stage : protocol.stages()) {
    absl::StrAppend(&page, "\n", stage.title(), "\n");
    for (const auto& step : protocol.steps()) {
      if (step.stage() != stage.key()) continue;
      absl::StrAppend(
          &page, "  ", step.key(), ": ", step.title(), "\n    when ", ConditionWords(step.when()),
          "\n    counted from ", AnchorWords(step.anchor()), ": ",
          step.has_opens() ? absl::StrCat("opens ", OffsetWords(step.opens()), ", ") : "", "due ",
          OffsetWords(step.due()),
          step.has_closes() ? absl::StrCat(", window shuts ", OffsetWords(step.closes())) : "",
          "\n    by ", RoleWords(step.responsible()),
          step.ladder().empty() ? "" : absl::StrCat(", ladder ", step.ladder()),
          step.blocks_closing() ? ", blocks closing" : "", "\n");
      for (const auto& test : step.panel()) {
        absl::StrAppend(&page, "    test ", test.test(),
                        test.has_when() ? absl::StrCat(" when ", ConditionWords(test.when())) : "",
                        "\n");
      }
      for (const auto& source : step.sources()) {
        absl::StrAppend(&page, "    [", source.guideline(), ", ", source.section(), "; ",
                        Words(casework_v1::Evidence_Name(source.evidence()), "EVIDENCE_"), "]\n");
      }
    }
  }
  for (const auto& ladder : protocol.ladders()) {
    absl::StrAppend(&page, "\nLadder ", ladder.key(), "\n");
    for (const auto& rung : ladder.rungs()) {
      absl::StrAppend(&page, "  ", rung.offset_minutes(), " min from ",
                      Words(casework_v1::RungBase_Name(rung.base()), "RUNG_BASE_"), ": ",
                      Words(casework_v1::RungKind_Name(rung.kind()), "RUNG_KIND_"), " to ",
                      RoleWords(rung.audience()), rung.page() ? ", pages" : "", "\n");
    }
  }
  return page;
}

std::string ProtocolDifference(const casework_v1::Protocol& before,
                               const casework_v1::Protocol& after) {
  const std::vector<std::string> a = absl::StrSplit(ProtocolPage(before), '\n');
  const std::vector<std::string> b = absl::StrSplit(ProtocolPage(after), '\n');
  // Longest common subsequence; pages are a few hundred lines.
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string page;
  size_t i = 0, j = 0;
  // The step that the next differing line belongs to, shown once.
  std::string heading, shown;
  const auto say = [&](char sign, const std::string& line) {
    if (heading != shown && line != heading) absl::StrAppend(&page, "  ", heading, "\n");
    shown = heading;
    absl::StrAppend(&page, std::string(1, sign), " ", line, "\n");
  };
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      if (absl::StartsWith(a[i], "  ") && !absl::StartsWith(a[i], "    ")) heading = a[i];
      ++i;
      ++j;
    } else if (j < b.size() && (i == a.size() || common[i][j + 1] > common[i + 1][j])) {
      say('+', b[j++]);
    } else {
      say('-', a[i++]);
    }
  }
  return page;
}

}  // namespace waymark::cli
