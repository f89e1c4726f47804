#include "services/referral/fhir/bars_receiver.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kBadRequest[] = "REC_BAD_REQUEST";

BarsError Refuse(int status, absl::string_view code, absl::string_view issue,
                 absl::string_view diagnostics, absl::string_view location = "") {
  return {status, std::string(code), std::string(issue), std::string(diagnostics),
          std::string(location)};
}

// Every header that the standard names, and how it is checked.
enum class HeaderKind { kUuid, kEncoded };
struct HeaderRule {
  const char* name;
  HeaderKind kind;
};
constexpr HeaderRule kHeaderRules[] = {
    {"x-request-id", HeaderKind::kUuid},
    {"x-correlation-id", HeaderKind::kUuid},
    {"nhsd-requesting-software", HeaderKind::kEncoded},
    {"nhsd-end-user-organisation", HeaderKind::kEncoded},
    {"nhsd-target-identifier", HeaderKind::kEncoded},
};
constexpr char kTarget[] = "nhsd-target-identifier";
constexpr char kPractitioner[] = "nhsd-requesting-practitioner";

// The JSON object inside a header; nothing when it is none.
std::optional<Json> Decode(const std::string& encoded) {
  std::string text;
  if (!absl::Base64Unescape(encoded, &text)) return std::nullopt;
  const absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok() || !json->is_object()) return std::nullopt;
  return *json;
}

bool In(const std::vector<std::string>& list, const std::string& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

std::optional<absl::Time> Updated(const Json& resource) {
  return ReadInstant(Text(Member(resource, "meta"), "lastUpdated"));
}

}  // namespace

BarsHeaderCheck CheckBarsHeaders(const BarsHeaders& headers, bool target_optional) {
  BarsHeaderCheck check;
  const auto refuse = [&check](absl::string_view name, absl::string_view issue,
                               absl::string_view what) {
    check.error = Refuse(400, kBadRequest, issue, absl::StrCat("The header ", name, " ", what));
  };
  for (const HeaderRule& rule : kHeaderRules) {
    const auto found = headers.find(rule.name);
    if (found == headers.end() || found->second.empty()) {
      if (target_optional && absl::string_view(rule.name) == kTarget) continue;
      refuse(rule.name, "required", "is required.");
      return check;
    }
    if (rule.kind == HeaderKind::kUuid) {
      if (!ids::NormaliseUuid(found->second)) {
        refuse(rule.name, "invalid", "is a UUID.");
        return check;
      }
    } else if (!Decode(found->second)) {
      refuse(rule.name, "invalid", "is a JSON object in base64.");
      return check;
    }
  }
  if (const auto found = headers.find(kPractitioner);
      found != headers.end() && !Decode(found->second)) {
    refuse(kPractitioner, "invalid", "is a JSON object in base64.");
    return check;
  }
  check.request.request_id = *ids::NormaliseUuid(headers.at("x-request-id"));
  check.request.correlation_id = *ids::NormaliseUuid(headers.at("x-correlation-id"));
  check.request.organisation =
      IdentifierOf(*Decode(headers.at("nhsd-end-user-organisation")), kOdsCode);
  if (const auto found = headers.find(kTarget); found != headers.end() && !found->second.empty()) {
    const Json target = *Decode(found->second);
    check.request.target_system = Text(target, "system");
    check.request.target_value = Text(target, "value");
    if (check.request.target_system.empty() || check.request.target_value.empty()) {
      refuse(kTarget, "invalid", "names a system and a value.");
      return check;
    }
  }
  if (const auto accept = headers.find("accept");
      accept != headers.end() && !absl::StrContains(accept->second, "application/fhir+json") &&
      !absl::StrContains(accept->second, "*/*")) {
    check.error = Refuse(406, "REC_NOT_ACCEPTABLE", "processing",
                         "Answers are application/fhir+json; version=1.4.0.");
  }
  return check;
}

BarsMessageReading ReadBarsMessage(const Json& bundle) {
  BarsMessageReading reading;
  const auto refuse = [&reading](int status, absl::string_view code, absl::string_view issue,
                                 absl::string_view what, absl::string_view where) {
    reading.error = Refuse(status, code, issue, what, where);
  };
  const Json& header = Member(Item(Member(bundle, "entry"), 0), "resource");
  if (Text(bundle, "resourceType") != "Bundle" || Text(bundle, "type") != "message" ||
      Text(header, "resourceType") != "MessageHeader") {
    refuse(400, kBadRequest, "invariant",
           "A message is a Bundle of type message whose first entry is a MessageHeader.", "Bundle");
    return reading;
  }
  const std::string version = Text(Member(bundle, "meta"), "versionId");
  if (version.empty()) {
    refuse(422, kBadRequest, "invariant", "The version of the application is required.",
           "Bundle.meta.versionId");
    return reading;
  }
  if (!absl::StartsWith(version, "1.")) {
    refuse(422, "REC_UNPROCESSABLE_ENTITY", "not-supported", "Versions 1 are supported.",
           "Bundle.meta.versionId");
    return reading;
  }
  BarsMessage& message = reading.message;
  message.message_id = Text(bundle, "id");
  const Json& event = Member(header, "eventCoding");
  if (SameSystem(Text(event, "system"), kMessageEvents)) message.event = Text(event, "code");
  message.reason = CodeOf(Member(header, "reason"), kMessageReasons);
  message.is_response = header.contains("response");
  message.response_to = Text(Member(header, "response"), "identifier");

  const Json& focus = Resolve(bundle, Item(Member(header, "focus"), 0));
  const std::string focus_type = Text(focus, "resourceType");
  const Json& service_request =
      focus_type == "ServiceRequest" ? focus : FirstOf(bundle, "ServiceRequest");
  message.service_request = Text(service_request, "status");
  message.category = CodeOf(Member(service_request, "category"), kMessageCategories);
  const Json& encounter = Resolve(bundle, Member(service_request, "encounter"));
  message.encounter = Text(encounter, "status");
  if (focus_type == "Encounter") message.focus_encounter = Text(focus, "status");
  message.care_plan = Text(FirstOf(bundle, "CarePlan"), "status");
  const Json& appointment = focus_type == "Appointment" ? focus : FirstOf(bundle, "Appointment");
  message.appointment = Text(appointment, "status");
  for (const Json* resource : {&focus, &service_request, &appointment}) {
    if (!resource->is_object()) continue;
    const std::optional<absl::Time> updated = Updated(*resource);
    if (updated && (!message.updated || *updated < *message.updated)) message.updated = updated;
  }
  return reading;
}

const std::vector<BarsRow>& BarsTable() {
  // "completed" is what the guide calls an Encounter that R4 calls finished.
  static const auto& table = *new std::vector<BarsRow>{
      {"servicerequest-request",
       {"new"},
       "referral",
       {"active"},
       {"completed"},
       {"triaged", "finished"},
       {},
       {},
       BarsAction::kNewReferral},
      {"servicerequest-request",
       {"new"},
       "validation",
       {"active"},
       {"active"},
       {"triaged", "in-progress"},
       {},
       {},
       BarsAction::kNewValidation},
      {"servicerequest-request",
       {"update"},
       "referral",
       {"revoked", "entered-in-error"},
       {},
       {},
       {},
       {},
       BarsAction::kCancelledReferral},
      {"servicerequest-request",
       {"update"},
       "validation",
       {"revoked", "entered-in-error"},
       {},
       {},
       {},
       {},
       BarsAction::kCancelledValidation},
      {"servicerequest-request",
       {"update"},
       "validation",
       {"active", "on-hold"},
       {},
       {},
       {},
       {},
       BarsAction::kUpdatedValidation},
      {"servicerequest-response",
       {"new"},
       "referral",
       {"revoked"},
       {},
       {},
       {},
       {},
       BarsAction::kNotAttended},
      {"servicerequest-response",
       {"new"},
       "validation",
       {"active"},
       {},
       {},
       {"in-progress"},
       {},
       BarsAction::kInterimResponse},
      {"servicerequest-response",
       {"new", "update"},
       "validation",
       {"completed"},
       {},
       {"triaged", "completed", "finished"},
       {},
       {},
       BarsAction::kFinalResponse},
      {"servicerequest-response",
       {"new", "update"},
       "validation",
       {"revoked"},
       {},
       {"triaged"},
       {},
       {},
       BarsAction::kRejectedValidation},
      {"booking-request", {"new"}, "", {}, {}, {}, {}, {"booked"}, BarsAction::kNewBooking},
      {"booking-request",
       {"update"},
       "",
       {},
       {},
       {},
       {},
       {"cancelled", "entered-in-error"},
       BarsAction::kCancelledBooking},
      {"booking-request", {"update"}, "", {}, {}, {}, {}, {"booked"}, BarsAction::kUpdatedBooking},
  };
  return table;
}

BarsDecision DecideBars(const BarsMessage& message, const BarsKnown& known) {
  const auto refuse = [](int status, absl::string_view code, absl::string_view issue,
                         absl::string_view diagnostics) {
    return BarsDecision{std::nullopt, Refuse(status, code, issue, diagnostics)};
  };
  if (known.request_processed) {
    return refuse(409, "REC_CONFLICT", "duplicate",
                  "A request with this X-Request-Id has been processed.");
  }
  if (message.event == "servicerequest-response") {
    if (!message.is_response || message.response_to.empty()) {
      return refuse(400, kBadRequest, "invariant",
                    "A response names the message that it answers (MessageHeader.response).");
    }
    if (!known.response_known) {
      return refuse(404, "REC_NOT_FOUND", "not-found",
                    "MessageHeader.response.identifier is no message that was sent from here.");
    }
  }
  for (const BarsRow& row : BarsTable()) {
    if (row.event != message.event || !In(row.reasons, message.reason) ||
        (!row.category.empty() && row.category != message.category) ||
        !In(row.service_request, message.service_request) ||
        !In(row.care_plan, message.care_plan) || !In(row.encounter, message.encounter) ||
        !In(row.focus_encounter, message.focus_encounter) ||
        !In(row.appointment, message.appointment)) {
      continue;
    }
    if (row.action == BarsAction::kNewBooking && !known.slot_free) {
      return refuse(409, "REC_CONFLICT", "conflict", "The slot has been taken.");
    }
    if (message.reason == "update" && known.local_updated && message.updated &&
        *known.local_updated > *message.updated) {
      return refuse(409, "REC_CONFLICT", "conflict",
                    "What is held here is newer than this update; read it first.");
    }
    return {row.action, std::nullopt};
  }
  return refuse(400, kBadRequest, "invariant",
                "No scenario of the standard has these states together.");
}

}  // namespace waymark::referral::fhir
