#include "services/article/replica_peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

Replica Make(const std::string& id, std::int64_t heartbeat, std::int64_t settled) {
  return {.replica_id = id,
          .name = id,
          .timeout = absl::Seconds(1),
          .heartbeat = heartbeat,
          .settled = settled,
          .acknowledged = 2,
          .expired = 1};
}

constexpr absl::Duration kStart = absl::Seconds(100);

TEST(ReplicaPeers, AloneHasNobodyToWaitFor) {
  ReplicaPeers peers("me");
  EXPECT_TRUE(peers.Settled(7));
  EXPECT_THAT(peers.Observe({Make("me", 1, 0)}, kStart), IsEmpty());
  EXPECT_TRUE(peers.Settled(7));
  EXPECT_TRUE(peers.empty());
}

TEST(ReplicaPeers, IsSettledWhenTheSlowestIs) {
  ReplicaPeers peers("me");
  peers.Observe({Make("me", 1, 0), Make("a", 1, 7), Make("b", 1, 6)}, kStart);
  EXPECT_TRUE(peers.Settled(6));
  EXPECT_FALSE(peers.Settled(7));
  peers.Observe({Make("me", 1, 0), Make("a", 1, 7), Make("b", 2, 9)}, kStart);
  EXPECT_TRUE(peers.Settled(7));
}

TEST(ReplicaPeers, APeerThatIsGoneFromTheTableCountsNoMore) {
  ReplicaPeers peers("me");
  peers.Observe({Make("a", 1, 3)}, kStart);
  EXPECT_FALSE(peers.Settled(4));
  peers.Observe({}, kStart);
  EXPECT_TRUE(peers.Settled(4));
}

TEST(ReplicaPeers, GivesUpOneWhoseHeartHasNotBeatenForLongerThanItReliesOnIt) {
  ReplicaPeers peers("me");
  EXPECT_THAT(peers.Observe({Make("a", 1, 3), Make("b", 1, 3)}, kStart), IsEmpty());
  EXPECT_THAT(peers.Observe({Make("a", 2, 3), Make("b", 1, 3)}, kStart + absl::Milliseconds(1000)),
              IsEmpty());
  EXPECT_THAT(peers.Observe({Make("a", 2, 3), Make("b", 1, 3)}, kStart + absl::Milliseconds(1101)),
              ElementsAre(Field(&Replica::replica_id, "b")));
  // Until it is removed it counts, and it may still beat.
  EXPECT_FALSE(peers.Settled(4));
  EXPECT_THAT(peers.Observe({Make("a", 2, 3), Make("b", 2, 3)}, kStart + absl::Milliseconds(1102)),
              IsEmpty());
}

TEST(ReplicaPeers, EachPeerHasATimeoutOfItsOwn) {
  ReplicaPeers peers("me");
  Replica patient = Make("a", 1, 3);
  patient.timeout = absl::Seconds(5);
  peers.Observe({patient, Make("b", 1, 3)}, kStart);
  EXPECT_THAT(peers.Observe({patient, Make("b", 1, 3)}, kStart + absl::Seconds(5)),
              ElementsAre(Field(&Replica::replica_id, "b")));
}

TEST(ReplicaPeers, AfterABreakAllHaveTheirWholeTimeAgain) {
  ReplicaPeers peers("me");
  peers.Observe({Make("a", 5, 3)}, kStart);
  peers.Forget();
  EXPECT_FALSE(peers.Settled(4));  // what is not known has not changed
  // The table has gone back to an earlier heartbeat, the replica may rely on a later one.
  EXPECT_THAT(peers.Observe({Make("a", 5, 3)}, kStart + absl::Seconds(10)), IsEmpty());
  EXPECT_THAT(peers.Observe({Make("a", 5, 3)}, kStart + absl::Milliseconds(11'000)), IsEmpty());
  EXPECT_THAT(peers.Observe({Make("a", 5, 3)}, kStart + absl::Milliseconds(11'101)),
              ElementsAre(Field(&Replica::replica_id, "a")));
}

TEST(ReplicaPeers, AddsWhatTheyReport) {
  ReplicaPeers peers("me");
  peers.Observe({Make("a", 1, 3), Make("b", 1, 3)}, kStart);
  change::v1::Propagation propagation;
  propagation.set_followers(1);
  propagation.set_acknowledged(1);
  peers.AddTo(propagation);
  EXPECT_EQ(propagation.followers(), 7);
  EXPECT_EQ(propagation.acknowledged(), 5);
  EXPECT_EQ(propagation.expired(), 2);
}

}  // namespace
}  // namespace broadsheet::article
