// FHIR R4 at /fhir/R4: carries requests to the referral service's ReadFhir and ChangeFhir, and
// answers back. What they mean is referral's; here are bytes, headers, limits, and the caller's
// token. Every error is an OperationOutcome.
#ifndef WAYMARK_SERVICES_GATEWAY_FHIR_DOOR_H_
#define WAYMARK_SERVICES_GATEWAY_FHIR_DOOR_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/token.h"
#include "common/clock/clock.h"
#include "common/rpc/workers.h"
#include "services/gateway/forward.h"
#include "services/gateway/http.h"

namespace waymark::gateway {

struct FhirDoorOptions {
  // "https://waymark.example".
  std::string public_url;
  // The Booking and Referral Standard gives every answer 5 s.
  absl::Duration longest_call = absl::Seconds(5);
  // Of one client at once.
  int most_calls_each = 4;
};

class FhirDoor {
 public:
  FhirDoor(FhirDoorOptions options, access::TokenVerifier& verifier, Forwarder& forwarder,
           rpc::Workers& blocking, const clock::Clock& clock);

  // Called on a network thread; never blocks.
  static bool Serves(absl::string_view path);
  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange);

 private:
  struct Call;

  void Forward(const std::shared_ptr<Call>& call);
  void Answer(const Call& call, const absl::StatusOr<std::string>& answer);
  void Refuse(const Call& call, int http_status, absl::string_view issue_type,
              absl::string_view diagnostics, Headers headers = {});
  void Refuse(const Call& call, const absl::Status& status);
  bool Enter(const Call& call);
  void Leave(const Call& call);
  void Report(const Call& call, int http_status) const;

  const FhirDoorOptions options_;
  access::TokenVerifier& verifier_;
  Forwarder& forwarder_;
  rpc::Workers& blocking_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::string, int> calls_each_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_FHIR_DOOR_H_
