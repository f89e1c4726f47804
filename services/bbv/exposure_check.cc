#include "services/bbv/exposure_check.h"

#include "absl/strings/str_cat.h"
#include "services/bbv/record.h"
#include "services/casework/instants.h"

namespace waymark::bbv {
namespace {

constexpr double kHighestAntiHbs = 100000;
// More marks of one kind than there are kinds is a mistake or an attack.
constexpr int kMostMarks = 20;

}  // namespace

void CheckExposure(absl::string_view path, casework::Fields& fields, v1::Exposure& exposure) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  const bool dated = fields.Past(at("incident_time"), *exposure.mutable_incident_time());
  if (!exposure.has_reported_time()) {
    *exposure.mutable_reported_time() = casework::LondonLocalTime(fields.now());
  } else if (dated) {
    fields.PastSince(at("reported_time"), casework::InstantOf(exposure.incident_time()),
                     *exposure.mutable_reported_time());
  } else {
    fields.Past(at("reported_time"), *exposure.mutable_reported_time());
  }
  fields.Choice(at("route"), exposure.route(), v1::Route_IsValid);
  fields.Choice(at("fluid"), exposure.fluid(), v1::Fluid_IsValid);
  fields.MayChoose(at("visible_blood"), exposure.visible_blood(), v1::Answer_IsValid);
  fields.MayChoose(at("site"), exposure.site(), v1::BodySite_IsValid);
  fields.MayChoose(at("depth"), exposure.depth(), v1::Depth_IsValid);
  fields.MayChoose(at("device"), exposure.device(), v1::Device_IsValid);
  fields.MayChoose(at("activity"), exposure.activity(), v1::Activity_IsValid);
  fields.MayChoose(at("assault"), exposure.assault(), v1::Answer_IsValid);
  fields.MayChoose(at("drew_blood"), exposure.drew_blood(), v1::Answer_IsValid);
  fields.MayChoose(at("discarded_in_community"), exposure.discarded_in_community(),
                   v1::Answer_IsValid);
  fields.MayChoose(at("tetanus_priming"), exposure.tetanus_priming(), v1::TetanusPriming_IsValid);
  fields.MayChoose(at("tetanus_prone"), exposure.tetanus_prone(), v1::Answer_IsValid);
  fields.MayChoose(at("tetanus_high_risk"), exposure.tetanus_high_risk(), v1::Answer_IsValid);
  fields.MayChoose(at("infection_risk_person"), exposure.infection_risk_person(),
                   v1::Answer_IsValid);
  fields.Range(at("first_aid"), exposure.first_aid_size(), 0, kMostMarks);
  for (int i = 0; i < exposure.first_aid_size() && i < kMostMarks; ++i) {
    fields.Choice(absl::StrCat(path, ".first_aid[", i, "]"), exposure.first_aid(i),
                  v1::FirstAid_IsValid);
  }
  fields.Range(at("protective_equipment"), exposure.protective_equipment_size(), 0, kMostMarks);
  for (int i = 0; i < exposure.protective_equipment_size() && i < kMostMarks; ++i) {
    fields.Choice(absl::StrCat(path, ".protective_equipment[", i, "]"),
                  exposure.protective_equipment(i), v1::ProtectiveEquipment_IsValid);
  }
  const v1::HepBStatus& hepatitis_b = exposure.hepatitis_b_status();
  fields.MayChoose(at("hepatitis_b_status.vaccination"), hepatitis_b.vaccination(),
                   v1::HepBVaccination_IsValid);
  if (hepatitis_b.has_anti_hbs_miu_per_ml()) {
    fields.Range(at("hepatitis_b_status.anti_hbs_miu_per_ml"), hepatitis_b.anti_hbs_miu_per_ml(), 0,
                 kHighestAntiHbs);
  }
  if (hepatitis_b.has_last_dose_date()) {
    fields.PastDate(at("hepatitis_b_status.last_dose_date"), hepatitis_b.last_dose_date());
  }
  if (exposure.has_last_tetanus_date()) {
    fields.PastDate(at("last_tetanus_date"), exposure.last_tetanus_date());
  }
  fields.Text(at("description"), exposure.description(), casework::kLongestText);
}

void CheckSource(absl::string_view path, casework::Fields& fields,
                 const v1::ExposureSource& source) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  fields.MayChoose(at("identity"), source.identity(), v1::SourceIdentity_IsValid);
  fields.MayChoose(at("hepatitis_b"), source.hepatitis_b(), v1::SourceVirus_IsValid);
  fields.MayChoose(at("hepatitis_c"), source.hepatitis_c(), v1::SourceVirus_IsValid);
  fields.MayChoose(at("hiv"), source.hiv(), v1::SourceVirus_IsValid);
  fields.MayChoose(at("hiv_undetectable_six_months"), source.hiv_undetectable_six_months(),
                   v1::Answer_IsValid);
  fields.MayChoose(at("hiv_viraemic"), source.hiv_viraemic(), v1::Answer_IsValid);
  fields.MayChoose(at("injects_drugs"), source.injects_drugs(), v1::Answer_IsValid);
  fields.MayChoose(at("high_hiv_prevalence"), source.high_hiv_prevalence(), v1::Answer_IsValid);
  fields.MayChoose(at("window_period_risk"), source.window_period_risk(), v1::Answer_IsValid);
  fields.MayChoose(at("consented_to_test"), source.consented_to_test(), v1::Answer_IsValid);
  if (source.has_tested_time() && casework::FromTimestamp(source.tested_time()) > fields.now()) {
    fields.Wrong(at("tested_time"), "IN_FUTURE", "Give a time that has passed.");
  }
}

}  // namespace waymark::bbv
