#include "services/msk/ottawa_foot.h"

#include "absl/strings/str_cat.h"
#include "services/msk/ottawa.h"

namespace waymark::msk {

bool FootNeedsXray(const v1::OttawaFoot& foot) {
  return foot.midfoot_pain() == v1::ANSWER_YES &&
         (foot.fifth_metatarsal_base_tender() == v1::ANSWER_YES ||
          foot.navicular_tender() == v1::ANSWER_YES || foot.walks_four_steps() == v1::ANSWER_NO);
}

void CheckFoot(absl::string_view path, casework::Fields& fields, const v1::OttawaFoot& foot) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  CheckYesOrNo(at("midfoot_pain"), fields, foot.midfoot_pain());
  CheckYesOrNo(at("fifth_metatarsal_base_tender"), fields, foot.fifth_metatarsal_base_tender());
  CheckYesOrNo(at("navicular_tender"), fields, foot.navicular_tender());
  CheckYesOrNo(at("walks_four_steps"), fields, foot.walks_four_steps());
}

}  // namespace waymark::msk
