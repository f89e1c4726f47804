#include "services/bbv/hcv_risk.h"

namespace waymark::bbv {

bool IsHighHcvRisk(const v1::ExposureSource& source) {
  return source.hepatitis_c() == v1::SOURCE_VIRUS_POSITIVE ||
         source.injects_drugs() == v1::ANSWER_YES;
}

bool IsSourceClear(const v1::ExposureSource& source) {
  return source.hepatitis_b() == v1::SOURCE_VIRUS_NEGATIVE &&
         source.hepatitis_c() == v1::SOURCE_VIRUS_NEGATIVE &&
         source.hiv() == v1::SOURCE_VIRUS_NEGATIVE && source.window_period_risk() == v1::ANSWER_NO;
}

bool IsSourceInfected(const v1::ExposureSource& source) {
  return source.hepatitis_b() == v1::SOURCE_VIRUS_POSITIVE ||
         source.hepatitis_c() == v1::SOURCE_VIRUS_POSITIVE ||
         source.hiv() == v1::SOURCE_VIRUS_POSITIVE;
}

}  // namespace waymark::bbv
