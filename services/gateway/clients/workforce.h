// Asks workforce whose own record somebody has who signs in.
#ifndef WAYMARK_SERVICES_GATEWAY_CLIENTS_WORKFORCE_H_
#define WAYMARK_SERVICES_GATEWAY_CLIENTS_WORKFORCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}

namespace waymark::gateway {

// The subject id of `user_id` in `tenant`; empty when nobody there signs in so. UNAVAILABLE and the
// like when workforce does not answer by `deadline`.
absl::StatusOr<std::string> SubjectOf(const std::shared_ptr<grpc::Channel>& workforce,
                                      absl::Time deadline, const std::string& tenant,
                                      const std::string& user_id);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_CLIENTS_WORKFORCE_H_
