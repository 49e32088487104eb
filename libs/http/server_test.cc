#include "libs/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/raw_client.h"
#include "libs/http/request_reader.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Server, WhatSharesALoopsThreadLivesAndDiesThere) {
  std::mutex mutex;
  std::vector<std::thread::id> made_on, destroyed_on, answered_on;
  ServerOptions options;
  options.threads = 3;
  options.on_loop = [&](event_base* loop) -> std::shared_ptr<void> {
    const std::lock_guard lock(mutex);
    made_on.push_back(std::this_thread::get_id());
    return {loop, [&](event_base*) {
              const std::lock_guard again(mutex);
              destroyed_on.push_back(std::this_thread::get_id());
            }};
  };
  options.handler = [&](std::shared_ptr<const Request> request, Responder responder) {
    answered_on.push_back(std::this_thread::get_id());
    Echo(std::move(request), std::move(responder));
  };
  auto server = StartServer(std::move(options));
  RawClient(server->port()).Exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(destroyed_on, IsEmpty());
  server = nullptr;
  EXPECT_THAT(destroyed_on, ::testing::UnorderedElementsAreArray(made_on));
  EXPECT_EQ(made_on.size(), 3u);
  EXPECT_THAT(made_on, ::testing::Contains(answered_on.at(0)));
}

TEST(Server, AnswersAGetWithThePreparedHeadAndTheLiveLines) {
  const auto server = StartServer([](std::shared_ptr<const Request>, Responder responder) {
    Response response{.content = Page("hello"), .headers = {}, .close_connection = false};
    response.headers.Add("Cache-Status", "broadsheet; hit");
    responder.Send(std::move(response));
  });
  RawClient client(server->port());
  const RawClient::Reply reply = client.Exchange(kGet);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_THAT(reply.head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(reply.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(reply.Header("Content-Length"), "5");
  EXPECT_EQ(reply.Header("Cache-Control"), "public, max-age=5");
  EXPECT_EQ(reply.Header("Cache-Status"), "broadsheet; hit");
  EXPECT_EQ(reply.Header("Vary"), "Accept-Encoding");
  EXPECT_THAT(reply.Header("Date"), HasSubstr(" GMT"));
  EXPECT_THAT(reply.Header("ETag"), StartsWith("\""));
  EXPECT_THAT(reply.Header("Connection"), IsEmpty());
}

TEST(Server, ServesManyRequestsOnOneConnection) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.Exchange(absl::StrCat("GET /", i, "?q=", i, " HTTP/1.1\r\nHost: x\r\n\r\n")).body,
              absl::StrCat("GET /", i, " q=", i, " "));
  }
  EXPECT_EQ(server->statistics().accepted, 1u);
  EXPECT_EQ(server->statistics().requests, 100u);
}

TEST(Server, AnswersPipelinedRequestsInOrderEvenWhenTheFirstTakesLonger) {
  Mailbox mailbox;
  const auto server = StartServer([&](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() == "/slow") return mailbox.Put(std::move(responder));
    Echo(std::move(request), std::move(responder));
  });
  RawClient client(server->port());
  std::string requests = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&requests, "GET /", i, " HTTP/1.1\r\nHost: x\r\n\r\n");
  client.Send(requests);
  mailbox.Take().Send(Page("slow"));
  EXPECT_EQ(client.Receive().body, "slow");
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.Receive().body, absl::StrCat("GET /", i, "  "));
}

TEST(Server, AcceptsRequestsThatArriveByteByByte) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  for (const char c : kGet) client.Send(std::string_view(&c, 1));
  EXPECT_EQ(client.Receive().body, "GET /a  ");
}

TEST(Server, AnswersHeadLikeGetWithoutTheBody) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const RawClient::Reply head = client.Exchange("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n", /*head_only=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "9");
  EXPECT_EQ(client.Exchange(kGet).body, "GET /a  ");  // nothing of a body was left in between
}

TEST(Server, SendsTheCodingTheClientRatesHighest) {
  const std::string text(4000, 'a');
  const auto page = Page(text);
  const auto server =
      StartServer([&](std::shared_ptr<const Request>, Responder responder) { responder.Send(page); });
  RawClient client(server->port());
  const auto get = [&](std::string_view accept) {
    return client.Exchange(
        absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ", std::string(accept), "\r\n\r\n"));
  };
  const RawClient::Reply gzip = get("gzip, br;q=0.5");
  EXPECT_EQ(gzip.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(Gunzip(gzip.body).value(), text);
  const RawClient::Reply brotli = get("gzip, deflate, br");
  EXPECT_EQ(brotli.Header("Content-Encoding"), "br");
  EXPECT_EQ(Unbrotli(brotli.body).value(), text);
  const RawClient::Reply identity = get("deflate");
  EXPECT_EQ(identity.Header("Content-Encoding"), "");
  EXPECT_EQ(identity.body, text);
  EXPECT_NE(gzip.Header("ETag"), brotli.Header("ETag"));
  EXPECT_NE(gzip.Header("ETag"), identity.Header("ETag"));
}

TEST(Server, AnswersNotModifiedForTheTagOfACodingThatTheClientTakes) {
  const auto page = Page(std::string(4000, 'a'));
  const auto server =
      StartServer([&](std::shared_ptr<const Request>, Responder responder) { responder.Send(page); });
  RawClient client(server->port());
  const RawClient::Reply same = client.Exchange(absl::StrCat(
      "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: ", page->etag(Coding::kGzip),
      "\r\n\r\n"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Header("ETag"), page->etag(Coding::kGzip));
  EXPECT_EQ(same.Header("Cache-Control"), "public, max-age=5");
  EXPECT_EQ(same.Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(same.Header("Content-Length"), "");
  EXPECT_EQ(same.Header("Content-Type"), "");
  const RawClient::Reply less_preferred = client.Exchange(absl::StrCat(
      "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, br\r\nIf-None-Match: ", page->etag(Coding::kGzip),
      "\r\n\r\n"));
  EXPECT_EQ(less_preferred.status, 304);
  EXPECT_EQ(less_preferred.Header("ETag"), page->etag(Coding::kGzip));
  const RawClient::Reply other = client.Exchange(absl::StrCat(
      "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\nIf-None-Match: ", page->etag(Coding::kGzip),
      "\r\n\r\n"));
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(server->statistics().not_modified, 2u);
}

TEST(Server, SendsTheRangeAskedFor) {
  const auto server = StartServer(
      [](std::shared_ptr<const Request>, Responder responder) { responder.Send(Page("0123456789")); });
  RawClient client(server->port());
  const RawClient::Reply part = client.Exchange("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\n\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.Header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(part.Header("Content-Type"), "text/html; charset=utf-8");
  const RawClient::Reply beyond = client.Exchange("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=10-\r\n\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.Header("Content-Range"), "bytes */10");
}

TEST(Server, ReadsBodiesWithALengthAndInChunks) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello").body,
            "POST /p  hello");
  EXPECT_EQ(client
                .Exchange("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: ignored\r\n\r\n")
                .body,
            "POST /p  hello");
  EXPECT_EQ(client.Exchange("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").body, "POST /p  ");
  const std::string large(60'000, 'z');
  EXPECT_EQ(
      client.Exchange(absl::StrCat("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", large))
          .body,
      "POST /p  " + large);
}

TEST(Server, ReadsAChunkedBodyThatArrivesByteByByte) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  const std::string request =
      "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
  for (const char c : request) client.Send(std::string_view(&c, 1));
  EXPECT_EQ(client.Receive().body, "POST /p  hello");
}

TEST(Server, TellsAClientThatWaitsToSendItsBodyToContinue) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  const std::string head = "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
  EXPECT_EQ(client.Exchange(head + "5\r\n\r\n").status, 100);
  EXPECT_EQ(client.Exchange("hello").body, "POST /p  hello");
  EXPECT_EQ(client.Exchange(head + "65537\r\n\r\n").status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, RefusesABodyThatGrowsTooLargeInChunks) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  client.Send("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = absl::StrCat("4000\r\n", std::string(0x4000, 'x'), "\r\n");
  for (int i = 0; i < 5; ++i) client.Send(chunk);
  EXPECT_EQ(client.Receive().status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, SaysWhichMethodsAPathAllowsIfPathsDiffer) {
  ServerOptions options = AcceptingPosts();
  options.allow = [](std::string_view path) { return path == "/form" ? "POST" : "GET, HEAD"; };
  const auto server = StartServer(options);
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("DELETE /form HTTP/1.1\r\nHost: x\r\n\r\n").Header("Allow"), "POST");
  EXPECT_EQ(client.Exchange("OPTIONS /page HTTP/1.1\r\nHost: x\r\n\r\n").Header("Allow"), "GET, HEAD");
  EXPECT_EQ(client.Exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").Header("Allow"),
            "GET, HEAD, POST, OPTIONS");
}

TEST(Server, SaysWhichMethodsItAllows) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const RawClient::Reply options = client.Exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.Header("Allow"), "GET, HEAD, OPTIONS");
  const RawClient::Reply post = client.Exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.Header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.Exchange(kGet).status, 200);  // neither harms the connection
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const RawClient::Reply reply = client.Exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, AnswersHttp10WithoutKeepingTheConnection) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("GET /old HTTP/1.0\r\n\r\n").body, "GET /old  ");
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, AnswersAClientThatHasClosedItsHalf) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  client.Send(kGet);
  client.FinishSending();
  EXPECT_EQ(client.Receive().status, 200);
  EXPECT_TRUE(client.IsClosed());
}

// The parser asserts what it is asked with; builds without NDEBUG see whether it holds.
TEST(Server, ReadsAChunkedBodyHoweverItArrivesAndHoweverOftenItIsOffered) {
  const ServerOptions options = AcceptingPosts();
  for (const std::string& chunks : {std::string("2\r\nhe\r\n3;a=b\r\nllo\r\n"), std::string()}) {
    const std::string request =
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n";
    for (std::size_t piece = 1; piece <= request.size(); ++piece) {
      RequestReader reader(options, "127.0.0.1");
      std::string unread;
      for (std::size_t sent = 0; sent < request.size(); sent += piece) {
        unread += request.substr(sent, piece);
        for (int times = 0; times < 2; ++times) unread.erase(0, reader.Feed(unread));
      }
      ASSERT_EQ(reader.state(), RequestReader::State::kComplete) << piece;
      EXPECT_EQ(reader.Take()->body(), chunks.empty() ? "" : "hello");
    }
  }
}

TEST(Server, AcceptsAnAbsoluteTargetThatAgreesWithHost) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("GET http://x:80/a?b HTTP/1.1\r\nHost: x:80\r\n\r\n").body, "GET /a b ");
  EXPECT_EQ(client.Exchange("GET http://x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n").body, "GET /  ");
}

TEST(Server, DecodesThePath) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("GET /caf%C3%A9 HTTP/1.1\r\nHost: x\r\n\r\n").body, "GET /café  ");
}

TEST(Server, WritesABodyLargerThanTheSocketTakesAtOnce) {
  const auto page = Page(std::string(8'000'000, 'x'));
  const auto server =
      StartServer([&](std::shared_ptr<const Request>, Responder responder) { responder.Send(page); });
  RawClient client(server->port(), /*receive_buffer=*/4096);
  client.Send(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(client.Receive().body, *page->Uncoded());
  EXPECT_EQ(client.Receive().body, *page->Uncoded());
}

TEST(Server, AnswersFromAnotherThreadLater) {
  Mailbox mailbox;
  const auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  RawClient client(server->port());
  client.Send(kGet);
  mailbox.Take().Send(Page("later"));
  EXPECT_EQ(client.Receive().body, "later");
}

TEST(Server, AnswersADroppedResponderWith500) {
  const auto server = StartServer([](std::shared_ptr<const Request>, Responder) {});
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange(kGet).status, 500);
  EXPECT_EQ(client.Exchange(kGet).status, 500);
}

TEST(Server, AnswersAHandlerThatThrowsWith500) {
  const auto server =
      StartServer([](std::shared_ptr<const Request>, Responder) { throw std::runtime_error("a fault"); });
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange(kGet).status, 500);
}

TEST(Server, TakesTheFirstOfTwoAnswersOnly) {
  const auto server = StartServer([](std::shared_ptr<const Request>, Responder responder) {
    responder.Send(Page("first"));
    responder.Send(Page("second"));
  });
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange(kGet).body, "first");
  EXPECT_EQ(client.Exchange(kGet).body, "first");
}

TEST(Server, IsNotHarmedByClientsThatHaveGone) {
  Mailbox mailbox;
  const auto server = StartServer([&](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() != "/gone") return Echo(std::move(request), std::move(responder));
    mailbox.Put(std::move(responder));
  });
  std::optional<Responder> late;
  {
    RawClient client(server->port());
    client.Send("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n");
    late.emplace(mailbox.Take());
  }
  late->Send(Page(std::string(8'000'000, 'x')));
  EXPECT_EQ(RawClient(server->port()).Exchange(kGet).status, 200);
}

TEST(Server, IsOutlivedByAResponder) {
  Mailbox mailbox;
  auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  RawClient client(server->port());
  client.Send(kGet);
  Responder responder = mailbox.Take();
  server.reset();
  responder.Send(Page("too late"));
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, ReportsEveryResponseItServed) {
  std::mutex mutex;
  std::vector<std::string> served;
  ServerOptions options;
  options.on_served = [&](const Served& one) {
    const std::lock_guard lock(mutex);
    served.push_back(absl::StrCat(std::string(one.request.path()), " ", one.status, " ", one.body_bytes));
    EXPECT_GE(one.duration, absl::ZeroDuration());
  };
  auto server = StartServer(std::move(options));
  RawClient client(server->port());
  client.Exchange(kGet);
  client.Exchange("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  server.reset();
  EXPECT_THAT(served, ::testing::ElementsAre("/a 200 8", HasSubstr("/p 405 ")));
}

}  // namespace
}  // namespace broadsheet::http
