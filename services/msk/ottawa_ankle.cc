#include "services/msk/ottawa_ankle.h"

#include "absl/strings/str_cat.h"
#include "services/msk/ottawa.h"

namespace waymark::msk {

bool AnkleNeedsXray(const v1::OttawaAnkle& ankle) {
  return ankle.malleolar_pain() == v1::ANSWER_YES &&
         (ankle.lateral_malleolus_tender() == v1::ANSWER_YES ||
          ankle.medial_malleolus_tender() == v1::ANSWER_YES ||
          ankle.walks_four_steps() == v1::ANSWER_NO);
}

void CheckAnkle(absl::string_view path, casework::Fields& fields, const v1::OttawaAnkle& ankle) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  CheckYesOrNo(at("malleolar_pain"), fields, ankle.malleolar_pain());
  CheckYesOrNo(at("lateral_malleolus_tender"), fields, ankle.lateral_malleolus_tender());
  CheckYesOrNo(at("medial_malleolus_tender"), fields, ankle.medial_malleolus_tender());
  CheckYesOrNo(at("walks_four_steps"), fields, ankle.walks_four_steps());
}

}  // namespace waymark::msk
