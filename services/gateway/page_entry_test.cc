#include "services/gateway/page_entry.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "services/gateway/page_entry_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

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

// English prose is what the levels differ in.
std::string Prose() {
  std::string prose = "<!doctype html>";
  for (int i = 0; i < 400; ++i) {
    prose += "<p>On day " + std::to_string(i * 7919 % 1000) + " the ferry left the quay " +
             std::to_string(i * 104729 % 997) + " minutes late, and " + std::to_string(i * 1299709 % 991) +
             " people waited at the wall.</p>";
  }
  return prose;
}

TEST(PageEntry, IsPreparedInTheEndWithTheSmallestBrotliOfTheSameBytesAndTheSameEtags) {
  const auto better = CompressBetter(*MakeEntry({.text = Prose()}), "default-src 'none'", nullptr);
  EXPECT_FALSE(better->best_compression.begun());
  const auto best = CompressBest(*better, "default-src 'none'", nullptr);
  EXPECT_TRUE(best->best_compression.done());
  EXPECT_LT(best->content->coded(http::Coding::kBrotli).size(),
            better->content->coded(http::Coding::kBrotli).size());
  EXPECT_EQ(*http::Unbrotli(best->content->coded(http::Coding::kBrotli).Joined()), Prose());
  EXPECT_EQ(best->content->coded(http::Coding::kGzip).Joined(),
            better->content->coded(http::Coding::kGzip).Joined());
  for (const http::Coding coding : {http::Coding::kIdentity, http::Coding::kGzip, http::Coding::kBrotli})
    EXPECT_EQ(best->content->etag(coding), better->content->etag(coding));
  EXPECT_EQ(best->content->last_modified(), better->content->last_modified());
}

TEST(PageEntry, ThatTookOverTheSmallestCodingIsNotCompressedAgain) {
  const auto better = CompressBetter(*MakeEntry({.text = Prose()}), "default-src 'none'", nullptr);
  const auto best = CompressBest(*better, "default-src 'none'", nullptr);
  const PageEntry made_anew = *best;  // with the same codings
  EXPECT_FALSE(made_anew.best_compression.begun());
  KeepFinishedCompression(*best, made_anew);
  EXPECT_TRUE(made_anew.best_compression.done());
  const PageEntry with_others = *better;
  KeepFinishedCompression(*best, with_others);
  better->best_compression.Begin();  // of which nothing has come yet
  KeepFinishedCompression(*better, with_others);
  EXPECT_FALSE(with_others.best_compression.begun());
  const auto without = MakeEntry({.text = Prose()});
  KeepFinishedCompression(*best, *without);
  EXPECT_FALSE(without->best_compression.begun());
}

TEST(PageEntry, EqualBytesHaveEqualEtagsWhateverTheyWereReadAt) {
  EXPECT_EQ(MakeEntry({.position = 1})->content->etag(), MakeEntry({.position = 2})->content->etag());
  EXPECT_NE(MakeEntry({.text = "a"})->content->etag(), MakeEntry({.text = "b"})->content->etag());
}

TEST(PageEntry, AccountsForItsBytes) {
  EXPECT_GT(MakeEntry({.text = kLongText})->bytes(), kLongText.size());
  EXPECT_LT(MakeEntry({.text = kLongText})->bytes(), 3 * kLongText.size());
}

TEST(PageEntry, PagesUnderOnePolicyHoldItsLinesOnce) {
  const auto lines_of = [](std::string_view type, std::string_view policy) {
    const auto content = PreparePage({.media_type = std::string(type), .text = "a"}, {}, {}, policy);
    return content->http1_head(http::Content::Head::kWhole, http::Coding::kIdentity)[2];
  };
  const std::string_view own = lines_of(kHtml, "default-src 'none'");
  EXPECT_THAT(std::string(own), HasSubstr("Content-Security-Policy: default-src 'none'\r\n"));
  EXPECT_EQ(lines_of(kHtml, "default-src 'none'").data(), own.data());
  EXPECT_THAT(std::string(lines_of(kHtml, "default-src 'self'")),
              HasSubstr("Content-Security-Policy: default-src 'self'\r\n"));
  EXPECT_EQ(lines_of(kText, "default-src 'self'"), "X-Content-Type-Options: nosniff\r\n");
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
  EXPECT_EQ(entry->reason("images"), page::v1::DEGRADATION_REASON_UNAVAILABLE);
  EXPECT_EQ(entry->reason("article"), page::v1::DEGRADATION_REASON_UNSPECIFIED);
}

}  // namespace
}  // namespace broadsheet::gateway
