#include "services/msk/record.h"

#include <algorithm>
#include <utility>

#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/msk/door.h"
#include "services/msk/fit_note_rules.h"
#include "services/msk/msk_hq.h"
#include "services/msk/orebro.h"
#include "services/msk/ottawa.h"
#include "services/msk/physiotherapy_priority.h"
#include "services/msk/riddor.h"
#include "services/msk/start_back.h"

namespace waymark::msk {
namespace {

using casework::InstantOf;

// The first or the last score of one questionnaire in the present course.
template <typename Better>
const v1::Score* FindScore(const v1::MskCase& msk_case, v1::Score::AnswersCase answers,
                           Better better) {
  const v1::Score* found = nullptr;
  for (const v1::Score& score : msk_case.scores()) {
    if (score.answers_case() != answers || InstantOf(score.taken_time()) < CourseStart(msk_case)) {
      continue;
    }
    if (found == nullptr || better(InstantOf(score.taken_time()), InstantOf(found->taken_time()))) {
      found = &score;
    }
  }
  return found;
}

bool Earlier(absl::Time a, absl::Time b) { return a < b; }
// Of two at the same minute the one recorded later.
bool NotEarlier(absl::Time a, absl::Time b) { return a >= b; }

void DeriveScore(const casework::v1::Protocol& protocol, v1::Score& score) {
  switch (score.answers_case()) {
    case v1::Score::kStartBack: {
      const StartBack result = ScoreStartBack(score.start_back(), protocol);
      score.set_total(result.total);
      score.set_psychosocial(result.psychosocial);
      score.set_band(result.band);
      break;
    }
    case v1::Score::kMskHq:
      score.set_total(ScoreMskHq(score.msk_hq()));
      break;
    case v1::Score::kOrebro:
      score.set_total(ScoreOrebro(score.orebro()));
      score.set_band(OrebroBand(score.total(), protocol));
      break;
    default:
      break;
  }
}

void DeriveCare(v1::Care& care) {
  const absl::Time requested = InstantOf(care.requested_time());
  care.clear_minutes_to_accepted();
  care.clear_minutes_to_begun();
  if (care.has_accepted_time()) {
    care.set_minutes_to_accepted(absl::ToInt64Minutes(InstantOf(care.accepted_time()) - requested));
  }
  if (const std::optional<absl::Time> begun = BegunTime(care)) {
    care.set_minutes_to_begun(absl::ToInt64Minutes(*begun - requested));
  }
}

}  // namespace

absl::Time IncidentOf(const v1::MskCase& msk_case) {
  return InstantOf(msk_case.injury().incident_time());
}

const v1::Injury& LatestInjury(const v1::MskCase& msk_case) {
  return msk_case.reinjuries().empty() ? msk_case.injury() : *msk_case.reinjuries().rbegin();
}

absl::Time CourseStart(const v1::MskCase& msk_case) {
  return InstantOf(LatestInjury(msk_case).incident_time());
}

const v1::Triage* TriageOf(const v1::MskCase& msk_case) {
  if (msk_case.triages().empty()) return nullptr;
  const v1::Triage& last = *msk_case.triages().rbegin();
  return InstantOf(last.triaged_time()) < CourseStart(msk_case) ? nullptr : &last;
}

const v1::Score* FirstMskHq(const v1::MskCase& msk_case) {
  return FindScore(msk_case, v1::Score::kMskHq, Earlier);
}

const v1::Score* LastMskHq(const v1::MskCase& msk_case) {
  return FindScore(msk_case, v1::Score::kMskHq, NotEarlier);
}

const v1::Score* LastStartBack(const v1::MskCase& msk_case) {
  return FindScore(msk_case, v1::Score::kStartBack, NotEarlier);
}

bool IsAway(const v1::Absence& spell) { return !spell.restricted_duty() && !spell.has_last_date(); }

std::optional<absl::CivilDay> LastDay(const v1::Absence& spell) {
  if (!spell.has_last_date()) return std::nullopt;
  return casework::DayOf(spell.last_date());
}

bool IsUnableToWork(const v1::MskCase& msk_case) {
  if (std::any_of(msk_case.absences().begin(), msk_case.absences().end(), IsAway)) return true;
  const v1::Triage* triage = TriageOf(msk_case);
  const v1::WorkAbility ability =
      triage != nullptr ? triage->work_ability() : LatestInjury(msk_case).work_ability();
  return ability == v1::WORK_ABILITY_UNABLE;
}

std::optional<absl::Time> BegunTime(const v1::Care& care) {
  std::optional<absl::Time> begun;
  if (care.has_done_time()) begun = InstantOf(care.done_time());
  for (const v1::Session& session : care.sessions()) {
    if (!session.attended()) continue;
    const absl::Time time = InstantOf(session.time());
    begun = begun ? std::min(*begun, time) : time;
  }
  return begun;
}

absl::Status CheckInCare(const v1::MskCase& msk_case) {
  if (msk_case.care_ending() == v1::CARE_ENDING_UNSPECIFIED) return absl::OkStatus();
  return status::FailedPrecondition("CARE_ALREADY_ENDED",
                                    "Occupational health's care of this person has ended.");
}

casework::Change<v1::MskCase> Changed(v1::MskCase after, const casework::Call& call) {
  Derive(*call.protocol, call.now, after);
  return casework::ChangeOf(std::move(after));
}

void Derive(const casework::v1::Protocol& protocol, absl::Time now, v1::MskCase& msk_case) {
  int days_lost = 0;
  const absl::CivilDay today = civil::DateOf(now, civil::London());
  for (v1::Absence& spell : *msk_case.mutable_absences()) {
    const absl::CivilDay last = LastDay(spell).value_or(today);
    spell.set_days(static_cast<int>(last - casework::DayOf(spell.first_date())) + 1);
    if (!spell.restricted_duty()) days_lost += spell.days();
  }
  for (v1::FitNote& note : *msk_case.mutable_fit_notes()) {
    note.set_effective(EffectiveStatement(note));
  }
  for (v1::OttawaAssessment& assessment : *msk_case.mutable_ottawa_assessments()) {
    AdviseOttawa(protocol, assessment);
  }
  for (v1::Care& care : *msk_case.mutable_care()) DeriveCare(care);
  for (v1::Score& score : *msk_case.mutable_scores()) DeriveScore(protocol, score);
  const v1::Score* baseline = FirstMskHq(msk_case);
  for (v1::Score& score : *msk_case.mutable_scores()) {
    score.clear_important_change();
    // Scores before the part was hurt again belong to a course that is over.
    if (score.answers_case() != v1::Score::kMskHq || baseline == nullptr || &score == baseline ||
        InstantOf(score.taken_time()) < InstantOf(baseline->taken_time())) {
      continue;
    }
    score.set_important_change(IsImportantChange(baseline->total(), score.total(), protocol)
                                   ? v1::ANSWER_YES
                                   : v1::ANSWER_NO);
  }

  v1::Advice& advice = *msk_case.mutable_advice();
  advice.set_urgency(UrgencyOf(msk_case));
  advice.set_routine_care_open(DoorOf(msk_case) == Door::kClear ? v1::ANSWER_YES : v1::ANSWER_NO);
  advice.set_physiotherapy(DerivePriority(msk_case));
  advice.set_riddor_category(RiddorOf(msk_case, protocol));
  advice.set_days_lost(days_lost);
}

}  // namespace waymark::msk
