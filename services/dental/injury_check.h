// What an injury and its teeth must look like, wherever they come in.
#ifndef WAYMARK_SERVICES_DENTAL_INJURY_CHECK_H_
#define WAYMARK_SERVICES_DENTAL_INJURY_CHECK_H_

#include <google/protobuf/repeated_field.h>

#include <string>

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// Checks every field under `path` ("people[0].injury") and fills in the instants. Time of the
// report: now, when it is left out.
void CheckInjury(absl::string_view path, casework::Fields& fields, v1::DentalInjury& injury);

// FDI_INVALID, DUPLICATE, TOO_MANY_TEETH beyond kMostTeeth; injuries that exclude each other:
// CONTRADICTORY; what an injury cannot have: NOT_AVULSED (dry time, medium), NOT_INTRUDED (depth).
void CheckTeeth(absl::string_view path, casework::Fields& fields,
                const google::protobuf::RepeatedPtrField<v1::ToothInjury>& teeth);

void CheckBloodExposure(absl::string_view path, casework::Fields& fields,
                        const v1::BloodExposure& exposure);

// Names of teeth that the case follows, 1 to kMostTeeth, each once: MISSING, FDI_INVALID,
// DUPLICATE, TOOTH_NOT_FOUND.
void CheckNames(absl::string_view path, casework::Fields& fields, const v1::DentalCase& dental_case,
                const google::protobuf::RepeatedPtrField<std::string>& teeth);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_INJURY_CHECK_H_
