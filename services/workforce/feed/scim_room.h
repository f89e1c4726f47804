// ReadScim and ChangeScim of HrFeedService.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_ROOM_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_ROOM_H_

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/workforce/desk.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::workforce {

// Thread-safe.
class ScimRoom {
 public:
  explicit ScimRoom(Desk& desk) : desk_(desk) {}

  // INVALID_ARGUMENT SCIM_METHOD: a request that changes something.
  absl::Status ReadScim(const rpc::Call& call, const v1::ReadScimRequest& request,
                        v1::ReadScimResponse* response);
  // INVALID_ARGUMENT SCIM_METHOD: one that changes nothing.
  absl::Status ChangeScim(const rpc::Call& call, const v1::ChangeScimRequest& request,
                          v1::ChangeScimResponse* response);

 private:
  Desk& desk_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_ROOM_H_
