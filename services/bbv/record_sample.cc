#include "services/bbv/record_sample.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/status.h"

namespace waymark::bbv {

BbvChange RecordSample(const v1::BbvCase& before, const v1::RecordSampleRequest& request,
                       const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::SampleTaken sample = request.sample();
  fields.PastSince("sample.taken_time", IncidentOf(before), *sample.mutable_taken_time());
  fields.Text("sample.laboratory_reference", sample.laboratory_reference(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  const casework::v1::Step* step = casework::FindStep(before.header().plan(), sample.step_key());
  if (step == nullptr || step->tests().empty()) {
    return status::NotFound("STEP_NOT_FOUND",
                            "The case has no such step with tests. Choose one from its plan.");
  }
  if (!casework::IsOpen(*step)) {
    return status::FailedPrecondition("STEP_ALREADY_ENDED",
                                      "The step has ended; no sample is needed for it.");
  }
  v1::BbvCase after = before;
  *after.add_samples() = std::move(sample);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
