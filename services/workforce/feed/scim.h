// SCIM 2.0 (RFC 7643, 7644) as one function: an HTTP request in, an answer out. The gateway carries
// the bytes; what they mean is here. What is not in the schema (scim_user.h) is not kept.
//
// Served: /ServiceProviderConfig, /ResourceTypes, /Schemas, /Users (GET, POST), /Users/.search and
// /.search, /Users/<id> (GET, PUT, PATCH, DELETE), /Bulk. Refused by name: /Me, /Groups.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {

inline constexpr size_t kBiggestScimPayload = 1 << 20;
// Of one bulk: it is one transaction, and the caller waits for it.
inline constexpr int kMostScimOperations = 100;
inline constexpr int kMostScimResults = 200;
// A question that no index answers opens everybody; of more than so many it is refused.
inline constexpr int64_t kMostScimWalked = 5000;

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
  // Ids of the users whose data stand in the body.
  std::vector<std::string> shown = {};
  // The refusal is of everything that came with it, not of one operation of a bulk.
  bool refuses_all = false;
};

// One user as the service knows them.
struct ScimRecord {
  std::string id;  // UUID
  // 0: not stored yet.
  int64_t version = 0;
  absl::Time created;
  absl::Time changed;
  // The normalised resource without id and meta, as JSON.
  std::string resource;
  // What the caller is shown in its place, when they may not see it: an alias. Else empty.
  std::string shown = {};
};

// What a user can be found by without opening anybody.
enum class ScimKey { kUserName, kExternalId, kEmployeeNumber, kEmail };

// The users of one caller's tenant. A whole request is one transaction of it.
class ScimUsers {
 public:
  virtual ~ScimUsers() = default;
  virtual absl::StatusOr<std::optional<ScimRecord>> Get(absl::string_view id) = 0;
  // Those who may have this value, among whom a search may hit; the caller compares.
  virtual absl::StatusOr<std::vector<ScimRecord>> Find(ScimKey key, absl::string_view value) = 0;
  // The id of whoever has this userName, in any case, whether the caller sees them or not; empty:
  // nobody.
  virtual absl::StatusOr<std::string> HolderOf(absl::string_view user_name) = 0;
  // How many a search may hit, and so many of them from `offset` on, in one order.
  virtual absl::StatusOr<int64_t> Count() = 0;
  virtual absl::StatusOr<std::vector<ScimRecord>> Page(int64_t offset, int64_t limit) = 0;
  // Tells the feed what the resource says and keeps what the feed does not; the record as it stands
  // then. ALREADY_EXISTS: the userName is another's. PERMISSION_DENIED SCIM_BRAKE: too many
  // employments would end.
  virtual absl::StatusOr<ScimRecord> Put(const ScimRecord& record,
                                         const v1::FeedPerson& person) = 0;
  // The employment ends by `person`; the user is one no more.
  virtual absl::Status Remove(const ScimRecord& record, const v1::FeedPerson& person) = 0;
  virtual std::string NewId() = 0;
};

struct ScimContext {
  // Where the client sees the service: "https://waymark.example/scim/v2".
  std::string base_url;
  std::string force;
  absl::Time now;
  absl::CivilDay today;
};

// Never fails: what goes wrong is an answer of 4xx or 5xx with a SCIM error body, after which
// nothing may be kept of what `users` was told.
ScimResponse HandleScim(const ScimRequest& request, const ScimContext& context, ScimUsers& users);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_H_
