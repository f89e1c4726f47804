#include "services/msk/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/msk/record_care_progress.h"

namespace waymark::msk {
namespace {

casework::v1::LocalTime Local(const google::protobuf::Timestamp& time) {
  return casework::LondonLocalTime(casework::FromTimestamp(time));
}

// Takes the case as the act left it; as it was when the act does not fit.
void Take(MskChange change, v1::MskCase& record) {
  if (change.ok()) record = std::move(change->cases.front());
}

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
  v1::MskCase after = before;
  const std::string care_id = CareIdOf(before, request.service());
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    v1::RecordCareProgressRequest progress;
    progress.set_care_id(care_id);
    if (care_id.empty()) break;
    switch (treatment.kind()) {
      case referral::v1::TREATMENT_KIND_SESSION:
        *progress.mutable_session()->mutable_time() = Local(treatment.given_time());
        progress.mutable_session()->set_attended(true);
        break;
      case referral::v1::TREATMENT_KIND_IMAGE_TAKEN:
      case referral::v1::TREATMENT_KIND_SURGERY:
      case referral::v1::TREATMENT_KIND_COURSE_COMPLETED:
        *progress.mutable_done_time() = Local(treatment.given_time());
        break;
      default:
        continue;
    }
    Take(RecordCareProgress(after, progress, call), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
