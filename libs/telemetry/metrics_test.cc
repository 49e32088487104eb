#include "libs/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/telemetry/log.h"

namespace broadsheet::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, GiveTheSameSeriesForTheSameNameAndLabels) {
  Counter one("test_same_total", "Help.", {{"tier", "memory"}});
  Counter same("test_same_total", "Help.", {{"tier", "memory"}});
  Counter other("test_same_total", "Help.", {{"tier", "redis"}});
  one.Increment();
  same.Increment(2);
  other.Increment();
  EXPECT_EQ(one.Value(), 3);
  EXPECT_EQ(other.Value(), 1);
}

TEST(Metrics, AppearInTheTextWithHelpTypeAndLabels) {
  Counter counter("test_text_total", "What it counts.", {{"route", "a \"quoted\" one"}});
  counter.Increment(4);
  Gauge gauge("test_text_bytes", "What it measures.");
  gauge.Set(10);
  gauge.Increment(5);
  gauge.Decrement(3);
  Histogram histogram("test_text_seconds", "How long it takes.", {}, {0.1, 1});
  histogram.Observe(0.5);
  const std::string text = MetricsText();
  EXPECT_THAT(text, HasSubstr("# HELP test_text_total What it counts.\n# TYPE test_text_total counter\n"));
  EXPECT_THAT(text, HasSubstr("test_text_total{route=\"a \\\"quoted\\\" one\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("test_text_bytes 12\n"));
  EXPECT_THAT(text, HasSubstr("test_text_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("test_text_seconds_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("test_text_seconds_count 1\n"));
}

TEST(Metrics, TellAboutTheProcessAndTheBuild) {
  PublishBuildInfo("article", "1.2.3");
  const std::string text = MetricsText();
  EXPECT_THAT(text, HasSubstr("broadsheet_build_info{service=\"article\",version=\"1.2.3\"} 1\n"));
  for (const char* name : {"process_start_time_seconds", "process_resident_memory_bytes", "process_open_fds",
                           "process_cpu_seconds_total", "broadsheet_log_lines_lost_total"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + name + " ")) << name;
  }
}

TEST(Metrics, KeepABoundedNumberOfLabelSets) {
  for (int i = 0; i < 1500; ++i)
    Counter("test_bounded_total", "Help.", {{"path", std::to_string(i)}}).Increment();
  EXPECT_EQ(Counter("test_bounded_total", "Help.", {{"path", "other"}}).Value(), 500);
  EXPECT_EQ(Counter("test_bounded_total", "Help.", {{"path", "7"}}).Value(), 1);
  EXPECT_THAT(MetricsText(), Not(HasSubstr("path=\"1400\"")));
}

TEST(MetricsDeathTest, EndTheProcessWhenDeclaredWrongly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Counter("not a name", "Help."), "declared wrongly");
  EXPECT_DEATH(
      {
        Counter("test_two_types", "Help.");
        Gauge("test_two_types", "Help.");
      },
      "declared wrongly");
}

}  // namespace
}  // namespace broadsheet::telemetry
