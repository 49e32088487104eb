#include "libs/telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "libs/testing/captured_log.h"

namespace broadsheet::telemetry {
namespace {

using ::testing::MatchesRegex;

// The lines written so far, each of which must be JSON.
std::vector<nlohmann::json> Parsed(const test::CapturedLog& log) {
  std::vector<nlohmann::json> lines;
  for (const std::string& line : log.Lines()) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(Log, WritesOneLineOfJsonWithTimeSeverityServiceMessageAndFields) {
  test::CapturedLog log;
  Log(Severity::kWarning, "backend slow",
      {{"backend", "media"},
       {"attempts", 3},
       {"seconds", 0.25},
       {"hit", true},
       {"bytes", std::uint64_t{1} << 63}});
  const std::vector<nlohmann::json> lines = Parsed(log);
  ASSERT_EQ(lines.size(), 1u);
  const nlohmann::json& line = lines[0];
  EXPECT_THAT(line["timestamp"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z"));
  EXPECT_EQ(line["severity"], "WARNING");
  EXPECT_EQ(line["service"], "test");
  EXPECT_EQ(line["message"], "backend slow");
  EXPECT_EQ(line["backend"], "media");
  EXPECT_EQ(line["attempts"], 3);
  EXPECT_EQ(line["seconds"], 0.25);
  EXPECT_EQ(line["hit"], true);
  EXPECT_EQ(line["bytes"], std::uint64_t{1} << 63);
}

TEST(Log, StaysValidJsonWhateverBytesComeIn) {
  test::CapturedLog log;
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  Log(Severity::kInfo, every_byte, {{every_byte, every_byte}});
  Log(Severity::kInfo, "é 新 🗞",
      {{"overlong", absl::string_view("\xc0\xaf")}, {"surrogate", "\xed\xa0\x80"}, {"cut", "\xe2\x82"}});
  Log(Severity::kInfo, "numbers",
      {{"nan", std::nan("")}, {"infinity", std::numeric_limits<double>::infinity()}, {"small", 5e-324}});
  const std::vector<nlohmann::json> lines = Parsed(log);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["message"].get<std::string>().substr(0, 128), every_byte.substr(0, 128));
  EXPECT_EQ(lines[1]["message"], "é 新 🗞");
  EXPECT_EQ(lines[1]["overlong"], "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(lines[2]["nan"], "NaN");
  EXPECT_EQ(lines[2]["small"], 5e-324);
}

TEST(Log, CutsTextThatIsTooLong) {
  test::CapturedLog log;
  Log(Severity::kInfo, std::string(1'000'000, 'a'));
  const std::vector<nlohmann::json> lines = Parsed(log);
  EXPECT_LT(lines.at(0)["message"].get<std::string>().size(), 8200u);
}

TEST(Log, DoesNotLetAFieldPassForTheLinesOwn) {
  test::CapturedLog log;
  Log(Severity::kInfo, "true message", {{"message", "false"}, {"severity", "ERROR"}});
  const std::vector<nlohmann::json> lines = Parsed(log);
  EXPECT_EQ(lines.at(0)["message"], "true message");
  EXPECT_EQ(lines.at(0)["severity"], "INFO");
  EXPECT_EQ(lines.at(0)["message_"], "false");
}

TEST(Log, LeavesOutWhatIsLessSevereThanAskedFor) {
  test::CapturedLog log(Severity::kWarning);
  Log(Severity::kInfo, "not this");
  Log(Severity::kWarning, "this");
  EXPECT_EQ(Parsed(log).size(), 1u);
}

TEST(Log, NeverMixesTheLinesOfSeveralThreads) {
  test::CapturedLog log;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int k = 0; k < 200; ++k) Log(Severity::kInfo, std::string(500, static_cast<char>('a' + i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Parsed(log).size(), 800u);
}

TEST(Log, CountsLinesItCannotWrite) {
  const std::uint64_t before = LostLogLines();
  ConfigureLog({.service = "article", .minimum = Severity::kInfo, .file_descriptor = -1});
  Log(Severity::kError, "lost");
  ConfigureLog({});
  EXPECT_EQ(LostLogLines(), before + 1);
}

TEST(Log, KeepsNobodyWaitingWhereNobodyReadsIt) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const std::string full(1 << 20, 'x');
  while (write(ends[1], full.data(), full.size()) > 0) {
  }
  fcntl(ends[1], F_SETFL, 0);  // as a log's is: a write blocks
  const std::uint64_t before = LostLogLines();
  ConfigureLog({.service = "article", .minimum = Severity::kInfo, .file_descriptor = ends[1]});
  for (int i = 0; i < 3; ++i) Log(Severity::kError, "lost");
  EXPECT_EQ(LostLogLines(), before + 3);
  std::string read_back(2 << 20, '\0');
  ASSERT_GT(read(ends[0], read_back.data(), read_back.size()), 0);
  Log(Severity::kError, "read again");
  ConfigureLog({});
  EXPECT_EQ(LostLogLines(), before + 3);
  const ssize_t got = read(ends[0], read_back.data(), read_back.size());
  ASSERT_GT(got, 0);
  EXPECT_THAT(read_back.substr(0, static_cast<std::size_t>(got)), testing::HasSubstr("read again"));
  close(ends[0]);
  close(ends[1]);
}

TEST(LimitedLog, WritesTheFirstLineOfEachKeyAndCountsTheRest) {
  test::CapturedLog log;
  LimitedLog limited(absl::Hours(1));
  EXPECT_TRUE(limited.Log("media", Severity::kWarning, "media failed"));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limited.Log("media", Severity::kWarning, "media failed"));
  EXPECT_TRUE(limited.Log("redis", Severity::kWarning, "redis failed"));
  EXPECT_EQ(Parsed(log).size(), 2u);
}

TEST(LimitedLog, SaysHowManyLinesItLeftOut) {
  test::CapturedLog log;
  LimitedLog limited(absl::Milliseconds(20));
  limited.Log("media", Severity::kWarning, "media failed");
  int left_out = 0;
  while (!limited.Log("media", Severity::kWarning, "media failed")) ++left_out;
  const std::vector<nlohmann::json> lines = Parsed(log);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].value("suppressed", 0), left_out);
  EXPECT_GT(left_out, 0);
}

TEST(LimitedLog, RemembersABoundedNumberOfKeys) {
  test::CapturedLog log;
  LimitedLog limited(absl::Hours(1));
  int written = 0;
  for (int i = 0; i < 5000; ++i)
    written += limited.Log(std::to_string(i), Severity::kWarning, "failed") ? 1 : 0;
  EXPECT_EQ(written, 1001);
}

}  // namespace
}  // namespace broadsheet::telemetry
