// Keeps the employer out of what leaves.
#ifndef WAYMARK_SERVICES_REFERRAL_NEUTRAL_H_
#define WAYMARK_SERVICES_REFERRAL_NEUTRAL_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::referral {

// True when the text says where the patient works: a word of policing in English or Welsh, or the
// organisation's code, or a collar number behind its rank. Clinical words that only look alike
// ("forceps") do not count.
bool NamesEmployer(absl::string_view text, absl::string_view tenant);

// "Mr", "Dr.": any other title may be a rank.
bool IsCivilTitle(absl::string_view title);

// EMPLOYER_NAMED when the text would leave and names an employer that the content withholds.
void CheckNeutral(absl::string_view field, absl::string_view text,
                  const v1::ReferralContent& content, absl::string_view tenant,
                  casework::Fields& fields);

// An organisation code, and names of a bearable length.
void CheckProvider(absl::string_view field, const v1::Provider& provider, casework::Fields& fields);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_NEUTRAL_H_
