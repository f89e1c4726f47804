// How a case's need is shown to a provider: what every pathway's referral_content.cc is made of.
// Pure: builds the referral service's messages, sends nothing.
#ifndef WAYMARK_SERVICES_CASEWORK_REFERRAL_CONTENT_H_
#define WAYMARK_SERVICES_CASEWORK_REFERRAL_CONTENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::casework {

// Whose need it is and its step's clock, as it is planned; no items or results yet. NOT_FOUND
// STEP_NOT_FOUND.
absl::StatusOr<referral::v1::PathwayContent> ReferralClock(const v1::CaseHeader& header,
                                                           absl::string_view step_key);

// Words for a provider out of an enum value's name without its prefix: "human bite" out of
// "ROUTE_HUMAN_BITE" and "ROUTE_". A name without the prefix is taken whole.
std::string WordsOf(absl::string_view enum_name, absl::string_view prefix);

// Adds an item to `content` and returns it for its value, its time and, where there is one, its
// code; it lives as long as `content`. `key` names it within the content, `display` says what it is
// about, `purpose` in one sentence why it leaves.
referral::v1::ClinicalItem& AddItem(const std::string& key, referral::v1::ItemKind kind,
                                    const std::string& display, const std::string& purpose,
                                    referral::v1::PathwayContent& content);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_REFERRAL_CONTENT_H_
