// Heads of HTTP/2: what is prepared once for all connections stands behind what is written for one.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/http/http2_client.h"
#include "libs/http/response_writer.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

// Answers "/N" with status N, a field of its own and one that is the same for all.
void AnswerWithStatus(std::shared_ptr<const Request> request, Responder responder) {
  Content::Parts parts;
  parts.status = std::stoi(std::string(request->path().substr(1)));
  parts.content_type = "text/plain";
  parts.headers = {{"X-Same", "same"}, {"X-Page", absl::StrCat("page ", parts.status)}};
  parts.body = "text";
  Response response{.content = Content::Make(std::move(parts)), .headers = {}, .close_connection = false};
  response.headers.Add("X-Live", absl::StrCat("live ", response.content->status()));
  responder.Send(std::move(response));
}

TEST(Http2Head, HoldsPreparedAndLiveFieldsWhateverWasSentBefore) {
  const auto server = StartServer(AnswerWithStatus);
  Http2Client client(server->port());
  for (const int status : {200, 404, 418, 200, 451, 418, 503, 200}) {
    const Http2Client::Reply reply = client.Exchange("GET", absl::StrCat("/", status));
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.body, "text");
    EXPECT_EQ(reply.Header("x-same"), "same");
    EXPECT_EQ(reply.Header("x-page"), absl::StrCat("page ", status));
    EXPECT_EQ(reply.Header("x-live"), absl::StrCat("live ", status));
    EXPECT_EQ(reply.Header("content-length"), "4");
    EXPECT_EQ(reply.fields.count("date"), 1u);
  }
}

TEST(Http2Head, IsTheSameAsThatOfHttp1) {
  const auto server = StartServer([content = Page("text")](std::shared_ptr<const Request>,
                                                           Responder responder) { responder.Send(content); });
  Http2Client client(server->port());
  RawClient other(server->port());
  const std::string etag = client.Exchange("GET", "/").Header("etag");
  for (const char* more : {"", "If-None-Match", "Range"}) {
    Http2Client::Fields fields;
    std::string lines;
    if (*more != '\0') {
      const std::string value = *more == 'R' ? "bytes=1-2" : etag;
      fields.emplace_back(*more == 'R' ? "range" : "if-none-match", value);
      lines = absl::StrCat(more, ": ", value, "\r\n");
    }
    const RawClient::Reply expected =
        other.Exchange(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\n", lines, "\r\n"));
    const Http2Client::Reply reply = client.Exchange("GET", "/", fields);
    EXPECT_EQ(reply.status, expected.status);
    for (const char* name : {"Content-Type", "Cache-Control", "Vary", "ETag", "Accept-Ranges",
                             "Content-Length", "Content-Range"}) {
      EXPECT_EQ(reply.Header(absl::AsciiStrToLower(name)), expected.Header(name)) << name << " " << more;
    }
  }
}

// A page whose date lies ahead by "/N" seconds.
void AnswerWithDateAhead(std::shared_ptr<const Request> request, Responder responder) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.headers = {{"X-Same", "same"}};
  parts.body = std::string(2000, 'a');
  AddGzip(parts, Effort::kFast);
  parts.last_modified = absl::Now() + absl::Seconds(std::stoi(std::string(request->path().substr(1))));
  responder.Send(Content::Make(std::move(parts)));
}

// RFC 9110, section 8.8.2.1.
TEST(Http2Head, HasNoDateThatLiesAheadNorHasThatOfHttp1) {
  const auto server = StartServer(AnswerWithDateAhead);
  Http2Client client(server->port());
  RawClient other(server->port());
  for (const char* lines : {"", "Accept-Encoding: gzip\r\n", "Range: bytes=1-2\r\n"}) {
    Http2Client::Fields fields;
    if (*lines != '\0') {
      const std::pair<std::string, std::string> field =
          absl::StrSplit(absl::StripSuffix(lines, "\r\n"), ": ");
      fields.emplace_back(absl::AsciiStrToLower(field.first), field.second);
    }
    for (const char* method : {"GET", "HEAD"}) {
      const auto ask_http1 = [&](const char* path) {
        const std::string text = absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: x\r\n", lines, "\r\n");
        return other.Exchange(text, /*head_only=*/*method == 'H');
      };
      EXPECT_EQ(ask_http1("/60").Header("Last-Modified"), "") << lines;
      EXPECT_NE(ask_http1("/-60").Header("Last-Modified"), "") << lines;
      for (const char* name : {"Content-Type", "ETag", "X-Same", "Vary", "Content-Encoding", "Content-Length",
                               "Content-Range", "Accept-Ranges"}) {
        EXPECT_EQ(ask_http1("/60").Header(name), ask_http1("/-60").Header(name)) << name;
      }
      auto ahead = client.Exchange(method, "/60", fields), past = client.Exchange(method, "/-60", fields);
      EXPECT_EQ(past.fields.count("last-modified"), 1u) << lines;
      past.fields.erase("last-modified");
      for (auto* reply : {&ahead, &past}) reply->fields.erase("date");
      EXPECT_EQ(ahead.fields, past.fields) << lines;
      EXPECT_EQ(ahead.body, past.body);
      EXPECT_EQ(ahead.status, past.status);
    }
  }
}

TEST(Http2Head, HasADateFromItsSecondOn) {
  Content::Parts parts;
  parts.content_type = "text/plain";
  parts.body = "text";
  parts.last_modified = absl::FromUnixSeconds(1000);
  const auto content = Content::Make(std::move(parts));
  for (const int second : {999, 1000, 1001}) {
    WireResponse wire;
    ResponseWriter::Write(nullptr, {.content = content, .headers = {}, .close_connection = false},
                          {.time = absl::FromUnixSeconds(second), .line = "Date: x\r\n"}, false, wire);
    const auto expected = second < 1000 ? Content::Head::kUndated : Content::Head::kWhole;
    EXPECT_EQ(wire.prepared, expected) << second;
  }
}

TEST(Http2Head, MayBeLongerThanAFrame) {
  const std::string prepared(30'000, '~'), live(20'000, '^');
  Content::Parts parts;
  parts.content_type = "text/plain";
  parts.headers = {{"X-Prepared", prepared}};
  parts.body = "text";
  const auto content = Content::Make(std::move(parts));
  const auto server = StartServer([&](std::shared_ptr<const Request> request, Responder responder) {
    Response response{.content = content, .headers = {}, .close_connection = false};
    if (request->path() == "/both") response.headers.Add("X-Live", live);
    responder.Send(std::move(response));
  });
  Http2Client client(server->port());
  for (const char* method : {"GET", "HEAD"}) {
    for (const char* path : {"/", "/both", "/"}) {
      const Http2Client::Reply reply = client.Exchange(method, path);
      EXPECT_EQ(reply.status, 200);
      EXPECT_EQ(reply.body, *method == 'G' ? "text" : "");
      EXPECT_EQ(reply.Header("x-prepared"), prepared);
      EXPECT_EQ(reply.Header("x-live"), path == std::string("/both") ? live : "");
    }
  }
}

TEST(Http2Head, FollowsTheOneThatTellsTheClientToContinue) {
  const auto server = StartServer(AcceptingPosts());
  Http2Client client(server->port());
  const Http2Client::Reply reply = client.Exchange("POST", "/", {{"expect", "100-continue"}}, "abc");
  EXPECT_EQ(reply.body, "POST /  abc");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.fields.count(":status"), 2u);
  EXPECT_EQ(reply.fields.count("content-type"), 1u);
}

}  // namespace
}  // namespace broadsheet::http
