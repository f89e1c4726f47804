#ifndef WAYMARK_SERVICES_BBV_RECORD_SPECIALIST_REFERRAL_H_
#define WAYMARK_SERVICES_BBV_RECORD_SPECIALIST_REFERRAL_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records that a positive result was handed to hepatology or the HIV clinic.
BbvChange RecordSpecialistReferral(const v1::BbvCase& before,
                                   const v1::RecordSpecialistReferralRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_SPECIALIST_REFERRAL_H_
