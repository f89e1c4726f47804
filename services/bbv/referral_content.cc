#include "services/bbv/referral_content.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/bbv/record.h"
#include "services/casework/referral_content.h"

namespace waymark::bbv {
namespace {

using casework::AddItem;
using casework::WordsOf;

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::BbvCase& bbv_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   casework::ReferralClock(bbv_case.header(), request.step_key()));

  const v1::Exposure& exposure = bbv_case.exposure();
  referral::v1::ClinicalItem& event =
      AddItem("exposure", referral::v1::ITEM_KIND_EVENT, "Exposure to blood or body fluid",
              "What the care is for.", content);
  event.mutable_code()->set_system("http://snomed.info/sct");
  event.mutable_code()->set_code("417981005");
  event.set_text(absl::StrCat(WordsOf(v1::Route_Name(exposure.route()), "ROUTE_"), ", ",
                              WordsOf(v1::Fluid_Name(exposure.fluid()), "FLUID_")));
  *event.mutable_effective_time() = exposure.incident_time().instant();

  if (bbv_case.has_risk_assessment()) {
    AddItem("significance", referral::v1::ITEM_KIND_OBSERVATION, "Risk of infection",
            "Decides which tests and treatment are offered.", content)
        .set_text(WordsOf(v1::Significance_Name(bbv_case.risk_assessment().significance()),
                          "SIGNIFICANCE_"));
    AddItem("pep_indication", referral::v1::ITEM_KIND_OBSERVATION,
            "HIV post-exposure prophylaxis, indication", "Decides whether to start it.", content)
        .set_text(WordsOf(v1::PepIndication_Name(bbv_case.risk_assessment().pep_indication()),
                          "PEP_INDICATION_"));
  }
  AddItem("hepatitis_b_status", referral::v1::ITEM_KIND_IMMUNISATION, "Hepatitis B vaccination",
          "Decides on vaccine and immunoglobulin.", content)
      .set_text(WordsOf(v1::HepBVaccination_Name(exposure.hepatitis_b_status().vaccination()),
                        "HEP_B_VACCINATION_"));
  if (bbv_case.pep().has_started_time()) {
    referral::v1::ClinicalItem& pep =
        AddItem("pep", referral::v1::ITEM_KIND_MEDICATION, "HIV post-exposure prophylaxis",
                "The course that is under way, or was taken.", content);
    pep.set_text(WordsOf(v1::PepState_Name(bbv_case.pep().state()), "PEP_STATE_"));
    *pep.mutable_effective_time() = bbv_case.pep().started_time().instant();
  }
  for (const v1::VaccineDose& dose : bbv_case.vaccine_doses()) {
    referral::v1::ClinicalItem& given = AddItem(
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
