// Who makes a call, as proven by a verified token and by the certificate of the connection.
#ifndef WAYMARK_COMMON_ACCESS_CALLER_H_
#define WAYMARK_COMMON_ACCESS_CALLER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::access {

struct Caller {
  // The `sub` claim. Empty when only a service calls, without a person.
  std::string user_id;
  // The organisation: from the token, or for a service call from the request's own `tenant` field.
  // Empty when a service call names none at the top of its request.
  std::string tenant;
  // Roles this build knows; others in the token are ignored.
  std::vector<options::v1::Role> roles;
  // The caller's own workforce subject (lower-case UUID), so that nobody meets their own case as
  // staff.
  std::optional<std::string> subject_id;
  // The service at the other end of the connection: "bbv" for spiffe://waymark/bbv.
  std::string service;
  // When the token ends; InfiniteFuture for a service call.
  absl::Time token_expiry = absl::InfiniteFuture();

  bool is_user() const { return !user_id.empty(); }
};

// True for a tenant as tokens and requests may name it: 1 to 64 of letters, digits, '-', '_',
// beginning with a letter or digit ("E23000025-test", "demo").
bool IsTenant(absl::string_view tenant);

}  // namespace waymark::access

#endif  // WAYMARK_COMMON_ACCESS_CALLER_H_
