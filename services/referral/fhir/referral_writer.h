// A referral as FHIR R4 in UK Core shapes: as a transaction for a partner's FHIR server, and as a
// message of the Booking and Referral Standard. The same referral gives the same bytes every time,
// so that sending again is the same message. Nothing is written that `content` does not say; who
// employs the patient is written only when `content.employer` is set.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_WRITER_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/fhir/json.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::referral::fhir {

struct ReferralToWrite {
  // UUID.
  std::string referral_id;
  v1::Provider provider;
  v1::ReferralContent content;
  // message_id becomes Bundle.id; every instant of writing is sent_time.
  v1::Sending sending;
};

// How messages of the standard are addressed.
struct Addressing {
  // Where answers go: MessageHeader.source.endpoint is "<system>|<value>". Names no organisation.
  std::string source_system;
  std::string source_value;
  std::string software_version;
  // usecases-categories-bars, once NHS England has given this kind of referral one. Empty: left
  // out.
  std::string use_case;
};

// Reasons of both: NHS_NUMBER_INVALID (we send none that fails its checksum),
// CONTACT_PHONE_REQUIRED (neither the patient nor the referrer can be called), FHIR_NOT_VALID
// (INTERNAL: what would be written is not R4; the metadata "location" says where).
absl::StatusOr<Json> ReferralTransaction(const ReferralToWrite& referral);
absl::StatusOr<Json> ReferralMessage(const ReferralToWrite& referral, const Addressing& addressing);

// Cancels: a minimal message with the ServiceRequest revoked, or entered in error. `message_id` is
// its own X-Request-Id and Bundle.id; `now` is when it was cancelled.
absl::StatusOr<Json> CancellationMessage(const ReferralToWrite& referral,
                                         const v1::Cancelled& cancelled,
                                         const std::string& message_id, absl::Time now,
                                         const Addressing& addressing);

// Answers what the provider asked: an update with the ServiceRequest as active as it was, the
// answer as its note, and a Task with question and answer. The standard's table knows no such
// update, so a provider that takes it to the letter refuses it: then a person calls.
absl::StatusOr<Json> AnswerMessage(const ReferralToWrite& referral, const v1::Question& question,
                                   const std::string& message_id, absl::Time now,
                                   const Addressing& addressing);

// The fullUrl of a part of a referral: "urn:uuid:...", the same every time.
std::string PartUrl(absl::string_view referral_id, absl::string_view part);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_WRITER_H_
