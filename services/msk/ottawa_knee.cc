#include "services/msk/ottawa_knee.h"

#include "absl/strings/str_cat.h"
#include "services/msk/ottawa.h"

namespace waymark::msk {

bool KneeNeedsXray(const v1::OttawaKnee& knee, int age_years, double from_age) {
  return age_years >= from_age || knee.fibular_head_tender() == v1::ANSWER_YES ||
         knee.isolated_patella_tender() == v1::ANSWER_YES ||
         knee.flexes_to_90_degrees() == v1::ANSWER_NO || knee.walks_four_steps() == v1::ANSWER_NO;
}

void CheckKnee(absl::string_view path, casework::Fields& fields, const v1::OttawaKnee& knee) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  CheckYesOrNo(at("fibular_head_tender"), fields, knee.fibular_head_tender());
  CheckYesOrNo(at("isolated_patella_tender"), fields, knee.isolated_patella_tender());
  CheckYesOrNo(at("flexes_to_90_degrees"), fields, knee.flexes_to_90_degrees());
  CheckYesOrNo(at("walks_four_steps"), fields, knee.walks_four_steps());
}

}  // namespace waymark::msk
