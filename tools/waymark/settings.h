// Where the services are and who asks: what `tools/run` wrote into .waymark/config.json, or an
// administrator into /etc/waymark/config.json.
//
//   {
//     "services": {"bbv": "localhost:7443", "scheduling": "localhost:7444"},
//     "certificates": "tls/cli",
//     "token_key": "keys/token-key.json",
//     "issuer": "https://waymark.localhost", "audience": "waymark",
//     "tenant": "demo", "clock": "clock", "audit_key": "audit.vkey"
//   }
//
// Paths are relative to the folder of the file. `token_key` and `clock` exist in development only.
#ifndef WAYMARK_TOOLS_WAYMARK_SETTINGS_H_
#define WAYMARK_TOOLS_WAYMARK_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::cli {

struct Settings {
  // host:port of each service.
  std::map<std::string, std::string> services;
  std::string certificates;
  // The development key that tokens are signed with; empty where there is none.
  std::string token_key;
  std::string issuer;
  std::string audience = "waymark";
  std::string tenant;
  // The development clock's offset file; empty where there is none.
  std::string clock;
  // File with the verifier key of the audit log, kept apart from the server.
  std::string audit_key;
};

// `path`, else $WAYMARK_CONFIG, else .waymark/config.json in this folder or one above it, else
// /etc/waymark/config.json. NOT_FOUND CONFIG_MISSING says what to do; INVALID_ARGUMENT
// CONFIG_UNREADABLE names the file.
absl::StatusOr<Settings> LoadSettings(absl::string_view path);

// The same from the text of a file that lies in `folder`.
absl::StatusOr<Settings> ParseSettings(absl::string_view json, absl::string_view folder);

// Who asks.
struct Identity {
  // A token from an identity provider. Everything below is ignored when it is given.
  std::string token;
  std::string user;
  std::string tenant;
  std::vector<std::string> roles;
  std::string subject;
};

// The token given, or one minted from the development key for these roles, good for `validity`.
// FAILED_PRECONDITION NO_TOKEN when there is neither.
absl::StatusOr<std::string> TokenFor(const Settings& settings, const Identity& identity,
                                     absl::Duration validity);

// The clinical clock: real time, moved by the development offset where there is one.
absl::StatusOr<absl::Time> ClinicalNow(const Settings& settings);

// "90s", "40m", "1h30m", "3d", "6w": what people type. INVALID_ARGUMENT DURATION_UNREADABLE.
absl::StatusOr<absl::Duration> ParseSpan(absl::string_view text);

// The whole of a file; "-" is standard input. NOT_FOUND FILE_UNREADABLE.
absl::StatusOr<std::string> ReadFile(absl::string_view path);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_SETTINGS_H_
