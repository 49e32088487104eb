#include "services/gateway/stored_page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "services/gateway/page_entry_testing.h"
#include "services/gateway/stored_page.pb.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kPolicy = "default-src 'none'";
constexpr std::size_t kFrameHead = 24;  // in front of the message

std::shared_ptr<const PageEntry> Decode(std::string_view bytes, std::string_view path = "/harbour/pier") {
  return DecodeStoredPage(bytes, path, kPolicy, nullptr);
}

TEST(StoredPage, ComesBackAsItWas) {
  const std::string text = "<!doctype html><p>" + std::string(5'000, 'a') + "</p>";
  auto entry = MakeEntry({.text = text, .tags = {"article/pier", "image/pier"}, .degraded = true});
  entry->location = "/elsewhere";
  entry->templates = 0xFEDCBA9876543210;
  entry->subject_revision = 12;
  change::v1::Snapshot media;
  media.set_log_id("media-log");
  media.set_position(3);
  entry->dependencies.Read(Source::kMedia, media);
  change::v1::Snapshot later = entry->dependencies.snapshot(Source::kArticle);
  later.set_position(9);
  entry->dependencies.Read(Source::kArticle, later);
  entry->dependencies.Expires("article/pier", absl::FromUnixSeconds(1'800'000'000));
  entry->dependencies.Expires("article/ferry", absl::FromUnixSeconds(1'800'000'001));
  entry->dependencies.Ages(absl::FromUnixSeconds(1'800'000'002));
  entry->dependencies.Tag("article/secret");
  entry->dependencies.Conceal("article/secret");
  const auto back = Decode(EncodeStoredPage(*entry));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->dependencies.public_tags(), entry->dependencies.public_tags());
  EXPECT_EQ(back->dependencies.expiries(), entry->dependencies.expiries());
  EXPECT_EQ(back->dependencies.until(), absl::FromUnixSeconds(1'800'000'000));
  EXPECT_EQ(back->dependencies.ages_at(), absl::FromUnixSeconds(1'800'000'002));
  EXPECT_EQ(back->templates, entry->templates);
  EXPECT_EQ(back->path, entry->path);
  EXPECT_EQ(back->status(), 200);
  EXPECT_EQ(*back->content->Uncoded(), text);
  EXPECT_EQ(back->content->content_type(), "text/html; charset=utf-8");
  EXPECT_EQ(back->content->coded(http::Coding::kGzip).Joined(),
            entry->content->coded(http::Coding::kGzip).Joined());
  EXPECT_EQ(back->content->etag(), entry->content->etag());
  EXPECT_EQ(back->content->last_modified(), entry->content->last_modified());
  EXPECT_EQ(back->location, "/elsewhere");
  EXPECT_EQ(back->subject, "article/pier");
  EXPECT_EQ(back->subject_revision, 12);
  EXPECT_EQ(back->rendered_at, entry->rendered_at);
  EXPECT_EQ(back->dependencies.tags(), entry->dependencies.tags());
  EXPECT_EQ(back->dependencies.snapshot(Source::kArticle).position(), 7);
  EXPECT_EQ(back->dependencies.newest(Source::kArticle), 9);
  EXPECT_EQ(back->dependencies.snapshot(Source::kMedia).log_id(), "media-log");
  ASSERT_EQ(back->degradations.size(), 1u);
  EXPECT_EQ(back->degradations[0].part(), "images");
}

TEST(StoredPage, IsUnpackedOnlyWhenSomebodyAsksForItsBytes) {
  const auto entry = MakeEntry({.text = "<!doctype html>" + std::string(5'000, 'a')});
  const auto bodies = std::make_shared<http::UncodedBodies>(100'000);
  const auto back = DecodeStoredPage(EncodeStoredPage(*entry), entry->path, kPolicy, bodies);
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(bodies->living_bytes(), 0u);
  EXPECT_EQ(back->content->uncoded_bytes(), entry->content->uncoded_bytes());
  EXPECT_EQ(back->content->etag(), entry->content->etag());
  EXPECT_EQ(*back->content->Uncoded(), *entry->content->Uncoded());
}

TEST(StoredPage, KeepsTheBytesItCameInInsteadOfACopyOfItsGzip) {
  const auto entry = MakeEntry({.text = "<!doctype html>" + std::string(5'000, 'a')});
  const auto stored = std::make_shared<const std::string>(EncodeStoredPage(*entry));
  const auto back =
      DecodeStoredPage(*stored, entry->path, kPolicy, std::make_shared<http::UncodedBodies>(100'000), stored);
  ASSERT_NE(back, nullptr);
  const std::string_view gzip = back->content->coded(http::Coding::kGzip).From(0);
  EXPECT_GE(gzip.data(), stored->data());
  EXPECT_LE(gzip.data() + gzip.size(), stored->data() + stored->size());
  EXPECT_EQ(gzip, entry->content->coded(http::Coding::kGzip).Joined());
  EXPECT_GE(back->bytes(), stored->size());
  EXPECT_EQ(EncodeStoredPage(*back), *stored);
}

StoredPage MessageOf(const std::string& stored) {
  StoredPage message;
  EXPECT_TRUE(message.ParseFromString(stored.substr(kFrameHead)));
  return message;
}

std::string Framed(const std::string& payload) {
  return absl::StrCat(EncodeStoredPage(*MakeEntry({})).substr(0, 8),
                      absl::Hex(http::Checksum(payload), absl::kZeroPad16), payload);
}

TEST(StoredPage, IsReadWhereverItsGzipStandsAndRefusedWithTwo) {
  const auto entry = MakeEntry({.text = "<!doctype html>" + std::string(5'000, 'a')});
  StoredPage message = MessageOf(EncodeStoredPage(*entry));
  const auto bodies = std::make_shared<http::UncodedBodies>(100'000);
  const auto read = [&](const std::string& payload) {
    return DecodeStoredPage(Framed(payload), entry->path, kPolicy, bodies);
  };
  const auto back = read(message.SerializeAsString());  // as gateways before this one wrote it
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(*back->content->Uncoded(), *entry->content->Uncoded());
  EXPECT_EQ(back->dependencies.tags(), entry->dependencies.tags());
  StoredPage gzip;
  gzip.set_gzip(message.gzip());
  EXPECT_EQ(read(message.SerializeAsString() + gzip.SerializeAsString()), nullptr);
  message.clear_gzip();
  EXPECT_NE(read(message.SerializeAsString() + gzip.SerializeAsString()), nullptr);
  for (const char* not_a_message :
       {"\x22", "\x22\xff\xff\xff\xff\x0f", "\x20\x01", "\x23", "\x07", "\x0a\x05"})
    EXPECT_EQ(read(message.SerializeAsString() + not_a_message), nullptr);
}

// Nobody writes such a page, so the checksum need not tell; but it must not be the end of a gateway.
TEST(StoredPage, OneWhoseGzipIsNotWhatItSaysIsNotServedUncodedNorCodedAnew) {
  auto entry = MakeEntry({});
  http::Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = std::string(5'000, 'a');
  parts.gzip = "damaged";
  parts.etag = "known";
  entry->content = http::Content::Make(std::move(parts));
  const std::string bytes = EncodeStoredPage(*entry);
  EXPECT_EQ(Decode(bytes), nullptr) << "without a place for its bytes it is unpacked at once";
  const auto back =
      DecodeStoredPage(bytes, entry->path, kPolicy, std::make_shared<http::UncodedBodies>(100'000));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->content->Uncoded(), nullptr);
  EXPECT_EQ(CompressBetter(*back, kPolicy, nullptr), nullptr);
  EXPECT_EQ(CompressBest(*back, kPolicy, nullptr), nullptr);
}

TEST(StoredPage, OneOfNoBytesHasNoGzip) {
  auto entry = MakeEntry({});
  http::Content::Parts parts;
  parts.gzip = "damaged";
  parts.etag = "known";
  entry->content = http::Content::Make(std::move(parts));
  const std::string bytes = EncodeStoredPage(*entry);
  EXPECT_EQ(DecodeStoredPage(bytes, entry->path, kPolicy, std::make_shared<http::UncodedBodies>(100'000)),
            nullptr);
}

TEST(StoredPage, ShortPagesAreStoredUncoded) {
  const auto back = Decode(EncodeStoredPage(*MakeEntry({.text = "short"})));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(*back->content->Uncoded(), "short");
  EXPECT_EQ(back->dependencies.until(), absl::InfiniteFuture());
  EXPECT_EQ(back->dependencies.ages_at(), absl::InfiniteFuture());
}

TEST(StoredPage, WhatWasReadFromNothingDependsOnNothing) {
  auto entry = MakeEntry({});
  const auto back = Decode(EncodeStoredPage(*entry));
  ASSERT_NE(back, nullptr);
  EXPECT_TRUE(back->dependencies.independent_of(Source::kMedia));
  EXPECT_EQ(back->dependencies.of(Source::kMedia).log_id, "");
}

TEST(StoredPage, APageStoredUnderAnotherPathIsAMiss) {
  EXPECT_EQ(Decode(EncodeStoredPage(*MakeEntry({})), "/harbour/other"), nullptr);
}

TEST(StoredPage, EveryChangedByteIsAMiss) {
  const std::string bytes = EncodeStoredPage(*MakeEntry({}));
  ASSERT_NE(Decode(bytes), nullptr);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_EQ(Decode(damaged), nullptr) << "byte " << i;
  }
}

TEST(StoredPage, EveryTruncationAndAddedByteIsAMiss) {
  const std::string bytes = EncodeStoredPage(*MakeEntry({}));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(Decode(std::string_view(bytes).substr(0, length)), nullptr) << length;
  }
  EXPECT_EQ(Decode(bytes + "x"), nullptr);
}

TEST(StoredPage, ValuesOfOthersAreAMiss) {
  EXPECT_EQ(Decode(""), nullptr);
  EXPECT_EQ(Decode("hello"), nullptr);
  EXPECT_EQ(Decode("BSPG0001" + std::string(200, 'a')), nullptr);
  EXPECT_EQ(Decode(std::string(1'000, '\0')), nullptr);
}

}  // namespace
}  // namespace broadsheet::gateway
