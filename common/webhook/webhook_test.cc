#include "common/webhook/webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace waymark::webhook {
namespace {

using testing::StatusIs;

TEST(IsUrl, TakesHttpsEverywhereAndPlainHttpOnlyToThisMachineInDevelopment) {
  for (const char* url : {"https://hr.force.police.uk/hook", "https://127.0.0.1:9000/"}) {
    EXPECT_TRUE(IsUrl(url, Transport::kTlsOnly)) << url;
    EXPECT_TRUE(IsUrl(url, Transport::kTlsOrLoopback)) << url;
  }
  for (const char* url : {"http://127.0.0.1:9000/hook", "http://127.0.0.1/"}) {
    EXPECT_FALSE(IsUrl(url, Transport::kTlsOnly)) << url;
    EXPECT_TRUE(IsUrl(url, Transport::kTlsOrLoopback)) << url;
  }
  for (const char* url :
       {"", "https://", "https:///hook", "http://hr.force.police.uk/hook", "ftp://127.0.0.1/",
        "http://127.0.0.1.example/", "http://127.0.0.1:80@example.org/", "https://a@example.org/",
        "https://example.org/a b", "https://example.org/\n", "HTTPS://example.org/",
        "http://localhost:9000/"}) {
    EXPECT_FALSE(IsUrl(url, Transport::kTlsOnly)) << url;
    EXPECT_FALSE(IsUrl(url, Transport::kTlsOrLoopback)) << url;
  }
  EXPECT_FALSE(IsUrl("https://a/" + std::string(500, 'x'), Transport::kTlsOnly));
}

// HMAC-SHA-256 of "1790000000.{}" under 32 times "s", computed with openssl.
TEST(Signature, IsWhatAReceiverComputes) {
  EXPECT_EQ(Signature(std::string(32, 's'), 1790000000, "{}"),
            "v1=0424597c0cb2bcfe8834c80214b6ad44bffa6b97d9a4782368d8585e6d830d4a");
}

TEST(Send, RefusesWhatIsNotTlsBeforeItConnects) {
  const absl::Status status = Send({.url = "http://127.0.0.1:1/",
                                    .secrets = {std::string(32, 's')},
                                    .body = "{}",
                                    .transport = Transport::kTlsOnly},
                                   absl::FromUnixSeconds(1790000000));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "WEBHOOK_NOT_TLS"));
}

TEST(Send, SaysWhenNobodyAnswers) {
  const absl::Status status = Send({.url = "http://127.0.0.1:1/",
                                    .secrets = {std::string(32, 's')},
                                    .body = "{}",
                                    .transport = Transport::kTlsOrLoopback},
                                   absl::FromUnixSeconds(1790000000));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "WEBHOOK_NOT_TAKEN"));
  EXPECT_EQ(status::Metadata(status, "answer"), "0");
}

}  // namespace
}  // namespace waymark::webhook
