// Whether an exposure can pass on a blood-borne virus at all.
//
// HSE, NHSGGC (clinical reference 1.3): significant only if both the route and the fluid are
// high-risk; missing either, it is not.
#ifndef WAYMARK_SERVICES_BBV_SIGNIFICANCE_H_
#define WAYMARK_SERVICES_BBV_SIGNIFICANCE_H_

#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// Through the skin, into eye, mouth or nose, or onto skin that is not whole. Intact skin and
// clothing are not: the virus does not cross them.
bool IsHighRiskRoute(v1::Route route);

// The skin was broken by the incident or before it: what tetanus and bacteria need.
bool IsWound(v1::Route route);

// A needle, another sharp, a bite or scratch that broke the skin.
bool IsPercutaneous(v1::Route route);

bool IsBite(v1::Route route);

// Blood, anything visibly blood-stained, and the fluids of ACDP/HSE Information Box 1.1. A bite
// that drew blood is blood-stained whatever was seen of the saliva. A fluid that nobody knows is
// taken for high-risk: the path is easier to stop than to begin late.
bool IsHighRiskFluid(const v1::Exposure& exposure);

// Never unspecified.
v1::Significance DeriveSignificance(const v1::Exposure& exposure);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_SIGNIFICANCE_H_
