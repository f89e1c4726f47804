#ifndef WAYMARK_SERVICES_BBV_RECORD_SYMPTOMS_H_
#define WAYMARK_SERVICES_BBV_RECORD_SYMPTOMS_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records symptoms of seroconversion (fever, rash, jaundice): a test at once, outside the schedule.
BbvChange RecordSymptoms(const v1::BbvCase& before, const v1::RecordSymptomsRequest& request,
                         const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_SYMPTOMS_H_
