#include "services/casework/golden.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/ladder.h"
#include "services/casework/status.h"

namespace waymark::casework {
namespace {

// "ROLE_OH_NURSE" as "OH nurse".
std::string RoleWords(options::v1::Role role) {
  std::string words = options::v1::Role_Name(role).substr(std::string("ROLE_").size());
  std::transform(words.begin(), words.end(), words.begin(),
                 [](char c) { return c == '_' ? ' ' : static_cast<char>(std::tolower(c)); });
  return absl::StrReplaceAll(words, {{"oh ", "OH "}, {"nhs ", "NHS "}});
}

// "STEP_STATUS_WINDOW_CLOSED" as "window closed".
std::string EnumWords(std::string name, size_t prefix) {
  name = name.substr(prefix);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c == '_' ? ' ' : static_cast<char>(std::tolower(c)); });
  return name;
}

std::string Instant(const google::protobuf::Timestamp& time) {
  return LondonTime(FromTimestamp(time));
}

std::string SourceWords(const v1::Source& source) {
  std::string evidence = EnumWords(v1::Evidence_Name(source.evidence()), sizeof("EVIDENCE_") - 1);
  return absl::StrCat(source.guideline(), ", ", source.section(), " (", evidence, ")");
}

void RenderStep(const v1::Protocol& protocol, const v1::Step& step, absl::Time now,
                std::string& text) {
  absl::StrAppend(&text, "\n", step.title(), "  [", step.key(), "]\n");
  const auto line = [&text](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&text, "    ", name, std::string(name.size() < 10 ? 10 - name.size() : 1, ' '),
                    value, "\n");
  };
  if (step.has_opens_time()) line("opens", Instant(step.opens_time()));
  line("due", Instant(step.due_time()));
  if (step.has_closes_time()) line("closes", Instant(step.closes_time()));
  line("from", absl::StrCat(step.anchor(), ", ", Instant(step.anchor_time())));
  line("who", absl::StrCat(RoleWords(step.responsible()),
                           step.blocks_closing() ? "; the case cannot close before it" : ""));
  std::vector<std::string> tests;
  for (const v1::PlannedTest& test : step.tests()) {
    tests.push_back(test.has_done_time()
                        ? absl::StrCat(test.test(), " (taken ", Instant(test.done_time()), ")")
                        : test.test());
  }
  if (!tests.empty()) line("tests", absl::StrJoin(tests, ", "));
  for (const RungAt& rung : ExpandLadder(protocol, step)) {
    line("tells", absl::StrCat(LondonTime(rung.fire_time), ": ", RoleWords(rung.audience), ", ",
                               EnumWords(v1::RungKind_Name(rung.kind), sizeof("RUNG_KIND_") - 1),
                               rung.page ? ", paged" : ""));
  }
  std::string status =
      EnumWords(v1::StepStatus_Name(StatusAt(step, now)), sizeof("STEP_STATUS_") - 1);
  if (step.has_outcome()) {
    absl::StrAppend(&status, ", ", Instant(step.outcome().ended_time()),
                    step.outcome().overrode_window() ? ", after the window on an override" : "");
  }
  line("status", status);
  if (!step.guidance().empty()) line("guidance", step.guidance());
  for (const v1::Source& source : step.sources()) line("source", SourceWords(source));
}

std::vector<std::string> Lines(absl::string_view text) { return absl::StrSplit(text, '\n'); }

}  // namespace

std::string LondonTime(absl::Time time) {
  const bool seconds = civil::London().At(time).cs.second() != 0;
  return absl::FormatTime(seconds ? "%a %d %b %Y %H:%M:%S %Z" : "%a %d %b %Y %H:%M %Z", time,
                          civil::London());
}

std::string RenderStory(absl::string_view heading, const v1::Protocol& protocol,
                        const v1::Plan& plan, absl::Time now) {
  std::string text = absl::StrCat(
      heading, "\n", protocol.title(), ", ", protocol.key(), " version ", protocol.version(), ", ",
      protocol.signed_off() ? absl::StrCat("signed off by ", protocol.signed_off_by())
                            : "NOT SIGNED OFF by a clinician",
      "\nAs it stands on ", LondonTime(now), ", in stage ", CurrentStage(protocol, plan, now),
      "\n");
  for (const v1::Step& step : plan.steps()) RenderStep(protocol, step, now, text);
  if (!plan.moves().empty()) absl::StrAppend(&text, "\nMoved\n");
  for (const v1::Move& move : plan.moves()) {
    const std::string from = move.has_from_due_time() ? Instant(move.from_due_time()) : "not asked";
    const std::string to = move.has_to_due_time() ? Instant(move.to_due_time()) : "not asked";
    absl::StrAppend(&text, "    ", move.step_key(), ": due ", from, " -> ", to, " (", move.cause(),
                    ", version ", move.case_version(), ")\n");
  }
  return text;
}

std::string GoldenDifference(absl::string_view path, absl::string_view actual) {
  const char* update = std::getenv("WAYMARK_UPDATE_GOLDEN");
  if (update != nullptr && absl::string_view(update) == "1") {
    std::ofstream file{std::string(path), std::ios::binary};
    file << actual;
    file.close();
    return file ? "" : absl::StrCat("cannot write ", path, "\n");
  }
  std::ifstream file{std::string(path), std::ios::binary};
  std::ostringstream content;
  content << file.rdbuf();
  const std::string expected = content.str();
  if (file && expected == actual) return "";
  const std::vector<std::string> was = Lines(expected);
  const std::vector<std::string> is = Lines(actual);
  // The longest common run of lines, so that one added step does not mark all that follow it.
  std::vector<std::vector<int>> common(was.size() + 1, std::vector<int>(is.size() + 1, 0));
  for (size_t i = was.size(); i-- > 0;) {
    for (size_t j = is.size(); j-- > 0;) {
      common[i][j] =
          was[i] == is[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string difference = absl::StrCat(
      path, " differs. If the new page is right, run the test with WAYMARK_UPDATE_GOLDEN=1.\n");
  size_t i = 0;
  size_t j = 0;
  while (i < was.size() || j < is.size()) {
    if (i < was.size() && j < is.size() && was[i] == is[j]) {
      ++i;
      ++j;
    } else if (j == is.size() || (i < was.size() && common[i + 1][j] >= common[i][j + 1])) {
      absl::StrAppend(&difference, "-", was[i++], "\n");
    } else {
      absl::StrAppend(&difference, "+", is[j++], "\n");
    }
  }
  return difference;
}

}  // namespace waymark::casework
