// Asks workforce where a patient must not be sent.
#ifndef WAYMARK_SERVICES_REFERRAL_CLIENTS_AVOIDANCES_H_
#define WAYMARK_SERVICES_REFERRAL_CLIENTS_AVOIDANCES_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/referral/directory/suggest.h"

namespace grpc {
class Channel;
}

namespace waymark::referral {

// The function asks for one person of the caller's organisation. NOT_FOUND SUBJECT_UNKNOWN; errors
// of the call: whoever cannot be asked is not sent anywhere by guess.
std::function<absl::StatusOr<Avoided>(const rpc::Call& call, const std::string& subject_id)>
AvoidedOver(std::shared_ptr<grpc::Channel> channel);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CLIENTS_AVOIDANCES_H_
