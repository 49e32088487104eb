// The publisher while nobody reads its process's log.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <future>
#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/change/publisher.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/memory_change_log.h"

namespace broadsheet::change {
namespace {

// A log in a pipe that is full: who writes a line waits until this ends.
class FullLog {
 public:
  FullLog() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0);
    const std::array<char, 4096> bytes{};
    while (write(ends_[1], bytes.data(), bytes.size()) > 0) {
    }
    EXPECT_EQ(fcntl(ends_[1], F_SETFL, 0), 0);
    telemetry::ConfigureLog({.service = "test", .file_descriptor = ends_[1]});
  }
  // The end that is written to stays open, as who logs may be late.
  ~FullLog() {
    telemetry::ConfigureLog({.service = "test"});
    close(ends_[0]);
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(PublisherLog, KeepsNobodyWaitingWhoDoesNotWriteToIt) {
  test::MemoryChangeLog log;
  auto publisher = Publisher::Start(log, {.source = "unread", .restart_grace = absl::ZeroDuration()});
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  const telemetry::Counter failures("broadsheet_change_log_failures_total",
                                    "Failed readings of the change log.", {{"source", "unread"}});
  std::future<std::int64_t> head;
  {
    const FullLog full;
    log.Append({"a"});
    log.Fail(true);
    (*publisher)->Notify(1);
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (failures.Value() == 0 && absl::Now() < deadline) std::this_thread::yield();
    EXPECT_GT(failures.Value(), 0);
    // It is about to write that line, or waits in it: a while is enough to tell.
    for (int i = 0; i < 20; ++i) {
      head = std::async(std::launch::async, [&] { return (*publisher)->head(); });
      ASSERT_EQ(head.wait_for(std::chrono::seconds(5)), std::future_status::ready);
      EXPECT_EQ(head.get(), 1);
      absl::SleepFor(absl::Milliseconds(5));
    }
    log.Fail(false);
  }
}

}  // namespace
}  // namespace broadsheet::change
