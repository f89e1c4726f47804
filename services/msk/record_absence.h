#ifndef WAYMARK_SERVICES_MSK_RECORD_ABSENCE_H_
#define WAYMARK_SERVICES_MSK_RECORD_ABSENCE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// INVALID_FIELDS, also for a spell that overlaps another.
MskChange RecordAbsence(const v1::MskCase& before, const v1::RecordAbsenceRequest& request,
                        const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_ABSENCE_H_
