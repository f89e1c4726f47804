// A referral read back out of FHIR: out of what referral_writer.h writes, or a partner's message of
// the same standard.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_READER_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_READER_H_

#include <string>
#include <vector>

#include "services/referral/fhir/json.h"
#include "services/referral/fhir/outcome.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::referral::fhir {

struct ReferralReading {
  // The identifier of the ServiceRequest as a UUID; empty when it has none.
  std::string referral_id;
  std::string message_id;
  std::string correlation_id;
  v1::Provider provider;
  // Without need.origin, purposes and who recorded the consent: they do not leave.
  v1::ReferralContent content;
  // Warnings only: an NHS number that fails its checksum is left out and said so.
  std::vector<Issue> issues;
};

// `bundle` has passed CheckResource.
ReferralReading ReadReferral(const Json& bundle);

// The id of the referral that `reference` means ("ServiceRequest/<id>", a resource of the Bundle
// with our identifier, or the identifier itself). Empty when it does not say.
std::string ReferralIdOf(const Json& bundle, const Json& reference, const Json& from = Json());

// The patient's NHS number and birth date. A number that fails its checksum is left out; `issues`
// warns.
void ReadPatientKeys(const Json& patient, std::string* nhs_number,
                     casework::v1::CivilDate* birth_date, std::vector<Issue>* issues);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_REFERRAL_READER_H_
