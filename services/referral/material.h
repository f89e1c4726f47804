// What other services gave for a referral, read for its purpose before the act runs.
#ifndef WAYMARK_SERVICES_REFERRAL_MATERIAL_H_
#define WAYMARK_SERVICES_REFERRAL_MATERIAL_H_

#include <string>

#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::referral {

// Who is referred, as workforce lets it go.
struct Identity {
  v1::Patient patient;
  // The consent on record that covers it; empty: none.
  std::string consent_id;
};

struct Material {
  // From the pathway whose step it is.
  v1::PathwayContent pathway;
  Identity identity;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_MATERIAL_H_
