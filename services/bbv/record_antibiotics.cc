#include "services/bbv/record_antibiotics.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::bbv {
namespace {

constexpr int kLongestCourseDays = 28;

}  // namespace

BbvChange RecordAntibiotics(const v1::BbvCase& before, const v1::RecordAntibioticsRequest& request,
                            const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::AntibioticRecord record = request.antibiotics();
  fields.PastSince("antibiotics.decided_time", IncidentOf(before), *record.mutable_decided_time());
  fields.Choice("antibiotics.given", record.given(), v1::Answer_IsValid);
  const bool given = record.given() == v1::ANSWER_YES;
  fields.Range("antibiotics.course_days", record.course_days(), given ? 1 : 0,
               given ? kLongestCourseDays : 0);
  fields.Text("antibiotics.drug", record.drug(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.mutable_antibiotics() = std::move(record);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
