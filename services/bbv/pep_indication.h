// Whether HIV post-exposure prophylaxis is indicated after an occupational exposure.
//
// BASHH/BHIVA, UK Guideline for the use of HIV PEP 2021, table of occupational exposures (clinical
// reference 1.7; text not read). Human bites: Northern Sexual Health lists them as PEP not needed.
#ifndef WAYMARK_SERVICES_BBV_PEP_INDICATION_H_
#define WAYMARK_SERVICES_BBV_PEP_INDICATION_H_

#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// Unspecified when it depends on how common HIV is where the source comes from and nobody said.
// `significance` as the assessor decided it, or as the rule says.
v1::PepIndication DerivePepIndication(const v1::Exposure& exposure,
                                      const v1::ExposureSource& source,
                                      v1::Significance significance);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_PEP_INDICATION_H_
