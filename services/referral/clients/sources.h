// What a referral is made of lies in other services: this is how it is asked for.
#ifndef WAYMARK_SERVICES_REFERRAL_CLIENTS_SOURCES_H_
#define WAYMARK_SERVICES_REFERRAL_CLIENTS_SOURCES_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/referral/material.h"
#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::referral {

class Sources {
 public:
  virtual ~Sources() = default;

  // From the pathway of the need, in the caller's name. NOT_FOUND CASE_NOT_FOUND, STEP_NOT_FOUND;
  // INVALID_ARGUMENT PATHWAY_UNKNOWN.
  virtual absl::StatusOr<v1::PathwayContent> ReadContent(const rpc::Call& call,
                                                         const v1::NeedOrigin& need,
                                                         v1::CareService service) const = 0;

  // From workforce, in the caller's name. NOT_FOUND PERSON_NOT_FOUND; FAILED_PRECONDITION
  // CONSENT_REQUIRED, PERSON_DECEASED.
  virtual absl::StatusOr<Identity> Disclose(const rpc::Call& call, const std::string& subject_id,
                                            const std::string& recipient,
                                            const v1::Consent& consent) const = 0;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CLIENTS_SOURCES_H_
