// A SCIM User and what it says to the feed. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "waymark/workforce/v1/employment.pb.h"
#include "waymark/workforce/v1/hr_feed.pb.h"
#include "waymark/workforce/v1/person.pb.h"

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

// What is known of somebody, whoever said it.
struct ScimFacts {
  // Name, work contacts, language, user id.
  v1::Person person;
  // Of today, or of the first day if that lies ahead.
  v1::Employment employment;
  bool active = false;
  // Last day of the employment, when one is known that lies ahead.
  std::optional<absl::CivilDay> ends;
};

// What only the client says and nothing else here keeps: userName, externalId, serviceStartDate,
// contractEndDate.
nlohmann::json ScimSaidOf(const nlohmann::json& user);

// The normalised resource of somebody: what is known of them, and what the client `said`.
// `user_name` stands where it said none.
nlohmann::json ScimUserOf(const ScimFacts& facts, const nlohmann::json& said,
                          absl::string_view user_name);

// What the resource says to the feed, with `id` as its key; checked as every row is.
// INVALID_ARGUMENT SCIM_INVALID_VALUE names the attribute.
absl::StatusOr<v1::FeedPerson> ToFeedPerson(const nlohmann::json& user, absl::string_view id,
                                            absl::string_view force, absl::CivilDay today);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_USER_H_
