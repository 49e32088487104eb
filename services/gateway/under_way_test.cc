#include "services/gateway/under_way.h"

#include <atomic>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

TEST(UnderWay, IsWaitedForUntilTheLastPartHasEnded) {
  UnderWay all;
  all.WaitUntilNone();
  std::atomic<bool> ended = false;
  {
    const UnderWay::Part first(all);
    const UnderWay::Part second(all);
  }
  auto last = std::make_unique<UnderWay::Part>(all);
  std::thread ending([&] {
    ended = true;
    last.reset();
  });
  all.WaitUntilNone();
  EXPECT_TRUE(ended);
  ending.join();
}

}  // namespace
}  // namespace broadsheet::gateway
