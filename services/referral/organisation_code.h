#ifndef WAYMARK_SERVICES_REFERRAL_ORGANISATION_CODE_H_
#define WAYMARK_SERVICES_REFERRAL_ORGANISATION_CODE_H_

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace waymark::referral {

// What an ODS code may look like: 1 to 40 of A-Z, 0-9 and '-'.
inline bool IsOrganisationCode(absl::string_view code) {
  return !code.empty() && code.size() <= 40 && std::all_of(code.begin(), code.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isupper(byte) || absl::ascii_isdigit(byte) || byte == '-';
  });
}

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_ORGANISATION_CODE_H_
