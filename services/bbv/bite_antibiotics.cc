#include "services/bbv/bite_antibiotics.h"

#include "services/bbv/significance.h"

namespace waymark::bbv {
namespace {

bool IsHighRiskSite(v1::BodySite site) {
  switch (site) {
    case v1::BODY_SITE_HAND:
    case v1::BODY_SITE_FINGER:
    case v1::BODY_SITE_FACE:
    case v1::BODY_SITE_EYE:
    case v1::BODY_SITE_MOUTH:
    case v1::BODY_SITE_GROIN_OR_GENITALS:
    case v1::BODY_SITE_FOOT:
      return true;
    default:
      return false;
  }
}

}  // namespace

v1::AntibioticAdvice DeriveAntibiotics(const v1::Exposure& exposure) {
  if (!IsBite(exposure.route())) return v1::ANTIBIOTIC_ADVICE_UNSPECIFIED;
  if (exposure.route() == v1::ROUTE_BITE_SKIN_INTACT) return v1::ANTIBIOTIC_ADVICE_NONE;
  if (exposure.drew_blood() == v1::ANSWER_YES) return v1::ANTIBIOTIC_ADVICE_OFFER;
  return IsHighRiskSite(exposure.site()) || exposure.infection_risk_person() == v1::ANSWER_YES
             ? v1::ANTIBIOTIC_ADVICE_CONSIDER
             : v1::ANTIBIOTIC_ADVICE_NONE;
}

}  // namespace waymark::bbv
