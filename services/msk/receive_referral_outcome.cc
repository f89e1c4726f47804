#include "services/msk/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/casework/outcome.h"
#include "services/msk/record_care_progress.h"

namespace waymark::msk {
namespace {

// The care that the outcome is about: the one asked for last that is not over.
std::string CareIdOf(const v1::MskCase& record, referral::v1::CareService service) {
  const v1::CareKind kind = service == referral::v1::CARE_SERVICE_IMAGING ? v1::CARE_KIND_IMAGING
                            : service == referral::v1::CARE_SERVICE_ORTHOPAEDICS
                                ? v1::CARE_KIND_CONSULTANT
                                : v1::CARE_KIND_PHYSIOTHERAPY;
  std::string id;
  for (const v1::Care& care : record.care()) {
    if (care.kind() == kind && !care.has_done_time() && !care.has_cancelled_time()) {
      id = care.care_id();
    }
  }
  return id;
}

}  // namespace

MskChange ReceiveReferralOutcome(const v1::MskCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call) {
  casework::Outcome<v1::MskCase> outcome(before, call);
  const std::string care_id = CareIdOf(before, request.service());
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    v1::RecordCareProgressRequest progress;
    progress.set_care_id(care_id);
    if (care_id.empty()) {
      outcome.Leave(casework::NameOf(treatment), "CARE_NOT_FOUND");
      continue;
    }
    switch (treatment.kind()) {
      case referral::v1::TREATMENT_KIND_SESSION:
        *progress.mutable_session()->mutable_time() = casework::LocalOf(treatment.given_time());
        progress.mutable_session()->set_attended(true);
        break;
      case referral::v1::TREATMENT_KIND_IMAGE_TAKEN:
      case referral::v1::TREATMENT_KIND_SURGERY:
      case referral::v1::TREATMENT_KIND_COURSE_COMPLETED:
        *progress.mutable_done_time() = casework::LocalOf(treatment.given_time());
        break;
      default:
        outcome.Leave(casework::NameOf(treatment), casework::kNoAct);
        continue;
    }
    outcome.Record(casework::NameOf(treatment), &RecordCareProgress, progress);
  }
  outcome.LeaveResults(request.outcome());
  return std::move(outcome).Taken();
}

}  // namespace waymark::msk
