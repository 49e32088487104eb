#include "services/gateway/page_cache.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/page_entry_testing.h"

namespace broadsheet::gateway {
namespace {

std::shared_ptr<PageEntry> Page(int number, std::size_t bytes = 10'000) {
  return MakeEntry({.path = absl::StrCat("/page/", number), .text = std::string(bytes, 'a')});
}

PageCache::Options OneShard(std::size_t max_bytes = 1u << 20) {
  return {.max_bytes = max_bytes, .shards = 1};
}

TEST(PageCache, FindsWhatWasInserted) {
  PageCache cache(OneShard());
  const auto entry = Page(1);
  cache.Insert(entry);
  EXPECT_EQ(cache.Find("/page/1").whole, entry);
  EXPECT_EQ(cache.Find("/page/1").degraded, nullptr);
  EXPECT_EQ(cache.Find("/page/2").whole, nullptr);
  EXPECT_EQ(cache.statistics().pages, 1u);
}

TEST(PageCache, AWholePageStaysBesideADegradedOneAndReplacesIt) {
  PageCache cache(OneShard());
  const auto whole = MakeEntry({.position = 1});
  const auto degraded = MakeEntry({.position = 2, .degraded = true});
  cache.Insert(whole);
  cache.Insert(degraded);
  EXPECT_EQ(cache.Find(whole->path).whole, whole);
  EXPECT_EQ(cache.Find(whole->path).degraded, degraded);
  const auto newer = MakeEntry({.position = 3});
  cache.Insert(newer);
  EXPECT_EQ(cache.Find(whole->path).whole, newer);
  EXPECT_EQ(cache.Find(whole->path).degraded, nullptr);
}

TEST(PageCache, AnOlderWholePageLeavesTheNewerDegradedOneWhereItIs) {
  PageCache cache(OneShard());
  const auto degraded = MakeEntry({.position = 2, .degraded = true});
  const auto older = MakeEntry({.position = 1});
  cache.Insert(degraded);
  cache.Insert(older);  // as Redis may have it
  EXPECT_EQ(cache.Find(older->path).whole, older);
  EXPECT_EQ(cache.Find(older->path).degraded, degraded);
}

TEST(PageCache, AnOlderEntryDoesNotReplaceANewerOneOfTheSameLog) {
  PageCache cache(OneShard());
  const auto newer = MakeEntry({.position = 3});
  cache.Insert(newer);
  cache.Insert(MakeEntry({.position = 2}));
  EXPECT_EQ(cache.Find(newer->path).whole, newer);
  const auto other_log = MakeEntry({.position = 1, .log_id = "restored"});
  cache.Insert(other_log);
  EXPECT_EQ(cache.Find(newer->path).whole, other_log);
}

// A follower lags behind the owner: what the page is about was just published, its section is remembered.
TEST(PageCache, APageWithAPartFromMemoryReplacesThePageOfBefore) {
  PageCache cache(OneShard());
  const auto absent = MakeEntry({.status = 404, .position = 43});
  cache.Insert(absent);
  const auto published = MakeEntry({.position = 45});
  change::v1::Snapshot remembered = published->dependencies.snapshot(Source::kArticle);
  remembered.set_position(40);
  published->dependencies.Read(Source::kArticle, remembered);
  cache.Insert(published);
  EXPECT_EQ(cache.Find(published->path).whole, published);
}

TEST(PageCache, ReplacesOnlyWhatIsStillThere) {
  PageCache cache(OneShard());
  const auto first = MakeEntry({.position = 1});
  const auto second = MakeEntry({.position = 2});
  const auto better = MakeEntry({.position = 1});
  cache.Insert(first);
  cache.Insert(second);
  EXPECT_FALSE(cache.Replace(first, better));
  EXPECT_EQ(cache.Find(first->path).whole, second);
  EXPECT_TRUE(cache.Replace(second, better));
  EXPECT_EQ(cache.Find(first->path).whole, better);
  EXPECT_FALSE(cache.Replace(Page(9), Page(9)));
}

TEST(PageCache, NeverHoldsMoreThanItsBytes) {
  PageCache cache(OneShard());
  for (int i = 0; i < 500; ++i) {
    cache.Insert(Page(i));
    EXPECT_LE(cache.statistics().bytes, 1u << 20);
  }
  EXPECT_GT(cache.statistics().evicted, 300u);
  EXPECT_GT(cache.statistics().pages, 50u);
}

TEST(PageCache, APageLargerThanAShardIsNotKept) {
  PageCache cache(OneShard());
  cache.Insert(Page(1));
  cache.Insert(Page(2, 2u << 20));
  EXPECT_EQ(cache.Find("/page/2").whole, nullptr);
  EXPECT_LE(cache.statistics().bytes, 1u << 20);
}

TEST(PageCache, PagesReadersComeBackToOutliveACrawl) {
  PageCache cache(OneShard());
  for (int i = 0; i < 20; ++i) cache.Insert(Page(i));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) cache.Find(absl::StrCat("/page/", i));
  }
  for (int i = 1'000; i < 3'000; ++i) cache.Insert(Page(i));
  int kept = 0;
  for (int i = 0; i < 20; ++i) kept += cache.Find(absl::StrCat("/page/", i)).whole != nullptr;
  EXPECT_EQ(kept, 20);
}

TEST(PageCache, APageThatReturnsSoonAfterItsTrialIsKept) {
  PageCache cache(OneShard());
  cache.Insert(Page(1));
  int crawled = 1'000;
  for (int i = 0; i < 120; ++i) cache.Insert(Page(crawled++));
  ASSERT_EQ(cache.Find("/page/1").whole, nullptr);
  cache.Insert(Page(1));
  for (int i = 0; i < 20; ++i) cache.Insert(Page(crawled++));
  EXPECT_NE(cache.Find("/page/1").whole, nullptr);
}

TEST(PageCache, ForgetsWhatIsErased) {
  PageCache cache(OneShard());
  cache.Insert(Page(1));
  cache.Erase("/page/1");
  cache.Erase("/page/2");
  EXPECT_EQ(cache.Find("/page/1").whole, nullptr);
  EXPECT_EQ(cache.statistics().bytes, 0u);
}

TEST(PageCache, WithoutRoomKeepsNothing) {
  PageCache cache({.max_bytes = 0, .shards = 2});
  for (int i = 0; i < 50; ++i) cache.Insert(Page(i));
  EXPECT_EQ(cache.Find("/page/7").whole, nullptr);
  EXPECT_EQ(cache.statistics().pages, 0u);
}

TEST(PageCache, NamesThePagesThatSatisfyACondition) {
  PageCache cache({.max_bytes = 8u << 20, .shards = 8});
  for (int i = 0; i < 50; ++i) cache.Insert(Page(i));
  auto ends_in_seven = [](const PageEntry& entry) { return entry.path.back() == '7'; };
  EXPECT_THAT(cache.PathsWhere(ends_in_seven, 100),
              testing::UnorderedElementsAre("/page/7", "/page/17", "/page/27", "/page/37", "/page/47"));
  EXPECT_EQ(cache.PathsWhere(ends_in_seven, 2).size(), 2u);
}

TEST(PageCache, SaysOfOneFindInSoManyThatItIsTheSample) {
  PageCache cache({});
  cache.Insert(MakeEntry({.path = "/a"}));
  std::uint32_t sampled = 0;
  for (std::uint32_t i = 0; i < 10 * PageCache::kFindsPerSample; ++i) {
    sampled += cache.Find("/a").sampled ? 1 : 0;
    EXPECT_FALSE(cache.Peek("/a").sampled);
  }
  EXPECT_EQ(sampled, 10u);
}

TEST(PageCache, MayBeUsedFromManyThreads) {
  PageCache cache({.max_bytes = 1u << 20, .shards = 2});
  std::atomic<int> found = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2'000; ++i) {
        cache.Insert(Page((i * 7 + t) % 100, 2'000));
        found += cache.Find(absl::StrCat("/page/", i % 100)).whole != nullptr;
        if (i % 50 == 0) cache.Erase(absl::StrCat("/page/", i % 100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(found, 0);
  EXPECT_LE(cache.statistics().bytes, 1u << 20);
}

}  // namespace
}  // namespace broadsheet::gateway
