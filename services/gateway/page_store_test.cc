#include "services/gateway/page_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/rpc/task.h"
#include "libs/testing/real_redis.h"
#include "services/gateway/page_entry_testing.h"

// Two gateways of a site, and what they keep in one Redis.
namespace broadsheet::gateway {
namespace {

constexpr char kStoredPath[] = "/harbour/pier";

class PageStoreTest : public testing::Test {
 protected:
  PageStoreTest() : one_(NewStore()), other_(NewStore()) {}

  std::unique_ptr<PageStore> NewStore() {
    redis::ClientOptions options;
    options.address = redis_.address();
    options.timeout = absl::Seconds(5);
    auto store = std::make_unique<PageStore>(redis::Client::Start(std::move(options)).value(),
                                             "https://news.example", "default-src 'none'", nullptr);
    EXPECT_TRUE(Eventually([&] { return store->available(); }));
    EXPECT_TRUE(rpc::Wait(store->LearnEpoch()));
    return store;
  }

  static bool Eventually(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (absl::Now() < end) {
      if (condition()) return true;
      absl::SleepFor(absl::Milliseconds(2));
    }
    return false;
  }

  static bool Has(PageStore& store) {
    return rpc::Wait([](PageStore& asked) -> rpc::Task<bool> {
      auto loading = asked.Load(kStoredPath);
      const std::shared_ptr<const PageEntry> entry = co_await loading;
      co_return entry != nullptr;
    }(store));
  }

  void SaveBy(PageStore& store, std::int64_t epoch) {
    redis_.Command({"DEL", std::string("broadsheet:page:https://news.example") + kStoredPath});
    store.Save(*MakeEntry({}), epoch);
    ASSERT_TRUE(Eventually([&] {
      return redis_.Command({"EXISTS", std::string("broadsheet:page:https://news.example") + kStoredPath}) ==
             "1";
    }));
  }

  test::RealRedis redis_;
  const std::unique_ptr<PageStore> one_;
  const std::unique_ptr<PageStore> other_;
};

TEST_F(PageStoreTest, WhatEveryPageIsForgottenWithCountsAsNoneHereAtOnceAndSoonForOthers) {
  SaveBy(*one_, one_->epoch());
  ASSERT_TRUE(Has(*one_));
  ASSERT_TRUE(Has(*other_));
  ASSERT_TRUE(rpc::Wait(one_->ForgetAll()));
  EXPECT_FALSE(Has(*one_));
  EXPECT_TRUE(Eventually([&] { return !Has(*other_); }));
  const auto started_later = NewStore();
  EXPECT_FALSE(Has(*started_later));
}

TEST_F(PageStoreTest, WhatIsMadeAfterwardsIsThereForAll) {
  ASSERT_TRUE(rpc::Wait(one_->ForgetAll()));
  SaveBy(*one_, one_->epoch());
  EXPECT_TRUE(Has(*one_));
  EXPECT_TRUE(Has(*other_));
}

// It is what a gateway made that did not know of it yet, of what it read before.
TEST_F(PageStoreTest, WhatWasBegunBeforeIsNotThereThoughItIsStoredAfterwards) {
  const std::int64_t begun = other_->epoch();
  ASSERT_TRUE(rpc::Wait(one_->ForgetAll()));
  SaveBy(*other_, begun);
  EXPECT_FALSE(Has(*one_));
}

TEST_F(PageStoreTest, EachTimeIsALaterEpochThanAllBefore) {
  ASSERT_TRUE(rpc::Wait(one_->ForgetAll()));
  redis_.Command({"SET", "broadsheet:epoch:https://news.example", "9000000000000000"});  // by a fast clock
  ASSERT_TRUE(rpc::Wait(other_->ForgetAll()));
  EXPECT_EQ(other_->epoch(), 9'000'000'000'000'001);
  ASSERT_TRUE(rpc::Wait(other_->ForgetAll()));
  EXPECT_EQ(other_->epoch(), 9'000'000'000'000'002);
}

TEST_F(PageStoreTest, AnEpochThatRedisHasLostIsRestoredByWhoKnowsIt) {
  ASSERT_TRUE(rpc::Wait(one_->ForgetAll()));
  const std::string epoch = std::to_string(one_->epoch());
  redis_.Command({"DEL", "broadsheet:epoch:https://news.example"});
  EXPECT_TRUE(Eventually([&] {
    Has(*one_);
    return redis_.Command({"GET", "broadsheet:epoch:https://news.example"}) == epoch;
  }));
  EXPECT_EQ(std::to_string(one_->epoch()), epoch);
}

TEST_F(PageStoreTest, WithoutRedisNothingIsForgottenThereAndThatIsSaid) {
  redis_.Kill();
  ASSERT_TRUE(Eventually([&] { return !one_->available(); }));
  EXPECT_FALSE(rpc::Wait(one_->ForgetAll()));
  EXPECT_FALSE(rpc::Wait(one_->LearnEpoch()));
  PageStore none(nullptr, "https://news.example", "", nullptr);
  EXPECT_TRUE(rpc::Wait(none.ForgetAll()));
}

}  // namespace
}  // namespace broadsheet::gateway
