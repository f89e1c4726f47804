#include "services/mental_health/record_decompression.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

constexpr int kLeastMinutes = 30;
constexpr int kMostMinutes = 7 * 24 * 60;

}  // namespace

MentalHealthChange RecordDecompression(const v1::MentalHealthCase& before,
                                       const v1::RecordDecompressionRequest& request,
                                       const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::Incident* incident = FindIncident(after, request.incident_number());
  if (incident == nullptr) return NoSuchIncident();
  casework::Fields fields(call.now);
  v1::Decompression decompression = request.decompression();
  fields.PastSince("decompression.decided_time", casework::InstantOf(incident->occurred_time()),
                   *decompression.mutable_decided_time());
  if (decompression.declined()) {
    fields.Range("decompression.minutes", decompression.minutes(), 0, 0);
  } else {
    fields.Range("decompression.minutes", decompression.minutes(), kLeastMinutes, kMostMinutes);
  }
  RETURN_IF_ERROR(fields.ToStatus());

  *incident->mutable_decompression() = std::move(decompression);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
