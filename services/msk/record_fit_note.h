#ifndef WAYMARK_SERVICES_MSK_RECORD_FIT_NOTE_H_
#define WAYMARK_SERVICES_MSK_RECORD_FIT_NOTE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// INVALID_FIELDS, with what CheckFitNote says.
MskChange RecordFitNote(const v1::MskCase& before, const v1::RecordFitNoteRequest& request,
                        const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_FIT_NOTE_H_
