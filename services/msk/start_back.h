#ifndef WAYMARK_SERVICES_MSK_START_BACK_H_
#define WAYMARK_SERVICES_MSK_START_BACK_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// STarT Back Screening Tool (Hill 2008; Physiopedia, WikiMSK): items 1 to 8 score 1 for "agree",
// item 9 for "very much" and "extremely". Total 0 to 9, of which items 5 to 9 are the psychosocial
// part. Low risk below a total of 4; else high when the psychosocial part reaches 4, else medium.
struct StartBack {
  int total = 0;
  int psychosocial = 0;
  v1::Band band = v1::BAND_UNSPECIFIED;
};

// Items: exactly 8 answers of yes or no, and the bothersomeness; an item left out leaves no score.
// Totals: 0 to 9 and 0 to 5, the part not greater than the whole, the whole not more than 4 above
// it. MISSING, OUT_OF_RANGE, IMPOSSIBLE.
void CheckStartBack(absl::string_view path, casework::Fields& fields,
                    const v1::StartBackAnswers& answers);

// Of answers that CheckStartBack accepts.
StartBack ScoreStartBack(const v1::StartBackAnswers& answers,
                         const casework::v1::Protocol& protocol);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_START_BACK_H_
