#include "services/gateway/page_entry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "services/gateway/page_entry_testing.h"

namespace broadsheet::gateway {
namespace {

const std::string kLongText = "<!doctype html><p>" + std::string(5'000, 'a') + "</p>";

TEST(PageEntry, IsPreparedWithGzipAndLaterWithBrotliOfTheSameBytes) {
  const auto entry = MakeEntry({.text = kLongText});
  EXPECT_TRUE(entry->content->Offers(http::Coding::kGzip));
  EXPECT_FALSE(entry->content->Offers(http::Coding::kBrotli));
  const auto better = CompressBetter(*entry, "default-src 'none'", nullptr);
  ASSERT_TRUE(better->content->Offers(http::Coding::kBrotli));
  EXPECT_EQ(*better->content->Uncoded(), kLongText);
  EXPECT_EQ(*http::Gunzip(better->content->coded(http::Coding::kGzip).Joined()), kLongText);
  EXPECT_EQ(*http::Unbrotli(better->content->coded(http::Coding::kBrotli).Joined()), kLongText);
  EXPECT_EQ(better->content->etag(), entry->content->etag());
  EXPECT_EQ(better->content->last_modified(), entry->content->last_modified());
  EXPECT_EQ(better->dependencies.tags(), entry->dependencies.tags());
}

TEST(PageEntry, EqualBytesHaveEqualEtagsWhateverTheyWereReadAt) {
  EXPECT_EQ(MakeEntry({.position = 1})->content->etag(), MakeEntry({.position = 2})->content->etag());
  EXPECT_NE(MakeEntry({.text = "a"})->content->etag(), MakeEntry({.text = "b"})->content->etag());
}

TEST(PageEntry, AccountsForItsBytes) {
  EXPECT_GT(MakeEntry({.text = kLongText})->bytes(), kLongText.size());
  EXPECT_LT(MakeEntry({.text = kLongText})->bytes(), 3 * kLongText.size());
}

TEST(PageEntry, ReasonsHaveNamesForLabels) {
  EXPECT_EQ(ReasonName(page::v1::DEGRADATION_REASON_DEADLINE_EXCEEDED), "deadline-exceeded");
  EXPECT_EQ(ReasonName(page::v1::DEGRADATION_REASON_CUT_OFF), "cut-off");
}

TEST(PageEntry, KnowsWhichPartsItIsDegradedIn) {
  const std::shared_ptr<PageEntry> entry = MakeEntry({.degraded = true});
  EXPECT_TRUE(entry->degraded("images"));
  EXPECT_FALSE(entry->degraded("related"));
  EXPECT_FALSE(MakeEntry({})->degraded("images"));
}

}  // namespace
}  // namespace broadsheet::gateway
