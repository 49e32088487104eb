#include "libs/http/selection.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

constexpr char kModified[] = "Sun, 06 Nov 1994 08:49:37 GMT";

std::shared_ptr<const Content> Story() {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = "0123456789";
  parts.gzip = "gz";
  parts.brotli = "br";
  parts.etag = "v1";
  parts.last_modified = *ParseHttpDate(kModified);
  return Content::Make(std::move(parts));
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Selection Ask(Headers headers, Method method = Method::kGet) {
  Request::Parts parts;
  parts.method = method;
  parts.headers = std::move(headers);
  return Select(**Request::Make(std::move(parts)), *Story());
}

TEST(Negotiate, FollowsTheClientsRatings) {
  const auto story = Story();
  const auto negotiate = [&](std::string_view field) { return Negotiate(field, *story); };
  EXPECT_EQ(negotiate(""), Coding::kIdentity);
  EXPECT_EQ(negotiate("gzip"), Coding::kGzip);
  EXPECT_EQ(negotiate("GZIP"), Coding::kGzip);
  EXPECT_EQ(negotiate("x-gzip"), Coding::kGzip);
  EXPECT_EQ(negotiate("gzip, deflate, br, zstd"), Coding::kBrotli);
  EXPECT_EQ(negotiate("br;q=0.5, gzip;q=0.8"), Coding::kGzip);
  EXPECT_EQ(negotiate("br;q=0.5,gzip;q=0.5"), Coding::kBrotli);
  EXPECT_EQ(negotiate("*"), Coding::kBrotli);
  EXPECT_EQ(negotiate("*, br;q=0"), Coding::kGzip);
  EXPECT_EQ(negotiate("gzip;q=0"), Coding::kIdentity);
  EXPECT_EQ(negotiate("gzip;q=0.000"), Coding::kIdentity);
  EXPECT_EQ(negotiate("gzip;q=0.001"), Coding::kGzip);
  EXPECT_EQ(negotiate("identity, gzip;q=0.5"), Coding::kIdentity);
  EXPECT_EQ(negotiate("identity;q=0"), Coding::kIdentity);  // better than nothing
  EXPECT_EQ(negotiate("identity;q=0, gzip;q=0.1"), Coding::kGzip);
  EXPECT_EQ(negotiate("zstd"), Coding::kIdentity);
}

TEST(Negotiate, MakesNothingOfWhatItCannotRead) {
  const auto story = Story();
  for (const char* field :
       {"gzip;q=x", "gzip;q=", "gzip;q=2", "gzip;q=0.1234", ";;;", ",,,", "gzipbr", "q=1", "gzip;q=-1"}) {
    EXPECT_EQ(Negotiate(field, *story), Coding::kIdentity) << field;
  }
  EXPECT_EQ(Negotiate("gzip;level=9;Q=1.0", *story), Coding::kGzip);
}

TEST(Negotiate, ChoosesOnlyWhatIsOffered) {
  Content::Parts parts;
  parts.body = "plain";
  parts.gzip = "gz";
  const auto content = Content::Make(std::move(parts));
  EXPECT_EQ(Negotiate("br", *content), Coding::kIdentity);
  EXPECT_EQ(Negotiate("br, gzip;q=0.1", *content), Coding::kGzip);
}

TEST(Select, AnswersIfNoneMatch) {
  EXPECT_EQ(Ask({{"If-None-Match", "\"v1\""}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "W/\"v1\""}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v0\", W/\"v1\" ,\"v2\""}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "*"}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v1\""}}, Method::kHead).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v2\""}}).status, 200);
  EXPECT_EQ(Ask({{"If-None-Match", "v1"}}).status, 200);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v1-gzip\""}}).status, 200);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v1-gzip\""}, {"Accept-Encoding", "gzip"}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "W/\"v1-gzip\""}, {"Accept-Encoding", "gzip"}}).status, 304);
  EXPECT_EQ(Ask({{"If-None-Match", "\"v1\""}}, Method::kPost).status, 200);
}

TEST(Select, KnowsACopyInAnyCodingThatTheClientTakes) {
  const auto coding_of_copy = [](const std::string& tag, const std::string& accepted) {
    const Selection selection = Ask({{"If-None-Match", tag}, {"Accept-Encoding", accepted}});
    return selection.status == 304 ? std::optional(selection.coding) : std::nullopt;
  };
  EXPECT_EQ(coding_of_copy("W/\"v1-gzip\"", "gzip, br"), Coding::kGzip);
  EXPECT_EQ(coding_of_copy("W/\"v1-br\"", "gzip, br;q=0.1"), Coding::kBrotli);
  EXPECT_EQ(coding_of_copy("\"v1\"", "gzip, br"), Coding::kIdentity);
  EXPECT_EQ(coding_of_copy("\"v0\", \"v1-gzip\"", "*"), Coding::kGzip);
  EXPECT_EQ(coding_of_copy("\"v1-gzip\", W/\"v1-br\"", "gzip, br"), Coding::kBrotli) << "preferred";
  EXPECT_EQ(coding_of_copy("*", "gzip, br"), Coding::kBrotli);
  EXPECT_EQ(coding_of_copy("W/\"v1-gzip\"", "gzip;q=0, br"), std::nullopt);
  EXPECT_EQ(coding_of_copy("W/\"v1-gzip\"", "br"), std::nullopt);
  EXPECT_EQ(coding_of_copy("\"v1\"", "identity;q=0, br"), std::nullopt);
  EXPECT_EQ(coding_of_copy("W/\"v2-gzip\"", "gzip, br"), std::nullopt);
  EXPECT_EQ(Ask({{"If-None-Match", "W/\"v0-gzip\""}, {"Accept-Encoding", "gzip, br"}}).coding,
            Coding::kBrotli);
}

TEST(Select, KnowsACopyInACodingThatIsNotOfferedHere) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = "0123456789";
  parts.etag = "v1";
  const auto content = Content::Make(std::move(parts));
  const auto ask = [&](std::string_view accepted) {
    Request::Parts request;
    request.headers = {{"If-None-Match", "W/\"v1-br\""}, {"Accept-Encoding", std::string(accepted)}};
    return Select(**Request::Make(std::move(request)), *content);
  };
  EXPECT_EQ(ask("gzip, br").status, 304);
  EXPECT_EQ(ask("gzip, br").coding, Coding::kBrotli);
  EXPECT_EQ(ask("gzip").status, 200);
}

TEST(Select, JudgesWhatItWouldSendWhicheverCopyTheClientHas) {
  const Selection selection =
      Ask({{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}, {"Accept-Encoding", "gzip"}});
  EXPECT_EQ(selection.status, 412);
  EXPECT_EQ(selection.coding, Coding::kGzip);
}

TEST(Select, AnswersIfModifiedSinceUnlessThereIsATag) {
  EXPECT_EQ(Ask({{"If-Modified-Since", kModified}}).status, 304);
  EXPECT_EQ(Ask({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status, 200);
  EXPECT_EQ(Ask({{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}).status, 304);
  EXPECT_EQ(Ask({{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}).status, 304);
  for (const char* none : {"yesterday", "infinite-future", "infinite-past"})
    EXPECT_EQ(Ask({{"If-Modified-Since", none}}).status, 200) << none;
  EXPECT_EQ(Ask({{"If-Modified-Since", kModified}, {"If-None-Match", "\"v2\""}}).status, 200);
}

TEST(Select, RefusesWhatAPreconditionForbids) {
  EXPECT_EQ(Ask({{"If-Match", "\"v1\""}}).status, 200);
  EXPECT_EQ(Ask({{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(Ask({{"If-Match", "\"v2\""}}).status, 412);
  EXPECT_EQ(Ask({{"If-Match", "W/\"v1\""}}).status, 412);
  for (const char* tag : {"\"v1\"", "\"v1-gzip\"", "W/\"v1-gzip\""})
    EXPECT_EQ(Ask({{"If-Match", tag}, {"Accept-Encoding", "gzip"}}).status, 412) << tag;
  EXPECT_EQ(Ask({{"If-Match", "*"}, {"Accept-Encoding", "gzip"}}).status, 200);
  EXPECT_EQ(Ask({{"If-Unmodified-Since", kModified}}).status, 200);
  EXPECT_EQ(Ask({{"If-Unmodified-Since", "Sat, 05 Nov 1994 08:49:37 GMT"}}).status, 412);
}

TEST(Select, TakesSeveralLinesOfAListForOne) {
  EXPECT_EQ(Ask({{"If-None-Match", "\"v0\""}, {"If-None-Match", "\"v1\""}}).status, 304);
  EXPECT_EQ(Ask({{"If-Match", "\"v0\""}, {"If-None-Match", "\"v0\""}, {"If-Match", "\"v1\""}}).status, 200);
  EXPECT_EQ(
      Ask({{"Accept-Encoding", "br;q=0"}, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "zstd"}}).coding,
      Coding::kGzip);
}

TEST(Select, MakesNothingOfSeveralLinesOfWhatIsNoList) {
  for (const char* second : {kModified, "Sat, 05 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(Ask({{"If-Modified-Since", kModified}, {"If-Modified-Since", second}}).status, 200);
    EXPECT_EQ(Ask({{"If-Unmodified-Since", second}, {"If-Unmodified-Since", second}}).status, 200);
  }
  EXPECT_EQ(Ask({{"Range", "bytes=0-0"}}).status, 206);
  EXPECT_EQ(Ask({{"Range", "bytes=0-0"}, {"Range", "bytes=0-0"}}).status, 200);
  EXPECT_EQ(Ask({{"Range", "bytes=0-0"}, {"If-Range", "\"v1\""}, {"If-Range", "\"v1\""}}).status, 200);
}

TEST(Select, ReadsOneRange) {
  const auto range = [](const std::string& value, Headers more = {}) {
    more.emplace_back("Range", value);
    const Selection selection = Ask(std::move(more));
    return selection.status == 206 ? std::to_string(selection.begin) + "-" + std::to_string(selection.end)
                                   : std::to_string(selection.status);
  };
  EXPECT_EQ(range("bytes=0-0"), "0-1");
  EXPECT_EQ(range("bytes=2-4"), "2-5");
  EXPECT_EQ(range("Bytes=5-"), "5-10");
  EXPECT_EQ(range("bytes=-3"), "7-10");
  EXPECT_EQ(range("bytes=-99"), "0-10");
  EXPECT_EQ(range("bytes=8-99999999999999999999999999"), "8-10");
  EXPECT_EQ(range("bytes=10-"), "416");
  EXPECT_EQ(range("bytes=99999999999999999999999999-"), "416");
  EXPECT_EQ(range("bytes=-0"), "416");
  for (const char* ignored :
       {"bytes=4-2", "bytes=-", "bytes=", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "0-1", "bytes 0-1"}) {
    EXPECT_EQ(range(ignored), "200") << ignored;
  }
  EXPECT_EQ(range("bytes=0-1", {{"If-Range", "\"v1\""}}), "0-2");
  EXPECT_EQ(range("bytes=0-1", {{"If-Range", kModified}}), "200");  // two versions may be of that second
  EXPECT_EQ(range("bytes=0-1", {{"If-Range", "\"v0\""}}), "200");
  EXPECT_EQ(range("bytes=0-1", {{"If-Range", "W/\"v1\""}}), "200");
  EXPECT_EQ(range("bytes=0-1", {{"If-Range", "Sun, 06 Nov 1994 08:49:38 GMT"}}), "200");
  EXPECT_EQ(range("bytes=0-1", {{"If-None-Match", "\"v1\""}}), "304");
  EXPECT_EQ(range("bytes=0-1", {{"Accept-Encoding", "gzip"}}),
            "200");  // ranges are of the identity bytes only
}

TEST(Select, LeavesOtherStatusesAlone) {
  Content::Parts parts;
  parts.status = 404;
  parts.content_type = "text/plain";
  parts.body = "nothing here";
  Request::Parts request;
  request.headers = {{"If-None-Match", "*"}, {"Range", "bytes=0-1"}};
  EXPECT_EQ(Select(**Request::Make(std::move(request)), *Content::Make(std::move(parts))).status, 404);
}

}  // namespace
}  // namespace broadsheet::http
