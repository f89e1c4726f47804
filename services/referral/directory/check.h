// Is a request about the directory in order? INVALID_ARGUMENT INVALID_FIELDS names each field.
#ifndef WAYMARK_SERVICES_REFERRAL_DIRECTORY_CHECK_H_
#define WAYMARK_SERVICES_REFERRAL_DIRECTORY_CHECK_H_

#include "absl/status/status.h"
#include "waymark/referral/v1/directory_service.pb.h"

namespace waymark::referral {

absl::Status Check(const v1::DirectoryEntry& entry);
absl::Status Check(const v1::PutSlotsRequest& request);
absl::Status Check(const v1::ListSlotsRequest& request);
absl::Status Check(const v1::SuggestProvidersRequest& request);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DIRECTORY_CHECK_H_
