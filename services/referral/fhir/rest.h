// FHIR R4 over HTTP for a provider's systems, as one function: a request in, an answer out. The
// gateway carries the bytes; the service beside gives it cases and takes the acts that messages
// become. What is served is one table, which is also the CapabilityStatement.
//
// Served below the root: /metadata; ServiceRequest and Task: read, vread of the current version,
// history, search (GET, POST _search); Task: update, which is how a provider answers; Appointment:
// read; Slot: search, as the Booking and Referral Standard asks; and POST /$process-message of that
// standard, and of laboratory reports.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_REST_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_REST_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/fhir/answers.h"
#include "services/referral/fhir/json.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/referral/v1/directory.pb.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral::fhir {

inline constexpr char kFhirMedia[] = "application/fhir+json";
inline constexpr int kMostFound = 200;
// A search by what is not indexed looks at so many pages of 200 cases and no further.
inline constexpr int kMostPages = 10;
// The widest stretch of time that is searched for slots.
inline constexpr absl::Duration kLongestSearch = absl::Hours(24 * 92);

struct FhirRequest {
  std::string method;                          // "GET"
  std::string path;                            // below the root: "/Task/0198..."
  std::string query;                           // undecoded, without the question mark
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  // Where the client sees the root: "https://waymark.example/fhir/R4".
  std::string base_url;
  // UUID: what a change is done under when the client gives no X-Request-Id.
  std::string request_id;
};

struct FhirAnswer {
  int status = 200;
  std::map<std::string, std::string> headers;
  // JSON, or empty.
  std::string body;
};

// The cases of the caller's organisation, with what the caller may.
class FhirBackend {
 public:
  virtual ~FhirBackend() = default;
  // NOT_FOUND.
  virtual absl::StatusOr<v1::ReferralCase> Get(const std::string& id) = 0;
  struct Page {
    std::vector<v1::ReferralCase> cases;
    std::string next;  // empty at the end
  };
  virtual absl::StatusOr<Page> List(int size, const std::string& token) = 0;
  virtual absl::StatusOr<std::vector<casework::v1::CaseEvent>> Events(const std::string& id) = 0;
  // Does what the answer says and gives the case after it. `version` 0 accepts any. Done twice
  // under one request id it changes nothing and gives the first answer.
  virtual absl::StatusOr<v1::ReferralCase> Act(const std::string& id, int64_t version,
                                               const std::string& request_id,
                                               const v1::Answer& answer) = 0;
  // A report that no case of the caller's organisation can take: goes to the referral that the keys
  // mean, else to a person as a task with a deadline. True when a referral took it. Twice under one
  // request id it is one.
  virtual absl::StatusOr<bool> TakeIn(const std::string& request_id, const v1::MatchKeys& keys,
                                      const v1::Answer& answer) = 0;
  // One service of the directory and its slots that begin in [from, to].
  struct Times {
    std::string organisation_code;
    std::string organisation_name;
    v1::OfferedService service;
    std::vector<v1::Slot> slots;
  };
  // NOT_FOUND.
  virtual absl::StatusOr<Times> Slots(const std::string& service_id, absl::Time from,
                                      absl::Time to) = 0;
};

// Whatever is not 2xx or 304 has an OperationOutcome as its body.
FhirAnswer HandleFhir(const FhirRequest& request, FhirBackend& backend);

// An error of the house as HTTP and OperationOutcome.
FhirAnswer RefuseWith(const absl::Status& status);

// As /metadata serves it.
Json Capabilities(absl::string_view base_url);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_REST_H_
