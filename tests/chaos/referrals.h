// Referrals of one officer's needlestick, from the draft to the outcome, and what must be true of
// one that came to its end whatever was killed on the way.
#ifndef WAYMARK_TESTS_CHAOS_REFERRALS_H_
#define WAYMARK_TESTS_CHAOS_REFERRALS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/harness/ask.h"
#include "tests/harness/suite.h"
#include "waymark/bbv/v1/bbv_case.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::chaos {

using ReferralStub = referral::v1::ReferralService::Stub;

// The officer, known to workforce; their subject id. Empty after a failed expectation.
std::string EnterPatient(harness::Suite& suite);

// A needlestick of two hours ago. The same for the same request_id.
absl::StatusOr<std::string> LogNeedlestick(harness::Suite& suite, const std::string& subject_id,
                                           const std::string& request_id);

// PEP for that case from each of the providers, as soon as can be. `carrier` as in Provider.
referral::v1::DraftReferralRequest DraftOfPep(
    const std::string& case_id, const std::vector<std::string>& providers,
    referral::v1::Carrier carrier = referral::v1::CARRIER_UNSPECIFIED);

harness::Person Nurse();
// Of a provider's organisation.
harness::Person Clinician(const std::string& provider);

absl::StatusOr<referral::v1::ReferralCase> ReadReferral(harness::Suite& suite,
                                                        const harness::Person& who,
                                                        const std::string& referral_id);
absl::StatusOr<bbv::v1::BbvCase> ReadBbv(harness::Suite& suite, const std::string& case_id);

// Of a referral that was drafted, sent, accepted, seen, answered once and completed, nothing else:
// one sentence for each thing that is missing, there twice, or later than it was. `before` is the
// pathway's case before it was referred.
std::vector<std::string> ReferralFaults(harness::Suite& suite, const std::string& referral_id,
                                        const std::string& provider,
                                        const bbv::v1::BbvCase& before);

// Both services' cases against the plans that scheduling enforces.
std::vector<std::string> PlanFaults(harness::Suite& suite);

}  // namespace waymark::chaos

#endif  // WAYMARK_TESTS_CHAOS_REFERRALS_H_
