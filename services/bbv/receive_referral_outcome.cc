#include "services/bbv/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/bbv/correct_test_result.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/record_vaccine_dose.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"

namespace waymark::bbv {
namespace {

casework::v1::LocalTime Local(const google::protobuf::Timestamp& time) {
  return casework::LondonLocalTime(casework::FromTimestamp(time));
}

// Takes the case as the act left it; as it was when the act does not fit.
void Take(BbvChange change, v1::BbvCase& record) {
  if (change.ok()) record = std::move(change->cases.front());
}

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
  *ours.mutable_sampled_time() = Local(result.sampled_time());
  if (result.has_quantity()) ours.set_value(result.quantity().value());
  ours.set_laboratory_reference(NumberOf(result));
  return ours;
}

void Record(const referral::v1::TestResult& result, const casework::Call& call,
            v1::BbvCase& record) {
  if (result.status() == referral::v1::RESULT_STATUS_PRELIMINARY ||
      TestOf(result) == v1::TEST_CODE_UNSPECIFIED) {
    return;
  }
  const std::string& replaced = result.replaces().empty() ? NumberOf(result) : result.replaces();
  for (const v1::TestResult& known : record.results()) {
    if (!Stands(known) || known.test() != TestOf(result) || replaced.empty() ||
        known.laboratory_reference() != replaced) {
      continue;
    }
    // The same result again says nothing new.
    if (result.status() == referral::v1::RESULT_STATUS_FINAL && result.replaces().empty()) return;
    v1::CorrectTestResultRequest correct;
    correct.set_result_id(known.result_id());
    *correct.mutable_result() = ResultOf(result);
    correct.set_reason("Corrected by the provider.");
    Take(CorrectTestResult(record, correct, call), record);
    return;
  }
  v1::RecordTestResultRequest add;
  *add.mutable_result() = ResultOf(result);
  Take(RecordTestResult(record, add, call), record);
}

void Record(const referral::v1::Treatment& treatment, const casework::Call& call,
            v1::BbvCase& record) {
  switch (treatment.kind()) {
    case referral::v1::TREATMENT_KIND_PEP_STARTED: {
      v1::RecordPepRequest pep;
      *pep.mutable_started()->mutable_started_time() = Local(treatment.given_time());
      pep.mutable_started()->set_regimen(treatment.detail());
      Take(RecordPep(record, pep, call), record);
      return;
    }
    case referral::v1::TREATMENT_KIND_HEPATITIS_B_VACCINE: {
      v1::RecordVaccineDoseRequest dose;
      dose.mutable_dose()->set_number(record.vaccine_doses_size() + 1);
      dose.mutable_dose()->set_course(record.vaccine_doses().empty()
                                          ? v1::VACCINE_COURSE_ACCELERATED
                                          : record.vaccine_doses().rbegin()->course());
      *dose.mutable_dose()->mutable_given_time() = Local(treatment.given_time());
      dose.mutable_dose()->set_batch(treatment.detail());
      Take(RecordVaccineDose(record, dose, call), record);
      return;
    }
    default:
      return;
  }
}

}  // namespace

BbvChange ReceiveReferralOutcome(const v1::BbvCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call) {
  v1::BbvCase after = before;
  // Each act of its own makes ids of its own.
  int number = 0;
  const auto next = [&] {
    casework::Call act = call;
    act.request_id = call.NewId("outcome/" + std::to_string(++number));
    return act;
  };
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    Record(treatment, next(), after);
  }
  for (const referral::v1::TestResult& result : request.outcome().results()) {
    Record(result, next(), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
