// SCIM 2.0 (RFC 7643, 7644) as one function: an HTTP request in, an answer out. The gateway carries
// the bytes; what they mean is here. What is not in the schema (scim_user.h) is not kept.
//
// Served: /ServiceProviderConfig, /ResourceTypes, /Schemas, /Users (GET, POST), /Users/.search and
// /.search, /Users/<id> (GET, PUT, PATCH, DELETE), /Bulk. Refused by name: /Me, /Groups.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {

inline constexpr size_t kBiggestScimPayload = 1 << 20;
inline constexpr int kMostScimOperations = 1000;
inline constexpr int kMostScimResults = 200;

struct ScimRequest {
  std::string method;  // "GET"
  // Below the service's root: "/Users/2819c223".
  std::string path;
  // Undecoded, without the question mark.
  std::string query;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
};

struct ScimResponse {
  int status = 200;
  std::map<std::string, std::string> headers;
  // JSON, or empty.
  std::string body;
};

// One user as the service keeps them.
struct ScimRecord {
  std::string id;  // UUID
  int64_t version = 0;
  absl::Time created;
  absl::Time changed;
  // The normalised resource without id and meta, as JSON.
  std::string resource;
  // In lower case; unique.
  std::string user_name;
  // Empty: none.
  std::string external_id;
};

// Where users are kept; one caller's tenant. A whole request is one transaction of it.
class ScimUsers {
 public:
  virtual ~ScimUsers() = default;
  virtual absl::StatusOr<std::optional<ScimRecord>> Get(absl::string_view id) = 0;
  virtual absl::StatusOr<std::optional<ScimRecord>> FindByUserName(absl::string_view lower) = 0;
  virtual absl::StatusOr<std::optional<ScimRecord>> FindByExternalId(absl::string_view id) = 0;
  // In one order, every time the same; stops when `each` says false.
  virtual absl::Status ForEach(const std::function<bool(const ScimRecord&)>& each) = 0;
  // Stores the record and tells the feed what it says.
  virtual absl::Status Put(const ScimRecord& record, const v1::FeedPerson& person) = 0;
  // Forgets the record; the employment has ended by `person`.
  virtual absl::Status Remove(absl::string_view id, const v1::FeedPerson& person) = 0;
  virtual std::string NewId() = 0;
};

struct ScimContext {
  // Where the client sees the service: "https://waymark.example/scim/v2".
  std::string base_url;
  std::string force;
  absl::Time now;
  absl::CivilDay today;
};

// Never fails: what goes wrong is an answer of 4xx or 5xx with a SCIM error body. After one of 5xx
// nothing may be kept of what `users` was told.
ScimResponse HandleScim(const ScimRequest& request, const ScimContext& context, ScimUsers& users);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_
