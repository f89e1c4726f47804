#include "tools/waymark/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/access/development_token.h"
#include "common/clock/clock.h"
#include "common/status/status.h"

namespace waymark::cli {
namespace {

namespace fs = std::filesystem;

std::string Resolve(const nlohmann::json& json, const char* name, const fs::path& folder) {
  const std::string value = json.value(name, "");
  return value.empty() ? "" : (folder / value).lexically_normal().string();
}

// The first config.json found, or an empty path.
fs::path FindConfig() {
  if (const char* named = std::getenv("WAYMARK_CONFIG"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    if (fs::exists(folder / ".waymark/config.json", error)) return folder / ".waymark/config.json";
    if (folder == folder.parent_path()) break;
  }
  const fs::path installed = "/etc/waymark/config.json";
  return fs::exists(installed, error) ? installed : fs::path();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(absl::string_view path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream file{std::string(path), std::ios::binary};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return status::NotFound("FILE_UNREADABLE", absl::StrCat("Cannot read the file ", path, "."));
  }
  return text.str();
}

absl::StatusOr<Settings> ParseSettings(absl::string_view json, absl::string_view folder) {
  const auto parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed.is_object()) {
    return status::InvalidArgument("CONFIG_UNREADABLE", "The configuration is not a JSON object.");
  }
  const fs::path base{std::string(folder)};
  Settings settings;
  try {
    settings.services = parsed.value("services", std::map<std::string, std::string>());
    settings.certificates = Resolve(parsed, "certificates", base);
    settings.token_key = Resolve(parsed, "token_key", base);
    settings.issuer = parsed.value("issuer", "");
    settings.audience = parsed.value("audience", "waymark");
    settings.tenant = parsed.value("tenant", "");
    settings.clock = Resolve(parsed, "clock", base);
    settings.audit_key = Resolve(parsed, "audit_key", base);
  } catch (const nlohmann::json::exception&) {
    return status::InvalidArgument("CONFIG_UNREADABLE",
                                   "A value of the configuration has the wrong type.");
  }
  return settings;
}

absl::StatusOr<Settings> LoadSettings(absl::string_view path) {
  const fs::path file = path.empty() ? FindConfig() : fs::path(std::string(path));
  if (file.empty()) {
    return status::NotFound("CONFIG_MISSING",
                            "No .waymark/config.json here or above. Start tools/run first, or name "
                            "the file with --config.");
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file.string()));
  auto settings = ParseSettings(text, fs::absolute(file).parent_path().string());
  if (!settings.ok()) {
    return status::Make(settings.status().code(), status::Reason(settings.status()),
                        absl::StrCat(file.string(), ": ", settings.status().message()));
  }
  return settings;
}

absl::StatusOr<std::string> TokenFor(const Settings& settings, const Identity& identity,
                                     absl::Duration validity) {
  if (!identity.token.empty()) return identity.token;
  if (settings.token_key.empty()) {
    return status::FailedPrecondition(
        "NO_TOKEN", "This configuration has no development key. Give a token with --token.");
  }
  ASSIGN_OR_RETURN(const std::string key, ReadFile(settings.token_key));
  const absl::Time now = clock::Real().Now();
  access::DevelopmentClaims claims;
  claims.issuer = settings.issuer;
  claims.audience = settings.audience;
  claims.user_id = identity.user;
  claims.tenant = identity.tenant.empty() ? settings.tenant : identity.tenant;
  claims.roles = identity.roles;
  claims.subject_id = identity.subject;
  claims.not_before = now - absl::Seconds(5);
  claims.expiry = now + validity;
  return access::MintDevelopmentToken(key, claims);
}

absl::StatusOr<absl::Time> ClinicalNow(const Settings& settings) {
  if (settings.clock.empty()) return clock::Real().Now();
  ASSIGN_OR_RETURN(const auto clock, clock::OffsetClock::Open(settings.clock));
  return clock->Now();
}

absl::StatusOr<absl::Duration> ParseSpan(absl::string_view text) {
  absl::Duration total;
  absl::string_view rest = text;
  while (!rest.empty()) {
    size_t digits = 0;
    while (digits < rest.size() && absl::ascii_isdigit(rest[digits])) ++digits;
    int64_t count = 0;
    if (digits == 0 || digits == rest.size() || !absl::SimpleAtoi(rest.substr(0, digits), &count) ||
        count > 1000000) {
      break;
    }
    const char unit = rest[digits];
    const absl::Duration one = unit == 's'   ? absl::Seconds(1)
                               : unit == 'm' ? absl::Minutes(1)
                               : unit == 'h' ? absl::Hours(1)
                               : unit == 'd' ? absl::Hours(24)
                               : unit == 'w' ? absl::Hours(24 * 7)
                                             : absl::ZeroDuration();
    if (one == absl::ZeroDuration()) break;
    total += one * count;
    rest.remove_prefix(digits + 1);
  }
  if (text.empty() || !rest.empty()) {
    return status::InvalidArgument("DURATION_UNREADABLE",
                                   "A length of time is written like 40m, 1h30m, 3d or 6w.");
  }
  return total;
}

}  // namespace waymark::cli
