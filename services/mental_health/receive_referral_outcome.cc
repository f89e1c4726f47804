#include "services/mental_health/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/mental_health/record_onward_care.h"

namespace waymark::mental_health {
namespace {

casework::v1::LocalTime Local(const google::protobuf::Timestamp& time) {
  return casework::LondonLocalTime(casework::FromTimestamp(time));
}

// Takes the case as the act left it; as it was when the act does not fit.
void Take(MentalHealthChange change, v1::MentalHealthCase& record) {
  if (change.ok()) record = std::move(change->cases.front());
}

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
  v1::MentalHealthCase after = before;
  const int number = ReferralNumber(before);
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    if (number == 0 || treatment.kind() != referral::v1::TREATMENT_KIND_SESSION) continue;
    const v1::OnwardReferral& onward = after.onward_referrals(number - 1);
    v1::RecordOnwardCareRequest care;
    care.set_referral_number(number);
    // The first is the assessment, the second begins the treatment; later ones change neither.
    if (!onward.has_seen_time()) {
      *care.mutable_seen_time() = Local(treatment.given_time());
    } else if (!onward.has_treated_time()) {
      *care.mutable_treated_time() = Local(treatment.given_time());
    } else {
      continue;
    }
    Take(RecordOnwardCare(after, care, call), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
