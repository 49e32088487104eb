#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/gateway_testing.h"
#include "services/gateway/scraped_metrics.h"

// What operators see of a gateway at /metrics.
namespace broadsheet::gateway {
namespace {

class MetricsTest : public GatewayTest {
 protected:
  // The sample of this name and these labels, as they are written; -1: there is none.
  double Value(const std::string& series) {
    const auto metrics = test::HttpGet(gateway_->ops_port(), "/metrics");
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    const std::string sample = absl::StrCat(series, " ");
    for (const auto line : absl::StrSplit(metrics.value_or(test::HttpAnswer()).body, '\n')) {
      double value = 0;
      if (absl::StartsWith(line, sample) && absl::SimpleAtod(line.substr(sample.size()), &value))
        return value;
    }
    return -1;
  }
};

TEST_F(MetricsTest, SayForEachSourceWhetherTheGatewayIsCutOffFromIt) {
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  const std::string article = "broadsheet_change_follower_live{source=\"article\"}";
  const std::string media = "broadsheet_change_follower_live{source=\"media\"}";
  EXPECT_TRUE(Eventually([&] { return Value(article) == 1 && Value(media) == 1; }));
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_TRUE(Eventually([&] { return Value(article) == 0 && Value(media) == 1; }));
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Value(article) == 1; }));
}

TEST_F(MetricsTest, SayWhatIsInMemory) {
  article_.Publish("pier", "Pier opened");
  article_.Publish("ferry", "Ferry late");
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  EXPECT_EQ(Value("broadsheet_gateway_cache_pages"), 0);
  EXPECT_EQ(Get("/city/pier").status, 200);
  EXPECT_EQ(Get("/city/ferry").status, 200);
  EXPECT_TRUE(Eventually([&] { return Value("broadsheet_gateway_cache_pages") == 2; }));
  EXPECT_GT(Value("broadsheet_gateway_cache_bytes"), 1'000);
}

TEST_F(MetricsTest, CountTheConnectionsOfReadersButNotThoseOfOperators) {
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  const std::string accepted = "broadsheet_gateway_http_connections_total";
  const std::string rejected = "broadsheet_gateway_http_rejected_requests_total";
  const double accepted_before = Value(accepted), rejected_before = Value(rejected);
  Get("/robots.txt");
  EXPECT_EQ(Value(accepted), accepted_before + 1);
  EXPECT_EQ(Value(rejected), rejected_before);
  EXPECT_EQ(Get("/robots.txt", {{"X-Long", std::string(20'000, 'x')}}).status, 431);
  EXPECT_EQ(Value(rejected), rejected_before + 1);
}

TEST_F(MetricsTest, ShowWhatIsRareBeforeItHappens) {
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  for (const char* series :
       {"broadsheet_gateway_shed_total{priority=\"ahead\"}", "broadsheet_gateway_cache_evictions_total",
        "broadsheet_gateway_waiting_for_compression", "broadsheet_gateway_http_timed_out_total",
        "broadsheet_gateway_http_evicted_connections_total",
        "broadsheet_gateway_degraded_pages_total{part=\"images\",reason=\"invalid-answer\"}"})
    EXPECT_GE(Value(series), 0) << series;
}

TEST(ScrapedMetrics, RaiseCountersByWhatWasCountedSinceTheLastLook) {
  telemetry::Counter evictions("broadsheet_gateway_cache_evictions_total", "");
  telemetry::Counter timed_out("broadsheet_gateway_http_timed_out_total", "");
  telemetry::Counter evicted("broadsheet_gateway_http_evicted_connections_total", "");
  const double evictions_before = evictions.Value(), timed_out_before = timed_out.Value(),
               evicted_before = evicted.Value();
  ScrapedMetrics metrics;
  ScrapedMetrics::Reading reading;
  reading.cache.evicted = 3;
  reading.http.timed_out = 2;
  metrics.Show(reading);
  reading.cache.evicted = 7;
  reading.http.evicted = 1;
  reading.waiting_for_compression = 41;
  metrics.Show(reading);
  metrics.Show(reading);
  EXPECT_EQ(evictions.Value() - evictions_before, 7);
  EXPECT_EQ(timed_out.Value() - timed_out_before, 2);
  EXPECT_EQ(evicted.Value() - evicted_before, 1);
  EXPECT_EQ(telemetry::Gauge("broadsheet_gateway_waiting_for_compression", "").Value(), 41);
}

}  // namespace
}  // namespace broadsheet::gateway
