#include "services/mental_health/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/casework/outcome.h"
#include "services/mental_health/record_onward_care.h"

namespace waymark::mental_health {
namespace {

// The referral that the outcome is about: the one made last that is not over; 0 for none.
int ReferralNumber(const v1::MentalHealthCase& record) {
  int number = 0;
  for (const v1::OnwardReferral& referral : record.onward_referrals()) {
    if (!referral.has_ended_time()) number = referral.number();
  }
  return number;
}

}  // namespace

MentalHealthChange ReceiveReferralOutcome(const v1::MentalHealthCase& before,
                                          const v1::ReceiveReferralOutcomeRequest& request,
                                          const casework::Call& call) {
  casework::Outcome<v1::MentalHealthCase> outcome(before, call);
  const int number = ReferralNumber(before);
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    if (treatment.kind() != referral::v1::TREATMENT_KIND_SESSION) {
      outcome.Leave(casework::NameOf(treatment), casework::kNoAct);
      continue;
    }
    if (number == 0) {
      outcome.Leave(casework::NameOf(treatment), "ONWARD_REFERRAL_NOT_FOUND");
      continue;
    }
    const v1::OnwardReferral& onward = outcome.record().onward_referrals(number - 1);
    v1::RecordOnwardCareRequest care;
    care.set_referral_number(number);
    // The first is the assessment, the second begins the treatment; later ones change neither.
    if (!onward.has_seen_time()) {
      *care.mutable_seen_time() = casework::LocalOf(treatment.given_time());
    } else if (!onward.has_treated_time()) {
      *care.mutable_treated_time() = casework::LocalOf(treatment.given_time());
    } else {
      continue;
    }
    outcome.Record(casework::NameOf(treatment), &RecordOnwardCare, care);
  }
  outcome.LeaveResults(request.outcome());
  return std::move(outcome).Taken();
}

}  // namespace waymark::mental_health
