#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_RISK_CONVERSATION_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_RISK_CONVERSATION_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records the conversation that a flag asked for. Not reached: the contact is still due.
// FLAG_NOT_FOUND.
MentalHealthChange RecordRiskConversation(const v1::MentalHealthCase& before,
                                          const v1::RecordRiskConversationRequest& request,
                                          const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_RISK_CONVERSATION_H_
