#include "services/mental_health/withdraw_consent.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "services/casework/lifecycle.h"

namespace waymark::mental_health {

namespace {

constexpr size_t kLongestWithdrawal = 1000;

// Steps that no consent takes away: a life is at stake, or no care is asked for.
constexpr absl::string_view kGoOn[] = {"risk_contact",   "firearms_suspension",
                                       "safety_plan",    "safety_plan_review",
                                       "fitness_review", "recuperative_review"};

bool GoesOn(absl::string_view step_key) {
  const absl::string_view rule = step_key.substr(0, step_key.find('#'));
  for (const absl::string_view key : kGoOn) {
    if (rule == key) return true;
  }
  return false;
}

}  // namespace

MentalHealthChange WithdrawConsent(const v1::MentalHealthCase& before,
                                   const v1::WithdrawConsentRequest& request,
                                   const casework::Call& call) {
  if (before.has_consent_withdrawn_time()) {
    return status::FailedPrecondition("CONSENT_ALREADY_WITHDRAWN",
                                      "Consent was withdrawn already.");
  }
  casework::Fields fields(call.now);
  v1::MentalHealthCase after = before;
  *after.mutable_consent_withdrawn_time() = request.withdrawn_time();
  fields.PastSince("withdrawn_time", BeginOf(before), *after.mutable_consent_withdrawn_time());
  fields.RequiredText("reason", request.reason(), kLongestWithdrawal);
  RETURN_IF_ERROR(fields.ToStatus());

  RETURN_IF_ERROR(casework::EndOpenSteps(
      casework::v1::ENDING_DECLINED, request.reason(), call,
      [](const casework::v1::Step& step) { return !GoesOn(step.key()); }, *after.mutable_header()));
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
