#ifndef WAYMARK_SERVICES_MSK_OREBRO_H_
#define WAYMARK_SERVICES_MSK_OREBRO_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// Short form of the Örebro Musculoskeletal Pain Screening Questionnaire (Linton 2011; Nicholas
// 2019, doi 10.1007/s10926-018-9784-8): 10 items of 0 to 10, total up to 100, higher is worse. The
// positively worded items 3, 4 and 8 (light work, sleep, chance of working) are turned round. From
// 50 on the risk of long absence is higher.

// Exactly 10 items of 0 to 10 as they were marked (one left out leaves no score), or a total of 0
// to 100. OUT_OF_RANGE, BOTH_GIVEN.
void CheckOrebro(absl::string_view path, casework::Fields& fields,
                 const v1::OrebroAnswers& answers);

// Of answers that CheckOrebro accepts.
int ScoreOrebro(const v1::OrebroAnswers& answers);

// BAND_HIGH_RISK or BAND_LOW_RISK.
v1::Band OrebroBand(int total, const casework::v1::Protocol& protocol);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_OREBRO_H_
