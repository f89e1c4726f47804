// The directory as a service beside the referrals.
#ifndef WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_SERVICE_H_
#define WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_SERVICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/server/server.h"
#include "services/referral/directory/directory.h"

namespace waymark::referral {

struct DirectoryParts {
  server::Exposed service;
  server::Duty purge;
  // Books and releases for referrals; owned by `held`.
  Directory* directory = nullptr;
  std::shared_ptr<void> held;
};

// Needs the peer workforce. Its acts leave for audit with those of the referrals: the outbox is
// the same.
absl::StatusOr<DirectoryParts> AssembleDirectory(server::Ground& ground);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DIRECTORY_DIRECTORY_SERVICE_H_
