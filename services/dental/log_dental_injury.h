#ifndef WAYMARK_SERVICES_DENTAL_LOG_DENTAL_INJURY_H_
#define WAYMARK_SERVICES_DENTAL_LOG_DENTAL_INJURY_H_

#include <vector>

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Opens a case for each person; those of one call know of each other by id. Blood or saliva of
// another asks the blood-borne virus service for a linked case (blood_exposure.h). INVALID_FIELDS
// with every field that is wrong.
DentalChange LogDentalInjury(const v1::LogDentalInjuryRequest& request, const casework::Call& call);

// The case that an injury would open for somebody of the workforce. Stored nowhere, tells nobody.
absl::StatusOr<v1::DentalCase> PreviewInjury(const v1::PreviewPlanRequest& request,
                                             const casework::Call& call);

// Says beside the preview's plan what the rules say, and the visits.
void FillPreview(const v1::DentalCase& preview, v1::PreviewPlanResponse& response);

// What a reporter may know: that the cases are in hand, how soon somebody must be reached, first
// aid.
void FillReceipts(const std::vector<v1::DentalCase>& opened,
                  const v1::LogDentalInjuryRequest& request, v1::LogDentalInjuryResponse& response);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_LOG_DENTAL_INJURY_H_
