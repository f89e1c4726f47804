// Looks at TLS files before gRPC does. gRPC 1.51 starts with missing files and serves nobody, and a
// key beside another key's certificate fails every handshake without saying why.
#ifndef WAYMARK_COMMON_SERVER_CERTIFICATES_H_
#define WAYMARK_COMMON_SERVER_CERTIFICATES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::server {

struct CertificateFacts {
  absl::Time not_after;
  // From spiffe://waymark/<service>.
  std::string service;
};

// FAILED_PRECONDITION with a sentence that names the file: TLS_FILE_UNREADABLE; TLS_PAIR_MISMATCH:
// tls.key is not the key of tls.crt; TLS_NOT_SIGNED: ca.crt did not sign tls.crt; TLS_EXPIRED: at
// `now` the certificate is not valid; TLS_NO_IDENTITY: it names no waymark service, or several.
absl::StatusOr<CertificateFacts> CheckCertificates(absl::string_view folder, absl::Time now);

}  // namespace waymark::server

#endif  // WAYMARK_COMMON_SERVER_CERTIFICATES_H_
