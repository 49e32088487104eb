// The pieces that responses and requests are made of: content, compression, validators, URIs, Cache-Status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/cache_status.h"
#include "libs/http/compression.h"
#include "libs/http/request.h"
#include "libs/http/response.h"
#include "libs/http/uri.h"
#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

using ::testing::Optional;

TEST(HeaderLines, CannotBeEndedByAValue) {
  HeaderLines lines;
  lines.Add("Surrogate-Key", std::string("article/1\r\nSet-Cookie: a\0b\x7f", 27));
  EXPECT_EQ(lines.text(), "Surrogate-Key: article/1  Set-Cookie: a b \r\n");
}

TEST(HeaderLines, LeaveOutWhatIsNoFieldName) {
  HeaderLines lines;
  lines.Add("", "a");
  lines.Add("A B", "a");
  lines.Add("A:", "a");
  lines.Add("A\r\nB", "a");
  EXPECT_EQ(lines.text(), "");
}

TEST(Content, GivesEachCodingItsOwnTagWhichIsWeak) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = std::string(2000, 'a');
  AddGzip(parts, Effort::kFast);
  AddBrotli(parts, Effort::kBalanced);
  const auto content = Content::Make(parts);
  EXPECT_EQ(content->etag(), "\"" + StrongEtag(parts.body) + "\"");
  EXPECT_EQ(content->etag(Coding::kGzip), "W/\"" + StrongEtag(parts.body) + "-gzip\"");
  EXPECT_EQ(content->etag(Coding::kBrotli), "W/\"" + StrongEtag(parts.body) + "-br\"");
  EXPECT_GT(content->bytes(), 2000u);
}

TEST(Content, KnowsTheTagsOfCodingsThatMayComeLater) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = "short";
  EXPECT_EQ(Content::Make(parts)->etag(Coding::kBrotli), "W/\"" + StrongEtag("short") + "-br\"");
  parts.content_type = "image/jpeg";
  EXPECT_EQ(Content::Make(parts)->etag(Coding::kBrotli), "");
}

Content::Parts PageParts() {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.headers = {{"Cache-Control", "max-age=5"}};
  parts.body = std::string(2000, 'a');
  AddGzip(parts, Effort::kFast);
  return parts;
}

std::string Joined(const Content::Http1Head& head) {
  std::string joined;
  for (const std::string_view piece : head) joined += piece;
  return joined;
}

TEST(Content, HasItsLinesBehindOneAnother) {
  Content::Parts parts = PageParts();
  parts.etag = "e";
  parts.common = std::make_shared<const PreparedLines>(
      std::vector<std::pair<std::string, std::string>>{{"X-Same", "same"}, {"No name", "left out"}});
  const auto content = Content::Make(parts);
  const std::string shared = "Cache-Control: max-age=5\r\nVary: Accept-Encoding\r\nX-Same: same\r\n";
  EXPECT_EQ(Joined(content->http1_head(Content::Head::kWhole, Coding::kGzip)),
            absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: W/\"e-gzip\"\r\n",
                         "Content-Encoding: gzip\r\nContent-Length: ", parts.gzip.size(), "\r\n", shared));
  EXPECT_EQ(Joined(content->http1_head(Content::Head::kNotModified, Coding::kBrotli)),
            absl::StrCat("HTTP/1.1 304 Not Modified\r\nETag: W/\"e-br\"\r\n", shared));
}

TEST(Content, HoldsLinesThatOthersHaveAsWellOnce) {
  Content::Parts parts = PageParts();
  parts.common = std::make_shared<const PreparedLines>(
      std::vector<std::pair<std::string, std::string>>{{"X-Same", std::string(5000, 's')}});
  const auto one = Content::Make(parts), other = Content::Make(parts);
  for (const auto head : {Content::Head::kWhole, Content::Head::kNotModified}) {
    EXPECT_EQ(one->http2_head(head, Coding::kGzip)[2].data(),
              other->http2_head(head, Coding::kGzip)[2].data());
  }
  EXPECT_LT(one->bytes(), 5000u);
}

TEST(Content, CountsBeforehandWhatIsMadeForHttp2WhenItIsAskedForFirst) {
  const auto content = Content::Make(PageParts());
  const std::size_t before = content->bytes();
  std::array<Content::Http2Head, 4> heads;
  {
    std::vector<std::thread> threads;
    for (Content::Http2Head& head : heads)
      threads.emplace_back([&] { head = content->http2_head(Content::Head::kWhole, Coding::kGzip); });
    for (std::thread& thread : threads) thread.join();
  }
  for (const Content::Http2Head& head : heads) {
    EXPECT_EQ(head[0].data(), heads[0][0].data()) << "those who ask at once get the same";
  }
  EXPECT_EQ(content->bytes(), before);
  std::size_t text = 0, fragments = 0;
  for (const Coding coding : {Coding::kIdentity, Coding::kGzip}) {
    for (const auto piece : content->http1_head(Content::Head::kWhole, coding)) text += piece.size();
    for (const auto piece : content->http2_head(Content::Head::kWhole, coding)) fragments += piece.size();
  }
  EXPECT_GT(fragments, 0u);
  EXPECT_GE(before, content->coded(Coding::kGzip).bytes() + 2000 + text + fragments / 2);
  EXPECT_LE(fragments, text);
}

TEST(Content, TagsOnlySuccessUnlessTold) {
  EXPECT_EQ(Content::Make({.status = 404,
                           .content_type = "text/plain",
                           .headers = {},
                           .body = "no",
                           .gzip = "",
                           .brotli = "",
                           .etag = ""})
                ->etag(),
            "");
}

TEST(Compression, GivesBackWhatWentIn) {
  std::mt19937 random(7);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const std::string& input :
       {std::string(), std::string("a"), std::string("<p>"), std::string(1'000'000, 'x'), noise}) {
    for (const Effort effort : {Effort::kFast, Effort::kBalanced, Effort::kBest}) {
      EXPECT_EQ(Gunzip(Gzip(input, effort).value()).value(), input);
      EXPECT_EQ(Unbrotli(Brotli(input, effort).value()).value(), input);
    }
  }
}

// Blocks of the format hold at most 65,535 bytes as they are; matches reach 32,768 bytes back.
TEST(Compression, GivesBackWhatEndsAtTheBoundsOfBlocks) {
  std::mt19937 random(11);
  std::string noise(140'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  std::string html;
  while (html.size() < noise.size())
    absl::StrAppend(&html, "<p class=\"story\"><a href=\"/", random() % 1000, "\">of ", random(),
                    "</a></p>\n");
  for (const std::string_view text : {std::string_view(noise), std::string_view(html)}) {
    for (const std::size_t bound : {8u, 258u, 32'768u, 65'535u, 131'070u}) {
      for (std::size_t size = bound - 3; size <= bound + 3; ++size) {
        const std::string_view input = text.substr(text.size() - size);
        const std::string coded = Gzip(input, Effort::kFast).value();
        EXPECT_EQ(Gunzip(coded).value(), input) << size;
        EXPECT_LE(coded.size(), size + 5 * (size / 65'535 + 1) + 18) << "no larger than stored blocks";
      }
    }
  }
}

TEST(Compression, DoesNotDependOnWhatWasCompressedBefore) {
  const std::string text(70'000, 'a');
  std::string other;
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&other, "aaa", i);
  for (const Effort effort : {Effort::kFast, Effort::kBalanced, Effort::kBest}) {
    const std::string first = Gzip(other, effort).value();
    EXPECT_EQ(Gunzip(Gzip(text, effort).value()).value(), text);
    EXPECT_EQ(Gzip(other, effort).value(), first);
    std::string elsewhere;
    std::thread([&] { elsewhere = Gzip(other, effort).value(); }).join();
    EXPECT_EQ(elsewhere, first);
  }
}

TEST(Compression, RefusesBombsAndDamage) {
  const std::string zeros(8'000'000, '\0');
  const std::string gzip = Gzip(zeros, Effort::kFast).value();
  const std::string brotli = Brotli(zeros, Effort::kFast).value();
  EXPECT_FALSE(Gunzip(gzip, 7'999'999).ok());
  EXPECT_FALSE(Unbrotli(brotli, 7'999'999).ok());
  EXPECT_TRUE(Gunzip(gzip, 8'000'000).ok());
  EXPECT_TRUE(Unbrotli(brotli, 8'000'000).ok());
  EXPECT_FALSE(Gunzip(gzip.substr(0, gzip.size() / 2)).ok());
  EXPECT_FALSE(Unbrotli(brotli.substr(0, brotli.size() / 2)).ok());
  EXPECT_FALSE(Gunzip("not gzip").ok());
  EXPECT_FALSE(Unbrotli("").ok());
  EXPECT_FALSE(Unbrotli(brotli + "x").ok());
}

TEST(Compression, RefusesInputBeyondItsBound) {
  const std::string large(kMaxCompressibleBytes + 1, 'x');
  EXPECT_EQ(Gzip(large, Effort::kFast).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Brotli(large, Effort::kFast).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Compression, IsForTextOnly) {
  for (const char* type : {"text/html; charset=utf-8", "TEXT/CSS", "application/json", "application/ld+json",
                           "application/rss+xml", "image/svg+xml", "font/ttf"}) {
    EXPECT_TRUE(IsCompressible(type)) << type;
  }
  for (const char* type : {"", "image/jpeg", "image/webp", "font/woff2", "application/zip", "video/mp4"}) {
    EXPECT_FALSE(IsCompressible(type)) << type;
  }
}

TEST(Compression, IsLeftOutWhereItSavesNothing) {
  Content::Parts small{.status = 200,
                       .content_type = "text/plain",
                       .headers = {},
                       .body = std::string(511, 'a'),
                       .gzip = "",
                       .brotli = "",
                       .etag = ""};
  AddGzip(small, Effort::kFast);
  EXPECT_EQ(small.gzip, "");
  Content::Parts image{.status = 200,
                       .content_type = "image/jpeg",
                       .headers = {},
                       .body = std::string(5000, 'a'),
                       .gzip = "",
                       .brotli = "",
                       .etag = ""};
  AddGzip(image, Effort::kFast);
  AddBrotli(image, Effort::kFast);
  EXPECT_EQ(image.gzip + image.brotli, "");
}

TEST(HttpDate, IsWrittenAsTheSpecificationShows) {
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(784111777) + absl::Milliseconds(900)),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, IsReadInItsThreeForms) {
  const absl::Time expected = absl::FromUnixSeconds(784111777);
  EXPECT_THAT(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), Optional(expected));
  EXPECT_THAT(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), Optional(expected));
  EXPECT_THAT(ParseHttpDate("Sun Nov  6 08:49:37 1994"), Optional(expected));
  for (const char* text :
       {"", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT", "784111777"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(Checksum, IsThatOfXz) {
  EXPECT_EQ(Checksum(""), 0u);
  EXPECT_EQ(Checksum("123456789"), 0x995dc9bbdf1939fau);  // the catalogue's check value of CRC-64/XZ
}

TEST(StrongEtag, IsEqualForEqualBytesOnly) {
  EXPECT_EQ(StrongEtag(""), "47DEQpj8HBSa-_TImW-5JA");  // 128 bits of the well-known SHA-256 of nothing
  EXPECT_EQ(StrongEtag("a").size(), 22u);
  EXPECT_NE(StrongEtag("a"), StrongEtag("b"));
}

TEST(Uri, DecodesAPathOrRefusesIt) {
  EXPECT_THAT(DecodePath("/"), Optional(std::string("/")));
  EXPECT_THAT(DecodePath("/a/b.html"), Optional(std::string("/a/b.html")));
  EXPECT_THAT(DecodePath("/%D8%A3%d8%ae"), Optional(std::string("/أخ")));
  EXPECT_THAT(DecodePath("/a+b"), Optional(std::string("/a+b")));
  EXPECT_THAT(DecodePath("/.well-known/x"), Optional(std::string("/.well-known/x")));
  for (const char* path : {"", "a", "/..", "/.", "/a/./b", "/%2e%2e/", "/a%2Fb", "/a%5Cb", "/a%", "/a%4",
                           "/a%4g", "/%00", "/%7f", "/%ff", "/%ed%a0%80"}) {
    EXPECT_EQ(DecodePath(path), std::nullopt) << path;
  }
}

TEST(Uri, EncodesWhatItDecodes) {
  std::string path = "/";
  for (int byte = 0x20; byte < 0x7f; ++byte) {
    if (byte != '\\') path += static_cast<char>(byte);
  }
  path += "é🗞";
  EXPECT_THAT(DecodePath(EncodePath(path)), Optional(path));
  EXPECT_EQ(EncodePath("/a b?c#d%é"), "/a%20b%3Fc%23d%25%C3%A9");
  EXPECT_THAT(DecodeQueryComponent(EncodeQueryComponent("a+b&c=d é")), Optional(std::string("a+b&c=d é")));
}

TEST(Request, GivesItsPartsByName) {
  Request::Parts parts;
  parts.target = "/a%20b?x=1&y=a+b%21&x=2&empty&bad=%zz";
  parts.headers = {{"HOST", "news.example"}, {"Accept", "text/html"}};
  const auto request = Request::Make(std::move(parts)).value();
  EXPECT_EQ(request->path(), "/a b");
  EXPECT_EQ(request->QueryParameter("x"), "1");
  EXPECT_EQ(request->QueryParameter("y"), "a b!");
  EXPECT_EQ(request->QueryParameter("empty"), "");
  EXPECT_EQ(request->QueryParameter("bad"), std::nullopt);
  EXPECT_EQ(request->QueryParameter("z"), std::nullopt);
  EXPECT_EQ(request->Header("accept"), "text/html");
  EXPECT_EQ(request->Header("cookie"), "");
  EXPECT_EQ(request->host(), "news.example");
  EXPECT_FALSE(Request::Make({.method = Method::kGet, .target = "no/path", .headers = {}, .body = ""}).ok());
}

TEST(CacheStatus, IsWrittenAsRfc9211Wants) {
  CacheStatus hit;
  hit.hit = true;
  hit.ttl = absl::Seconds(4);
  hit.detail = "memory";
  EXPECT_EQ(FormatCacheStatus(hit), "broadsheet; hit; ttl=4; detail=memory");
  CacheStatus miss;
  miss.forward = "uri-miss";
  miss.forward_status = 200;
  miss.stored = true;
  miss.collapsed = true;
  miss.key = "/a \"b\"\r\né";
  EXPECT_EQ(FormatCacheStatus(miss),
            "broadsheet; fwd=uri-miss; fwd-status=200; stored; collapsed; key=\"/a \\\"b\\\"\"");
}

TEST(Gunzip, BeginsWithWhatItIsToldToExpect) {
  const std::string text(10'000, 'a');
  const std::string coded = *Gzip(text, Effort::kFast);
  EXPECT_EQ(*Gunzip(coded, 1 << 20, text.size()), text);
  EXPECT_LT(Gunzip(coded, 1 << 20, text.size())->capacity(), 11'000u);
  for (const std::size_t wrong : {1u, 9'999u, 10'001u, 1u << 30}) {
    EXPECT_EQ(*Gunzip(coded, 1 << 20, wrong), text) << wrong;
  }
  EXPECT_FALSE(Gunzip(coded, 9'999, 9'999).ok());
}

}  // namespace
}  // namespace broadsheet::http
