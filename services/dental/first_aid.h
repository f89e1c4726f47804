// What to do for a mouth at the scene, in plain words.
#ifndef WAYMARK_SERVICES_DENTAL_FIRST_AID_H_
#define WAYMARK_SERVICES_DENTAL_FIRST_AID_H_

#include <string>
#include <vector>

#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// In the order of doing.
std::vector<std::string> FirstAidFor(const v1::DentalInjury& injury);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_FIRST_AID_H_
