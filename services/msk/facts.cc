#include "services/msk/facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/civil/civil.h"
#include "services/casework/local_time.h"
#include "services/casework/planner.h"
#include "services/msk/door.h"
#include "services/msk/ottawa.h"
#include "services/msk/physiotherapy_priority.h"
#include "services/msk/record.h"
#include "services/msk/red_flags.h"
#include "services/msk/return_reviews.h"
#include "services/msk/riddor.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

using casework::End;
using casework::Facts;
using casework::InstantOf;
using casework::Item;
using casework::SetBool;
using casework::StepKeyOf;
using casework::v1::ENDING_DECLINED;
using casework::v1::ENDING_DONE;

constexpr char kRedFlag[] = "red_flag";
constexpr char kCare[] = "care";
constexpr char kAbsence[] = "absence";
constexpr char kReturnReview[] = "return_review";

void SetItemBool(Item& item, const std::string& name, bool value) {
  item.values[name] = value ? "true" : "false";
}

absl::Time StartOf(absl::CivilDay day) { return civil::StartOfDay(day, civil::London()); }
absl::Time StartOf(const casework::v1::CivilDate& date) { return StartOf(casework::DayOf(date)); }

// "cauda equina", and "cauda equina 2" for the second of a case.
std::string NameOf(const v1::RedFlag& flag, std::map<std::string, int>& seen) {
  std::string name = absl::StrReplaceAll(SuspicionName(flag.suspicion()), {{"_", " "}});
  const int number = ++seen[name];
  return number == 1 ? name : absl::StrCat(name, " ", number);
}

// "MRI 1", "physiotherapy 2": by the place among all that was asked for.
std::string NameOf(const v1::Care& care, int number) {
  switch (care.modality()) {
    case v1::MODALITY_XRAY:
      return absl::StrCat("X-ray ", number);
    case v1::MODALITY_ULTRASOUND:
      return absl::StrCat("ultrasound ", number);
    case v1::MODALITY_CT:
      return absl::StrCat("CT ", number);
    case v1::MODALITY_MRI:
      return absl::StrCat("MRI ", number);
    default:
      break;
  }
  const std::string kind =
      absl::AsciiStrToLower(v1::CareKind_Name(care.kind()).substr(sizeof("CARE_KIND_") - 1));
  return absl::StrCat(absl::StrReplaceAll(kind, {{"_", " "}}), " ", number);
}

bool IsCancelled(const v1::Care& care) { return care.has_cancelled_time(); }

void ReadInjury(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol, Facts& facts) {
  casework::ReadHeader(msk_case.header(), facts);
  const v1::Injury& latest = LatestInjury(msk_case);
  facts.points["incident"] = IncidentOf(msk_case);
  facts.points["report"] = InstantOf(msk_case.injury().reported_time());
  facts.points["injury"] = CourseStart(msk_case);
  facts.points["last_report"] = InstantOf(latest.reported_time());
  SetBool(facts, "low_back", latest.region() == v1::REGION_LOW_BACK);
  SetBool(facts, "ottawa_region", HasOttawaRule(latest));
  SetBool(facts, "unable_to_work", IsUnableToWork(msk_case));
  SetBool(facts, "specified_injury", IsSpecifiedInjury(msk_case));
  SetBool(facts, "over_seven_days",
          latest.on_duty() == v1::ANSWER_YES &&
              LongestIncapacity(msk_case) > casework::Parameter(protocol, kRiddorOverDays));
  for (const v1::RiddorReport& report : msk_case.riddor_reports()) {
    const absl::Time reported = InstantOf(report.reported_time());
    if (reported < CourseStart(msk_case)) continue;
    End(facts,
        report.category() == v1::RIDDOR_CATEGORY_SPECIFIED_INJURY ? "riddor_specified_injury"
                                                                  : "riddor_over_seven_days",
        ENDING_DONE, reported);
  }
}

void ReadDoor(const v1::MskCase& msk_case, Facts& facts) {
  switch (DoorOf(msk_case)) {
    case Door::kUnchecked:
      facts.values["red_flags"] = "unchecked";
      break;
    case Door::kShut:
      facts.values["red_flags"] = "open";
      break;
    case Door::kClear:
      facts.values["red_flags"] = "clear";
      break;
  }
  if (const auto checked = CheckedTime(msk_case)) {
    End(facts, "red_flag_check", ENDING_DONE, *checked);
  }
  if (const auto from = RoutineFrom(msk_case)) facts.points["routine_from"] = *from;
  // What comes later, such as a red flag ruled out, brings nothing of the ordinary path back.
  if (msk_case.care_ending() != v1::CARE_ENDING_UNSPECIFIED) facts.values["red_flags"] = "ended";
}

bool HasDied(const v1::MskCase& msk_case) { return msk_case.care_ending() == v1::CARE_ENDING_DIED; }

// The images asked for because of the flag: when the first was asked for and the first was made.
struct Images {
  std::optional<absl::Time> requested, made;
};

Images ImagesFor(const v1::MskCase& msk_case, const v1::RedFlag& flag) {
  Images images;
  const auto earlier = [](std::optional<absl::Time>& first, absl::Time time) {
    first = first ? std::min(*first, time) : time;
  };
  for (const v1::Care& care : msk_case.care()) {
    if (care.red_flag_id() != flag.red_flag_id() || care.modality() != v1::MODALITY_MRI ||
        IsCancelled(care)) {
      continue;
    }
    earlier(images.requested, InstantOf(care.requested_time()));
    if (care.has_done_time()) earlier(images.made, InstantOf(care.done_time()));
  }
  return images;
}

void ReadRedFlags(const v1::MskCase& msk_case, Facts& facts) {
  std::map<std::string, int> seen;
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    const std::string name = NameOf(flag, seen);
    const auto end = [&facts, &name](const char* step, const v1::Escalation* act) {
      if (act != nullptr) {
        End(facts, StepKeyOf(step, name), ENDING_DONE, InstantOf(act->time()));
      }
    };
    Item& item = facts.items[kRedFlag][name];
    item.values["suspicion"] = SuspicionName(flag.suspicion());
    SetItemBool(item, "settled", IsSettled(flag) || HasDied(msk_case));
    item.points["found"] = InstantOf(flag.found_time());

    // Ruled out before anybody sent them: then sending falls away, it was not done.
    const v1::Escalation* sent = FirstReaching(flag, v1::ESCALATION_STAGE_SENT);
    if (sent != nullptr && sent->stage() == v1::ESCALATION_STAGE_RULED_OUT) sent = nullptr;
    if (sent != nullptr) item.points["referred"] = InstantOf(sent->time());
    for (const char* step :
         {"emergency_transfer", "infection_transfer", "cord_coordinator", "metastases_coordinator",
          "tendon_referral", "dvt_assessment", "cancer_referral", "synovitis_referral"}) {
      end(step, sent);
    }
    const v1::Escalation* seen_by = FirstReaching(flag, v1::ESCALATION_STAGE_SEEN);
    end("tendon_seen", seen_by);
    end("synovitis_seen", seen_by);
    const v1::Escalation* outcome = FirstReaching(flag, v1::ESCALATION_STAGE_CONFIRMED);
    end("red_flag_outcome", outcome);
    end("cancer_diagnosis", outcome);
    const bool confirmed = outcome != nullptr && outcome->stage() == v1::ESCALATION_STAGE_CONFIRMED;
    SetItemBool(item, "confirmed", confirmed);
    if (confirmed) item.points["confirmed"] = InstantOf(outcome->time());
    end("handback_check", FirstReaching(flag, v1::ESCALATION_STAGE_RULED_OUT));

    const Images images = ImagesFor(msk_case, flag);
    if (images.requested) {
      item.points["mri_requested"] = *images.requested;
      End(facts, StepKeyOf("ces_mri_request", name), ENDING_DONE, *images.requested);
    }
    if (images.made) {
      for (const char* step : {"ces_mri", "cord_mri", "metastases_mri"}) {
        End(facts, StepKeyOf(step, name), ENDING_DONE, *images.made);
      }
    }
  }
}

void ReadTriage(const v1::MskCase& msk_case, Facts& facts) {
  const v1::Triage* triage = TriageOf(msk_case);
  const bool needed = triage != nullptr && triage->physiotherapy_needed() == v1::ANSWER_YES;
  facts.values["physiotherapy"] =
      !needed ? "none" : (DerivePriority(msk_case) == v1::PRIORITY_URGENT ? "urgent" : "routine");
  SetBool(facts, "obstacles",
          triage != nullptr && triage->psychosocial_obstacles() == v1::ANSWER_YES);
  if (triage == nullptr) return;
  facts.points["triaged"] = InstantOf(triage->triaged_time());
  // A later triage of the same course does not make the first one late.
  for (const v1::Triage& one : msk_case.triages()) {
    if (InstantOf(one.triaged_time()) < CourseStart(msk_case)) continue;
    End(facts, "triage", ENDING_DONE, InstantOf(one.triaged_time()));
    break;
  }
}

void ReadScores(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol, Facts& facts) {
  const v1::Score* baseline = FirstMskHq(msk_case);
  const v1::Score* last = LastMskHq(msk_case);
  SetBool(facts, "baseline_taken", baseline != nullptr);
  const auto changed = [](const v1::Score* score) {
    return score != nullptr && score->important_change() == v1::ANSWER_YES;
  };
  SetBool(facts, "important_change", changed(last));
  if (baseline != nullptr) {
    facts.points["baseline"] = InstantOf(baseline->taken_time());
    facts.points["course"] = facts.points["baseline"];
    End(facts, "msk_hq_baseline", ENDING_DONE, facts.points["baseline"]);
  } else if (facts.points.count("routine_from") > 0) {
    facts.points["course"] = facts.points["routine_from"];
  }
  const absl::Time repeat_from =
      baseline == nullptr
          ? absl::InfiniteFuture()
          : StartOf(civil::DateOf(facts.points["baseline"], civil::London()) +
                    static_cast<int>(casework::Parameter(protocol, kMskHqRepeatFromDays)));
  for (const v1::Score& score : msk_case.scores()) {
    const absl::Time taken = InstantOf(score.taken_time());
    if (taken < CourseStart(msk_case)) continue;
    if (score.has_start_back()) End(facts, "start_back", ENDING_DONE, taken);
    if (score.has_orebro()) End(facts, "orebro", ENDING_DONE, taken);
    // Improved early is improved; else it is the one near six weeks that the step asks for.
    if (score.has_msk_hq() && baseline != nullptr && &score != baseline &&
        (changed(&score) || taken >= repeat_from)) {
      End(facts, "msk_hq_6_weeks", ENDING_DONE, taken);
    }
  }
  for (const v1::PhysicianReview& review : msk_case.physician_reviews()) {
    const absl::Time reviewed = InstantOf(review.reviewed_time());
    if (reviewed < CourseStart(msk_case)) continue;
    End(facts, "no_improvement", ENDING_DONE, reviewed);
    break;
  }
  for (const v1::TreatmentCentre& centre : msk_case.treatment_centres()) {
    End(facts, "treatment_centre",
        centre.decision() == v1::TREATMENT_CENTRE_DECISION_DECLINED ? ENDING_DECLINED : ENDING_DONE,
        InstantOf(centre.considered_time()));
    break;
  }
}

void ReadOttawa(const v1::MskCase& msk_case, Facts& facts) {
  const v1::OttawaAssessment* last = nullptr;
  for (const v1::OttawaAssessment& assessment : msk_case.ottawa_assessments()) {
    if (InstantOf(assessment.assessed_time()) < CourseStart(msk_case)) continue;
    if (last == nullptr) {
      End(facts, "ottawa", ENDING_DONE, InstantOf(assessment.assessed_time()));
    }
    last = &assessment;
  }
  SetBool(facts, "xray_advised",
          last != nullptr && (last->ankle_advice() == v1::XRAY_ADVICE_XRAY ||
                              last->foot_advice() == v1::XRAY_ADVICE_XRAY ||
                              last->knee_advice() == v1::XRAY_ADVICE_XRAY));
  if (last == nullptr) return;
  facts.points["examined"] = InstantOf(last->assessed_time());
  for (const v1::Care& care : msk_case.care()) {
    if (care.modality() != v1::MODALITY_XRAY || !care.has_done_time() ||
        InstantOf(care.done_time()) < CourseStart(msk_case)) {
      continue;
    }
    End(facts, "ottawa_xray", ENDING_DONE, InstantOf(care.done_time()));
    break;
  }
}

const char* KindName(v1::CareKind kind) {
  switch (kind) {
    case v1::CARE_KIND_IMAGING:
      return "imaging";
    case v1::CARE_KIND_CONSULTANT:
      return "consultant";
    case v1::CARE_KIND_COMBINED_PROGRAMME:
      return "combined_programme";
    default:
      return "physiotherapy";
  }
}

const char* ProviderName(v1::Provider provider) {
  switch (provider) {
    case v1::PROVIDER_NHS:
      return "nhs";
    case v1::PROVIDER_PRIVATE:
      return "private";
    default:
      return "occupational_health";
  }
}

// A thing that was cancelled is no thing: its steps fall away.
void ReadCare(const v1::MskCase& msk_case, Facts& facts) {
  int number = 0;
  for (const v1::Care& care : msk_case.care()) {
    const std::string name = NameOf(care, ++number);
    const absl::Time requested = InstantOf(care.requested_time());
    const bool of_course = requested >= CourseStart(msk_case);
    if (IsCancelled(care)) continue;
    if (care.kind() == v1::CARE_KIND_PHYSIOTHERAPY && of_course) {
      End(facts, "physiotherapy_request", ENDING_DONE, requested);
    }
    if (care.kind() == v1::CARE_KIND_COMBINED_PROGRAMME && of_course) {
      End(facts, "combined_programme", ENDING_DONE, requested);
    }
    Item& item = facts.items[kCare][name];
    item.values["kind"] = KindName(care.kind());
    item.values["provider"] = ProviderName(care.provider());
    item.values["priority"] = care.priority() == v1::PRIORITY_URGENT ? "urgent" : "routine";
    SetItemBool(item, "emergency", care.basis() == v1::IMAGING_BASIS_RED_FLAG);
    item.points["requested"] = requested;
    item.points["waiting_since"] =
        care.has_waiting_since_date() ? StartOf(care.waiting_since_date()) : requested;
    const auto end = [&](const char* step, absl::Time time) {
      End(facts, StepKeyOf(step, name), ENDING_DONE, time);
    };
    const std::optional<absl::Time> begun = BegunTime(care);
    if (care.has_accepted_time() || begun) {
      end("care_accepted", care.has_accepted_time() ? InstantOf(care.accepted_time()) : *begun);
    }
    if (begun) {
      for (const char* step :
           {"physiotherapy_urgent", "physiotherapy_routine", "physiotherapy_england",
            "physiotherapy_wales", "imaging_england", "imaging_wales"}) {
        end(step, *begun);
      }
    }
    // An image ends its own wait; a consultant's opinion does not stop the clock, treatment does.
    std::optional<absl::Time> stopped;
    if (care.has_clock_stopped_time()) {
      stopped = InstantOf(care.clock_stopped_time());
    } else if (care.kind() == v1::CARE_KIND_IMAGING) {
      stopped = begun;
    }
    if (stopped) {
      for (const char* step : {"rtt_england", "rtt_wales", "rtt_wales_limit"}) end(step, *stopped);
    }
  }
}

void ReadAbsences(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol,
                  Facts& facts) {
  const auto self_certified = static_cast<int>(casework::Parameter(protocol, kSelfCertifiedDays));
  const auto long_days = static_cast<int>(casework::Parameter(protocol, kLongAbsenceDays));
  for (const v1::Absence& spell : msk_case.absences()) {
    if (spell.restricted_duty()) continue;
    const absl::CivilDay first = casework::DayOf(spell.first_date());
    const std::optional<absl::CivilDay> last = LastDay(spell);
    const std::string name = civil::FormatDay(first);
    Item& item = facts.items[kAbsence][name];
    const bool alive = !HasDied(msk_case);
    SetItemBool(item, "away", alive && !last);
    SetItemBool(item, "eight_days", alive && (!last || *last - first + 1 > self_certified));
    SetItemBool(item, "four_weeks", alive && (!last || *last - first >= long_days));
    item.points["first_day"] = StartOf(first);

    bool has_note = false;
    for (const v1::FitNote& note : msk_case.fit_notes()) {
      const absl::CivilDay until = casework::DayOf(note.last_date());
      if (until < first + self_certified || (last && casework::DayOf(note.first_date()) > *last)) {
        continue;
      }
      if (!has_note) {
        End(facts, StepKeyOf("fit_note", name), ENDING_DONE, StartOf(note.issued_date()));
      }
      has_note = true;
      absl::Time& covered = item.points.emplace("covered_until", StartOf(until)).first->second;
      covered = std::max(covered, StartOf(until));
    }
    SetItemBool(item, "has_note", has_note);

    // The first plan or review of the return during the spell.
    std::optional<absl::Time> talked, planned;
    const auto within = [&](absl::Time time) {
      const absl::CivilDay day = civil::DateOf(time, civil::London());
      return day >= first && (!last || day <= *last + 1);
    };
    for (const v1::ReturnPlan& plan : msk_case.return_plans()) {
      const absl::Time written = InstantOf(plan.written_time());
      if (within(written) && !planned) planned = written;
    }
    talked = planned;
    for (const v1::ReturnReview& review : msk_case.return_reviews()) {
      const absl::Time held = InstantOf(review.held_time());
      if (within(held) && (!talked || held < *talked)) talked = held;
    }
    if (talked) End(facts, StepKeyOf("long_absence", name), ENDING_DONE, *talked);
    SetItemBool(item, "return_expected", alive && spell.has_expected_return_date());
    if (spell.has_expected_return_date()) {
      item.points["return_eve"] = StartOf(casework::DayOf(spell.expected_return_date()) - 1);
    }
    if (planned) End(facts, StepKeyOf("return_plan", name), ENDING_DONE, *planned);
  }
}

void ReadReturn(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol, Facts& facts) {
  int number = 0;
  for (const ReviewDate& review : ReviewDatesOf(msk_case, protocol)) {
    // By number, so that a new plan moves the dates instead of leaving the old ones behind.
    const std::string name = absl::StrCat(++number);
    facts.items[kReturnReview][name].points["review"] = StartOf(review.date);
    if (review.held) End(facts, StepKeyOf("return_review", name), ENDING_DONE, *review.held);
  }
  const v1::ReturnPlan* plan = ReturnPlanOf(msk_case);
  SetBool(facts, "returning", plan != nullptr);
  if (plan == nullptr) return;
  facts.points["first_shift"] = StartOf(plan->first_shift_date());
  const absl::CivilDay four_weeks =
      casework::DayOf(plan->first_shift_date()) +
      static_cast<int>(casework::Parameter(protocol, kReturnReviewFromDays));
  for (const v1::ReturnReview& review : msk_case.return_reviews()) {
    const absl::Time held = InstantOf(review.held_time());
    if (civil::DateOf(held, civil::London()) < four_weeks) continue;
    End(facts, "return_four_weeks", ENDING_DONE, held);
    break;
  }
}

void ReadFitness(const v1::MskCase& msk_case, Facts& facts) {
  // The run of recuperative duty that the last proposal belongs to.
  std::optional<absl::Time> from;
  const v1::FitnessProposal* last = nullptr;
  for (const v1::FitnessProposal& proposal : msk_case.fitness_proposals()) {
    last = &proposal;
    if (proposal.code() != v1::FITNESS_CODE_RECUPERATIVE) {
      from.reset();
    } else if (!from) {
      from = StartOf(proposal.first_date());
    }
  }
  SetBool(facts, "recuperative", from.has_value());
  SetBool(facts, "fitness_review_set", last != nullptr && last->has_review_date());
  if (from) {
    facts.points["recuperative_from"] = *from;
    facts.points["recuperative_since"] = StartOf(last->first_date());
  }
  if (last != nullptr && last->has_review_date()) {
    facts.points["fitness_review"] = StartOf(last->review_date());
  }
}

}  // namespace

casework::Facts FactsOf(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol) {
  Facts facts;
  ReadInjury(msk_case, protocol, facts);
  ReadDoor(msk_case, facts);
  ReadRedFlags(msk_case, facts);
  ReadTriage(msk_case, facts);
  ReadScores(msk_case, protocol, facts);
  ReadOttawa(msk_case, facts);
  ReadCare(msk_case, facts);
  ReadAbsences(msk_case, protocol, facts);
  ReadReturn(msk_case, protocol, facts);
  ReadFitness(msk_case, facts);
  return facts;
}

const casework::KnownFacts& KnownFacts() {
  static const auto* const known = [] {
    auto* facts = new casework::KnownFacts;
    std::set<std::string> suspicions;
    for (int suspicion = 1; suspicion <= v1::Suspicion_MAX; ++suspicion) {
      suspicions.insert(SuspicionName(static_cast<v1::Suspicion>(suspicion)));
    }
    facts->values = {{"red_flags", {"unchecked", "open", "clear", "ended"}},
                     {"suspicion", suspicions},
                     {"physiotherapy", {"none", "routine", "urgent"}},
                     {"kind", {"physiotherapy", "imaging", "consultant", "combined_programme"}},
                     {"provider", {"occupational_health", "nhs", "private"}},
                     {"priority", {"routine", "urgent"}}};
    casework::KnowHeader(*facts);
    casework::KnowBooleans({"low_back",
                            "ottawa_region",
                            "unable_to_work",
                            "specified_injury",
                            "over_seven_days",
                            "settled",
                            "confirmed",
                            "obstacles",
                            "baseline_taken",
                            "important_change",
                            "xray_advised",
                            "emergency",
                            "away",
                            "eight_days",
                            "four_weeks",
                            "has_note",
                            "return_expected",
                            "returning",
                            "recuperative",
                            "fitness_review_set"},
                           *facts);
    facts->points = {"incident",
                     "report",
                     "injury",
                     "last_report",
                     "routine_from",
                     "found",
                     "referred",
                     "confirmed",
                     "mri_requested",
                     "triaged",
                     "baseline",
                     "course",
                     "examined",
                     "requested",
                     "waiting_since",
                     "first_day",
                     "covered_until",
                     "return_eve",
                     "review",
                     "first_shift",
                     "recuperative_from",
                     "recuperative_since",
                     "fitness_review"};
    facts->items = {kRedFlag, kCare, kAbsence, kReturnReview};
    facts->parameters = {kStartBackRiskFromTotal, kStartBackHighFromPsychosocial,
                         kMskHqImportantChange,   kOrebroHigherRiskFrom,
                         kOttawaFromAge,          kOttawaKneeAge,
                         kSelfCertifiedDays,      kFitNoteMonths,
                         kFitNoteFirstMonths,     kLongAbsenceDays,
                         kPhasedReviewDays,       kReviewEarlyDays,
                         kReturnReviewFromDays,   kMskHqRepeatFromDays,
                         kRiddorOverDays,         kRiddorRecordDays};
    return facts;
  }();
  return *known;
}

}  // namespace waymark::msk
