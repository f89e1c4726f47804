// Paths and filters of SCIM 2.0 (RFC 7644 sections 3.4.2.2 and 3.5.2). Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_FILTER_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_FILTER_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace waymark::workforce {

inline constexpr absl::string_view kScimUser = "urn:ietf:params:scim:schemas:core:2.0:User";

// "urn:...:User:manager.value": names compare whatever their case.
struct ScimPath {
  // Empty: the core schema.
  std::string schema;
  std::string attribute;
  std::string sub;
};

class ScimFilter {
 public:
  // INVALID_ARGUMENT SCIM_INVALID_FILTER for what is none, for more than 2,000 bytes, and for more
  // than 30 nested parts.
  static absl::StatusOr<ScimFilter> Parse(absl::string_view text);
  ScimFilter(ScimFilter&&) noexcept;
  ScimFilter& operator=(ScimFilter&&) noexcept;
  ~ScimFilter();

  bool Matches(const nlohmann::json& resource) const;

  // For `userName eq "x"` alone: the attribute's name in lower case, and the value.
  struct Equality {
    std::string attribute;
    std::string value;
  };
  std::optional<Equality> equality() const;
  // Everything that must be equal to a text for the filter to match, "emails.value" and
  // "urn:...:user:employeenumber" among the names: what an index can be asked for.
  std::vector<Equality> equalities() const;

 private:
  friend struct ScimTarget;
  struct Node;
  friend class ScimFilterParser;
  explicit ScimFilter(std::unique_ptr<Node> root);
  static void Collect(const Node& node, absl::string_view of, std::vector<Equality>& found);
  std::unique_ptr<Node> root_;
};

// What a PATCH points at: attr, attr.sub, attr[filter], attr[filter].sub.
struct ScimTarget {
  ScimPath path;
  // Of the elements of a multi-valued attribute.
  std::optional<ScimFilter> filter;

  // INVALID_ARGUMENT SCIM_INVALID_PATH, SCIM_INVALID_FILTER.
  static absl::StatusOr<ScimTarget> Parse(absl::string_view text);
};

// What `path` means in a resource: of a multi-valued attribute each element's value.
std::vector<const nlohmann::json*> ScimValuesAt(const nlohmann::json& resource,
                                                const ScimPath& path);

// The member of `object` called `name` in any case; null when there is none.
const nlohmann::json* FindMember(const nlohmann::json& object, absl::string_view name);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_FILTER_H_
