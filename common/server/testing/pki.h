// A certificate authority for tests, and what a service or client under test needs around it:
// certificate folders as they are deployed (a link that is swapped whole), a token key, key files.
#ifndef WAYMARK_COMMON_SERVER_TESTING_PKI_H_
#define WAYMARK_COMMON_SERVER_TESTING_PKI_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/access/development_token.h"
#include "common/server/server.h"

namespace grpc {
class Channel;
}

namespace waymark::testing {

// An authority that signs P-256 certificates for spiffe://waymark/<service>.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  struct Files {
    std::string certificate;
    std::string key;
    std::string authority;
  };
  // PEM. IssueFor takes any identity; "" leaves it out.
  Files Issue(absl::string_view service) const;
  Files IssueFor(absl::string_view uri, absl::Time not_after) const;

  // Writes `files` to a fresh folder and swaps the link `path` to it in one step.
  static void Install(const Files& files, const std::string& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A temporary folder in which services can be started and called; removed with the object.
class Surroundings {
 public:
  static constexpr char kIssuer[] = "https://login.test";

  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  const std::string& folder() const { return folder_; }
  const Authority& authority() const { return authority_; }
  const access::DevelopmentKey& token_key() const { return token_key_; }
  // The certificate folder of a service or client, made when first asked for.
  std::string CertificatesOf(absl::string_view service);
  std::string WriteFile(absl::string_view name, absl::string_view text) const;

  // Options to start `service` on a free port, without a database; all files exist.
  server::Options OptionsFor(absl::string_view service);

  // For a nurse of tenant "demo", valid for an hour; change what the test is about.
  access::DevelopmentClaims Claims() const;
  std::string Token(const access::DevelopmentClaims& claims) const;
  std::string TokenFor(std::vector<std::string> roles, absl::string_view tenant = "demo",
                       absl::string_view user = "nurse-1") const;

  // A channel to `service` at 127.0.0.1:port, with the certificate of `as`.
  std::shared_ptr<grpc::Channel> Channel(absl::string_view as, int port, absl::string_view service);

 private:
  const std::string folder_;
  const Authority authority_;
  const access::DevelopmentKey token_key_;
};

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_SERVER_TESTING_PKI_H_
