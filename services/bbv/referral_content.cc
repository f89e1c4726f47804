#include "services/bbv/referral_content.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/bbv/record.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/casework/status.h"

namespace waymark::bbv {
namespace {

// The step's clock, as it is planned. NOT_FOUND STEP_NOT_FOUND.
absl::StatusOr<referral::v1::PathwayContent> ClockOf(const casework::v1::CaseHeader& header,
                                                     const std::string& step_key) {
  const casework::v1::Step* step = casework::FindStep(header.plan(), step_key);
  if (step == nullptr) {
    return status::NotFound("STEP_NOT_FOUND", "The case's plan has no step of this key.");
  }
  referral::v1::PathwayContent content;
  content.set_subject_id(header.subject_id());
  content.set_jurisdiction(header.jurisdiction());
  content.set_step_title(step->title());
  content.set_anchor(step->anchor());
  if (step->has_anchor_time()) *content.mutable_anchor_time() = step->anchor_time();
  if (step->has_opens_time()) *content.mutable_opens_time() = step->opens_time();
  if (step->has_due_time()) *content.mutable_due_time() = step->due_time();
  if (step->has_closes_time()) *content.mutable_closes_time() = step->closes_time();
  return content;
}

// "human bite, skin broken" out of an enum's name without its prefix.
std::string Words(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, prefix), {{"_", " "}}));
}

referral::v1::ClinicalItem& Add(const std::string& key, referral::v1::ItemKind kind,
                                const std::string& display, const std::string& purpose,
                                referral::v1::PathwayContent& content) {
  referral::v1::ClinicalItem& item = *content.add_items();
  item.set_key(key);
  item.set_kind(kind);
  item.mutable_code()->set_display(display);
  item.set_purpose(purpose);
  return item;
}

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::BbvCase& bbv_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   ClockOf(bbv_case.header(), request.step_key()));

  const v1::Exposure& exposure = bbv_case.exposure();
  referral::v1::ClinicalItem& event =
      Add("exposure", referral::v1::ITEM_KIND_EVENT, "Exposure to blood or body fluid",
          "What the care is for.", content);
  event.mutable_code()->set_system("http://snomed.info/sct");
  event.mutable_code()->set_code("417981005");
  event.set_text(absl::StrCat(Words(v1::Route_Name(exposure.route()), "ROUTE_"), ", ",
                              Words(v1::Fluid_Name(exposure.fluid()), "FLUID_")));
  *event.mutable_effective_time() = exposure.incident_time().instant();

  if (bbv_case.has_risk_assessment()) {
    Add("significance", referral::v1::ITEM_KIND_OBSERVATION, "Risk of infection",
        "Decides which tests and treatment are offered.", content)
        .set_text(Words(v1::Significance_Name(bbv_case.risk_assessment().significance()),
                        "SIGNIFICANCE_"));
    Add("pep_indication", referral::v1::ITEM_KIND_OBSERVATION,
        "HIV post-exposure prophylaxis, indication", "Decides whether to start it.", content)
        .set_text(Words(v1::PepIndication_Name(bbv_case.risk_assessment().pep_indication()),
                        "PEP_INDICATION_"));
  }
  Add("hepatitis_b_status", referral::v1::ITEM_KIND_IMMUNISATION, "Hepatitis B vaccination",
      "Decides on vaccine and immunoglobulin.", content)
      .set_text(Words(v1::HepBVaccination_Name(exposure.hepatitis_b_status().vaccination()),
                      "HEP_B_VACCINATION_"));
  if (bbv_case.pep().has_started_time()) {
    referral::v1::ClinicalItem& pep =
        Add("pep", referral::v1::ITEM_KIND_MEDICATION, "HIV post-exposure prophylaxis",
            "The course that is under way, or was taken.", content);
    pep.set_text(Words(v1::PepState_Name(bbv_case.pep().state()), "PEP_STATE_"));
    *pep.mutable_effective_time() = bbv_case.pep().started_time().instant();
  }
  for (const v1::VaccineDose& dose : bbv_case.vaccine_doses()) {
    referral::v1::ClinicalItem& given = Add(
        absl::StrCat("hepatitis_b_vaccine_", dose.number()), referral::v1::ITEM_KIND_IMMUNISATION,
        "Hepatitis B vaccine, dose", "The next dose counts from it.", content);
    given.mutable_quantity()->set_value(dose.number());
    *given.mutable_effective_time() = dose.given_time().instant();
  }
  for (const v1::TestResult& result : bbv_case.results()) {
    if (!Stands(result)) continue;
    referral::v1::TestResult& earlier = *content.add_results();
    earlier.set_test(
        std::string(absl::StripPrefix(v1::TestCode_Name(result.test()), "TEST_CODE_")));
    earlier.set_status(referral::v1::RESULT_STATUS_FINAL);
    // Both enums have the same numbers.
    earlier.set_outcome(static_cast<referral::v1::ResultOutcome>(result.outcome()));
    if (result.has_value()) {
      earlier.mutable_quantity()->set_value(result.value());
      earlier.mutable_quantity()->set_unit("mIU/mL");
      earlier.mutable_quantity()->set_ucum("m[IU]/mL");
    }
    *earlier.mutable_sampled_time() = result.sampled_time().instant();
  }

  return content;
}

}  // namespace waymark::bbv
