#include "services/dental/injury_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/casework/local_time.h"
#include "services/dental/teeth.h"
#include "services/dental/thresholds.h"

namespace waymark::dental {
namespace {

// A month: whatever lay dry for longer is no question of minutes.
constexpr double kLongestDryMinutes = 43200;
constexpr double kDeepestIntrusionMm = 20;
// As many injuries as one tooth can reasonably have at once.
constexpr int kMostInjuries = 6;

void CheckName(const std::string& at, casework::Fields& fields, const std::string& tooth,
               std::set<std::string>& seen) {
  if (DentitionOf(tooth) == v1::DENTITION_UNSPECIFIED) {
    fields.Wrong(at, "FDI_INVALID",
                 "Give the FDI number: quadrant 1 to 4 with tooth 1 to 8 for a permanent tooth, 5 "
                 "to 8 with 1 to 5 for a primary one.");
  } else if (!seen.insert(tooth).second) {
    fields.Wrong(at, "DUPLICATE", "Name each tooth once.");
  }
}

bool CheckCount(absl::string_view path, casework::Fields& fields, int count) {
  if (count <= kMostTeeth) return true;
  fields.Wrong(path, "TOO_MANY_TEETH",
               absl::StrCat("A case follows at most ", kMostTeeth,
                            " teeth. Log the others as another case of the same person."));
  return false;
}

// What became of the tooth in its socket. They exclude each other (IADT 2020); fractures go with
// any.
bool IsDisplacement(int injury) {
  return injury >= v1::TOOTH_INJURY_TYPE_CONCUSSION && injury <= v1::TOOTH_INJURY_TYPE_AVULSION;
}

void CheckTooth(const std::string& path, casework::Fields& fields, const v1::ToothInjury& tooth) {
  const auto at = [&path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  fields.Range(at("injuries"), tooth.injuries_size(), 1, kMostInjuries);
  std::set<int> injuries;
  for (int i = 0; i < tooth.injuries_size() && i < kMostInjuries; ++i) {
    const std::string one = absl::StrCat(path, ".injuries[", i, "]");
    fields.Choice(one, tooth.injuries(i), v1::ToothInjuryType_IsValid);
    if (!injuries.insert(tooth.injuries(i)).second) {
      fields.Wrong(one, "DUPLICATE", "Name each injury of the tooth once.");
    }
  }
  if (std::count_if(tooth.injuries().begin(), tooth.injuries().end(), IsDisplacement) > 1) {
    fields.Wrong(
        at("injuries"), "CONTRADICTORY",
        "A tooth was concussed, loosened, displaced in one direction, or knocked out: name "
        "the gravest.");
  }
  fields.MayChoose(at("apex"), tooth.apex(), v1::Apex_IsValid);
  fields.MayChoose(at("medium"), tooth.medium(), v1::StorageMedium_IsValid);
  fields.MayChoose(at("fragments"), tooth.fragments(), v1::Fragments_IsValid);
  fields.MayChoose(at("marginal_bone_breakdown"), tooth.marginal_bone_breakdown(),
                   v1::Answer_IsValid);
  const bool avulsed = Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION);
  if (tooth.has_dry_minutes()) {
    fields.Range(at("dry_minutes"), tooth.dry_minutes(), 0, kLongestDryMinutes);
    if (!avulsed) {
      fields.Wrong(at("dry_minutes"), "NOT_AVULSED", "Only an avulsed tooth has a dry time.");
    }
  }
  if (tooth.medium() != v1::STORAGE_MEDIUM_UNSPECIFIED && !avulsed) {
    fields.Wrong(at("medium"), "NOT_AVULSED", "Only an avulsed tooth was kept in something.");
  }
  if (tooth.has_intrusion_mm()) {
    fields.Range(at("intrusion_mm"), tooth.intrusion_mm(), 0, kDeepestIntrusionMm);
    if (!Has(tooth, v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION)) {
      fields.Wrong(at("intrusion_mm"), "NOT_INTRUDED", "Only an intruded tooth has a depth.");
    }
  }
}

}  // namespace

void CheckInjury(absl::string_view path, casework::Fields& fields, v1::DentalInjury& injury) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  const bool dated = fields.Past(at("incident_time"), *injury.mutable_incident_time());
  if (!injury.has_reported_time()) {
    *injury.mutable_reported_time() = casework::LondonLocalTime(fields.now());
  } else if (dated) {
    fields.PastSince(at("reported_time"), casework::InstantOf(injury.incident_time()),
                     *injury.mutable_reported_time());
  } else {
    fields.Past(at("reported_time"), *injury.mutable_reported_time());
  }
  fields.MayChoose(at("mechanism"), injury.mechanism(), v1::Mechanism_IsValid);
  fields.MayChoose(at("assault"), injury.assault(), v1::Answer_IsValid);
  CheckTeeth(at("teeth"), fields, injury.teeth());
  const auto may_answer = [&](absl::string_view field, v1::Answer answer) {
    fields.MayChoose(at(field), answer, v1::Answer_IsValid);
  };
  may_answer("airway_at_risk", injury.airway_at_risk());
  may_answer("sepsis_suspected", injury.sepsis_suspected());
  may_answer("major_facial_injury", injury.major_facial_injury());
  may_answer("jaw_fracture", injury.jaw_fracture());
  may_answer("uncontrolled_bleeding", injury.uncontrolled_bleeding());
  may_answer("rising_swelling", injury.rising_swelling());
  may_answer("severe_pain", injury.severe_pain());
  may_answer("local_infection", injury.local_infection());
  may_answer("laceration", injury.laceration());
  may_answer("tetanus_prone", injury.tetanus_prone());
  may_answer("tetanus_high_risk", injury.tetanus_high_risk());
  may_answer("infection_risk_person", injury.infection_risk_person());
  may_answer("penicillin_allergy", injury.penicillin_allergy());
  fields.MayChoose(at("tetanus_priming"), injury.tetanus_priming(), v1::TetanusPriming_IsValid);
  if (injury.has_last_tetanus_date()) {
    fields.PastDate(at("last_tetanus_date"), injury.last_tetanus_date());
  }
  if (injury.has_blood_exposure()) {
    CheckBloodExposure(at("blood_exposure"), fields, injury.blood_exposure());
  }
  fields.Text(at("description"), injury.description(), casework::kLongestText);
}

void CheckTeeth(absl::string_view path, casework::Fields& fields,
                const google::protobuf::RepeatedPtrField<v1::ToothInjury>& teeth) {
  if (!CheckCount(path, fields, teeth.size())) return;
  std::set<std::string> seen;
  for (int i = 0; i < teeth.size(); ++i) {
    const std::string one = absl::StrCat(path, "[", i, "]");
    CheckName(one + ".tooth", fields, teeth[i].tooth(), seen);
    CheckTooth(one, fields, teeth[i]);
  }
}

void CheckBloodExposure(absl::string_view path, casework::Fields& fields,
                        const v1::BloodExposure& exposure) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  fields.Choice(at("kind"), exposure.kind(), v1::BloodExposureKind_IsValid);
  fields.MayChoose(at("skin_broken"), exposure.skin_broken(), v1::Answer_IsValid);
  fields.MayChoose(at("drew_blood"), exposure.drew_blood(), v1::Answer_IsValid);
}

void CheckNames(absl::string_view path, casework::Fields& fields, const v1::DentalCase& dental_case,
                const google::protobuf::RepeatedPtrField<std::string>& teeth) {
  if (teeth.empty()) {
    fields.Wrong(path, "MISSING", "Name the teeth.");
    return;
  }
  if (!CheckCount(path, fields, teeth.size())) return;
  std::set<std::string> seen;
  for (int i = 0; i < teeth.size(); ++i) {
    const std::string one = absl::StrCat(path, "[", i, "]");
    CheckName(one, fields, teeth[i], seen);
    if (DentitionOf(teeth[i]) != v1::DENTITION_UNSPECIFIED &&
        FindTooth(dental_case, teeth[i]) == nullptr) {
      fields.Wrong(one, "TOOTH_NOT_FOUND",
                   "The case does not follow this tooth. Record its injury first.");
    }
  }
}

}  // namespace waymark::dental
