// First aid at the scene, in words for whoever stands there (clinical reference 1.1).
#ifndef WAYMARK_SERVICES_BBV_FIRST_AID_H_
#define WAYMARK_SERVICES_BBV_FIRST_AID_H_

#include <string>
#include <vector>

#include "waymark/bbv/v1/exposure.pb.h"

namespace waymark::bbv {

// The same for every exposure of its kind: it gives nothing away about the person.
std::vector<std::string> FirstAidFor(v1::Route route);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_FIRST_AID_H_
