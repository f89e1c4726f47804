// Sends a message of the Booking and Referral Standard: HTTPS with a client certificate, the
// headers of the standard, and its rules on what may be sent again.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_BARS_CLIENT_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_BARS_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/referral/v1/partner.pb.h"

namespace waymark::referral {

struct BarsPost {
  v1::BarsEndpoint endpoint;
  // The ODS code of who runs the suite: NHSD-End-User-Organisation.
  std::string operator_code;
  // UUIDs. The same for every attempt with the same body.
  std::string request_id;
  std::string correlation_id;
  // "a1t1|referral|servicerequest-request|new".
  std::string use_context;
  std::string body;
  bool loopback = false;
  // The standard asks every answer within 5 s.
  absl::Duration timeout = absl::Seconds(10);
};

struct BarsReply {
  // 0: no answer came.
  int status = 0;
  // As the answer's headers say; empty when they do not.
  std::string request_id;
  std::string correlation_id;
  std::string body;
};

// What a reply means. OK: it is there, also when it was before (409 duplicate). UNAVAILABLE
// PARTNER_UNAVAILABLE: to be sent again as it is, by the rules of the standard: no answer, 408,
// 429, 503, ids not echoed, an error without OperationOutcome, or one that calls itself transient.
// FAILED_PRECONDITION PARTNER_REFUSED: never to be sent again; the metadata "answer" has the HTTP
// status and "codes" the standard's codes. No text of the partner's goes on. Pure.
absl::Status JudgeReply(const BarsPost& post, const BarsReply& reply);

// The headers of an attempt as they go, each "Name: value". Without the token, which is read when
// it goes.
std::vector<std::string> HeadersOf(const BarsPost& post);

// What the partner calls its answer: the id of the resource in it. Empty when it has none.
std::string AcknowledgementOf(const BarsReply& reply);

// One attempt; OK gives the acknowledgement. Thread-safe.
absl::StatusOr<std::string> SendBars(const BarsPost& post);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_BARS_CLIENT_H_
