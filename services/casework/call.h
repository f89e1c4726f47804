#ifndef WAYMARK_SERVICES_CASEWORK_CALL_H_
#define WAYMARK_SERVICES_CASEWORK_CALL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::casework {

namespace v1 {
class Protocol;
}

// Everything about a call that a pathway's pure function may know. Nothing in it is random or read
// from the outside while the function runs, so a function called twice gives the same answer.
struct Call {
  // The clinical clock at the start of the call.
  absl::Time now;
  // The organisation, from the token.
  std::string tenant;
  // The person, or "service:<name>".
  std::string user_id;
  // The role whose grant let the call in.
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  // The caller's own subject id; empty when they have none.
  std::string subject_id;
  // UUID given by the caller; every id that the call makes is derived from it.
  std::string request_id;
  // The RPC's name, e.g. "RecordTestResult".
  std::string act;

  // The protocol that the case follows; for a case being opened, the one it will follow. Never null
  // while a pathway's function runs: its thresholds are read from here.
  const v1::Protocol* protocol = nullptr;

  // A UUID that is the same for the same request and name, e.g. NewId("case/0").
  std::string NewId(absl::string_view name) const;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CALL_H_
