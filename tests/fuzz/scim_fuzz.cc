// SCIM requests: a line with method and path, a line with the query, then the body.
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/workforce/feed/scim.h"
#include "services/workforce/feed/scim_filter.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::workforce {
namespace {

class Users : public ScimUsers {
 public:
  absl::StatusOr<std::optional<ScimRecord>> Get(absl::string_view id) override {
    const auto found = users_.find(std::string(id));
    return found == users_.end() ? std::nullopt : std::optional<ScimRecord>(found->second);
  }
  absl::StatusOr<std::optional<ScimRecord>> FindByUserName(absl::string_view lower) override {
    for (const auto& [id, user] : users_) {
      if (user.user_name == lower) return std::optional<ScimRecord>(user);
    }
    return std::optional<ScimRecord>();
  }
  absl::StatusOr<std::optional<ScimRecord>> FindByExternalId(absl::string_view) override {
    return std::optional<ScimRecord>();
  }
  absl::Status ForEach(const std::function<bool(const ScimRecord&)>& each) override {
    for (const auto& [id, user] : users_) {
      if (!each(user)) break;
    }
    return absl::OkStatus();
  }
  absl::Status Put(const ScimRecord& record, const v1::FeedPerson& person) override {
    FUZZ_REQUIRE(person.external_id() == record.id);
    FUZZ_REQUIRE(!person.name().family().empty());
    users_[record.id] = record;
    return absl::OkStatus();
  }
  absl::Status Remove(absl::string_view id, const v1::FeedPerson& person) override {
    FUZZ_REQUIRE(!person.active());
    users_.erase(std::string(id));
    return absl::OkStatus();
  }
  std::string NewId() override { return absl::StrCat("id", ++last_); }

 private:
  std::map<std::string, ScimRecord> users_;
  int last_ = 0;
};

constexpr char kUser[] =
    R"({"userName": "a", "name": {"familyName": "F", "givenName": "G"},
        "emails": [{"type": "work", "value": "a@x.uk"}],
        "urn:police-oh:scim:schemas:extension:workforce:1.0:User": {"workforceType": "staff"}})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::Text(data, size);
  const size_t first = text.find('\n');
  const absl::string_view line = text.substr(0, first);
  const absl::string_view rest = first == absl::string_view::npos ? "" : text.substr(first + 1);
  const size_t second = rest.find('\n');
  const size_t space = line.find(' ');

  const ScimContext context{
      .base_url = "https://x", .force = "f", .today = absl::CivilDay(2026, 1, 1)};
  Users users;
  const ScimResponse made =
      HandleScim({.method = "POST", .path = "/Users", .body = kUser}, context, users);
  FUZZ_REQUIRE(made.status == 201);
  ScimRequest request;
  request.method = std::string(line.substr(0, space));
  request.path = space == absl::string_view::npos ? "" : std::string(line.substr(space + 1));
  request.query = std::string(rest.substr(0, second));
  request.body = second == absl::string_view::npos ? "" : std::string(rest.substr(second + 1));
  const ScimResponse response = HandleScim(request, context, users);
  FUZZ_REQUIRE(response.status >= 200 && response.status < 600);
  FUZZ_REQUIRE(response.status != 500);

  // A filter is either refused or can be asked; a path likewise.
  (void)ScimFilter::Parse(text);
  (void)ScimTarget::Parse(text);
  return 0;
}

}  // namespace waymark::workforce
