#include "common/log/log.h"

#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "common/crypto/secret.h"
#include "common/log/log_grpc.h"

namespace waymark::log {
namespace {

// What the compiler must refuse.
template <typename T>
concept Loggable = requires(const T& value) {
  Field("name", value);
};
static_assert(Loggable<std::string> && Loggable<absl::string_view> && Loggable<int> &&
              Loggable<uint32_t> && Loggable<double> && Loggable<bool>);
static_assert(!Loggable<crypto::SecretBytes> && !Loggable<crypto::DataKey>);
static_assert(!Loggable<void*>, "a pointer is not a bool");
static_assert(!std::is_constructible_v<Literal, std::string>);

std::vector<nlohmann::json> LinesOf(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(FormatLine, IsOneJsonObjectInAFixedOrder) {
  EXPECT_EQ(
      FormatLine(absl::FromUnixMicros(1774746000000001), Level::kWarning, "bbv", "call refused",
                 {{"method", "LogExposure"},
                  {"code", 7},
                  {"seconds", 0.25},
                  {"retried", false},
                  {"caller", std::string("cli")}}),
      R"({"time":"2026-03-29T01:00:00.000001Z","level":"warning","service":"bbv",)"
      R"("message":"call refused","method":"LogExposure","code":7,"seconds":0.25,)"
      R"("retried":false,"caller":"cli"})");
}

TEST(FormatLine, StaysOneLineWhateverAValueHolds) {
  const std::string line =
      FormatLine(absl::UnixEpoch(), Level::kInfo, "s", "m", {{"value", "a\nb\"c\\d\x01\xFF\xC3"}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(line)["value"], "a\nb\"c\\d\x01\uFFFD\uFFFD");
}

TEST(Log, WritesWhatIsAtLeastTheLowestLevel) {
  Configure("test", Level::kInfo);
  ::testing::internal::CaptureStderr();
  Debug("unseen");
  Info("started", {{"port", 8443}});
  Error("stopped");
  const auto lines = LinesOf(::testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["message"], "started");
  EXPECT_EQ(lines[0]["service"], "test");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["port"], 8443);
  EXPECT_EQ(lines[1]["level"], "error");
}

TEST(Log, CarriesGrpcsOwnLines) {
  Configure("test", Level::kInfo);
  RouteGrpcLog();
  ::testing::internal::CaptureStderr();
  gpr_log(GPR_ERROR, "handshake failed: %d", 7);
  const auto lines = LinesOf(::testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["message"], "handshake failed: 7");
  EXPECT_EQ(lines[0]["level"], "error");
}

}  // namespace
}  // namespace waymark::log
