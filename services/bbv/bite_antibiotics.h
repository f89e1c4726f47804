// Antibiotic prophylaxis of a human bite: NICE NG184, November 2020 (clinical reference 1.10).
#ifndef WAYMARK_SERVICES_BBV_BITE_ANTIBIOTICS_H_
#define WAYMARK_SERVICES_BBV_BITE_ANTIBIOTICS_H_

#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// Unspecified when it was no bite. Skin not broken: none. Broken and drew blood: offer. Broken
// without blood: consider at a high-risk site (hand, foot, face, genitals) or for a person at risk.
v1::AntibioticAdvice DeriveAntibiotics(const v1::Exposure& exposure);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_BITE_ANTIBIOTICS_H_
