#include "services/casework/linter.h"

#include <algorithm>
#include <cstdint>
#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/casework/rule_text.h"

namespace waymark::casework {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// A century: no clinical date is further away, and no arithmetic overflows below it.
constexpr int64_t kLongestDays = 36525;

// A message of the protocol together with where the file says it.
class Place {
 public:
  Place(const Message& message, const TextFormat::ParseInfoTree* tree)
      : message_(&message), tree_(tree) {
    // What is missing from the file as a whole is missing from its beginning.
    if (tree_ != nullptr) own_.line = own_.column = 1;
  }

  // Line and column of a field, from 1; of the message's first known field when `field` is absent.
  Fault At(const char* field, int index = -1) const {
    Fault fault;
    const FieldDescriptor* descriptor = message_->GetDescriptor()->FindFieldByName(field);
    if (tree_ == nullptr || descriptor == nullptr) return fault;
    if (descriptor->is_repeated() && index < 0) index = 0;
    const TextFormat::ParseLocation location = tree_->GetLocation(descriptor, index);
    if (location.line >= 0) {
      fault.line = location.line + 1;
      fault.column = location.column + 1;
      return fault;
    }
    return own_;
  }

  Place Child(const Message& child, const char* field, int index = -1) const {
    const FieldDescriptor* descriptor = message_->GetDescriptor()->FindFieldByName(field);
    Place place(child, tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index));
    place.own_ = At(field, index);
    return place;
  }

 private:
  const Message* message_;
  const TextFormat::ParseInfoTree* tree_;
  // Where the message itself stands: what a missing field is reported at.
  Fault own_;
};

bool IsLowerSnake(absl::string_view text) {
  if (text.empty() || text.size() > 63 || !absl::ascii_islower(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

bool IsUpperSnake(absl::string_view text) {
  if (text.empty() || text.size() > 63 || !absl::ascii_isupper(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

// The hours after the anchor between which an offset can fall, whatever the anchor's date and time.
struct Span {
  double from;
  double to;
};

Span SpanOf(const v1::Offset& offset) {
  switch (offset.kind_case()) {
    case v1::Offset::kElapsed: {
      const double hours = static_cast<double>(offset.elapsed().hours()) +
                           static_cast<double>(offset.elapsed().minutes()) / 60;
      return {hours, hours};
    }
    case v1::Offset::kCivil: {
      const v1::Civil& civil = offset.civil();
      const double days = civil.days() + 7.0 * civil.weeks();
      // Twelve months are 365 or 366 days; a single one 28 to 31.
      const double months = civil.months();
      const double slack = months == 0 ? 0 : 3;
      return {24 * (days + 30.4 * months - slack - 1) - 1,
              24 * (days + 30.5 * months + slack + 1) + 1};
    }
    case v1::Offset::kWorking: {
      const double days = offset.working().days();
      return {24 * (days - 1), 24 * (days * 1.4 + 14)};
    }
    case v1::Offset::KIND_NOT_SET:
      return {0, 0};
  }
  return {0, 0};
}

// True when `a` falls after `b` for every (or, in the same unit, for any) anchor.
bool FallsAfter(const v1::Offset& a, const v1::Offset& b) {
  if (a.kind_case() == v1::Offset::KIND_NOT_SET || b.kind_case() == v1::Offset::KIND_NOT_SET) {
    return false;  // reported as OFFSET_EMPTY
  }
  if (a.has_civil() && b.has_civil() && (a.civil().months() == 0) == (b.civil().months() == 0)) {
    if (a.civil().months() != b.civil().months()) return a.civil().months() > b.civil().months();
    return a.civil().days() + int64_t{7} * a.civil().weeks() >
           b.civil().days() + int64_t{7} * b.civil().weeks();
  }
  if (a.has_working() && b.has_working()) return a.working().days() > b.working().days();
  return SpanOf(a).from > SpanOf(b).to;
}

class Linter {
 public:
  Linter(const v1::Protocol& protocol, const KnownFacts* known,
         const TextFormat::ParseInfoTree* locations)
      : protocol_(protocol), known_(known), root_(protocol, locations) {}

  std::vector<Fault> Run() {
    if (!IsLowerSnake(protocol_.key())) {
      Report(root_.At("key"), "KEY_INVALID", "A protocol's key is lower_snake_case.");
    }
    if (protocol_.version() < 1) {
      Report(root_.At("version"), "PROTOCOL_INCOMPLETE", "Versions count from 1.");
    }
    if (protocol_.title().empty()) {
      Report(root_.At("title"), "PROTOCOL_INCOMPLETE", "Give the protocol a title.");
    }
    if (protocol_.signed_off() == protocol_.signed_off_by().empty()) {
      Report(root_.At("signed_off"), "PROTOCOL_INCOMPLETE",
             "A signed-off protocol names who signed; one that is not names nobody.");
    }
    if (protocol_.steps().empty()) {
      Report(root_.At("steps"), "PROTOCOL_INCOMPLETE", "A protocol has at least one step.");
    }
    Stages();
    Parameters();
    Ladders();
    for (int i = 0; i < protocol_.steps_size(); ++i) {
      const v1::StepRule& rule = protocol_.steps(i);
      const Place place = root_.Child(rule, "steps", i);
      if (!IsLowerSnake(rule.key())) {
        Report(place.At("key"), "KEY_INVALID", "A step's key is lower_snake_case.");
      } else if (!step_keys_.insert(rule.key()).second) {
        Report(place.At("key"), "KEY_DUPLICATE",
               absl::StrCat("Step '", rule.key(), "' is there twice."));
      }
    }
    for (int i = 0; i < protocol_.steps_size(); ++i) {
      CheckStep(protocol_.steps(i), root_.Child(protocol_.steps(i), "steps", i));
    }
    Cycles();
    std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
      return a.line != b.line ? a.line < b.line : a.column < b.column;
    });
    return std::move(faults_);
  }

 private:
  void Report(Fault where, absl::string_view reason, std::string message) {
    where.reason = std::string(reason);
    where.message = std::move(message);
    faults_.push_back(std::move(where));
  }

  void Stages() {
    for (int i = 0; i < protocol_.stages_size(); ++i) {
      const v1::Stage& stage = protocol_.stages(i);
      const Place place = root_.Child(stage, "stages", i);
      if (!IsLowerSnake(stage.key())) {
        Report(place.At("key"), "KEY_INVALID", "A stage's key is lower_snake_case.");
      } else if (!stages_.insert(stage.key()).second) {
        Report(place.At("key"), "KEY_DUPLICATE",
               absl::StrCat("Stage '", stage.key(), "' is there twice."));
      }
    }
  }

  bool CheckSource(const v1::Source& source) const {
    return !source.guideline().empty() && !source.section().empty() &&
           source.evidence() != v1::EVIDENCE_UNSPECIFIED;
  }

  void Parameters() {
    std::set<std::string> keys;
    for (int i = 0; i < protocol_.parameters_size(); ++i) {
      const v1::Parameter& parameter = protocol_.parameters(i);
      const Place place = root_.Child(parameter, "parameters", i);
      if (!IsLowerSnake(parameter.key())) {
        Report(place.At("key"), "KEY_INVALID", "A parameter's key is lower_snake_case.");
      } else if (!keys.insert(parameter.key()).second) {
        Report(place.At("key"), "KEY_DUPLICATE",
               absl::StrCat("Parameter '", parameter.key(), "' is there twice."));
      }
      if (parameter.unit().empty()) {
        Report(place.At("unit"), "PROTOCOL_INCOMPLETE",
               absl::StrCat("Parameter '", parameter.key(), "' needs a unit."));
      }
      if (!CheckSource(parameter.source())) {
        Report(place.At("source"), "PARAMETER_UNSOURCED",
               absl::StrCat("Parameter '", parameter.key(),
                            "' needs a source with guideline, section and evidence."));
      }
    }
    if (known_ == nullptr) return;
    for (const std::string& needed : known_->parameters) {
      if (keys.count(needed) == 0) {
        Report(root_.At("parameters"), "PARAMETER_MISSING",
               absl::StrCat("The pathway reads parameter '", needed, "'; give it a value."));
      }
    }
  }

  void Ladders() {
    for (int i = 0; i < protocol_.ladders_size(); ++i) {
      const v1::Ladder& ladder = protocol_.ladders(i);
      const Place place = root_.Child(ladder, "ladders", i);
      if (!IsLowerSnake(ladder.key())) {
        Report(place.At("key"), "KEY_INVALID", "A ladder's key is lower_snake_case.");
      } else if (!ladders_.emplace(ladder.key(), &ladder).second) {
        Report(place.At("key"), "KEY_DUPLICATE",
               absl::StrCat("Ladder '", ladder.key(), "' is there twice."));
      }
      if (ladder.rungs().empty()) {
        Report(place.At("rungs"), "RUNG_INCOMPLETE",
               absl::StrCat("Ladder '", ladder.key(), "' has no rung."));
      }
      for (int r = 0; r < ladder.rungs_size(); ++r) {
        CheckRung(ladder.rungs(r), place.Child(ladder.rungs(r), "rungs", r));
      }
    }
  }

  void CheckRung(const v1::Rung& rung, const Place& place) {
    if (rung.kind() == v1::RUNG_KIND_UNSPECIFIED || rung.base() == v1::RUNG_BASE_UNSPECIFIED ||
        rung.audience() == options::v1::ROLE_UNSPECIFIED) {
      Report(place.At("kind"), "RUNG_INCOMPLETE", "A rung says its kind, base and audience.");
      return;
    }
    if (std::abs(rung.offset_minutes()) > kLongestDays * 24 * 60) {
      Report(place.At("offset_minutes"), "OFFSET_RANGE",
             "A rung lies within a century of its base.");
    }
    const bool before = rung.offset_minutes() < 0;
    if ((rung.kind() == v1::RUNG_KIND_REMINDER && rung.base() != v1::RUNG_BASE_OPENS && !before) ||
        (rung.kind() == v1::RUNG_KIND_BREACH && (rung.base() != v1::RUNG_BASE_DUE || before)) ||
        (rung.kind() == v1::RUNG_KIND_LAST_CALL &&
         (rung.base() != v1::RUNG_BASE_CLOSES || !before))) {
      Report(place.At("offset_minutes"), "RUNG_MISPLACED",
             "A reminder comes before due, a breach at or after due, a last call before closes.");
    }
  }

  void CheckOffset(const v1::Offset& offset, const v1::StepRule& rule, const Place& place) {
    switch (offset.kind_case()) {
      case v1::Offset::kElapsed:
        if (offset.elapsed().hours() < 0 || offset.elapsed().minutes() < 0 ||
            offset.elapsed().hours() > kLongestDays * 24 ||
            offset.elapsed().minutes() > kLongestDays * 24 * 60) {
          Report(place.At("elapsed"), "OFFSET_RANGE", "An offset lies between 0 and a century.");
        }
        return;
      case v1::Offset::kCivil: {
        const v1::Civil& civil = offset.civil();
        if ((civil.days() != 0) + (civil.weeks() != 0) + (civil.months() != 0) > 1) {
          Report(place.At("civil"), "OFFSET_MIXED",
                 "One offset uses days, weeks or months, never two of them.");
        }
        if (std::min({civil.days(), civil.weeks(), civil.months()}) < 0 ||
            civil.days() > kLongestDays || civil.weeks() > kLongestDays / 7 ||
            civil.months() > 1200) {
          Report(place.At("civil"), "OFFSET_RANGE", "An offset lies between 0 and a century.");
        }
        return;
      }
      case v1::Offset::kWorking:
        if (rule.clinical()) {
          Report(
              place.At("working"), "WORKING_DAYS_REFUSED",
              absl::StrCat("Step '", rule.key(),
                           "' is a clinical limit: it never pauses for a weekend. Use elapsed or "
                           "civil time."));
        }
        if (offset.working().days() < 0 || offset.working().days() > kLongestDays) {
          Report(place.At("working"), "OFFSET_RANGE", "An offset lies between 0 and a century.");
        }
        return;
      case v1::Offset::KIND_NOT_SET:
        Report(place.At("elapsed"), "OFFSET_EMPTY",
               "An offset is elapsed, civil or working; leave the field out to add nothing.");
        return;
    }
  }

  void CheckPoint(const std::string& point, const v1::StepRule& rule, const Fault& where) {
    absl::string_view key = point;
    if (absl::ConsumePrefix(&key, "step:")) {
      const v1::StepRule* other = FindRule(protocol_, key);
      if (other == nullptr || other->key() != key) {
        Report(where, "ANCHOR_UNKNOWN", absl::StrCat("No step has the key '", key, "'."));
      } else if (!other->each().empty() && other->each() != rule.each()) {
        Report(where, "ANCHOR_UNKNOWN",
               absl::StrCat("Step '", key, "' is there once for each ", other->each(),
                            "; only another step of each ", other->each(), " can wait for it."));
      }
    } else if (point.empty()) {
      Report(where, "ANCHOR_EMPTY", "Say what dates are counted from.");
    } else if (known_ != nullptr && known_->points.count(point) == 0) {
      Report(where, "ANCHOR_UNKNOWN",
             absl::StrCat("The pathway knows no point '", point, "'; it knows ",
                          absl::StrJoin(known_->points, ", "), " and step:<key>."));
    }
  }

  void CheckChoice(const v1::AnchorChoice& choice, const v1::StepRule& rule, const Place& place) {
    if (choice.terms().empty()) {
      Report(place.At("terms"), "ANCHOR_EMPTY", "A choice of anchors needs terms.");
    }
    for (int i = 0; i < choice.terms_size(); ++i) {
      const v1::AnchorTerm& term = choice.terms(i);
      const Place term_place = place.Child(term, "terms", i);
      CheckPoint(term.point(), rule, term_place.At("point"));
      if (!term.has_offset()) continue;
      CheckOffset(term.offset(), rule, term_place.Child(term.offset(), "offset"));
      if (term.offset().civil().months() != 0 &&
          (rule.opens().civil().months() != 0 || rule.due().civil().months() != 0 ||
           rule.closes().civil().months() != 0)) {
        Report(term_place.At("offset"), "OFFSET_CHAINED",
               "Months on top of months are chained: 31 January + 1 + 1 month is not + 2 months. "
               "Count from the anchor once.");
      }
    }
  }

  void CheckAnchor(const v1::StepRule& rule, const Place& place) {
    const Place anchor = place.Child(rule.anchor(), "anchor");
    switch (rule.anchor().kind_case()) {
      case v1::Anchor::kPoint:
        CheckPoint(rule.anchor().point(), rule, anchor.At("point"));
        return;
      case v1::Anchor::kLatestOf:
        CheckChoice(rule.anchor().latest_of(), rule,
                    anchor.Child(rule.anchor().latest_of(), "latest_of"));
        return;
      case v1::Anchor::kEarliestOf:
        CheckChoice(rule.anchor().earliest_of(), rule,
                    anchor.Child(rule.anchor().earliest_of(), "earliest_of"));
        return;
      case v1::Anchor::KIND_NOT_SET:
        Report(place.At("anchor"), "ANCHOR_EMPTY",
               absl::StrCat("Step '", rule.key(), "' does not say what it is counted from."));
        return;
    }
  }

  void CheckCondition(const v1::Condition& condition, const Place& place) {
    switch (condition.kind_case()) {
      case v1::Condition::kEquals: {
        const v1::FactEquals& equals = condition.equals();
        const Place at = place.Child(equals, "equals");
        if (known_ == nullptr) return;
        const auto fact = known_->values.find(equals.fact());
        if (fact == known_->values.end()) {
          Report(at.At("fact"), "FACT_UNKNOWN",
                 absl::StrCat("The pathway knows no fact '", equals.fact(), "'."));
        } else if (fact->second.count(equals.value()) == 0) {
          Report(at.At("value"), "VALUE_UNKNOWN",
                 absl::StrCat("Fact '", equals.fact(), "' is never '", equals.value(), "'; it is ",
                              absl::StrJoin(fact->second, ", "), "."));
        }
        return;
      }
      case v1::Condition::kAll:
        CheckConditions(condition.all(), place.Child(condition.all(), "all"), place.At("all"));
        return;
      case v1::Condition::kAny:
        CheckConditions(condition.any(), place.Child(condition.any(), "any"), place.At("any"));
        return;
      case v1::Condition::kNot:
        CheckCondition(condition.not_(), place.Child(condition.not_(), "not"));
        return;
      case v1::Condition::KIND_NOT_SET:
        Report(place.At("equals"), "CONDITION_EMPTY",
               "A condition is equals, all, any or not; leave the field out for always.");
        return;
    }
  }

  void CheckConditions(const v1::Conditions& conditions, const Place& place, const Fault& where) {
    if (conditions.conditions().empty()) {
      Report(where, "CONDITION_EMPTY", "all and any hold at least one condition.");
    }
    for (int i = 0; i < conditions.conditions_size(); ++i) {
      CheckCondition(conditions.conditions(i),
                     place.Child(conditions.conditions(i), "conditions", i));
    }
  }

  void CheckStep(const v1::StepRule& rule, const Place& place) {
    if (!rule.each().empty() && known_ != nullptr && known_->items.count(rule.each()) == 0) {
      Report(place.At("each"), "ITEM_UNKNOWN",
             absl::StrCat("The pathway knows no things of the kind '", rule.each(), "'; it knows ",
                          absl::StrJoin(known_->items, ", "), "."));
    }
    const std::string name = absl::StrCat("Step '", rule.key(), "' ");
    if (rule.title().empty()) {
      Report(place.At("title"), "STEP_INCOMPLETE", absl::StrCat(name, "needs a title."));
    }
    if (stages_.count(rule.stage()) == 0) {
      Report(place.At("stage"), "STAGE_UNKNOWN",
             absl::StrCat(name, "is in stage '", rule.stage(), "', which the protocol has not."));
    }
    if (rule.has_when()) CheckCondition(rule.when(), place.Child(rule.when(), "when"));
    CheckAnchor(rule, place);
    if (rule.has_opens()) CheckOffset(rule.opens(), rule, place.Child(rule.opens(), "opens"));
    if (rule.has_due()) {
      CheckOffset(rule.due(), rule, place.Child(rule.due(), "due"));
    } else {
      Report(place.At("due"), "STEP_INCOMPLETE", absl::StrCat(name, "is never due."));
    }
    if (rule.has_closes()) {
      CheckOffset(rule.closes(), rule, place.Child(rule.closes(), "closes"));
      if (rule.has_due() && FallsAfter(rule.due(), rule.closes())) {
        Report(place.At("due"), "DUE_AFTER_CLOSES",
               absl::StrCat(name, "is due after its clinical window shuts."));
      }
    }
    if (rule.has_opens() && rule.has_due() && FallsAfter(rule.opens(), rule.due())) {
      Report(place.At("opens"), "OPENS_AFTER_DUE", absl::StrCat(name, "opens after it is due."));
    }
    std::set<std::string> tests;
    for (int i = 0; i < rule.panel_size(); ++i) {
      const v1::PanelTest& test = rule.panel(i);
      const Place at = place.Child(test, "panel", i);
      if (known_ != nullptr && known_->tests.count(test.test()) == 0) {
        Report(at.At("test"), "TEST_UNKNOWN",
               absl::StrCat("The pathway knows no test '", test.test(), "'."));
      }
      if (!tests.insert(test.test()).second) {
        Report(at.At("test"), "TEST_DUPLICATE",
               absl::StrCat(name, "asks for '", test.test(), "' twice; join the conditions."));
      }
      if (test.has_when()) CheckCondition(test.when(), at.Child(test.when(), "when"));
    }
    if (rule.responsible() == options::v1::ROLE_UNSPECIFIED) {
      Report(place.At("responsible"), "STEP_UNOWNED", absl::StrCat(name, "belongs to nobody."));
    }
    CheckLadder(rule, place);
    if (rule.sources().empty()) {
      Report(place.At("sources"), "STEP_UNSOURCED",
             absl::StrCat(name, "names no source; LOCAL_POLICY is one."));
    }
    for (int i = 0; i < rule.sources_size(); ++i) {
      if (!CheckSource(rule.sources(i))) {
        Report(place.At("sources", i), "STEP_UNSOURCED",
               absl::StrCat(name, "needs guideline, section and evidence in every source."));
      }
    }
    if (!rule.measure().empty() && !IsUpperSnake(rule.measure())) {
      Report(place.At("measure"), "MEASURE_INVALID", "A measure is UPPER_SNAKE_CASE.");
    }
  }

  void CheckLadder(const v1::StepRule& rule, const Place& place) {
    if (rule.ladder().empty()) return;
    const auto ladder = ladders_.find(rule.ladder());
    if (ladder == ladders_.end()) {
      Report(place.At("ladder"), "LADDER_UNKNOWN",
             absl::StrCat("The protocol has no ladder '", rule.ladder(), "'."));
      return;
    }
    const bool needs_closes =
        std::any_of(ladder->second->rungs().begin(), ladder->second->rungs().end(),
                    [](const v1::Rung& rung) { return rung.base() == v1::RUNG_BASE_CLOSES; });
    if (needs_closes && !rule.has_closes()) {
      Report(place.At("ladder"), "RUNG_WITHOUT_BASE",
             absl::StrCat("Ladder '", rule.ladder(), "' counts from closes, but step '", rule.key(),
                          "' never closes."));
    }
  }

  // Keys of the steps whose completion `rule` is counted from.
  static std::vector<std::string> Needs(const v1::StepRule& rule) {
    std::vector<std::string> keys;
    const auto add = [&keys](absl::string_view point) {
      if (absl::ConsumePrefix(&point, "step:")) keys.emplace_back(point);
    };
    add(rule.anchor().point());
    for (const v1::AnchorTerm& term : rule.anchor().latest_of().terms()) add(term.point());
    for (const v1::AnchorTerm& term : rule.anchor().earliest_of().terms()) add(term.point());
    return keys;
  }

  void Cycles() {
    std::map<std::string, int> index;
    for (int i = 0; i < protocol_.steps_size(); ++i) index.emplace(protocol_.steps(i).key(), i);
    for (int start = 0; start < protocol_.steps_size(); ++start) {
      std::set<int> seen;
      std::vector<int> open = {start};
      bool cyclic = false;
      while (!open.empty() && !cyclic) {
        const int at = open.back();
        open.pop_back();
        for (const std::string& key : Needs(protocol_.steps(at))) {
          const auto next = index.find(key);
          if (next == index.end()) continue;
          if (next->second == start) cyclic = true;
          if (seen.insert(next->second).second) open.push_back(next->second);
        }
      }
      if (cyclic) {
        const v1::StepRule& rule = protocol_.steps(start);
        Report(root_.Child(rule, "steps", start).At("anchor"), "ANCHOR_CYCLE",
               absl::StrCat("Step '", rule.key(), "' waits for its own completion."));
      }
    }
  }

  const v1::Protocol& protocol_;
  const KnownFacts* known_;
  const Place root_;
  std::vector<Fault> faults_;
  std::set<std::string> stages_;
  std::set<std::string> step_keys_;
  std::map<std::string, const v1::Ladder*> ladders_;
};

}  // namespace

void KnowBooleans(const std::vector<std::string>& names, KnownFacts& known) {
  for (const std::string& name : names) known.values[name] = {"true", "false"};
}

void KnowHeader(KnownFacts& known) {
  known.values["jurisdiction"] = {"england", "wales"};
  KnowBooleans({"workforce"}, known);
}

std::vector<Fault> Lint(const v1::Protocol& protocol, const KnownFacts* known,
                        const TextFormat::ParseInfoTree* locations) {
  return Linter(protocol, known, locations).Run();
}

}  // namespace waymark::casework
