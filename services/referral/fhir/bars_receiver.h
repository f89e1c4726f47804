// What a receiver does with a message of the NHS Booking and Referral Standard (BaRS 1.4.0): its
// headers are checked first, then the message, then its failure scenarios, which are one table
// taken from "Error-Handling, Failure Scenarios, Bundle Processing" of its guide. Pure: what must
// be looked up is handed in.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_BARS_RECEIVER_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_BARS_RECEIVER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/fhir/json.h"
#include "services/referral/fhir/outcome.h"

namespace waymark::referral::fhir {

// Names in lower case.
using BarsHeaders = std::map<std::string, std::string>;

// Of a request that may go on.
struct BarsRequest {
  // UUIDs, both to be echoed.
  std::string request_id;
  std::string correlation_id;
  // NHSD-Target-Identifier: who is addressed. Empty on /metadata without it.
  std::string target_system;
  std::string target_value;
  // ODS code out of NHSD-End-User-Organisation. Empty when it holds none.
  std::string organisation;
};

struct BarsHeaderCheck {
  BarsRequest request;
  std::optional<BarsError> error;
};
// `target_optional`: on /metadata.
BarsHeaderCheck CheckBarsHeaders(const BarsHeaders& headers, bool target_optional = false);

// What of a message the table looks at; empty where it says nothing.
struct BarsMessage {
  std::string event;
  std::string reason;
  // "referral", "validation".
  std::string category;
  std::string service_request;  // its status
  std::string care_plan;
  std::string encounter;        // of the ServiceRequest
  std::string focus_encounter;  // when the message's focus is an Encounter
  std::string appointment;
  bool is_response = false;  // MessageHeader.response is there
  // Bundle.id of the message that it answers.
  std::string response_to;
  std::string message_id;  // Bundle.id
  // The oldest meta.lastUpdated of what it is about; nothing when there is none.
  std::optional<absl::Time> updated;
};
struct BarsMessageReading {
  BarsMessage message;
  std::optional<BarsError> error;
};
// `bundle` has passed CheckResource.
BarsMessageReading ReadBarsMessage(const Json& bundle);

// What we know.
struct BarsKnown {
  // The X-Request-Id was processed before.
  bool request_processed = false;
  // `response_to` is a message that we sent.
  bool response_known = false;
  // Of a new booking: the slot can be had.
  bool slot_free = true;
  // When what the message is about was last changed here. Nothing when it is not here.
  std::optional<absl::Time> local_updated;
};

enum class BarsAction {
  kNewReferral,
  kNewValidation,
  kCancelledReferral,
  kCancelledValidation,
  kUpdatedValidation,
  kNotAttended,
  kInterimResponse,
  kFinalResponse,
  kRejectedValidation,
  kNewBooking,
  kCancelledBooking,
  kUpdatedBooking,
};

struct BarsDecision {
  // Exactly one is set.
  std::optional<BarsAction> action;
  std::optional<BarsError> error;
};
BarsDecision DecideBars(const BarsMessage& message, const BarsKnown& known);

// One row of the table, for its test and for who wants to print it. An empty list: it does not
// matter.
struct BarsRow {
  std::string event;
  std::vector<std::string> reasons;
  std::string category;
  std::vector<std::string> service_request;
  std::vector<std::string> care_plan;
  std::vector<std::string> encounter;
  std::vector<std::string> focus_encounter;
  std::vector<std::string> appointment;
  BarsAction action;
};
const std::vector<BarsRow>& BarsTable();

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_BARS_RECEIVER_H_
