#include "services/bbv/pep_indication.h"

namespace waymark::bbv {

v1::PepIndication DerivePepIndication(const v1::Exposure& exposure,
                                      const v1::ExposureSource& source,
                                      v1::Significance significance) {
  if (significance != v1::SIGNIFICANCE_SIGNIFICANT) return v1::PEP_INDICATION_NOT_RECOMMENDED;
  // Dried blood: HIV does not survive about two hours.
  if (exposure.discarded_in_community() == v1::ANSWER_YES) {
    return v1::PEP_INDICATION_NOT_RECOMMENDED;
  }
  if (exposure.route() == v1::ROUTE_BITE_SKIN_BROKEN) {
    // Only if all three hold: saliva visibly blood-stained, biter known or suspected viraemic
    // (above 3 log copies/mL), deep or severe tissue injury.
    if (exposure.visible_blood() == v1::ANSWER_YES && source.hiv_viraemic() == v1::ANSWER_YES &&
        exposure.depth() == v1::DEPTH_DEEP) {
      return v1::PEP_INDICATION_CONSIDER;
    }
    return source.hiv() == v1::SOURCE_VIRUS_POSITIVE &&
                   source.hiv_undetectable_six_months() != v1::ANSWER_YES
               ? v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED
               : v1::PEP_INDICATION_NOT_RECOMMENDED;
  }
  switch (source.hiv()) {
    case v1::SOURCE_VIRUS_POSITIVE:
      return source.hiv_undetectable_six_months() == v1::ANSWER_YES
                 ? v1::PEP_INDICATION_NOT_RECOMMENDED
                 : v1::PEP_INDICATION_RECOMMENDED;
    case v1::SOURCE_VIRUS_NEGATIVE:
      // A negative test within the window period says as little as none.
      if (source.window_period_risk() != v1::ANSWER_YES) return v1::PEP_INDICATION_NOT_RECOMMENDED;
      break;
    default:
      break;
  }
  switch (source.high_hiv_prevalence()) {
    case v1::ANSWER_YES:
      return v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED;
    case v1::ANSWER_NO:
      return v1::PEP_INDICATION_NOT_RECOMMENDED;
    default:
      return v1::PEP_INDICATION_UNSPECIFIED;
  }
}

}  // namespace waymark::bbv
