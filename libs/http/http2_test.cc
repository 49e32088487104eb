// The same server over HTTP/2 with prior knowledge, asked by libnghttp2's client.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/http2_client.h"
#include "libs/http/http2_connection.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

const std::string& LongText() {
  static const std::string text = [] {
    std::string made;
    for (int i = 0; i < 20'000; ++i) absl::StrAppend(&made, "line ", i, "\n");
    return made;
  }();
  return text;
}

std::unique_ptr<Server> ServingLongText() {
  return StartServer([content = Page(LongText())](std::shared_ptr<const Request>, Responder responder) {
    responder.Send(content);
  });
}

TEST(Http2, IsSpokenOnTheSamePortAsHttp1) {
  const auto server = StartServer(Echo);
  Http2Client client(server->port());
  const Http2Client::Reply reply = client.Exchange("GET", "/caf%C3%A9?a=b");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /café a=b ");
  EXPECT_EQ(reply.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(reply.Header("cache-control"), "public, max-age=5");
  EXPECT_FALSE(reply.Header("date").empty());
  EXPECT_EQ(reply.Header("connection"), "");
  RawClient other(server->port());
  EXPECT_EQ(other.Exchange(kGet).body, "GET /a  ");
}

TEST(Http2, IsRecognizedHoweverItsFirstBytesArrive) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  for (const char byte : std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
    client.Send({&byte, 1});
    std::this_thread::yield();
  }
  client.Send(std::string("\0\0\0\x04\0\0\0\0\0", 9));
  EXPECT_EQ(client.ReceivePart()[3], '\x04');  // SETTINGS
  RawClient liar(server->port());
  EXPECT_EQ(liar.Exchange("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n").status, 505);
}

TEST(Http2, IsNotWhatABodyThatBeginsLikeItChangesTo) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const std::string head =
      absl::StrCat("GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: ", kHttp2Preface.size(),
                   "\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(client.Exchange(head, /*head_only=*/true).status, 100);  // the body is read by itself
  const RawClient::Reply reply = client.Exchange(kHttp2Preface);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /a  " + std::string(kHttp2Preface));
}

TEST(Http2, NegotiatesAnswersConditionsRangesAndHead) {
  const auto server = ServingLongText();
  Http2Client client(server->port());
  const Http2Client::Reply whole = client.Exchange("GET", "/");
  EXPECT_EQ(whole.body, LongText());
  const Http2Client::Reply coded = client.Exchange("GET", "/", {{"accept-encoding", "gzip, br"}});
  EXPECT_EQ(coded.Header("content-encoding"), "br");
  EXPECT_EQ(*Unbrotli(coded.body), LongText());
  const Http2Client::Reply known = client.Exchange("GET", "/", {{"if-none-match", whole.Header("etag")}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  const Http2Client::Reply part = client.Exchange("GET", "/", {{"range", "bytes=5-9"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, LongText().substr(5, 5));
  EXPECT_EQ(part.Header("content-range"), absl::StrCat("bytes 5-9/", LongText().size()));
  EXPECT_EQ(client.Exchange("GET", "/", {{"range", "bytes=9999999-"}}).status, 416);
  EXPECT_EQ(client.Exchange("GET", "/", {{"if-match", "\"other\""}}).status, 412);
  const Http2Client::Reply head = client.Exchange("HEAD", "/");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.Header("content-length"), absl::StrCat(LongText().size()));
  EXPECT_EQ(server->statistics().not_modified, 1u);
}

TEST(Http2, AnswersManyRequestsOfOneConnectionAtATime) {
  const auto server = ServingLongText();
  Http2Client client(server->port());
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 90; ++i) streams.push_back(client.Begin("GET", absl::StrCat("/", i)));
  for (const std::int32_t stream : streams) EXPECT_EQ(client.Receive(stream).body, LongText());
  EXPECT_EQ(server->statistics().requests, 90u);
  EXPECT_EQ(server->statistics().open, 1u);
}

TEST(Http2, AnswersInAnyOrderAndFromOtherThreads) {
  Mailbox mailbox;
  const auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  Http2Client client(server->port());
  const std::int32_t first = client.Begin("GET", "/first");
  client.Send();
  Responder waiting = mailbox.Take();
  const std::int32_t second = client.Begin("GET", "/second");
  client.Send();
  mailbox.Take().Send(PlainText(200, "second"));
  EXPECT_EQ(client.Receive(second).body, "second\n");
  waiting.Send(PlainText(200, "first"));
  EXPECT_EQ(client.Receive(first).body, "first\n");
}

TEST(Http2, AnswersAClientThatHasClosedItsHalf) {
  Mailbox mailbox;
  const auto server = StartServer([&](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() == "/late") return mailbox.Put(std::move(responder));
    responder.Send(PlainText(200, "at once"));
  });
  Http2Client client(server->port());
  const std::int32_t first = client.Begin("GET", "/late");
  const std::int32_t second = client.Begin("GET", "/late");
  const std::int32_t third = client.Begin("GET", "/");
  client.FinishSending();
  EXPECT_EQ(client.Receive(third).body, "at once\n");
  mailbox.Take().Send(PlainText(200, "late"));
  EXPECT_EQ(client.Receive(first).body, "late\n");
  mailbox.Take().Send(PlainText(200, "later"));
  EXPECT_EQ(client.Receive(second).body, "later\n");
  EXPECT_TRUE(client.ReceiveToEnd());
}

TEST(Http2, EndsWithAClientThatHasAskedNothingToTheEnd) {
  const auto server = StartServer(AcceptingPosts());
  Http2Client idle(server->port());
  EXPECT_EQ(idle.Exchange("GET", "/").status, 200);
  idle.FinishSending();
  EXPECT_TRUE(idle.ReceiveToEnd());
  RawClient torn(server->port());
  torn.Send(kHttp2Preface);
  torn.Send(std::string("\0\0\0\x04\0\0\0\0\0", 9));
  torn.Send(std::string("\0\0\x20\x01\x05\0\0\0\x01\x82", 10));  // the first byte of a head of 32
  torn.FinishSending();
  EXPECT_EQ(torn.ReceiveAll().substr(3, 1), "\x04");  // SETTINGS, and the end
  EXPECT_EQ(server->statistics().requests, 1u);
}

TEST(Http2, GivesUpWhatAClientThatHasClosedItsHalfCannotTake) {
  const auto server = ServingLongText();
  Http2Client client(server->port());
  const std::int32_t stream = client.Begin("GET", "/");
  client.FinishSending();
  EXPECT_TRUE(client.ReceiveToEnd());
  const Http2Client::Reply reply = client.Receive(stream);
  EXPECT_FALSE(reply.complete);
  EXPECT_EQ(reply.body, LongText().substr(0, 65'535));  // a window, which nobody can enlarge any more
}

TEST(Http2, TakesBodiesUpToTheLimit) {
  const auto server = StartServer(AcceptingPosts());
  Http2Client client(server->port());
  const std::string body(50'000, 'x');
  EXPECT_EQ(client.Exchange("POST", "/", {}, body).body, "POST /  " + body);
  EXPECT_EQ(client.Exchange("POST", "/", {{"expect", "100-continue"}}, "abc").body, "POST /  abc");
  EXPECT_EQ(client.Exchange("POST", "/", {}, std::string(70'000, 'x')).status, 413);
  EXPECT_EQ(client.Exchange("GET", "/").status, 200);  // the connection lives on
}

TEST(Http2, RefusesWhatHttp1Refuses) {
  const auto server = StartServer(Echo);
  Http2Client client(server->port());
  EXPECT_EQ(client.Exchange("GET", "/a/../b").status, 400);
  EXPECT_EQ(client.Exchange("GET", "/a%2fb").status, 400);
  EXPECT_EQ(client.Exchange("GET", "/a#b").status, 400);
  EXPECT_EQ(client.Exchange("GET", "/", {{"host", "other.example"}}).status, 400);
  EXPECT_EQ(client.Exchange("GET", "/", {{"expect", "more"}}).status, 417);
  EXPECT_EQ(client.Exchange("GET", "/" + std::string(9'000, 'a')).status, 414);
  EXPECT_EQ(client.Exchange("GET", "/", {{"a", std::string(17'000, 'a')}}).status, 431);
  EXPECT_EQ(client.Exchange("GET", "/", Http2Client::Fields(101, {"a", "b"})).status, 431);
  EXPECT_EQ(client.Exchange("BREW", "/").status, 501);
  for (const std::string& path : {std::string("/a%2fb"), "/" + std::string(9'000, 'a')}) {
    const Http2Client::Reply head = client.Exchange("HEAD", path);
    EXPECT_GE(head.status, 400);
    EXPECT_NE(head.Header("content-length"), "0");
    EXPECT_EQ(head.body, "");
  }
  const Http2Client::Reply other = client.Exchange("POST", "/");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.Header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.Exchange("OPTIONS", "*").status, 204);
  EXPECT_EQ(server->statistics().requests, 0u);
  EXPECT_EQ(client.Exchange("GET", "/").status, 200);
}

TEST(Http2, ResetsWhatIsNoRequest) {
  const auto server = StartServer(Echo);
  for (const Http2Client::Fields& fields :
       {Http2Client::Fields{{"connection", "close"}}, Http2Client::Fields{{"transfer-encoding", "chunked"}},
        Http2Client::Fields{{":path", "/b"}}}) {
    Http2Client client(server->port());
    EXPECT_EQ(client.Exchange("GET", "/", fields).status, 0);
  }
  EXPECT_EQ(server->statistics().requests, 0u);
}

TEST(Http2, AnswersFiveHundredForAResponderThatIsDropped) {
  const auto server = StartServer([](std::shared_ptr<const Request>, Responder) {});
  Http2Client client(server->port());
  EXPECT_EQ(client.Exchange("GET", "/").status, 500);
}

TEST(Http2, EndsConnectionsOfClientsThatOpenAndResetWithoutEnd) {
  Mailbox mailbox;
  const auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  Http2Client client(server->port());
  for (int i = 0; i < 3'000; ++i) {
    const std::int32_t stream = client.Begin("GET", "/");
    client.Send();
    client.Reset(stream);
    client.Send();
  }
  EXPECT_TRUE(client.ReceiveToEnd());
  EXPECT_LE(server->statistics().requests, 200u);  // what handlers work for at a time
}

TEST(Http2, EndsConnectionsOfClientsThatOnlyChat) {
  const auto server = StartServer(Echo);
  Http2Client client(server->port());
  EXPECT_EQ(client.Exchange("GET", "/").status, 200);
  for (int i = 0; i < 10'000; ++i) {
    client.Ping();
    client.Send();
  }
  EXPECT_TRUE(client.ReceiveToEnd());
}

TEST(Http2, EndsConnectionsOfClientsThatChangeTheirSettingsWithoutEnd) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  for (int i = 0; i < 10'000; ++i) client.Send(std::string("\0\0\0\x04\0\0\0\0\0", 9));
  while (server->statistics().open > 0) std::this_thread::yield();
  EXPECT_EQ(server->statistics().accepted, 1u);
}

TEST(Http2, GivesUpStreamsWhoseClientGrantsNoWindow) {
  ServerOptions options;
  options.write_timeout = absl::Milliseconds(100);
  options.handler = [content = Page(LongText())](std::shared_ptr<const Request>, Responder responder) {
    responder.Send(content);
  };
  const auto server = StartServer(options);
  RawClient client(server->port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\x04\0\0\0\0\0", 9));
  // GET / of "x": more than the window that a connection begins with.
  client.Send(std::string("\0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01x", 15));
  while (server->statistics().timed_out == 0) std::this_thread::yield();
  EXPECT_EQ(server->statistics().timed_out, 1u);
}

TEST(Http2, EndsConnectionsThatBringContinuationsWithoutEnd) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\x04\0\0\0\0\0", 9));
  client.Send(std::string("\0\0\x01\x01\x01\0\0\0\x01\x82", 10));  // HEADERS without END_HEADERS
  for (int i = 0; i < 1'000; ++i) client.Send(std::string("\0\0\0\x09\0\0\0\0\x01", 9));
  client.ReceiveAll();
  while (server->statistics().open > 0) std::this_thread::yield();
  EXPECT_EQ(server->statistics().requests, 0u);
}

TEST(Http2, EndsSlowHeadsBodiesAndReaders) {
  ServerOptions options = AcceptingPosts();
  options.header_timeout = absl::Milliseconds(100);
  options.body_timeout = absl::Milliseconds(100);
  const auto server = StartServer(options);
  RawClient head(server->port());
  head.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\x04\0\0\0\0\0", 9));
  head.Send(std::string("\0\0\x01\x01\x01\0\0\0\x01\x82", 10));
  head.ReceiveAll();
  RawClient body(server->port());
  body.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\x04\0\0\0\0\0", 9));
  // POST / of "x" with END_HEADERS alone: the body never comes.
  body.Send(std::string("\0\0\x06\x01\x04\0\0\0\x01\x83\x86\x84\x41\x01x", 15));
  std::string answered;
  while (server->statistics().timed_out < 2) answered += body.ReceivePart();
  EXPECT_EQ(server->statistics().timed_out, 2u);
  EXPECT_EQ(server->statistics().requests, 0u);
}

TEST(Http2, SaysGoodbyeAndServesWhatIsUnderWayWhenItDrains) {
  Mailbox mailbox;
  const auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  Http2Client client(server->port());
  const std::int32_t stream = client.Begin("GET", "/");
  client.Send();
  Responder responder = mailbox.Take();
  std::thread draining([&] { server->Drain(absl::Seconds(10)); });
  while (client.goaway_error() < 0) client.ReceiveMore();
  responder.Send(PlainText(200, "served"));
  EXPECT_EQ(client.Receive(stream).body, "served\n");
  EXPECT_TRUE(client.ReceiveToEnd());
  EXPECT_EQ(client.goaway_error(), 0);
  draining.join();
}

// A frame as bytes (RFC 9113, section 4.1).
std::string Frame(char type, char flags, std::uint32_t stream, const std::string& payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += type;
  frame += flags;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame + payload;
}

// Each of these streams is refused, which is an answer that waits to be written.
TEST(Http2, EndsAClientThatOpensStreamsBeyondTheLimitAndReadsNothing) {
  Mailbox mailbox;
  const auto server = StartServer([&](auto, Responder responder) { mailbox.Put(std::move(responder)); });
  RawClient client(server->port());
  const std::string get("\x82\x86\x84\x41\x01x", 6);  // GET http://x/ by the static table of RFC 7541
  std::string flood(kHttp2Preface);
  flood += Frame(4, 0, 0, "");
  for (std::uint32_t i = 0; i < 50'000; ++i) flood += Frame(1, 5, 2 * i + 1, get);
  client.Send(flood);
  const std::string answer = client.ReceiveAll();
  const std::string goaway = Frame(7, 0, 0, std::string(8, '\0')).substr(0, 9);
  const std::size_t place = answer.find(goaway);
  ASSERT_NE(place, answer.npos);
  EXPECT_EQ(answer.substr(place + 13, 4), std::string("\0\0\0\x0b", 4)) << "ENHANCE_YOUR_CALM";
  EXPECT_LT(answer.size(), 200'000u);
}

TEST(Http2, LosesNoRequestOfBusyClientsWhenItDrains) {
  const auto server = ServingLongText();
  std::atomic<int> busy = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&, port = server->port()] {
      Http2Client client(port);
      for (int round = 0; client.goaway_error() < 0; ++round) {
        std::vector<std::int32_t> streams;
        for (int k = 0; k < 10; ++k) {
          streams.push_back(client.Begin("GET", "/", {{"accept-encoding", "gzip"}}));
        }
        if (round == 1) ++busy;
        for (const std::int32_t stream : streams) EXPECT_EQ(client.Receive(stream).status, 200);
      }
      EXPECT_EQ(client.goaway_error(), 0);
      EXPECT_TRUE(client.ReceiveToEnd());
    });
  }
  while (busy < 4) std::this_thread::yield();
  server->Drain(absl::Seconds(30));
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace broadsheet::http
