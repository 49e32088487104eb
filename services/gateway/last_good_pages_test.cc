#include "services/gateway/last_good_pages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/page_entry_testing.h"
#include "services/gateway/stored_page.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kPagePolicy = "default-src 'none'";

LastGoodPages TwoPages() {
  auto front = MakeEntry({.path = "/", .text = std::string(3'000, 'a')});
  auto pier = MakeEntry({});
  front->vouched_at = absl::FromUnixSeconds(1'790'000'100);
  pier->vouched_at = absl::FromUnixMicros(1'790'000'100'000'001);
  return {.site = "https://news.example", .record_name = "0f", .pages = {front, pier}};
}

TEST(LastGoodPages, ComeBackAsTheyWereAndInOrder) {
  const std::optional<LastGoodPages> back = DecodeLastGoodPages(EncodeLastGoodPages(TwoPages()), kPagePolicy);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->site, "https://news.example");
  EXPECT_EQ(back->record_name, "0f");
  ASSERT_EQ(back->pages.size(), 2u);
  EXPECT_EQ(back->pages[0]->path, "/");
  EXPECT_EQ(*back->pages[0]->content->Uncoded(), std::string(3'000, 'a'));
  EXPECT_EQ(back->pages[1]->vouched_at, absl::FromUnixMicros(1'790'000'100'000'001));
  EXPECT_TRUE(back->pages[1]->left_by_earlier_run());
  EXPECT_EQ(back->pages[1]->dependencies.of(Source::kArticle).position, 7);
}

TEST(LastGoodPages, CutAnywhereTheyAreNone) {
  const std::string bytes = EncodeLastGoodPages(TwoPages());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeLastGoodPages(std::string_view(bytes).substr(0, size), kPagePolicy).has_value())
        << size;
  }
}

TEST(LastGoodPages, WithAnyBitFlippedTheyAreNone) {
  const std::string bytes = EncodeLastGoodPages(TwoPages());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(DecodeLastGoodPages(damaged, kPagePolicy).has_value()) << bit;
  }
}

TEST(LastGoodPages, ForeignBytesAreNone) {
  for (const std::string& bytes : {std::string(), std::string(5'000, '\0'), std::string("BSLG0001"),
                                   std::string("{\"pages\":[]}"), EncodeStoredPage(*MakeEntry({}))}) {
    EXPECT_FALSE(DecodeLastGoodPages(bytes, kPagePolicy).has_value());
  }
}

const End kEndOfPier = {.subject = "article/pier", .log_id = "a log & more", .position = 8};
const End kExpires = {.subject = "image/quai é",
                      .log_id = "b",
                      .position = 9,
                      .at = absl::FromUnixMicros(1'790'000'000'000'001)};

std::string Record() { return EncodeRecordName("0f") + EncodeEnd(kEndOfPier) + EncodeEnd(kExpires); }

TEST(EndRecord, ComesBackAsItWas) {
  const std::optional<EndRecord> back = DecodeEndRecord(Record());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->name, "0f");
  EXPECT_THAT(back->ends, testing::ElementsAre(kEndOfPier, kExpires));
}

TEST(EndRecord, ALastLineThatWasNotFinishedWasNotAcknowledgedAndIsIgnored) {
  const std::string whole = Record();
  const std::size_t last = whole.size() - EncodeEnd(kExpires).size();
  for (std::size_t size = last; size < whole.size(); ++size) {
    const std::optional<EndRecord> back = DecodeEndRecord(std::string_view(whole).substr(0, size));
    ASSERT_TRUE(back.has_value());
    EXPECT_THAT(back->ends, testing::ElementsAre(kEndOfPier));
  }
}

TEST(EndRecord, WithAnyOtherBitFlippedItIsNone) {
  const std::string whole = Record();
  for (std::size_t bit = 0; bit < (whole.size() - 1) * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const std::optional<EndRecord> back = DecodeEndRecord(damaged);
    EXPECT_FALSE(back.has_value()) << bit;
  }
}

TEST(EndRecord, WithoutItsNameItIsNone) {
  EXPECT_FALSE(DecodeEndRecord("").has_value());
  EXPECT_FALSE(DecodeEndRecord(EncodeEnd(kEndOfPier)).has_value());
  EXPECT_FALSE(DecodeEndRecord("an old note\n").has_value());
}

}  // namespace
}  // namespace broadsheet::gateway
