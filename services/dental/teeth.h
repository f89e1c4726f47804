// Teeth by their FDI (ISO 3950) number, and what the record says of one.
#ifndef WAYMARK_SERVICES_DENTAL_TEETH_H_
#define WAYMARK_SERVICES_DENTAL_TEETH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// Unspecified for what is no FDI number: two digits, quadrant 1 to 4 with tooth 1 to 8 (permanent)
// or quadrant 5 to 8 with tooth 1 to 5 (primary).
v1::Dentition DentitionOf(absl::string_view tooth);

bool Has(const v1::ToothInjury& tooth, v1::ToothInjuryType injury);
// A permanent tooth that was avulsed: one that may go back.
bool IsReplantable(const v1::ToothInjury& tooth);
// Taken for closed unless it is known to be open.
bool HasOpenApex(const v1::ToothInjury& tooth);
// A piece of it, or the whole tooth, may be in the lip or the lung: it is missing, or it must have
// come off and nobody said that it is there. An avulsed tooth that was kept in something is there.
bool IsUnaccountedFor(const v1::ToothInjury& tooth);

// Null when the case does not follow the tooth.
const v1::ToothInjury* FindTooth(const v1::DentalCase& dental_case, absl::string_view tooth);
// What was done for the tooth; empty when nothing was.
const v1::ToothCare& CareOf(const v1::DentalCase& dental_case, absl::string_view tooth);
// The same, to be added to.
v1::ToothCare& MutableCareOf(const std::string& tooth, v1::DentalCase& dental_case);

// It is followed: nothing ended its line, and it is no avulsed primary tooth.
bool IsKept(const v1::DentalCase& dental_case, const v1::ToothInjury& tooth);
// A splint is in place. A tooth that was lost has none.
bool IsSplinted(const v1::ToothCare& care);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_TEETH_H_
