#include "services/dental/blood_exposure.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace waymark::dental {
namespace {

constexpr char kBbv[] = "bbv";

// The two pathways have the same three answers, each under its own name.
bbv::v1::Answer AnswerOf(v1::Answer answer) {
  switch (answer) {
    case v1::ANSWER_YES:
      return bbv::v1::ANSWER_YES;
    case v1::ANSWER_NO:
      return bbv::v1::ANSWER_NO;
    case v1::ANSWER_UNKNOWN:
      return bbv::v1::ANSWER_UNKNOWN;
    default:
      return bbv::v1::ANSWER_UNSPECIFIED;
  }
}

bbv::v1::TetanusPriming PrimingOf(v1::TetanusPriming priming) {
  switch (priming) {
    case v1::TETANUS_PRIMING_COMPLETE:
      return bbv::v1::TETANUS_PRIMING_COMPLETE;
    case v1::TETANUS_PRIMING_INCOMPLETE:
      return bbv::v1::TETANUS_PRIMING_INCOMPLETE;
    case v1::TETANUS_PRIMING_UNKNOWN:
      return bbv::v1::TETANUS_PRIMING_UNKNOWN;
    default:
      return bbv::v1::TETANUS_PRIMING_UNSPECIFIED;
  }
}

bbv::v1::Exposure At(const v1::DentalInjury& injury) {
  bbv::v1::Exposure exposure;
  *exposure.mutable_incident_time() = injury.incident_time();
  *exposure.mutable_reported_time() = injury.reported_time();
  exposure.set_assault(AnswerOf(injury.assault()));
  return exposure;
}

void SetBite(const v1::BloodExposure& blood, bbv::v1::Exposure& exposure) {
  exposure.set_route(blood.skin_broken() == v1::ANSWER_NO ? bbv::v1::ROUTE_BITE_SKIN_INTACT
                                                          : bbv::v1::ROUTE_BITE_SKIN_BROKEN);
  exposure.set_fluid(bbv::v1::FLUID_SALIVA);
  exposure.set_device(bbv::v1::DEVICE_TEETH);
  exposure.set_drew_blood(AnswerOf(blood.drew_blood()));
}

// What the person took in through the mouth by biting: blood, unless the bite drew none.
bbv::v1::Fluid FluidBitten(const v1::BloodExposure& blood) {
  if (blood.drew_blood() == v1::ANSWER_YES) return bbv::v1::FLUID_BLOOD;
  if (blood.drew_blood() == v1::ANSWER_NO || blood.skin_broken() == v1::ANSWER_NO) {
    return bbv::v1::FLUID_NONE;
  }
  return bbv::v1::FLUID_UNKNOWN;
}

}  // namespace

bbv::v1::Exposure ExposureOf(const v1::DentalInjury& injury) {
  bbv::v1::Exposure exposure = At(injury);
  exposure.set_tetanus_priming(PrimingOf(injury.tetanus_priming()));
  if (injury.has_last_tetanus_date()) {
    *exposure.mutable_last_tetanus_date() = injury.last_tetanus_date();
  }
  exposure.set_tetanus_prone(AnswerOf(injury.tetanus_prone()));
  exposure.set_tetanus_high_risk(AnswerOf(injury.tetanus_high_risk()));
  exposure.set_infection_risk_person(AnswerOf(injury.infection_risk_person()));
  const v1::BloodExposure& blood = injury.blood_exposure();
  switch (blood.kind()) {
    case v1::BLOOD_EXPOSURE_KIND_WAS_BITTEN:
      SetBite(blood, exposure);
      exposure.set_site(bbv::v1::BODY_SITE_FACE);
      break;
    case v1::BLOOD_EXPOSURE_KIND_FIGHT_BITE:
      SetBite(blood, exposure);
      exposure.set_site(bbv::v1::BODY_SITE_HAND);
      break;
    case v1::BLOOD_EXPOSURE_KIND_BIT_ANOTHER:
      exposure.set_route(bbv::v1::ROUTE_MOUTH);
      exposure.set_site(bbv::v1::BODY_SITE_MOUTH);
      exposure.set_fluid(FluidBitten(blood));
      exposure.set_visible_blood(AnswerOf(blood.drew_blood()));
      break;
    case v1::BLOOD_EXPOSURE_KIND_BLOOD_IN_EYE:
      exposure.set_route(bbv::v1::ROUTE_EYE);
      exposure.set_site(bbv::v1::BODY_SITE_EYE);
      exposure.set_fluid(bbv::v1::FLUID_BLOOD);
      exposure.set_visible_blood(bbv::v1::ANSWER_YES);
      break;
    case v1::BLOOD_EXPOSURE_KIND_DENTAL_SHARP:
      exposure.set_route(bbv::v1::ROUTE_OTHER_SHARP);
      exposure.set_site(bbv::v1::BODY_SITE_MOUTH);
      exposure.set_fluid(bbv::v1::FLUID_SALIVA_IN_DENTISTRY);
      exposure.set_device(bbv::v1::DEVICE_OTHER);
      break;
    default:
      exposure.set_route(bbv::v1::ROUTE_MOUTH);
      exposure.set_site(bbv::v1::BODY_SITE_MOUTH);
      exposure.set_fluid(bbv::v1::FLUID_BLOOD);
      exposure.set_visible_blood(bbv::v1::ANSWER_YES);
  }
  return exposure;
}

void AskForBbvCase(const casework::Call& call, absl::string_view name, v1::DentalCase& opened,
                   casework::Change<v1::DentalCase>& change) {
  v1::DentalInjury& injury = *opened.mutable_injury();
  if (!injury.has_blood_exposure()) return;
  const std::string bbv_case_id = call.NewId(absl::StrCat("bbv_case/", name));
  injury.mutable_blood_exposure()->set_bbv_case_id(bbv_case_id);
  casework::v1::CaseLink& link = *opened.mutable_header()->add_links();
  link.set_case_id(bbv_case_id);
  link.set_pathway(kBbv);
  link.set_kind("BLOOD_EXPOSURE");

  bbv::v1::OpenLinkedCaseRequest request;
  request.set_request_id(call.NewId(absl::StrCat("bbv_request/", name)));
  request.set_tenant(call.tenant);
  request.mutable_actor()->set_user_id(call.user_id);
  request.mutable_actor()->set_role(call.role);
  request.set_case_id(bbv_case_id);
  request.mutable_from()->set_case_id(opened.header().case_id());
  request.mutable_from()->set_pathway("dental");
  request.mutable_from()->set_kind("DENTAL_INJURY");
  request.set_jurisdiction(opened.header().jurisdiction());
  request.mutable_person()->set_subject_id(opened.header().subject_id());
  *request.mutable_person()->mutable_exposure() = ExposureOf(injury);
  if (injury.blood_exposure().kind() == v1::BLOOD_EXPOSURE_KIND_BIT_ANOTHER) {
    bbv::v1::Exposure& bitten = *request.mutable_bitten();
    bitten = At(injury);
    bitten.clear_assault();
    SetBite(injury.blood_exposure(), bitten);
  }
  change.messages.push_back({.destination = kBbv, .payload = request.SerializeAsString()});
}

}  // namespace waymark::dental
