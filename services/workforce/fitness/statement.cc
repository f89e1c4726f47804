#include "services/workforce/fitness/statement.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

using casework::DayOf;
using casework::ToCivilDate;
using casework::ToTimestamp;
using CivilDate = waymark::casework::v1::CivilDate;

// A statement begins within a year of today, on either side: a slip of the century is no date.
constexpr int kFurthestDays = 366;
constexpr int kMostPercent = 99;

bool Exists(const CivilDate& date) {
  if (date.year() < 1900 || date.year() > 9999) return false;
  const absl::CivilDay day = DayOf(date);
  return day.year() == date.year() && day.month() == date.month() && day.day() == date.day();
}

// Collects what is wrong with what a clinician states.
class Check {
 public:
  explicit Check(absl::CivilDay today) : today_(today) {}

  void Wrong(absl::string_view field, absl::string_view reason, absl::string_view description) {
    violations_.Add(field, reason, description);
  }
  // False when it is not set; a date that does not exist is wrong.
  bool Date(absl::string_view field, bool set, const CivilDate& date) {
    if (!set) return false;
    if (Exists(date)) return true;
    Wrong(field, "DATE_INVALID", "A date that exists.");
    return false;
  }
  void Id(absl::string_view field, absl::string_view id) {
    if (!id.empty() && !ids::IsUuid(id)) Wrong(field, "NOT_A_UUID", "A lower-case UUID, or none.");
  }
  // Fills in `from` where a measure names none, and sees that it ends after it begins.
  void Span(const std::string& field, const CivilDate& standard, CivilDate& from, bool has_from,
            const CivilDate& until, bool has_until) {
    if (!has_from) from = standard;
    if (!Date(absl::StrCat(field, ".from_date"), true, from)) return;
    if (Date(absl::StrCat(field, ".until_date"), has_until, until) && DayOf(until) < DayOf(from)) {
      Wrong(absl::StrCat(field, ".until_date"), "BEFORE_START",
            "The last day comes after the first.");
    }
  }
  absl::CivilDay today() const { return today_; }
  absl::Status ToStatus() const { return violations_.ToStatus(); }

 private:
  const absl::CivilDay today_;
  status::FieldViolations violations_;
};

void CheckMeasures(v1::Fitness& fitness, Check& check) {
  std::set<int> seen;
  for (int i = 0; i < fitness.restrictions_size(); ++i) {
    v1::Restriction& one = *fitness.mutable_restrictions(i);
    const std::string field = absl::StrCat("fitness.restrictions[", i, "]");
    if (one.code() == v1::RESTRICTION_CODE_UNSPECIFIED) {
      check.Wrong(field + ".code", "MISSING", "What must not be done.");
    } else if (!seen.insert(one.code()).second) {
      check.Wrong(field + ".code", "TWICE", "Each restriction once.");
    }
    const bool has_from = one.has_from_date();
    check.Span(field, fitness.from_date(), *one.mutable_from_date(), has_from, one.until_date(),
               one.has_until_date());
  }
  seen.clear();
  for (int i = 0; i < fitness.adjustments_size(); ++i) {
    v1::Adjustment& one = *fitness.mutable_adjustments(i);
    const std::string field = absl::StrCat("fitness.adjustments[", i, "]");
    if (one.code() == v1::ADJUSTMENT_CODE_UNSPECIFIED) {
      check.Wrong(field + ".code", "MISSING", "What would help.");
    } else if (!seen.insert(one.code()).second) {
      check.Wrong(field + ".code", "TWICE", "Each adjustment once.");
    }
    const bool hours = one.code() == v1::ADJUSTMENT_CODE_REDUCED_HOURS ||
                       one.code() == v1::ADJUSTMENT_CODE_PHASED_RETURN;
    if (hours ? one.hours_percent() < 1 || one.hours_percent() > kMostPercent
              : one.hours_percent() != 0) {
      check.Wrong(field + ".hours_percent", "OUT_OF_RANGE",
                  "1 to 99 with reduced hours and a phased return, and left out elsewhere.");
    }
    const bool has_from = one.has_from_date();
    check.Span(field, fitness.from_date(), *one.mutable_from_date(), has_from, one.until_date(),
               one.has_until_date());
  }
}

void CheckReview(const v1::FitnessCodeRule& rule, const v1::Fitness& fitness,
                 const std::optional<absl::CivilDay>& recuperative_since, Check& check) {
  constexpr absl::string_view kField = "fitness.review_date";
  if (!check.Date(kField, fitness.has_review_date(), fitness.review_date())) {
    if (!fitness.has_review_date() && rule.review_required()) {
      check.Wrong(kField, "REVIEW_DATE_REQUIRED",
                  "This code needs a date at which it is reviewed.");
    }
    return;
  }
  const absl::CivilDay from = DayOf(fitness.from_date());
  const absl::CivilDay review = DayOf(fitness.review_date());
  if (review < std::max(from, check.today())) {
    check.Wrong(kField, "BEFORE_START", "The review lies ahead.");
  } else if (rule.has_review_within() && review > After(from, rule.review_within())) {
    check.Wrong(kField, "REVIEW_TOO_LATE",
                absl::StrCat("With this code the latest is ",
                             civil::FormatDay(After(from, rule.review_within())), "."));
  } else if (rule.has_longest()) {
    const absl::CivilDay since = std::min(recuperative_since.value_or(from), from);
    if (review > After(since, rule.longest())) {
      check.Wrong(
          kField, "REVIEW_TOO_LATE",
          absl::StrCat("These duties began on ", civil::FormatDay(since), " and may last until ",
                       civil::FormatDay(After(since, rule.longest())),
                       ": state another code then."));
    }
  }
}

absl::Status WrongState(absl::string_view what) {
  return status::FailedPrecondition("STATEMENT_STATE", what);
}

void Move(v1::StatementState state, v1::FitnessStatement& statement) {
  statement.set_state(state);
  statement.set_version(statement.version() + 1);
}

void End(v1::StatementState state, absl::Time now, v1::FitnessStatement& statement) {
  Move(state, statement);
  *statement.mutable_ended_time() = ToTimestamp(now);
}

v1::ReleaseKind Release(absl::Time now, v1::FitnessStatement& statement) {
  Move(v1::STATEMENT_STATE_RELEASED, statement);
  statement.clear_ended_time();
  *statement.mutable_fitness()->mutable_released_time() = ToTimestamp(now);
  return v1::RELEASE_KIND_STATEMENT;
}

bool IsReleased(const v1::FitnessStatement& statement) {
  return statement.state() == v1::STATEMENT_STATE_RELEASED;
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", casework::FromTimestamp(time), absl::UTCTimeZone());
}

std::string Short(absl::string_view name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

void PutDate(nlohmann::ordered_json& json, const char* name, bool set, const CivilDate& date) {
  if (set) json[name] = civil::FormatDay(DayOf(date));
}

nlohmann::ordered_json FitnessJson(const v1::Fitness& fitness) {
  nlohmann::ordered_json json = {
      {"statement_id", fitness.statement_id()},
      {"subject_id", fitness.subject_id()},
      {"code", Short(v1::FitnessCode_Name(fitness.code()), "FITNESS_CODE_")}};
  PutDate(json, "from_date", fitness.has_from_date(), fitness.from_date());
  PutDate(json, "until_date", fitness.has_until_date(), fitness.until_date());
  PutDate(json, "review_date", fitness.has_review_date(), fitness.review_date());
  json["restrictions"] = nlohmann::ordered_json::array();
  for (const v1::Restriction& one : fitness.restrictions()) {
    nlohmann::ordered_json item = {
        {"code", Short(v1::RestrictionCode_Name(one.code()), "RESTRICTION_CODE_")}};
    PutDate(item, "from_date", one.has_from_date(), one.from_date());
    PutDate(item, "until_date", one.has_until_date(), one.until_date());
    json["restrictions"].push_back(std::move(item));
  }
  json["adjustments"] = nlohmann::ordered_json::array();
  for (const v1::Adjustment& one : fitness.adjustments()) {
    nlohmann::ordered_json item = {
        {"code", Short(v1::AdjustmentCode_Name(one.code()), "ADJUSTMENT_CODE_")}};
    PutDate(item, "from_date", one.has_from_date(), one.from_date());
    PutDate(item, "until_date", one.has_until_date(), one.until_date());
    if (one.hours_percent() != 0) item["hours_percent"] = one.hours_percent();
    json["adjustments"].push_back(std::move(item));
  }
  if (!fitness.replaces_statement_id().empty()) {
    json["replaces_statement_id"] = fitness.replaces_statement_id();
  }
  return json;
}

}  // namespace

absl::StatusOr<v1::FitnessStatement> Issue(const v1::FitnessRules& rules,
                                           const v1::IssueFitnessRequest& request,
                                           const Issuing& issuing) {
  const absl::CivilDay today = civil::DateOf(issuing.now, civil::London());
  Check check(today);
  v1::FitnessStatement statement;
  v1::Fitness& fitness = *statement.mutable_fitness();
  fitness = request.fitness();
  const v1::FitnessCodeRule& rule = RuleOf(rules, fitness.code());
  if (fitness.code() == v1::FITNESS_CODE_UNSPECIFIED) {
    check.Wrong("fitness.code", "MISSING", "What the person is fit for.");
  }
  if (!check.Date("fitness.from_date", true, fitness.from_date())) return check.ToStatus();
  const absl::CivilDay from = DayOf(fitness.from_date());
  if (from < today - kFurthestDays || from > today + kFurthestDays) {
    check.Wrong("fitness.from_date", "OUT_OF_RANGE", "Within a year of today.");
  }
  if (check.Date("fitness.until_date", fitness.has_until_date(), fitness.until_date()) &&
      DayOf(fitness.until_date()) < std::max(from, today)) {
    check.Wrong("fitness.until_date", "BEFORE_START", "The last day lies ahead.");
  }
  CheckMeasures(fitness, check);
  CheckReview(rule, fitness, issuing.recuperative_since, check);
  const int measures = fitness.restrictions_size() + fitness.adjustments_size();
  if (rule.measures() == v1::FitnessCodeRule::MEASURES_NONE && measures > 0) {
    check.Wrong("fitness.code", "NOT_WITH_THIS_CODE", "Fit means without measures.");
  }
  if (rule.measures() == v1::FitnessCodeRule::MEASURES_SOME && measures == 0) {
    check.Wrong("fitness.code", "NOT_WITH_THIS_CODE", "Say which restriction or adjustment.");
  }
  check.Id("fitness.replaces_statement_id", fitness.replaces_statement_id());
  check.Id("case_id", request.case_id());
  check.Id("proposal_id", request.proposal_id());
  RETURN_IF_ERROR(check.ToStatus());
  if (rule.physician_only() && !issuing.by_physician) {
    return status::PermissionDenied("PHYSICIAN_REQUIRED", "Only a physician states this.");
  }
  fitness.set_statement_id(issuing.statement_id);
  fitness.clear_released_time();
  statement.set_state(v1::STATEMENT_STATE_WITH_OFFICER);
  statement.set_version(1);
  statement.set_issued_by(issuing.issued_by);
  *statement.mutable_issued_time() = ToTimestamp(issuing.now);
  statement.set_treating_clinician(request.treating_clinician());
  *statement.mutable_answer_due_time() =
      ToTimestamp(AnswerDue(rules, request.treating_clinician(), issuing.now));
  statement.set_case_id(request.case_id());
  if (fitness.code() == v1::FITNESS_CODE_RECUPERATIVE) {
    *statement.mutable_recuperative_since_date() =
        ToCivilDate(std::min(issuing.recuperative_since.value_or(from), from));
  }
  return statement;
}

std::optional<absl::CivilDay> RecuperativeSince(const v1::FitnessStatement& standing,
                                                absl::CivilDay today) {
  const v1::Fitness& fitness = standing.fitness();
  if (!IsReleased(standing) || fitness.code() != v1::FITNESS_CODE_RECUPERATIVE) {
    return std::nullopt;
  }
  if (fitness.has_until_date() && DayOf(fitness.until_date()) < today - 1) return std::nullopt;
  return DayOf(standing.recuperative_since_date());
}

absl::Time AnswerDue(const v1::FitnessRules& rules, bool treating_clinician, absl::Time issued) {
  const absl::CivilDay day = civil::DateOf(issued, civil::London());
  return civil::EndOfDay(
      After(day, treating_clinician ? rules.medical_report_access() : rules.reading()),
      civil::London());
}

absl::StatusOr<v1::ReleaseKind> Answer(const v1::AnswerFitnessRequest& request, absl::Time now,
                                       v1::FitnessStatement& statement) {
  if (!IsOpen(statement.state())) return WrongState("This statement no longer holds.");
  const bool disputes = request.answer() == v1::OFFICER_ANSWER_DISPUTE_FACTS;
  status::FieldViolations violations;
  if (request.answer() == v1::OFFICER_ANSWER_UNSPECIFIED) {
    violations.Add("answer", "MISSING", "Accept it, say which fact is wrong, or withhold it.");
  }
  if (disputes == request.disputed_facts().empty()) {
    violations.Add("disputed_facts", "MISSING", "With a dispute, and only then: which facts.");
  }
  const std::set<int> facts(request.disputed_facts().begin(), request.disputed_facts().end());
  if (facts.contains(v1::FACT_CODE_UNSPECIFIED)) {
    violations.Add("disputed_facts", "MISSING", "Which fact.");
  }
  RETURN_IF_ERROR(violations.ToStatus());

  const bool was_released = IsReleased(statement);
  v1::ReleaseKind leaves = v1::RELEASE_KIND_UNSPECIFIED;
  switch (request.answer()) {
    case v1::OFFICER_ANSWER_ACCEPT:
      if (was_released) return WrongState("It is with the employer already.");
      leaves = Release(now, statement);
      statement.clear_disputed_facts();
      break;
    case v1::OFFICER_ANSWER_DISPUTE_FACTS:
      if (was_released || statement.state() == v1::STATEMENT_STATE_WITHHELD) {
        return WrongState("A fact is disputed before it leaves; withhold it and ask for another.");
      }
      Move(v1::STATEMENT_STATE_FACT_DISPUTED, statement);
      statement.clear_disputed_facts();
      for (const int fact : facts) statement.add_disputed_facts(static_cast<v1::FactCode>(fact));
      break;
    default:
      if (statement.state() == v1::STATEMENT_STATE_WITHHELD) {
        return WrongState("It is withheld already.");
      }
      End(v1::STATEMENT_STATE_WITHHELD, now, statement);
      leaves = was_released ? v1::RELEASE_KIND_WITHDRAWN : v1::RELEASE_KIND_NO_REPORT;
  }
  *statement.mutable_answered_time() = ToTimestamp(now);
  return leaves;
}

absl::StatusOr<v1::ReleaseKind> ReleaseUnanswered(Consent consent, absl::Time now,
                                                  v1::FitnessStatement& statement) {
  switch (statement.state()) {
    case v1::STATEMENT_STATE_WITH_OFFICER:
      break;
    case v1::STATEMENT_STATE_WITHHELD:
      return status::FailedPrecondition("CONSENT_WITHDRAWN", "The officer withheld it.");
    default:
      return WrongState("Only a statement that waits for the officer's answer can be released.");
  }
  if (statement.treating_clinician()) {
    return status::FailedPrecondition(
        "ANSWER_AWAITED",
        "A report of a clinician who treats the officer never leaves without their answer.");
  }
  if (now <= casework::FromTimestamp(statement.answer_due_time())) {
    return status::FailedPrecondition("ANSWER_AWAITED", "The officer still has time to read it.");
  }
  if (consent == Consent::kWithdrawn) {
    return status::FailedPrecondition("CONSENT_WITHDRAWN",
                                      "The officer withdrew their consent to the employer.");
  }
  if (consent == Consent::kNone) {
    return status::FailedPrecondition(
        "CONSENT_MISSING", "Without an answer it needs the officer's consent on their record.");
  }
  return Release(now, statement);
}

absl::StatusOr<v1::ReleaseKind> Withdraw(absl::Time now, v1::FitnessStatement& statement) {
  if (!IsOpen(statement.state())) return WrongState("This statement no longer holds.");
  const bool was_released = IsReleased(statement);
  End(v1::STATEMENT_STATE_WITHDRAWN, now, statement);
  return was_released ? v1::RELEASE_KIND_WITHDRAWN : v1::RELEASE_KIND_UNSPECIFIED;
}

absl::StatusOr<v1::ReleaseKind> Expire(absl::Time now, v1::FitnessStatement& statement) {
  if (!IsOpen(statement.state())) return WrongState("This statement no longer holds.");
  const bool was_released = IsReleased(statement);
  End(v1::STATEMENT_STATE_EXPIRED, now, statement);
  return was_released ? v1::RELEASE_KIND_EXPIRED : v1::RELEASE_KIND_UNSPECIFIED;
}

absl::StatusOr<v1::ReleaseKind> Supersede(absl::Time now, v1::FitnessStatement& statement) {
  if (!IsOpen(statement.state())) return WrongState("This statement no longer holds.");
  End(v1::STATEMENT_STATE_SUPERSEDED, now, statement);
  return v1::RELEASE_KIND_UNSPECIFIED;
}

bool IsOpen(v1::StatementState state) {
  return state == v1::STATEMENT_STATE_WITH_OFFICER || state == v1::STATEMENT_STATE_FACT_DISPUTED ||
         state == v1::STATEMENT_STATE_RELEASED || state == v1::STATEMENT_STATE_WITHHELD;
}

v1::FitnessRelease ReleaseOf(v1::ReleaseKind kind, const v1::FitnessStatement& statement,
                             absl::Time now) {
  v1::FitnessRelease release;
  release.set_kind(kind);
  release.set_subject_id(statement.fitness().subject_id());
  *release.mutable_released_time() = ToTimestamp(now);
  if (kind == v1::RELEASE_KIND_NO_REPORT) return release;
  release.set_statement_id(statement.fitness().statement_id());
  if (kind == v1::RELEASE_KIND_STATEMENT) *release.mutable_fitness() = statement.fitness();
  return release;
}

std::string WebhookBody(const v1::FitnessRelease& release, absl::string_view tenant) {
  nlohmann::ordered_json body = {
      {"delivery_id", DeliveryId(tenant, release.sequence())},
      {"tenant", std::string(tenant)},
      {"sequence", release.sequence()},
      {"kind", Short(v1::ReleaseKind_Name(release.kind()), "RELEASE_KIND_")},
      {"subject_id", release.subject_id()},
      {"released_time", Utc(release.released_time())},
  };
  if (!release.statement_id().empty()) body["statement_id"] = release.statement_id();
  if (release.has_fitness()) body["fitness"] = FitnessJson(release.fitness());
  return body.dump();
}

std::string DeliveryId(absl::string_view tenant, int64_t sequence) {
  return ids::DeriveUuid(tenant, absl::StrCat("fitness_release/", sequence));
}

}  // namespace waymark::workforce
