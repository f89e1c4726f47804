#include "common/metrics/metrics.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::metrics {
namespace {

using ::testing::HasSubstr;

std::string Fetch(const std::string& url) {
  std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(
      curl.get(), CURLOPT_WRITEFUNCTION, +[](char* data, size_t, size_t size, void* to) {
        static_cast<std::string*>(to)->append(data, size);
        return size;
      });
  const CURLcode code = curl_easy_perform(curl.get());
  return code == CURLE_OK ? body : curl_easy_strerror(code);
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameSeries) {
  Registry registry;
  const Counter calls = registry.GetCounter("waymark_test_calls_total", "Calls.", {{"code", "OK"}});
  calls.Increment();
  registry.GetCounter("waymark_test_calls_total", "Calls.", {{"code", "OK"}}).Increment(2);
  registry.GetCounter("waymark_test_calls_total", "Calls.", {{"code", "NOT_FOUND"}}).Increment();
  EXPECT_EQ(calls.Value(), 3);
  EXPECT_THAT(registry.Text(), HasSubstr("waymark_test_calls_total{code=\"OK\"} 3"));
  EXPECT_THAT(registry.Text(), HasSubstr("waymark_test_calls_total{code=\"NOT_FOUND\"} 1"));
}

TEST(Metrics, AGaugeGoesUpAndDown) {
  Registry registry;
  const Gauge open = registry.GetGauge("waymark_test_streams_count", "Open streams.");
  open.Set(5);
  open.Add(-2);
  EXPECT_EQ(open.Value(), 3);
}

TEST(Metrics, AHistogramCountsIntoItsBounds) {
  Registry registry;
  const Histogram lag = registry.GetHistogram("waymark_test_lag_seconds", "Lag.", {0.1, 1});
  lag.Observe(0.05);
  lag.Observe(0.5);
  lag.Observe(5);
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("waymark_test_lag_seconds_bucket{le=\"0.1\"} 1"));
  EXPECT_THAT(text, HasSubstr("waymark_test_lag_seconds_bucket{le=\"1\"} 2"));
  EXPECT_THAT(text, HasSubstr("waymark_test_lag_seconds_bucket{le=\"+Inf\"} 3"));
}

TEST(MetricsDeathTest, ANameOfAnotherKindEndsTheProcess) {
  Registry registry;
  registry.GetCounter("waymark_test_calls_total", "Calls.");
  EXPECT_DEATH(registry.GetGauge("waymark_test_calls_total", "Calls."), "waymark_test_calls_total");
  EXPECT_DEATH(registry.GetCounter("not a name", "Help."), "not a name");
}

TEST(Exposer, ServesTheRegistryOnAFreePort) {
  Registry registry;
  registry.GetCounter("waymark_test_calls_total", "Calls.").Increment(7);
  auto exposer = Exposer::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  ASSERT_GT((*exposer)->port(), 0);
  EXPECT_THAT(Fetch(absl::StrCat("http://127.0.0.1:", (*exposer)->port(), "/metrics")),
              HasSubstr("waymark_test_calls_total 7"));

  auto second = Exposer::Start(absl::StrCat("127.0.0.1:", (*exposer)->port()), registry);
  EXPECT_EQ(status::Reason(second.status()), "METRICS_ADDRESS");
  EXPECT_EQ(status::Reason(Exposer::Start("nonsense", registry).status()), "METRICS_ADDRESS");
}

}  // namespace
}  // namespace waymark::metrics
