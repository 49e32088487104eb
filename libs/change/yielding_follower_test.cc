// A follower in a process that serves calls: it leaves the network to the queue's thread while that is quick,
// and must see when it is not.
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/change/follower.h"
#include "libs/change/publisher.h"
#include "libs/rpc/task.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"
#include "libs/testing/quick_work.h"

namespace broadsheet::change {
namespace {

constexpr absl::Duration kLongWait = absl::Seconds(20);

// Keeps a queue's thread from going on.
rpc::Task<void> StickIn(rpc::CompletionQueues* queues, absl::Notification* release) {
  auto hop = queues->Hop();
  co_await hop;
  release->WaitForNotification();
}

TEST(YieldingFollower, AcknowledgesWhetherTheQueuesOfItsProcessAreQuickOrStuck) {
  test::MemoryChangeLog log;
  PublisherOptions options;
  options.source = "test";
  options.lease = absl::Seconds(10);
  options.restart_grace = absl::ZeroDuration();
  const std::unique_ptr<Publisher> publisher = Publisher::Start(log, options).value();
  test::GrpcServer server({}, {publisher.get()});
  absl::Notification release;
  rpc::CompletionQueues queues(1);
  FollowerOptions follow;
  follow.source = "test";
  follow.busy_queues = &queues;
  const std::unique_ptr<Follower> follower = Follower::Start(server.channel(), follow);
  ASSERT_TRUE(follower->WaitUntilLive(kLongWait));
  const auto write = [&] {
    for (int i = 0; i < 50; ++i) {
      const v1::Propagation propagation =
          publisher->WaitForFollowers(log.Append({"article/1"}, v1::CHANGE_KIND_PUBLISHED));
      EXPECT_EQ(propagation.acknowledged(), 1);
      EXPECT_EQ(propagation.expired(), 0);
    }
  };
  {
    test::QuickWork work(queues);
    write();
  }
  rpc::Detach(StickIn(&queues, &release));
  write();
  release.Notify();
}

}  // namespace
}  // namespace broadsheet::change
