#include "services/bbv/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/bbv/correct_test_result.h"
#include "services/bbv/facts.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/record_vaccine_dose.h"
#include "services/casework/outcome.h"

namespace waymark::bbv {
namespace {

using Outcome = casework::Outcome<v1::BbvCase>;

constexpr absl::string_view kResult = "RESULT";

// The tests that partners name by a code, where they do not name ours (interop reference, 1.8; to
// be looked up again before clinical use).
v1::TestCode TestOf(const referral::v1::TestResult& result) {
  v1::TestCode test = v1::TEST_CODE_UNSPECIFIED;
  if (v1::TestCode_Parse("TEST_CODE_" + result.test(), &test)) return test;
  const std::string& code = result.code().code();
  if (code == "31676001" || code == "56888-1" || code == "75622-1") {
    return v1::TEST_CODE_HIV_AG_AB;
  }
  if (code == "47758006" || code == "1014211000000100" || code == "51061000237103") {
    return v1::TEST_CODE_HBSAG;
  }
  if (code == "64411004" || code == "413107006") return v1::TEST_CODE_HCV_AB;
  return v1::TEST_CODE_UNSPECIFIED;
}

// What a later correction names: the laboratory's number of the result.
const std::string& NumberOf(const referral::v1::TestResult& result) {
  return result.result_id().empty() ? result.laboratory_reference() : result.result_id();
}

v1::TestResult ResultOf(const referral::v1::TestResult& result) {
  v1::TestResult ours;
  ours.set_test(TestOf(result));
  // Both enums have the same numbers.
  ours.set_outcome(static_cast<v1::TestOutcome>(result.outcome()));
  if (result.status() == referral::v1::RESULT_STATUS_ENTERED_IN_ERROR) {
    ours.set_outcome(v1::TEST_OUTCOME_NOT_TESTED);
  }
  *ours.mutable_sampled_time() = casework::LocalOf(result.sampled_time());
  if (result.has_quantity()) ours.set_value(result.quantity().value());
  ours.set_laboratory_reference(NumberOf(result));
  return ours;
}

// The same result again, corrected or not, says nothing new, and nobody is told of it twice.
bool IsSame(const v1::TestResult& known, const v1::TestResult& came) {
  return Stands(known) && known.test() == came.test() && !came.laboratory_reference().empty() &&
         known.laboratory_reference() == came.laboratory_reference() &&
         known.outcome() == came.outcome() && known.has_value() == came.has_value() &&
         known.value() == came.value() &&
         casework::InstantOf(known.sampled_time()) == casework::InstantOf(came.sampled_time());
}

void Record(const referral::v1::TestResult& result, Outcome& outcome) {
  if (TestOf(result) == v1::TEST_CODE_UNSPECIFIED) {
    outcome.Leave(kResult, "TEST_UNKNOWN");
    return;
  }
  if (result.status() == referral::v1::RESULT_STATUS_PRELIMINARY) {
    outcome.Leave(TestName(TestOf(result)), "PRELIMINARY");
    return;
  }
  const v1::TestResult ours = ResultOf(result);
  const std::string& replaced = result.replaces().empty() ? NumberOf(result) : result.replaces();
  for (const v1::TestResult& known : outcome.record().results()) {
    if (IsSame(known, ours)) return;
  }
  for (const v1::TestResult& known : outcome.record().results()) {
    if (!Stands(known) || known.test() != ours.test() || replaced.empty() ||
        known.laboratory_reference() != replaced) {
      continue;
    }
    v1::CorrectTestResultRequest correct;
    correct.set_result_id(known.result_id());
    *correct.mutable_result() = ours;
    correct.set_reason("Corrected by the provider.");
    outcome.Record(TestName(ours.test()), &CorrectTestResult, correct);
    return;
  }
  if (result.status() == referral::v1::RESULT_STATUS_ENTERED_IN_ERROR) {
    outcome.Leave(TestName(ours.test()), "RESULT_NOT_FOUND");
    return;
  }
  v1::RecordTestResultRequest add;
  *add.mutable_result() = ours;
  outcome.Record(TestName(ours.test()), &RecordTestResult, add);
}

// The schedule of a dose: as the provider says it, else that of the dose before, else the one that
// the plan asks for. UNSPECIFIED when none of them says it.
v1::VaccineCourse CourseOf(const referral::v1::Treatment& treatment, const v1::BbvCase& record) {
  if (!treatment.course().empty()) {
    v1::VaccineCourse said = v1::VACCINE_COURSE_UNSPECIFIED;
    v1::VaccineCourse_Parse("VACCINE_COURSE_" + treatment.course(), &said);
    return said;
  }
  if (!record.vaccine_doses().empty()) return record.vaccine_doses().rbegin()->course();
  switch (record.advice().hepatitis_b_vaccine()) {
    case v1::VACCINE_ADVICE_ACCELERATED_COURSE:
      return v1::VACCINE_COURSE_ACCELERATED;
    case v1::VACCINE_ADVICE_ONE_DOSE_AND_FINISH:
    case v1::VACCINE_ADVICE_COMPLETE_COURSE:
      return v1::VACCINE_COURSE_COMPLETION;
    case v1::VACCINE_ADVICE_BOOSTER:
    case v1::VACCINE_ADVICE_CONSIDER_BOOSTER:
      return v1::VACCINE_COURSE_BOOSTER;
    default:
      return v1::VACCINE_COURSE_UNSPECIFIED;
  }
}

void Record(const referral::v1::Treatment& treatment, Outcome& outcome) {
  const std::string name = casework::NameOf(treatment);
  switch (treatment.kind()) {
    case referral::v1::TREATMENT_KIND_PEP_STARTED: {
      v1::RecordPepRequest pep;
      *pep.mutable_started()->mutable_started_time() = casework::LocalOf(treatment.given_time());
      pep.mutable_started()->set_regimen(treatment.detail());
      outcome.Record(name, &RecordPep, pep);
      return;
    }
    case referral::v1::TREATMENT_KIND_HEPATITIS_B_VACCINE: {
      v1::RecordVaccineDoseRequest dose;
      dose.mutable_dose()->set_number(outcome.record().vaccine_doses_size() + 1);
      dose.mutable_dose()->set_course(CourseOf(treatment, outcome.record()));
      *dose.mutable_dose()->mutable_given_time() = casework::LocalOf(treatment.given_time());
      dose.mutable_dose()->set_batch(treatment.detail());
      if (dose.dose().course() == v1::VACCINE_COURSE_UNSPECIFIED) {
        outcome.Leave(name, "COURSE_UNKNOWN");
        return;
      }
      outcome.Record(name, &RecordVaccineDose, dose);
      return;
    }
    case referral::v1::TREATMENT_KIND_HEPATITIS_B_IMMUNOGLOBULIN:
      // How much was given decides, and a referral's outcome does not say it.
      outcome.Leave(name, "DOSE_UNKNOWN");
      return;
    default:
      outcome.Leave(name, casework::kNoAct);
      return;
  }
}

}  // namespace

BbvChange ReceiveReferralOutcome(const v1::BbvCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call) {
  Outcome outcome(before, call);
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    Record(treatment, outcome);
  }
  for (const referral::v1::TestResult& result : request.outcome().results()) {
    Record(result, outcome);
  }
  return std::move(outcome).Taken();
}

}  // namespace waymark::bbv
