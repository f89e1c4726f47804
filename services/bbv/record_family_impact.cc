#include "services/bbv/record_family_impact.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordFamilyImpact(const v1::BbvCase& before,
                             const v1::RecordFamilyImpactRequest& request,
                             const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Conversation conversation = request.conversation();
  fields.PastSince("conversation.held_time", IncidentOf(before), *conversation.mutable_held_time());
  fields.Text("conversation.note", conversation.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.add_family_impact() = std::move(conversation);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
