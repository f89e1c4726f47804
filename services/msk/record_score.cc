#include "services/msk/record_score.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/instants.h"
#include "services/msk/msk_hq.h"
#include "services/msk/orebro.h"
#include "services/msk/start_back.h"

namespace waymark::msk {

MskChange RecordScore(const v1::MskCase& before, const v1::RecordScoreRequest& request,
                      const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::Score score = request.score();
  fields.PastSince("score.taken_time", IncidentOf(before), *score.mutable_taken_time());
  switch (score.answers_case()) {
    case v1::Score::kStartBack:
      CheckStartBack("score.start_back", fields, score.start_back());
      break;
    case v1::Score::kMskHq:
      CheckMskHq("score.msk_hq", fields, score.msk_hq());
      break;
    case v1::Score::kOrebro:
      CheckOrebro("score.orebro", fields, score.orebro());
      break;
    default:
      fields.Wrong("score.answers", "MISSING", "Give the answers of one questionnaire.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  score.set_score_id(call.NewId("score"));
  *score.mutable_recorded_time() = casework::ToTimestamp(call.now);
  v1::MskCase after = before;
  *after.add_scores() = std::move(score);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
