#ifndef WAYMARK_SERVICES_BBV_RECORD_SOURCE_RESULT_H_
#define WAYMARK_SERVICES_BBV_RECORD_SOURCE_RESULT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records what is known of the source now. The plan follows: a source that tested negative for all
// three without recent risk stands the tests down, an infected one brings prophylaxis and RIDDOR.
BbvChange RecordSourceResult(const v1::BbvCase& before,
                             const v1::RecordSourceResultRequest& request,
                             const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_SOURCE_RESULT_H_
