#include "services/msk/request_care.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/door.h"
#include "services/msk/imaging_rule.h"
#include "services/msk/physiotherapy_priority.h"

namespace waymark::msk {
namespace {

// A plan has room for so many lines of steps.
constexpr int kMostCare = 12;

// What can be known when it is asked for; nothing that happens later.
v1::Care AsRequested(const v1::MskCase& before, const v1::Care& asked) {
  v1::Care care;
  care.set_kind(asked.kind());
  care.set_provider(asked.provider());
  care.set_modality(asked.modality());
  care.set_region(asked.region() == v1::REGION_UNSPECIFIED ? LatestInjury(before).region()
                                                           : asked.region());
  care.set_red_flag_id(asked.red_flag_id());
  if (asked.has_specialist()) *care.mutable_specialist() = asked.specialist();
  care.set_priority(asked.priority());
  *care.mutable_requested_time() = asked.requested_time();
  if (asked.has_waiting_since_date()) {
    *care.mutable_waiting_since_date() = asked.waiting_since_date();
  }
  care.set_reason(asked.reason());
  return care;
}

}  // namespace

MskChange RequestCare(const v1::MskCase& before, const v1::RequestCareRequest& request,
                      const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  const v1::Care& asked = request.care();
  casework::Fields fields(call.now);
  v1::Care care = AsRequested(before, asked);
  fields.PastSince("care.requested_time", IncidentOf(before), *care.mutable_requested_time());
  fields.Choice("care.kind", care.kind(), v1::CareKind_IsValid);
  fields.Choice("care.provider", care.provider(), v1::Provider_IsValid);
  fields.MayChoose("care.region", care.region(), v1::Region_IsValid);
  fields.MayChoose("care.priority", care.priority(), v1::Priority_IsValid);
  fields.Text("care.reason", care.reason(), casework::kLongestReason);
  const bool imaging = care.kind() == v1::CARE_KIND_IMAGING;
  if (imaging) {
    fields.Choice("care.modality", care.modality(), v1::Modality_IsValid);
  } else if (care.modality() != v1::MODALITY_UNSPECIFIED || !care.red_flag_id().empty() ||
             care.has_specialist()) {
    fields.Wrong("care.modality", "NOT_AN_IMAGE",
                 "Modality, red flag and specialist are said of an image.");
  }
  if (imaging && care.has_specialist()) {
    fields.RequiredText("care.specialist.service", care.specialist().service(),
                        casework::kLongestName);
    if (care.specialist().changes_management() != v1::ANSWER_YES) {
      fields.Wrong("care.specialist.changes_management", "NOT_YES",
                   "NICE NG59: a specialist images only if it changes the management.");
    }
  }
  if (care.has_waiting_since_date()) {
    fields.PastDate("care.waiting_since_date", care.waiting_since_date());
  }
  if (before.care_size() >= kMostCare) {
    fields.Wrong("care", "TOO_MANY",
                 "A case holds at most 12 requests; close it and open another.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  if (!imaging || care.red_flag_id().empty()) RETURN_IF_ERROR(CheckDoor(before));
  if (imaging) {
    ASSIGN_OR_RETURN(const v1::ImagingBasis basis, DecideImaging(before, care));
    care.set_basis(basis);
  }

  care.set_care_id(call.NewId("care"));
  if (care.priority() == v1::PRIORITY_UNSPECIFIED) care.set_priority(DerivePriority(before));
  v1::MskCase after = before;
  *after.add_care() = std::move(care);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
