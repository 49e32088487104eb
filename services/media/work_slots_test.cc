#include "services/media/work_slots.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace broadsheet::media {
namespace {

bool NeverAbandonedWait() { return false; }

TEST(WorkSlots, RefusesWhenAllAreAtWorkAndNobodyMayWait) {
  WorkSlots slots("uploads", 1, 0);
  const auto first = slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait);
  ASSERT_TRUE(first.ok());
  const auto second = slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait);
  EXPECT_TRUE(absl::IsResourceExhausted(second.status()));
  EXPECT_EQ(second.status().message(), "too many uploads at once");
}

TEST(WorkSlots, ASlotIsFreeAgainWhenItsLeaseEnds) {
  WorkSlots slots("uploads", 1, 0);
  { const auto lease = slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait); }
  EXPECT_TRUE(slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait).ok());
}

TEST(WorkSlots, OneMayWaitForTheOther) {
  WorkSlots slots("uploads", 1, 1);
  auto first = std::make_optional(slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait));
  absl::Notification is_waiting;
  std::thread waiting([&] {
    const auto second = slots.Acquire(absl::InfiniteFuture(), [&] {
      if (!is_waiting.HasBeenNotified()) is_waiting.Notify();
      return false;
    });
    EXPECT_TRUE(second.ok());
  });
  is_waiting.WaitForNotification();
  EXPECT_TRUE(absl::IsResourceExhausted(slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait).status()));
  first.reset();
  waiting.join();
}

TEST(WorkSlots, GivesUpAtTheDeadline) {
  WorkSlots slots("uploads", 1, 1);
  const auto first = slots.Acquire(absl::InfiniteFuture(), NeverAbandonedWait);
  EXPECT_TRUE(absl::IsResourceExhausted(slots.Acquire(absl::Now(), NeverAbandonedWait).status()));
  // The place in the queue is free again.
  EXPECT_TRUE(absl::IsCancelled(slots.Acquire(absl::InfiniteFuture(), [] { return true; }).status()));
}

}  // namespace
}  // namespace broadsheet::media
