#include "services/gateway/http_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace waymark::gateway {
namespace {

using ::testing::Pair;

std::string Get(absl::string_view fields) {
  return absl::StrCat("GET / HTTP/1.1\r\nHost: a.test\r\n", fields, "\r\n");
}

TEST(ReadHead, ReadsAPlainRequest) {
  const Head head = ReadHead(
      "POST /waymark.bbv.v1.BbvService/GetCase?a=%20b HTTP/1.1\r\nHost: a.test:7440\r\n"
      "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  ASSERT_EQ(head.status, 0) << head.reason;
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/waymark.bbv.v1.BbvService/GetCase");
  EXPECT_EQ(head.query, "a=%20b");
  EXPECT_EQ(head.content_length, 2u);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_THAT(head.headers, ::testing::Contains(Pair("content-type", "application/json")));
}

TEST(ReadHead, RefusesWhateverTwoProgramsCouldReadDifferently) {
  const std::vector<std::pair<std::string, int>> refused = {
      {Get("Transfer-Encoding: chunked\r\n"), 411},
      {Get("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), 411},
      {Get("Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n"), 411},
      {Get("Transfer-Encoding : chunked\r\n"), 400},
      {Get(" Transfer-Encoding: chunked\r\n"), 400},
      {Get("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
      {Get("Content-Length: 4\r\ncontent-length: 5\r\n"), 400},
      {Get("Content-Length: 4, 4\r\n"), 400},
      {Get("Content-Length: +4\r\n"), 400},
      {Get("Content-Length: -1\r\n"), 400},
      {Get("Content-Length: 0x4\r\n"), 400},
      {Get("Content-Length:\r\n"), 400},
      {Get("Content-Length: 99999999999999999999\r\n"), 400},
      {Get("X: a\r\n b\r\n"), 400},
      {Get("X: a\r\n\tb\r\n"), 400},
      {Get("X: a\nContent-Length: 3\r\n"), 400},
      {Get("X: a\rY: b\r\n"), 400},
      {Get(absl::string_view("X: a\0b\r\n", 8)), 400},
      {Get("X: caf\xc3\xa9\r\n"), 400},
      {Get("No colon\r\n"), 400},
      {Get(": empty\r\n"), 400},
      {Get("Host: b.test\r\n"), 400},
      {Get("Expect: 100-continue\r\n"), 417},
      {Get("Upgrade: h2c\r\n"), 400},
      {"GET / HTTP/1.1\nHost: a.test\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: a.test\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n", 505},
      {"GET / HTTP/2.0\r\nHost: a.test\r\n\r\n", 505},
      {"GET  / HTTP/1.1\r\nHost: a.test\r\n\r\n", 400},
      {"GET /\tHTTP/1.1\r\nHost: a.test\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: a.test\r\n\r\n", 400},
      {"\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n", 400},
  };
  for (const auto& [text, status] : refused) {
    const Head head = ReadHead(text);
    EXPECT_EQ(head.status, status) << text;
    EXPECT_FALSE(head.keep_alive) << text;
  }
}

TEST(ReadHead, TakesOnlyPlainPaths) {
  for (const char* target :
       {"/../etc/passwd", "/a/../../b", "/a/./b", "/%2e%2e/etc/passwd", "/a%2fb", "//a.test/x",
        "/a\\b", "http://a.test/", "*", "a", "/<script>", "/a\"b", "/a#b"}) {
    EXPECT_EQ(ReadHead(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: a.test\r\n\r\n")).status,
              400)
        << target;
  }
  EXPECT_EQ(ReadHead("GET /a?<script> HTTP/1.1\r\nHost: a.test\r\n\r\n").status, 400);
}

TEST(ReadHead, HoldsItsLimits) {
  EXPECT_EQ(ReadHead(Get(absl::StrCat("X: ", std::string(20000, 'a'), "\r\n"))).status, 431);
  std::string many;
  for (int i = 0; i < 70; ++i) absl::StrAppend(&many, "X: a\r\n");
  EXPECT_EQ(ReadHead(Get(many)).status, 431);
  EXPECT_EQ(
      ReadHead(absl::StrCat("GET /", std::string(9000, 'a'), " HTTP/1.1\r\nHost: a.test\r\n\r\n"))
          .status,
      414);
  EXPECT_EQ(ReadHead(Get("Content-Length: 1048577\r\n")).status, 413);
  EXPECT_EQ(ReadHead(Get("Content-Length: 1048576\r\n")).status, 0);
}

TEST(HeadSize, EndsAtAnyEmptyLineSoThatNobodyWaitsForAnother) {
  EXPECT_EQ(HeadSize("GET / HTTP/1.1\r\nHost: a\r\n"), 0u);
  EXPECT_EQ(HeadSize("a\r\n\r\nrest"), 5u);
  EXPECT_EQ(HeadSize("a\n\nrest"), 3u);
  EXPECT_EQ(HeadSize("a\n\r\nrest"), 4u);
}

TEST(CookieValue, IsNothingWhenThereAreTwo) {
  EXPECT_EQ(Cookie("a=1; __Host-s=2", "__Host-s"), "2");
  EXPECT_EQ(Cookie("a=1; __Host-s=2; __Host-s=3", "__Host-s"), std::nullopt);
  EXPECT_EQ(Cookie("a=1", "__Host-s"), std::nullopt);
  EXPECT_EQ(Cookie("x__Host-s=1", "__Host-s"), std::nullopt);
}

TEST(ParseQuery, DecodesAndRefusesWhatIsBrokenOrSaidTwice) {
  EXPECT_THAT(*ParseQuery("a=b%20c&d=e+f"),
              ::testing::ElementsAre(Pair("a", "b c"), Pair("d", "e f")));
  EXPECT_FALSE(ParseQuery("a=%2").has_value());
  EXPECT_FALSE(ParseQuery("a=%zz").has_value());
  EXPECT_FALSE(ParseQuery("a=1&a=2").has_value());
  EXPECT_FALSE(ParseQuery("a=%0d%0aSet-Cookie:x").has_value());
}

TEST(IsLocalPath, IsNoWayToAnotherSite) {
  EXPECT_TRUE(IsLocalPath("/cases/1?tab=plan"));
  for (const char* path :
       {"//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "", "/a\r\nb",
        "/auth/sign-in", "/..//evil.test"}) {
    EXPECT_FALSE(IsLocalPath(path)) << path;
  }
}

}  // namespace
}  // namespace waymark::gateway
