#ifndef WAYMARK_SERVICES_MSK_DO_NOW_H_
#define WAYMARK_SERVICES_MSK_DO_NOW_H_

#include <string>
#include <vector>

#include "services/msk/door.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// What to do at once, in plain words for the person or their supervisor; the same for every injury
// of its urgency, so that nothing of the record shows.
std::vector<std::string> DoNow(Door door, v1::Urgency urgency);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_DO_NOW_H_
