// Days unable to do normal work: RIDDOR 2013, regulation 4(2) (clinical reference 6.6). An injured
// tooth is no specified injury, so this is all that is reported.
#ifndef WAYMARK_SERVICES_DENTAL_INCAPACITY_H_
#define WAYMARK_SERVICES_DENTAL_INCAPACITY_H_

#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// More than seven consecutive days in one spell; the day of the accident is not counted, rest days
// are.
bool IsOverSevenDays(const v1::DentalCase& dental_case);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_INCAPACITY_H_
