#include "services/dental/record_tooth_care.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/injury_check.h"
#include "services/dental/teeth.h"

namespace waymark::dental {
namespace {

using Request = v1::RecordToothCareRequest;

constexpr double kLongestDryMinutes = 43200;

absl::Status Recorded() {
  return status::FailedPrecondition("ALREADY_RECORDED",
                                    "That was recorded before, for one of these teeth.");
}

// Two splints, one after the other, are one splint that came off later.
absl::Status ApplySplinted(const casework::v1::LocalTime& done, v1::ToothCare& care) {
  if (IsSplinted(care)) return Recorded();
  if (!care.has_splinted_time()) *care.mutable_splinted_time() = done;
  care.clear_splint_removed_time();
  care.set_splint_not_used(false);
  return absl::OkStatus();
}

absl::Status ApplyReplanted(const Request& request, v1::ToothInjury& tooth, v1::ToothCare& care) {
  if (DentitionOf(tooth.tooth()) == v1::DENTITION_PRIMARY) {
    return status::FailedPrecondition(
        "PRIMARY_NEVER_REPLANTED",
        "A primary tooth is never put back: it would harm the tooth that follows.");
  }
  if (!IsReplantable(tooth)) {
    return status::FailedPrecondition(
        "NOT_AVULSED", "Only an avulsed tooth is put back. Record the examination first.");
  }
  if (care.has_replanted_time()) return Recorded();
  *care.mutable_replanted_time() = request.done_time();
  if (request.replanted().has_dry_minutes()) {
    tooth.set_dry_minutes(request.replanted().dry_minutes());
  }
  return absl::OkStatus();
}

absl::Status ApplyRootCanal(const Request& request, v1::ToothCare& care) {
  if (request.act_case() == Request::kRootCanalStarted) {
    if (care.has_root_canal()) return Recorded();
    *care.mutable_root_canal()->mutable_started_time() = request.done_time();
    care.mutable_root_canal()->set_dressing(request.root_canal_started().dressing());
    return absl::OkStatus();
  }
  if (!care.has_root_canal()) {
    return status::FailedPrecondition("ROOT_CANAL_NOT_STARTED",
                                      "Record the beginning of root canal treatment first.");
  }
  if (care.root_canal().has_filled_time()) return Recorded();
  if (casework::InstantOf(request.done_time()) <
      casework::InstantOf(care.root_canal().started_time())) {
    return status::FailedPrecondition("OUT_OF_SEQUENCE",
                                      "The root was filled after treatment began.");
  }
  *care.mutable_root_canal()->mutable_filled_time() = request.done_time();
  return absl::OkStatus();
}

// What ends a tooth's line.
absl::Status ApplyEnded(const Request& request, const v1::ToothInjury& tooth, v1::ToothCare& care) {
  if (request.ended().ending() == v1::TOOTH_ENDING_NOT_REPLANTED) {
    if (!IsReplantable(tooth)) {
      return status::FailedPrecondition("NOT_AVULSED", "Only an avulsed tooth is not put back.");
    }
    if (care.has_replanted_time()) return Recorded();
  }
  care.set_ending(request.ended().ending());
  *care.mutable_ended_time() = request.done_time();
  return absl::OkStatus();
}

absl::Status Apply(const Request& request, v1::ToothInjury& tooth, v1::ToothCare& care) {
  const bool ended = care.ending() != v1::TOOTH_ENDING_UNSPECIFIED;
  if (request.act_case() == Request::kGapPlanned) {
    if (!ended) {
      return status::FailedPrecondition("TOOTH_NOT_ENDED", "The tooth leaves no gap.");
    }
    *care.mutable_gap_planned_time() = request.done_time();
    return absl::OkStatus();
  }
  if (ended) {
    return status::FailedPrecondition("TOOTH_ENDED", "A tooth named is followed no further.");
  }
  switch (request.act_case()) {
    case Request::kReplanted:
      return ApplyReplanted(request, tooth, care);
    case Request::kRepositioned:
      if (care.has_repositioned_time()) return Recorded();
      *care.mutable_repositioned_time() = request.done_time();
      return absl::OkStatus();
    case Request::kSplinted:
      return ApplySplinted(request.done_time(), care);
    case Request::kSplintRemoved:
      if (!IsSplinted(care)) {
        return status::FailedPrecondition("NOT_SPLINTED",
                                          "No splint is recorded on one of these teeth.");
      }
      if (casework::InstantOf(request.done_time()) < casework::InstantOf(care.splinted_time())) {
        return status::FailedPrecondition("OUT_OF_SEQUENCE",
                                          "The splint came off after it was put on.");
      }
      *care.mutable_splint_removed_time() = request.done_time();
      return absl::OkStatus();
    case Request::kSplintNotUsed:
      if (IsSplinted(care)) return Recorded();
      care.set_splint_not_used(true);
      return absl::OkStatus();
    case Request::kRootCanalStarted:
    case Request::kRootCanalFilled:
      return ApplyRootCanal(request, care);
    default:
      return ApplyEnded(request, tooth, care);
  }
}

void CheckAct(const Request& request, casework::Fields& fields) {
  switch (request.act_case()) {
    case Request::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say what was done.");
      return;
    case Request::kReplanted:
      if (request.replanted().has_dry_minutes()) {
        fields.Range("replanted.dry_minutes", request.replanted().dry_minutes(), 0,
                     kLongestDryMinutes);
      }
      return;
    case Request::kRootCanalStarted:
      fields.Choice("root_canal_started.dressing", request.root_canal_started().dressing(),
                    v1::RootCanalDressing_IsValid);
      return;
    case Request::kEnded: {
      fields.Choice("ended.ending", request.ended().ending(), v1::ToothEnding_IsValid);
      const bool again = request.ended().ending() == v1::TOOTH_ENDING_INJURED_AGAIN;
      if (again && !ids::IsUuid(request.ended().new_case_id())) {
        fields.Wrong("ended.new_case_id", "NOT_A_UUID",
                     "Give the id of the case that follows the tooth from here.");
      }
      if (!again && !request.ended().new_case_id().empty()) {
        fields.Wrong("ended.new_case_id", "NOT_INJURED_AGAIN",
                     "Another case follows a tooth only when it was injured again.");
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

DentalChange RecordToothCare(const v1::DentalCase& before, const v1::RecordToothCareRequest& given,
                             const casework::Call& call) {
  Request request = given;
  casework::Fields fields(call.now);
  CheckNames("teeth", fields, before, request.teeth());
  fields.PastSince("done_time", IncidentOf(before), *request.mutable_done_time());
  CheckAct(request, fields);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  for (const std::string& name : request.teeth()) {
    for (v1::ToothInjury& tooth : *after.mutable_injury()->mutable_teeth()) {
      if (tooth.tooth() != name) continue;
      RETURN_IF_ERROR(Apply(request, tooth, MutableCareOf(name, after)));
    }
  }
  if (const std::string& new_case = request.ended().new_case_id(); !new_case.empty()) {
    casework::v1::CaseLink& link = *after.mutable_header()->add_links();
    link.set_case_id(new_case);
    link.set_pathway("dental");
    link.set_kind("INJURED_AGAIN");
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
