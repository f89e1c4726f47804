// SCIM requests: a line with method and path, a line with the query, then the body.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
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
  absl::StatusOr<std::vector<ScimRecord>> Find(ScimKey, absl::string_view) override {
    return Page(0, INT64_MAX);  // the caller compares
  }
  absl::StatusOr<std::string> HolderOf(absl::string_view name) override {
    for (const auto& [id, user] : users_) {
      const std::string has = nlohmann::json::parse(user.resource)["userName"];
      if (absl::EqualsIgnoreCase(has, name)) return id;
    }
    return "";
  }
  absl::StatusOr<int64_t> Count() override { return static_cast<int64_t>(users_.size()); }
  absl::StatusOr<std::vector<ScimRecord>> Page(int64_t offset, int64_t limit) override {
    std::vector<ScimRecord> page;
    for (const auto& [id, user] : users_) {
      if (offset-- > 0) continue;
      if (static_cast<int64_t>(page.size()) < limit) page.push_back(user);
    }
    return page;
  }
  absl::StatusOr<ScimRecord> Put(const ScimRecord& record, const v1::FeedPerson& person) override {
    FUZZ_REQUIRE(person.external_id() == record.id);
    FUZZ_REQUIRE(!person.name().family().empty());
    ScimRecord& kept = users_[record.id] = record;
    ++kept.version;
    return kept;
  }
  absl::Status Remove(const ScimRecord& record, const v1::FeedPerson& person) override {
    FUZZ_REQUIRE(!person.active());
    users_.erase(record.id);
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
