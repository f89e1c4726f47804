// FHIR from outside: any bytes as a resource, and a request with any bytes as its body, over one
// provider's case.
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/referral/fhir/answers.h"
#include "services/referral/fhir/bars_receiver.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/reader.h"
#include "services/referral/fhir/referral_reader.h"
#include "services/referral/fhir/rest.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kReferral[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";

class OneCase final : public FhirBackend {
 public:
  OneCase() {
    referral_.mutable_header()->set_case_id(kReferral);
    referral_.mutable_header()->set_version(1);
    referral_.mutable_sending()->set_message_id(kReferral);
    referral_.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  }
  absl::StatusOr<v1::ReferralCase> Get(const std::string& id) override {
    if (id != kReferral) return status::NotFound("CASE_NOT_FOUND", "There is none.");
    return referral_;
  }
  absl::StatusOr<Page> List(int, const std::string&) override { return Page{{referral_}, ""}; }
  absl::StatusOr<std::vector<casework::v1::CaseEvent>> Events(const std::string&) override {
    return std::vector<casework::v1::CaseEvent>();
  }
  absl::StatusOr<v1::ReferralCase> Act(const std::string& id, int64_t, const std::string&,
                                       const v1::Answer& answer) override {
    FUZZ_REQUIRE(id == kReferral);
    FUZZ_REQUIRE(answer.kind_case() != v1::Answer::KIND_NOT_SET);
    referral_.mutable_header()->set_version(referral_.header().version() + 1);
    return referral_;
  }
  absl::StatusOr<bool> TakeIn(const std::string&, const v1::MatchKeys&,
                              const v1::Answer& answer) override {
    FUZZ_REQUIRE(answer.has_outcome());
    return answer.outcome().results_size() > 1;
  }
  absl::StatusOr<Times> Slots(const std::string& service_id, absl::Time from,
                              absl::Time to) override {
    FUZZ_REQUIRE(from <= to && to - from <= kLongestSearch);
    Times times;
    times.service.set_service_id(service_id);
    times.service.set_name("A service");
    v1::Slot& slot = times.slots.emplace_back();
    slot.set_slot_id(kReferral);
    slot.set_service_id(service_id);
    *slot.mutable_start_time() = ToTimestamp(from);
    *slot.mutable_end_time() = ToTimestamp(to);
    return times;
  }

 private:
  v1::ReferralCase referral_;
};

void RequireWhole(const FhirAnswer& answer) {
  FUZZ_REQUIRE(answer.status >= 200 && answer.status < 500);
  // Whatever is answered is R4 itself.
  if (!answer.body.empty()) FUZZ_REQUIRE(!HasError(ReadResource(answer.body).issues));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::Text(data, size);
  const Reading reading = ReadResource(text);
  FUZZ_REQUIRE(reading.issues.size() <= kMostIssues);
  FUZZ_REQUIRE(HasError(reading.issues) == reading.resource.is_null());
  if (!reading.resource.is_null()) {
    // What is read and written again reads the same.
    const Reading again = ReadResource(WriteJson(reading.resource));
    FUZZ_REQUIRE(again.resource == reading.resource);
    const ReferralReading referral = ReadReferral(reading.resource);
    FUZZ_REQUIRE(!HasError(referral.issues));
    (void)ReadTaskAnswer(reading.resource, reading.resource);
    (void)ReadReport(reading.resource);
    const BarsMessageReading message = ReadBarsMessage(reading.resource);
    if (!message.error) {
      const BarsDecision decision = DecideBars(message.message, {.response_known = true});
      FUZZ_REQUIRE(decision.action.has_value() != decision.error.has_value());
    }
  }
  FhirRequest request;
  request.base_url = "https://x/fhir/R4";
  request.request_id = kReferral;
  request.body = std::string(text);
  request.method = "PUT";
  request.path = absl::StrCat("/Task/", kReferral);
  OneCase cases;
  RequireWhole(HandleFhir(request, cases));
  request.method = "POST";
  request.path = "/Task/_search";
  RequireWhole(HandleFhir(request, cases));
  request.path = "/Slot/_search";
  RequireWhole(HandleFhir(request, cases));
  request.path = "/$process-message";
  request.headers = {
      {"x-request-id", kReferral},
      {"x-correlation-id", kReferral},
      {"nhsd-target-identifier", absl::Base64Escape(R"({"system": "s", "value": "v"})")},
      {"nhsd-requesting-software", absl::Base64Escape("{}")},
      {"nhsd-end-user-organisation", absl::Base64Escape("{}")}};
  RequireWhole(HandleFhir(request, cases));
  return 0;
}

}  // namespace waymark::referral::fhir
