// What tests see the gateway with: a browser as far as cookies go, bytes over TLS as written, and
// the real OpenID provider of tools/oidc to sign in at.
#ifndef WAYMARK_SERVICES_GATEWAY_TESTING_BROWSER_H_
#define WAYMARK_SERVICES_GATEWAY_TESTING_BROWSER_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace waymark::gateway {

std::string ReadFile(const std::string& path);

// tools/oidc/provider.mjs, as tools/run starts it. One for all tests of a program.
class ProviderProcess {
 public:
  static ProviderProcess& Shared();
  int port() const { return port_; }
  // tools/oidc/identity.json for this provider; `secret_file` holds kSecret.
  std::string Identity(const std::string& secret_file) const;
  static constexpr char kSecret[] = "development-only";

 private:
  ProviderProcess();
  ~ProviderProcess();

  pid_t pid_ = 0;
  int port_ = 0;
};

struct Reply {
  long status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string Header(const std::string& name) const;
  nlohmann::json json() const;
};

// Follows no redirect by itself.
class Browser {
 public:
  // "https://localhost:7440", and the file of the authority that signed its certificate.
  Browser(std::string origin, std::string authority);
  ~Browser();
  Browser(Browser&&) noexcept;

  Reply Send(const std::string& method, const std::string& to, const std::string& body = "",
             const std::vector<std::string>& headers = {});
  Reply Get(const std::string& to, const std::vector<std::string>& headers = {}) {
    return Send("GET", to, "", headers);
  }
  // As a page of ours: JSON, with the session's token.
  Reply Post(const std::string& to, const std::string& body = "{}",
             std::vector<std::string> headers = {});

  // From /auth/sign-in to the address that calls back, which is not followed.
  std::string Choose(const std::string& person, const std::string& return_to = "/");
  // Signs in and remembers the session's token; the answer of the callback.
  Reply SignIn(const std::string& person, const std::string& return_to = "/");
  nlohmann::json Session() { return Get("/auth/session").json(); }

  // "name=value" of the session's cookie; empty when there is none.
  std::string SessionCookie() const;
  // As if the site had set it, which only the site can.
  void Plant(const std::string& cookie);
  const std::string& csrf() const { return csrf_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string origin_;
  std::string authority_;
  std::string csrf_;
};

// One TLS connection to 127.0.0.1.
class Wire {
 public:
  explicit Wire(int port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool connected() const { return connected_; }
  bool Send(absl::string_view bytes);
  // All that came until the other side closed, or until `enough` was in it.
  std::string Read(absl::string_view enough = "");
  bool closed() const { return closed_; }
  void Close();

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool connected_ = false;
  bool closed_ = false;
  std::string read_;
};

// The bytes that open a stream: one JSON message, with these headers besides.
std::string StreamRequest(const std::string& path, const std::string& host, absl::string_view json,
                          const std::vector<std::string>& headers);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_TESTING_BROWSER_H_
