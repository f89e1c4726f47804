#ifndef WAYMARK_SERVICES_MSK_LOG_INJURY_H_
#define WAYMARK_SERVICES_MSK_LOG_INJURY_H_

#include <vector>

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Opens a case for each person; cases of one call know of each other by id. INVALID_FIELDS with
// every field that is wrong.
MskChange LogInjury(const v1::LogInjuryRequest& request, const casework::Call& call);

// The case that an injury would open for somebody of the workforce. Stored nowhere.
absl::StatusOr<v1::MskCase> PreviewInjury(const v1::PreviewPlanRequest& request,
                                          const casework::Call& call);

// Says beside the preview's plan what the rules say of the injury.
void FillPreview(const v1::MskCase& preview, v1::PreviewPlanResponse& response);

// What a reporter may know: that the cases are in hand, when the first step is due, what to do now.
void FillReceipts(const std::vector<v1::MskCase>& opened, const v1::LogInjuryRequest& request,
                  v1::LogInjuryResponse& response);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_LOG_INJURY_H_
