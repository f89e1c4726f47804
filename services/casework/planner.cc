#include "services/casework/planner.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/rule_text.h"
#include "services/casework/status.h"
#include "services/casework/unrecorded.h"

namespace waymark::casework {
namespace {

constexpr absl::string_view kStepPoint = "step:";

absl::Status Broken(absl::string_view step, absl::string_view what) {
  return status::Internal("PROTOCOL_BROKEN", absl::StrCat("Step '", step, "' ", what,
                                                          ". Lint the protocol before using it."));
}

// The anchor's London date is needed up to three times a step, and most steps share an anchor.
class Dates {
 public:
  absl::CivilDay Of(absl::Time instant) {
    for (const auto& [known, day] : days_) {
      if (known == instant) return day;
    }
    days_.emplace_back(instant, civil::DateOf(instant, zone_));
    return days_.back().second;
  }
  absl::TimeZone zone() const { return zone_; }

 private:
  absl::TimeZone zone_ = civil::London();
  std::vector<std::pair<absl::Time, absl::CivilDay>> days_;
};

absl::Time OnDay(absl::CivilDay day, absl::Time anchor, DayEdge edge, absl::TimeZone zone) {
  switch (edge) {
    case DayEdge::kStart:
      return civil::StartOfDay(day, zone);
    case DayEdge::kEnd:
      return civil::EndOfDay(day, zone);
    case DayEdge::kSameClock:
      break;
  }
  const absl::CivilSecond clock = zone.At(anchor).cs;
  // A clock time that the target day skips or repeats gives the earlier instant.
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), clock.hour(),
                                           clock.minute(), clock.second()),
                         zone);
}

absl::StatusOr<absl::Time> Add(absl::Time anchor, const v1::Offset& offset, DayEdge edge,
                               const civil::WorkingDays* working_days, Dates& dates) {
  switch (offset.kind_case()) {
    case v1::Offset::kElapsed:
      return anchor + absl::Hours(offset.elapsed().hours()) +
             absl::Minutes(offset.elapsed().minutes());
    case v1::Offset::kCivil: {
      const v1::Civil& civil = offset.civil();
      const absl::CivilDay day =
          civil::AddCivil(dates.Of(anchor),
                          {.months = civil.months(), .weeks = civil.weeks(), .days = civil.days()});
      return OnDay(day, anchor, edge, dates.zone());
    }
    case v1::Offset::kWorking: {
      if (working_days == nullptr) {
        return status::Internal("PROTOCOL_BROKEN", "Working days need a table of bank holidays.");
      }
      const absl::CivilDay day = working_days->Add(dates.Of(anchor), offset.working().days());
      return OnDay(day, anchor, edge, dates.zone());
    }
    case v1::Offset::KIND_NOT_SET:
      return anchor;
  }
  return anchor;
}

// Works on one case; what several steps need is looked up once.
class Planner {
 public:
  Planner(const v1::Protocol& protocol, const Facts& facts, const v1::CaseHeader& header,
          const Planning& planning)
      : protocol_(protocol),
        case_facts_(facts),
        facts_(&case_facts_),
        header_(header),
        planning_(planning) {}

  absl::StatusOr<v1::Plan> Run() {
    v1::Plan plan;
    *plan.mutable_moves() = header_.plan().moves();
    plan.mutable_steps()->Reserve(protocol_.steps_size());
    for (const v1::StepRule& rule : protocol_.steps()) {
      if (rule.each().empty()) {
        RETURN_IF_ERROR(PlanStep(rule, plan));
        continue;
      }
      const auto items = case_facts_.items.find(rule.each());
      if (items == case_facts_.items.end()) continue;
      for (const auto& [name, item] : items->second) {
        LookAt(rule.each(), name, item);
        const absl::Status planned = PlanStep(rule, plan);
        LookAtCase();
        RETURN_IF_ERROR(planned);
      }
    }
    RETURN_IF_ERROR(PlanLooks(plan));
    // Steps that only an earlier version of the protocol, or a thing that is gone, asked for.
    for (const v1::Step& before : header_.plan().steps()) {
      if (FindStep(plan, before.key()) == nullptr) Supersede(before, plan);
    }
    Sort(plan);
    return plan;
  }

 private:
  absl::Status PlanStep(const v1::StepRule& rule, v1::Plan& plan) {
    const std::string key = KeyOf(rule);
    if (FindStep(plan, key) != nullptr) return Broken(rule.key(), "is there twice");
    const v1::Step* before = Before(key);
    ASSIGN_OR_RETURN(const std::optional<Point> anchor, Resolve(rule));
    if (anchor && IsAskedFor(rule)) {
      v1::Step* step = plan.add_steps();
      RETURN_IF_ERROR(Fill(rule, *anchor, *step));
      Settle(before, *step, plan);
    } else if (before != nullptr) {
      Supersede(*before, plan);
    }
    return absl::OkStatus();
  }

  // A step for each thing that came and could not be recorded, in the stage that the case is in.
  absl::Status PlanLooks(v1::Plan& plan) {
    if (header_.unrecorded().empty()) return absl::OkStatus();
    Sort(plan);
    const std::string stage = CurrentStage(protocol_, plan, planning_.now);
    v1::StepRule rule = LookRule();
    rule.set_stage(stage);
    for (const v1::Unrecorded& unrecorded : header_.unrecorded()) {
      Item item;
      item.points[rule.anchor().point()] = FromTimestamp(unrecorded.received_time());
      LookAt(rule.each(), unrecorded.key(), item);
      const absl::Status planned = PlanStep(rule, plan);
      LookAtCase();
      RETURN_IF_ERROR(planned);
    }
    return absl::OkStatus();
  }

  // By due time, then key.
  static void Sort(v1::Plan& plan) {
    std::sort(plan.mutable_steps()->pointer_begin(), plan.mutable_steps()->pointer_end(),
              [](const v1::Step* a, const v1::Step* b) {
                const absl::Time due_a = FromTimestamp(a->due_time());
                const absl::Time due_b = FromTimestamp(b->due_time());
                return due_a != due_b ? due_a < due_b : a->key() < b->key();
              });
  }

  // From here on facts are those of one thing, then those of the case.
  void LookAt(absl::string_view kind, absl::string_view name, const Item& item) {
    kind_ = kind;
    name_ = name;
    Facts& facts = of_item_[{std::string(kind), std::string(name)}];
    if (facts.values.empty() && facts.points.empty()) {
      facts.values = item.values;
      facts.values.insert(case_facts_.values.begin(), case_facts_.values.end());
      facts.points = item.points;
      facts.points.insert(case_facts_.points.begin(), case_facts_.points.end());
    }
    facts_ = &facts;
  }

  void LookAtCase() {
    kind_ = name_ = "";
    facts_ = &case_facts_;
  }

  std::string KeyOf(const v1::StepRule& rule) const {
    return rule.each().empty() ? rule.key() : StepKeyOf(rule.key(), name_);
  }

  // An anchor: what it is called and when it is.
  struct Point {
    absl::string_view name;
    absl::Time time;
  };

  const v1::Step* Before(absl::string_view key) const { return FindStep(header_.plan(), key); }

  bool IsAskedFor(const v1::StepRule& rule) const {
    if (!Holds(rule.when(), *facts_)) return false;
    if (rule.panel().empty()) return true;
    return std::any_of(rule.panel().begin(), rule.panel().end(),
                       [this](const v1::PanelTest& test) { return Holds(test.when(), *facts_); });
  }

  std::optional<absl::Time> TestDone(const std::string& step, const std::string& test) const {
    const auto tests = case_facts_.tests_done.find(step);
    if (tests == case_facts_.tests_done.end()) return std::nullopt;
    const auto done = tests->second.find(test);
    if (done == tests->second.end()) return std::nullopt;
    return done->second;
  }

  // How the step has ended by what the record shows and what people decided. `asked` are the tests
  // it asks for. Nothing while it is open.
  std::optional<v1::StepOutcome> Outcome(const std::string& key,
                                         const std::vector<std::string>& asked) const {
    const v1::StepOutcome* decided = nullptr;
    for (const v1::StepOutcome& outcome : header_.decided()) {
      if (outcome.step_key() == key) decided = &outcome;
    }
    if (decided != nullptr && decided->ending() == v1::ENDING_DONE) return *decided;
    const v1::StepOutcome* derived = nullptr;
    for (const v1::StepOutcome& outcome : case_facts_.outcomes) {
      if (outcome.step_key() == key) derived = &outcome;
    }
    if (derived != nullptr && derived->ending() == v1::ENDING_DONE) return *derived;
    if (!asked.empty()) {
      absl::Time last = absl::InfinitePast();
      for (const std::string& test : asked) {
        const std::optional<absl::Time> done = TestDone(key, test);
        if (!done) {
          last = absl::InfiniteFuture();
          break;
        }
        last = std::max(last, *done);
      }
      if (last != absl::InfiniteFuture()) {
        v1::StepOutcome outcome;
        outcome.set_step_key(key);
        outcome.set_ending(v1::ENDING_DONE);
        *outcome.mutable_ended_time() = ToTimestamp(last);
        return outcome;
      }
    }
    if (decided != nullptr) return *decided;
    if (derived != nullptr) return *derived;
    return std::nullopt;
  }

  std::vector<std::string> AskedTests(const v1::StepRule& rule) const {
    std::vector<std::string> tests;
    for (const v1::PanelTest& test : rule.panel()) {
      if (Holds(test.when(), *facts_)) tests.push_back(test.test());
    }
    return tests;
  }

  std::optional<absl::Time> PointTime(const std::string& point) const {
    absl::string_view key = point;
    if (!absl::ConsumePrefix(&key, kStepPoint)) {
      const auto found = facts_->points.find(point);
      if (found == facts_->points.end()) return std::nullopt;
      return found->second;
    }
    // Completion depends on the record alone, never on another step's dates, so the order in which
    // steps stand in the protocol does not matter.
    const v1::StepRule* rule = FindRule(protocol_, key);
    if (rule == nullptr || (!rule->each().empty() && rule->each() != kind_)) return std::nullopt;
    const std::optional<v1::StepOutcome> outcome = Outcome(KeyOf(*rule), AskedTests(*rule));
    if (!outcome || outcome->ending() != v1::ENDING_DONE) return std::nullopt;
    return FromTimestamp(outcome->ended_time());
  }

  absl::StatusOr<std::optional<Point>> Choose(const v1::StepRule& rule,
                                              const v1::AnchorChoice& choice, bool latest) {
    std::optional<Point> chosen;
    for (const v1::AnchorTerm& term : choice.terms()) {
      const std::optional<absl::Time> time = PointTime(term.point());
      if (!time) {
        if (latest && !term.optional_term()) return std::nullopt;
        continue;
      }
      ASSIGN_OR_RETURN(const absl::Time shifted, Add(*time, term.offset(), DayEdge::kSameClock,
                                                     planning_.working_days, dates_));
      if (!chosen || (latest ? shifted > chosen->time : shifted < chosen->time)) {
        chosen = Point{term.point(), shifted};
      }
    }
    if (choice.terms().empty()) return Broken(rule.key(), "chooses its anchor from nothing");
    return chosen;
  }

  // The step's anchor; nothing while it is not known.
  absl::StatusOr<std::optional<Point>> Resolve(const v1::StepRule& rule) {
    switch (rule.anchor().kind_case()) {
      case v1::Anchor::kPoint: {
        const std::optional<absl::Time> time = PointTime(rule.anchor().point());
        if (!time) return std::nullopt;
        return Point{rule.anchor().point(), *time};
      }
      case v1::Anchor::kLatestOf:
        return Choose(rule, rule.anchor().latest_of(), /*latest=*/true);
      case v1::Anchor::kEarliestOf:
        return Choose(rule, rule.anchor().earliest_of(), /*latest=*/false);
      case v1::Anchor::KIND_NOT_SET:
        return Broken(rule.key(), "has no anchor");
    }
    return std::nullopt;
  }

  absl::Status Fill(const v1::StepRule& rule, const Point& anchor, v1::Step& step) {
    if (!rule.has_due()) return Broken(rule.key(), "is never due");
    step.set_key(KeyOf(rule));
    step.set_stage(rule.stage());
    step.set_anchor(std::string(anchor.name));
    *step.mutable_anchor_time() = ToTimestamp(anchor.time);
    if (rule.has_opens()) {
      ASSIGN_OR_RETURN(const absl::Time opens, Add(anchor.time, rule.opens(), DayEdge::kStart,
                                                   planning_.working_days, dates_));
      *step.mutable_opens_time() = ToTimestamp(opens);
    }
    ASSIGN_OR_RETURN(absl::Time due,
                     Add(anchor.time, rule.due(), DayEdge::kEnd, planning_.working_days, dates_));
    if (rule.has_closes()) {
      ASSIGN_OR_RETURN(const absl::Time closes, Add(anchor.time, rule.closes(), DayEdge::kEnd,
                                                    planning_.working_days, dates_));
      *step.mutable_closes_time() = ToTimestamp(closes);
      // An aim of "that day" against a window of hours: the aim never lies past the window.
      due = std::min(due, closes);
    }
    *step.mutable_due_time() = ToTimestamp(due);
    const std::vector<std::string> asked = AskedTests(rule);
    for (const std::string& test : asked) {
      v1::PlannedTest& planned = *step.add_tests();
      planned.set_test(test);
      if (const std::optional<absl::Time> done = TestDone(step.key(), test)) {
        *planned.mutable_done_time() = ToTimestamp(*done);
      }
    }
    step.set_responsible(rule.responsible());
    step.set_ladder(rule.ladder());
    step.set_blocks_closing(rule.blocks_closing());
    step.set_measure(rule.measure());
    if (!planning_.without_words) {
      step.set_title(TitleOf(rule, step.key()));
      step.set_guidance(rule.guidance());
      *step.mutable_sources() = rule.sources();
    }
    if (std::optional<v1::StepOutcome> outcome = Outcome(step.key(), asked)) {
      *step.mutable_outcome() = *std::move(outcome);
    }
    return absl::OkStatus();
  }

  // Keeps the time at which the same ending was recorded first.
  void StampOutcome(const v1::Step* before, v1::Step& step) const {
    if (!step.has_outcome() || step.outcome().has_recorded_time()) return;
    v1::StepOutcome& outcome = *step.mutable_outcome();
    const bool same =
        before != nullptr && before->outcome().ending() == outcome.ending() &&
        FromTimestamp(before->outcome().ended_time()) == FromTimestamp(outcome.ended_time());
    *outcome.mutable_recorded_time() =
        same ? before->outcome().recorded_time() : ToTimestamp(planning_.now);
  }

  static bool SameInstant(bool has_a, const google::protobuf::Timestamp& a, bool has_b,
                          const google::protobuf::Timestamp& b) {
    return has_a == has_b && a.seconds() == b.seconds() && a.nanos() == b.nanos();
  }

  static bool SameInstants(const v1::Step& a, const v1::Step& b) {
    return SameInstant(a.has_opens_time(), a.opens_time(), b.has_opens_time(), b.opens_time()) &&
           SameInstant(true, a.due_time(), true, b.due_time()) &&
           SameInstant(a.has_closes_time(), a.closes_time(), b.has_closes_time(), b.closes_time());
  }

  v1::Move& AddMove(absl::string_view step_key, v1::Plan& plan) const {
    v1::Move& move = *plan.add_moves();
    move.set_step_key(std::string(step_key));
    move.set_case_version(planning_.case_version);
    *move.mutable_recorded_time() = ToTimestamp(planning_.now);
    move.set_cause(planning_.cause);
    return move;
  }

  static void SetFrom(const v1::Step& step, v1::Move& move) {
    if (step.has_opens_time()) *move.mutable_from_opens_time() = step.opens_time();
    *move.mutable_from_due_time() = step.due_time();
    if (step.has_closes_time()) *move.mutable_from_closes_time() = step.closes_time();
  }

  static void SetTo(const v1::Step& step, v1::Move& move) {
    if (step.has_opens_time()) *move.mutable_to_opens_time() = step.opens_time();
    *move.mutable_to_due_time() = step.due_time();
    if (step.has_closes_time()) *move.mutable_to_closes_time() = step.closes_time();
  }

  static bool IsSuperseded(const v1::Step& step) {
    return step.outcome().ending() == v1::ENDING_SUPERSEDED;
  }

  // Revision and moves of a planned step, against the plan before.
  void Settle(const v1::Step* before, v1::Step& step, v1::Plan& plan) const {
    StampOutcome(before, step);
    if (before == nullptr) {
      step.set_revision(1);
      if (!header_.plan().steps().empty()) SetTo(step, AddMove(step.key(), plan));
      return;
    }
    const bool reopened = IsSuperseded(*before) && !IsSuperseded(step);
    if (!reopened && SameInstants(*before, step)) {
      step.set_revision(before->revision());
      return;
    }
    step.set_revision(before->revision() + 1);
    v1::Move& move = AddMove(step.key(), plan);
    if (!reopened) SetFrom(*before, move);
    SetTo(step, move);
  }

  // Keeps a step that was planned and is not asked for any more.
  void Supersede(const v1::Step& before, v1::Plan& plan) const {
    v1::Step& step = *plan.add_steps();
    step = before;
    step.clear_status();
    if (IsSuperseded(before)) return;
    std::vector<std::string> asked;
    for (v1::PlannedTest& test : *step.mutable_tests()) {
      asked.push_back(test.test());
      test.clear_done_time();
      if (const std::optional<absl::Time> done = TestDone(step.key(), test.test())) {
        *test.mutable_done_time() = ToTimestamp(*done);
      }
    }
    step.clear_outcome();
    if (std::optional<v1::StepOutcome> outcome = Outcome(step.key(), asked)) {
      *step.mutable_outcome() = *std::move(outcome);
      StampOutcome(&before, step);
      return;
    }
    v1::StepOutcome& outcome = *step.mutable_outcome();
    outcome.set_step_key(step.key());
    outcome.set_ending(v1::ENDING_SUPERSEDED);
    *outcome.mutable_ended_time() = ToTimestamp(planning_.now);
    *outcome.mutable_recorded_time() = ToTimestamp(planning_.now);
    SetFrom(before, AddMove(step.key(), plan));
  }

  const v1::Protocol& protocol_;
  const Facts& case_facts_;
  // What conditions and anchors look at: the case, or one thing of it (LookAt).
  const Facts* facts_;
  absl::string_view kind_;
  absl::string_view name_;
  std::map<std::pair<std::string, std::string>, Facts> of_item_;
  const v1::CaseHeader& header_;
  const Planning& planning_;
  Dates dates_;
};

}  // namespace

absl::StatusOr<v1::Plan> PlanSteps(const v1::Protocol& protocol, const Facts& facts,
                                   const v1::CaseHeader& header, const Planning& planning) {
  return Planner(protocol, facts, header, planning).Run();
}

bool Holds(const v1::Condition& condition, const Facts& facts) {
  switch (condition.kind_case()) {
    case v1::Condition::kEquals: {
      const auto value = facts.values.find(condition.equals().fact());
      return value != facts.values.end() && value->second == condition.equals().value();
    }
    case v1::Condition::kAll:
      return std::all_of(condition.all().conditions().begin(), condition.all().conditions().end(),
                         [&facts](const v1::Condition& part) { return Holds(part, facts); });
    case v1::Condition::kAny:
      return std::any_of(condition.any().conditions().begin(), condition.any().conditions().end(),
                         [&facts](const v1::Condition& part) { return Holds(part, facts); });
    case v1::Condition::kNot:
      return !Holds(condition.not_(), facts);
    case v1::Condition::KIND_NOT_SET:
      return true;
  }
  return true;
}

absl::StatusOr<absl::Time> AddOffset(absl::Time anchor, const v1::Offset& offset, DayEdge edge,
                                     const civil::WorkingDays* working_days) {
  Dates dates;
  return Add(anchor, offset, edge, working_days, dates);
}

double Parameter(const v1::Protocol& protocol, absl::string_view key) {
  for (const v1::Parameter& parameter : protocol.parameters()) {
    if (parameter.key() == key) return parameter.value();
  }
  std::fprintf(stderr, "protocol %s v%d has no parameter %s\n", protocol.key().c_str(),
               protocol.version(), std::string(key).c_str());
  std::abort();
}

}  // namespace waymark::casework
