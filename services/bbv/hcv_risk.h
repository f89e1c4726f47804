// Whether hepatitis C is likelier than usual, so that antigen or PCR is added at three months
// (clinical reference 1.6; wording by policy, PHE's definition was not seen).
#ifndef WAYMARK_SERVICES_BBV_HCV_RISK_H_
#define WAYMARK_SERVICES_BBV_HCV_RISK_H_

#include "waymark/bbv/v1/exposure.pb.h"

namespace waymark::bbv {

// The source is known to have hepatitis C, or to inject drugs.
bool IsHighHcvRisk(const v1::ExposureSource& source);

// Tested negative for all three viruses, without a recent risk of their own: follow-up stands down.
// Nothing but an outright "no" to that risk will do.
bool IsSourceClear(const v1::ExposureSource& source);

// Known to carry at least one of the three.
bool IsSourceInfected(const v1::ExposureSource& source);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_HCV_RISK_H_
