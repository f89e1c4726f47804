// Keys fetched over https, from a real server.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/access/token.h"
#include "common/server/testing/pki.h"
#include "common/testing/matchers.h"

namespace waymark::access {
namespace {

using testing::IsOk;
using testing::StatusIs;

// `openssl s_server` as a web server for the files of a folder.
class WebServer {
 public:
  WebServer(const std::string& folder, const std::string& certificates) {
    int out[2];
    if (pipe(out) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      close(out[0]);
      if (chdir(folder.c_str()) != 0) _exit(126);
      const std::string certificate = certificates + "/tls.crt";
      const std::string key = certificates + "/tls.key";
      execlp("openssl", "openssl", "s_server", "-WWW", "-accept", "127.0.0.1:0", "-cert",
             certificate.c_str(), "-key", key.c_str(), nullptr);
      _exit(127);
    }
    close(out[1]);
    // It says "ACCEPT 127.0.0.1:45678" once it listens.
    FILE* lines = fdopen(out[0], "r");
    char line[256];
    while (port_ == 0 && fgets(line, sizeof(line), lines) != nullptr) {
      absl::string_view text = absl::StripAsciiWhitespace(line);
      if (absl::ConsumePrefix(&text, "ACCEPT 127.0.0.1:") && !absl::SimpleAtoi(text, &port_)) break;
    }
    lines_ = lines;
  }
  ~WebServer() {
    Stop();
    if (lines_ != nullptr) fclose(lines_);
  }
  void Stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int port() const { return port_; }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
  FILE* lines_ = nullptr;
};

class TokenKeysTest : public ::testing::Test {
 protected:
  TokenKeysTest()
      : web_(surroundings_.folder(), surroundings_.CertificatesOf("identity")),
        options_{.jwks = absl::StrCat("https://localhost:", web_.port(), "/jwks.json"),
                 .issuer = surroundings_.kIssuer,
                 .ca_file = surroundings_.CertificatesOf("identity") + "/ca.crt"} {}
  void SetUp() override { ASSERT_NE(web_.port(), 0); }

  testing::Surroundings surroundings_;
  WebServer web_;
  clock::FakeClock clock_{absl::Now()};
  TokenOptions options_;
};

TEST_F(TokenKeysTest, AreFetchedOverHttps) {
  const auto verifier = TokenVerifier::Create(options_, clock_);
  ASSERT_THAT(verifier, IsOk());
  EXPECT_THAT((*verifier)->Verify(surroundings_.TokenFor({"OH_NURSE"})), IsOk());
}

TEST_F(TokenKeysTest, AreNotTakenFromAServerOfAnotherAuthority) {
  options_.ca_file = "";  // the system's authorities know nothing of ours
  const auto verifier = TokenVerifier::Create(options_, clock_);
  ASSERT_THAT(verifier, IsOk());
  EXPECT_THAT((*verifier)->Verify(surroundings_.TokenFor({"OH_NURSE"})),
              StatusIs(absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE"));
}

TEST_F(TokenKeysTest, StayInUseWhileTheirServerIsAwayAndRotateWhenItIsBack) {
  const auto verifier = TokenVerifier::Create(options_, clock_);
  ASSERT_THAT(verifier, IsOk());
  const std::string token = surroundings_.TokenFor({"OH_NURSE"});
  const DevelopmentKey next = *MakeDevelopmentKey("next");
  const std::string next_token = *MintDevelopmentToken(next.private_jwk, surroundings_.Claims());
  EXPECT_THAT((*verifier)->Verify(next_token),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
  surroundings_.WriteFile("jwks.json", next.jwks);
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT((*verifier)->Verify(next_token), IsOk());
  EXPECT_THAT((*verifier)->Verify(token),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
  web_.Stop();
  EXPECT_THAT((*verifier)->Refresh(), StatusIs(absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE"));
  EXPECT_THAT((*verifier)->Verify(next_token), IsOk());
}

}  // namespace
}  // namespace waymark::access
