// A SCIM User and what it says to the feed. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {

inline constexpr absl::string_view kScimEnterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
inline constexpr absl::string_view kScimPolice =
    "urn:police-oh:scim:schemas:extension:workforce:1.0:User";

enum class ScimKind { kString, kBoolean, kDecimal, kDate, kComplex };
struct ScimAttribute {
  absl::string_view name;
  ScimKind kind = ScimKind::kString;
  bool multi = false;
  // Of a complex attribute, and of the two extensions.
  std::vector<ScimAttribute> subs = {};
  absl::string_view about = "";
};
// Everything that is kept, and nothing else: schemas, PATCH and projection go by it. `schema` is
// one of the three URNs in any case; empty for the core. Null for another.
const std::vector<ScimAttribute>* ScimAttributesOf(absl::string_view schema);
const ScimAttribute* FindScimAttribute(const std::vector<ScimAttribute>& attributes,
                                       absl::string_view name);

// `user` with only what is kept, spelled as the schema spells it; "True" becomes true.
// INVALID_ARGUMENT SCIM_INVALID_VALUE names the attribute that has another type, or
// SCIM_MUTABILITY.
absl::StatusOr<nlohmann::json> NormaliseScimUser(const nlohmann::json& user);

// What the resource says to the feed, with `id` as its key; checked as every row is.
// INVALID_ARGUMENT SCIM_INVALID_VALUE names the attribute.
absl::StatusOr<v1::FeedPerson> ToFeedPerson(const nlohmann::json& user, absl::string_view id,
                                            absl::string_view force, absl::CivilDay today);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_
