// The minimum that a provider needs, out of what was read and what the nurse decided.
#ifndef WAYMARK_SERVICES_REFERRAL_BUILD_CONTENT_H_
#define WAYMARK_SERVICES_REFERRAL_BUILD_CONTENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/casework/call.h"
#include "services/casework/fields.h"
#include "services/referral/material.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral {

// The name of every referrer whose employer is withheld.
inline constexpr char kNeutralName[] = "Occupational health service";

// The patient without a private route that names the employer all the same, such as an address at
// work given as one's own.
v1::Patient WithoutEmployer(v1::Patient patient, absl::string_view tenant);

// Checks the draft and builds what it would say. `path` ends with a dot. What is withheld is left
// out; the need's clock is that of the pathway's step, as it is planned.
v1::ReferralContent BuildContent(const std::string& path, const v1::Draft& draft,
                                 const Material& material, const casework::Call& call,
                                 casework::Fields& fields);

// Every field of the content by its path, with its label, what it says, and why it leaves or does
// not: `draft` and `material` say what was there to leave.
std::vector<v1::PreviewField> FieldsOf(const v1::Draft& draft, const Material& material,
                                       const v1::ReferralContent& content);

// The paths of what leaves, for the record of the disclosure.
std::vector<std::string> PathsOf(const v1::ReferralContent& content);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_BUILD_CONTENT_H_
