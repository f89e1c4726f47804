#include "services/referral/fhir/bars_receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/referral/fhir/reader.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kId[] = "c5957fdd-097b-409d-a406-49c52ceef2cd";

BarsHeaders Headers() {
  return {
      {"x-request-id", kId},
      {"x-correlation-id", kId},
      {"accept", "application/fhir+json; version=1.4.0"},
      {"nhsd-target-identifier",
       absl::Base64Escape(R"({"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": "1"})")},
      {"nhsd-requesting-software", absl::Base64Escape(R"({"resourceType": "Device"})")},
      {"nhsd-end-user-organisation",
       absl::Base64Escape(R"({"resourceType": "Organization", "identifier": [
               {"system": "https://fhir.nhs.uk/id/ods-organization-code", "value": "RYE"}]})")}};
}

TEST(BarsHeaders, SaysWhoAskedForWhatOfWhom) {
  const BarsHeaderCheck check = CheckBarsHeaders(Headers());
  ASSERT_FALSE(check.error.has_value()) << check.error->diagnostics;
  EXPECT_EQ(check.request.request_id, kId);
  EXPECT_EQ(check.request.target_value, "1");
  EXPECT_EQ(check.request.organisation, "RYE");
}

TEST(BarsHeaders, AreRefusedEachForItself) {
  struct Row {
    const char* name;
    const char* value;  // null: absent
    int status;
    const char* issue;
  };
  const Row rows[] = {
      {"x-request-id", nullptr, 400, "required"},
      {"x-request-id", "1", 400, "invalid"},
      {"x-correlation-id", nullptr, 400, "required"},
      {"x-correlation-id", "c5957fdd", 400, "invalid"},
      {"nhsd-target-identifier", nullptr, 400, "required"},
      {"nhsd-target-identifier", "%%%", 400, "invalid"},
      {"nhsd-target-identifier", "eyJ2YWx1ZSI6IjEifQ==", 400, "invalid"},  // no system
      {"nhsd-requesting-software", nullptr, 400, "required"},
      {"nhsd-requesting-software", "W10=", 400, "invalid"},  // []
      {"nhsd-end-user-organisation", nullptr, 400, "required"},
      {"nhsd-end-user-organisation", "AAAA", 400, "invalid"},
      {"nhsd-requesting-practitioner", "AAAA", 400, "invalid"},
      {"accept", "text/html", 406, "processing"},
  };
  for (const Row& row : rows) {
    BarsHeaders headers = Headers();
    if (row.value == nullptr) {
      headers.erase(row.name);
    } else {
      headers[row.name] = row.value;
    }
    const BarsHeaderCheck check = CheckBarsHeaders(headers);
    ASSERT_TRUE(check.error.has_value()) << row.name;
    EXPECT_EQ(check.error->status, row.status) << row.name;
    EXPECT_EQ(check.error->issue_code, row.issue) << row.name;
  }
  BarsHeaders metadata = Headers();
  metadata.erase("nhsd-target-identifier");
  EXPECT_FALSE(CheckBarsHeaders(metadata, /*target_optional=*/true).error.has_value());
}

// The table ------------------------------------------------------------------------------------

struct Case {
  BarsMessage message;
  // Of what is right...
  std::optional<BarsAction> action;
  // ... or the refusal.
  int status = 0;
  const char* issue = "";
};

BarsMessage Referral(const char* event, const char* reason, const char* category,
                     const char* service_request, const char* care_plan = "",
                     const char* encounter = "", const char* focus_encounter = "") {
  BarsMessage message;
  message.event = event;
  message.reason = reason;
  message.category = category;
  message.service_request = service_request;
  message.care_plan = care_plan;
  message.encounter = encounter;
  message.focus_encounter = focus_encounter;
  message.is_response = message.event == "servicerequest-response";
  if (message.is_response) message.response_to = kId;
  return message;
}

BarsMessage Booking(const char* reason, const char* appointment) {
  BarsMessage message;
  message.event = "booking-request";
  message.reason = reason;
  message.appointment = appointment;
  return message;
}

constexpr char kRequest[] = "servicerequest-request";
constexpr char kResponse[] = "servicerequest-response";

TEST(BarsTable, DecidesEachRowAsTheStandardSays) {
  const Case cases[] = {
      {Referral(kRequest, "new", "referral", "active", "completed", "triaged"),
       BarsAction::kNewReferral},
      {Referral(kRequest, "new", "referral", "active", "completed", "finished"),
       BarsAction::kNewReferral},
      {Referral(kRequest, "new", "referral", "active", "completed", "in-progress"),
       {},
       400,
       "invariant"},
      {Referral(kRequest, "new", "referral", "active", "active", "triaged"), {}, 400, "invariant"},
      {Referral(kRequest, "new", "referral", "revoked", "completed", "triaged"),
       {},
       400,
       "invariant"},
      {Referral(kRequest, "new", "validation", "active", "active", "triaged"),
       BarsAction::kNewValidation},
      {Referral(kRequest, "new", "validation", "active", "active", "in-progress"),
       BarsAction::kNewValidation},
      {Referral(kRequest, "new", "validation", "active", "completed", "triaged"),
       {},
       400,
       "invariant"},
      {Referral(kRequest, "update", "referral", "revoked"), BarsAction::kCancelledReferral},
      {Referral(kRequest, "update", "referral", "entered-in-error"),
       BarsAction::kCancelledReferral},
      {Referral(kRequest, "update", "referral", "active"), {}, 400, "invariant"},
      {Referral(kRequest, "update", "validation", "revoked"), BarsAction::kCancelledValidation},
      {Referral(kRequest, "update", "validation", "entered-in-error"),
       BarsAction::kCancelledValidation},
      {Referral(kRequest, "update", "validation", "active"), BarsAction::kUpdatedValidation},
      {Referral(kRequest, "update", "validation", "on-hold"), BarsAction::kUpdatedValidation},
      {Referral(kRequest, "update", "validation", "completed"), {}, 400, "invariant"},
      {Referral(kRequest, "delete", "referral", "revoked"), {}, 400, "invariant"},
      {Referral(kResponse, "new", "referral", "revoked"), BarsAction::kNotAttended},
      {Referral(kResponse, "new", "referral", "active"), {}, 400, "invariant"},
      {Referral(kResponse, "update", "referral", "revoked"), {}, 400, "invariant"},
      {Referral(kResponse, "new", "validation", "active", "", "", "in-progress"),
       BarsAction::kInterimResponse},
      {Referral(kResponse, "new", "validation", "active", "", "", "finished"),
       {},
       400,
       "invariant"},
      {Referral(kResponse, "new", "validation", "completed", "", "triaged"),
       BarsAction::kFinalResponse},
      {Referral(kResponse, "update", "validation", "completed", "", "completed"),
       BarsAction::kFinalResponse},
      {Referral(kResponse, "new", "validation", "completed", "", "planned"), {}, 400, "invariant"},
      {Referral(kResponse, "new", "validation", "revoked", "", "triaged"),
       BarsAction::kRejectedValidation},
      {Referral(kResponse, "update", "validation", "revoked", "", "triaged"),
       BarsAction::kRejectedValidation},
      {Booking("new", "booked"), BarsAction::kNewBooking},
      {Booking("new", "proposed"), {}, 400, "invariant"},
      {Booking("update", "cancelled"), BarsAction::kCancelledBooking},
      {Booking("update", "entered-in-error"), BarsAction::kCancelledBooking},
      {Booking("update", "booked"), BarsAction::kUpdatedBooking},
      {Booking("update", "noshow"), {}, 400, "invariant"},
      {Referral("booking-response", "new", "referral", "active"), {}, 400, "invariant"},
      {Referral("", "new", "referral", "active"), {}, 400, "invariant"},
  };
  std::set<BarsAction> reached;
  for (const Case& row : cases) {
    const BarsDecision decision = DecideBars(row.message, {.response_known = true});
    const std::string shown =
        absl::StrCat(row.message.event, " ", row.message.reason, " ", row.message.category, " ",
                     row.message.service_request, " ", row.message.care_plan, " ",
                     row.message.encounter, " ", row.message.appointment);
    EXPECT_EQ(decision.action, row.action) << shown;
    ASSERT_NE(decision.action.has_value(), decision.error.has_value()) << shown;
    if (decision.error) {
      EXPECT_EQ(decision.error->status, row.status) << shown;
      EXPECT_EQ(decision.error->code, "REC_BAD_REQUEST") << shown;
      EXPECT_EQ(decision.error->issue_code, row.issue) << shown;
    } else {
      reached.insert(*decision.action);
    }
  }
  EXPECT_EQ(reached.size(), BarsTable().size());  // each row has an action of its own
}

void ExpectRefused(const BarsDecision& decision, int status, absl::string_view code,
                   absl::string_view issue) {
  ASSERT_TRUE(decision.error.has_value());
  EXPECT_EQ(decision.error->status, status);
  EXPECT_EQ(decision.error->code, code);
  EXPECT_EQ(decision.error->issue_code, issue);
}

TEST(BarsTable, RefusesWhatWasProcessedBeforeAnythingElse) {
  ExpectRefused(DecideBars({}, {.request_processed = true}), 409, "REC_CONFLICT", "duplicate");
}

TEST(BarsTable, RefusesAResponseToNothing) {
  BarsMessage message = Referral(kResponse, "new", "referral", "revoked");
  ExpectRefused(DecideBars(message, {}), 404, "REC_NOT_FOUND", "not-found");
  message.is_response = false;
  ExpectRefused(DecideBars(message, {.response_known = true}), 400, "REC_BAD_REQUEST", "invariant");
}

TEST(BarsTable, RefusesASlotThatIsTakenAndAnUpdateThatIsOld) {
  ExpectRefused(DecideBars(Booking("new", "booked"), {.slot_free = false}), 409, "REC_CONFLICT",
                "conflict");
  BarsMessage cancel = Referral(kRequest, "update", "referral", "revoked");
  cancel.updated = absl::FromUnixSeconds(100);
  ExpectRefused(DecideBars(cancel, {.local_updated = absl::FromUnixSeconds(101)}), 409,
                "REC_CONFLICT", "conflict");
  EXPECT_TRUE(DecideBars(cancel, {.local_updated = absl::FromUnixSeconds(100)}).action.has_value());
}

TEST(BarsMessage, IsRefusedWithoutAVersionAHeaderOrATypeOfMessage) {
  struct Row {
    const char* bundle;
    int status;
    const char* code;
    const char* issue;
  };
  const Row rows[] = {
      {R"({"resourceType": "Bundle", "type": "batch"})", 400, "REC_BAD_REQUEST", "invariant"},
      {R"({"resourceType": "Bundle", "type": "message",
           "entry": [{"resource": {"resourceType": "Patient"}}]})",
       400, "REC_BAD_REQUEST", "invariant"},
      {R"({"resourceType": "Bundle", "type": "message",
           "entry": [{"resource": {"resourceType": "MessageHeader"}}]})",
       422, "REC_BAD_REQUEST", "invariant"},
      {R"({"resourceType": "Bundle", "type": "message", "meta": {"versionId": "2.0.0"},
           "entry": [{"resource": {"resourceType": "MessageHeader"}}]})",
       422, "REC_UNPROCESSABLE_ENTITY", "not-supported"},
  };
  for (const Row& row : rows) {
    const BarsMessageReading reading = ReadBarsMessage(*ParseJson(row.bundle));
    ASSERT_TRUE(reading.error.has_value()) << row.bundle;
    EXPECT_EQ(reading.error->status, row.status);
    EXPECT_EQ(reading.error->code, row.code);
    EXPECT_EQ(reading.error->issue_code, row.issue);
  }
}

TEST(BarsMessage, OfThePublishedExamplesIsUnderstood) {
  const char* given = std::getenv("WAYMARK_FHIR_EXAMPLES");
  const std::filesystem::path folder =
      std::filesystem::path(given != nullptr ? given : "../shared/data/fhir") / "bars-1.4.0";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "Set WAYMARK_FHIR_EXAMPLES to the examples' folder.";
  }
  struct Row {
    const char* file;
    std::optional<BarsAction> action;
  };
  const Row rows[] = {
      {"process_message/POST-body.json", BarsAction::kNewBooking},
      {"process_message/request/Booking (POST).json", BarsAction::kNewBooking},
      {"process_message/request/ValidationRequest (POST) .json", BarsAction::kNewValidation},
      // Its ServiceRequest is active and its focus Encounter finished: no row has both.
      {"process_message/request/ValidationResponse (POST) .json", std::nullopt},
  };
  for (const Row& row : rows) {
    std::ifstream file(folder / row.file);
    std::stringstream text;
    text << file.rdbuf();
    const Reading reading = ReadResource(text.str());
    ASSERT_FALSE(HasError(reading.issues)) << row.file;
    const BarsMessageReading message = ReadBarsMessage(reading.resource);
    ASSERT_FALSE(message.error.has_value()) << row.file << message.error->diagnostics;
    EXPECT_EQ(DecideBars(message.message, {.response_known = true}).action, row.action) << row.file;
  }
}

TEST(Outcomes, AreWrittenWithTheStandardsCodesAndReadInEitherSpelling) {
  const Json written =
      OperationOutcome(BarsError{409, "REC_CONFLICT", "duplicate", "Processed.", ""});
  EXPECT_TRUE(CheckResource(written).empty());
  EXPECT_THAT(ReadOutcome(written).http_errors, ::testing::ElementsAre("REC_CONFLICT"));
  const Json other = *ParseJson(R"({"resourceType": "OperationOutcome", "issue": [{
      "severity": "error", "code": "duplicate", "details": {"coding": [{
        "system": "https://fhir.nhs.uk/Codesystem/http-error-codes", "code": "REC_CONFLICT"}]}}]})");
  EXPECT_THAT(ReadOutcome(other).http_errors, ::testing::ElementsAre("REC_CONFLICT"));
  EXPECT_THAT(ReadOutcome(other).issues, ::testing::ElementsAre("duplicate"));
}

}  // namespace
}  // namespace waymark::referral::fhir
