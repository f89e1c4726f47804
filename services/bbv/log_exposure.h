#ifndef WAYMARK_SERVICES_BBV_LOG_EXPOSURE_H_
#define WAYMARK_SERVICES_BBV_LOG_EXPOSURE_H_

#include <string>
#include <vector>

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Opens a case for each person, then for each bite one for the biter: a third party without
// identity, cared for by custody healthcare, exposed through the mouth if the bite drew blood. All
// cases of the call know of each other by id. INVALID_FIELDS with every field that is wrong.
BbvChange LogExposure(const v1::LogExposureRequest& request, const casework::Call& call);

// The same, with the first person's case under an id that was chosen already.
BbvChange OpenCases(const v1::LogExposureRequest& request, const casework::Call& call,
                    const std::string& first_case_id);

// The case that an exposure would open for somebody of the workforce. Stored nowhere.
absl::StatusOr<v1::BbvCase> PreviewExposure(const v1::PreviewPlanRequest& request,
                                            const casework::Call& call);

// Says beside the preview's plan what the rules say of the exposure.
void FillPreview(const v1::BbvCase& preview, v1::PreviewPlanResponse& response);

// What a reporter may know: that the cases are in hand, when the assessment is due, and first aid.
void FillReceipts(const std::vector<v1::BbvCase>& opened, const v1::LogExposureRequest& request,
                  v1::LogExposureResponse& response);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_LOG_EXPOSURE_H_
