// Clients of HTTP/2 that no library would be: frames written by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "libs/http/http2_client.h"
#include "libs/http/http2_frames.h"
#include "libs/http/raw_client.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

constexpr char kHeaders = 1, kResetStream = 3, kGoaway = 7, kContinuation = 9;
constexpr char kEndStream = 1, kEndHeaders = 4;

std::string Frame(char type, char flags, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  const char stream = type == 4 ? 0 : 1;
  std::string frame = {static_cast<char>(size >> 16),
                       static_cast<char>(size >> 8),
                       static_cast<char>(size),
                       type,
                       flags,
                       0,
                       0,
                       0,
                       stream};
  return frame.append(payload);
}

const std::string kBegin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, "");

// A string of HPACK, longer than a byte can say.
std::string LongString(std::string_view text) {
  std::string coded = "\x7f";
  std::size_t rest = text.size() - 127;
  for (; rest >= 128; rest /= 128) coded.push_back(static_cast<char>(rest % 128 + 128));
  coded.push_back(static_cast<char>(rest));
  return coded.append(text);
}

// What one frame of the type holds; "(none)" if there is no such frame.
std::string PayloadOf(std::string_view frames, char type) {
  while (frames.size() >= 9) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(frames[at]); };
    const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (frames[3] == type) return std::string(frames.substr(9, size));
    frames.remove_prefix(std::min(frames.size(), 9 + size));
  }
  return "(none)";
}

// Why the server says that it ends the connection.
unsigned ReasonIn(std::string_view frames) {
  const std::string goaway = PayloadOf(frames, kGoaway);
  return goaway.size() < 8 ? ~0U : static_cast<unsigned char>(goaway[7]);
}

constexpr unsigned kEnhanceYourCalm = 11;

TEST(Http2Attack, AByteOnTheWireDoesNotStandForKilobytesOfFieldsWithoutEnd) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const std::string entry = std::string("\x40\x01") + "a" + LongString(std::string(4'000, 'v'));
  client.Send(kBegin + Frame(kHeaders, kEndStream, "\x82\x86\x84\x41\x01x" + entry));
  for (int i = 0; i < 8; ++i) client.Send(Frame(kContinuation, 0, std::string(16'384, '\xbe')));
  EXPECT_EQ(ReasonIn(client.ReceiveAll()), kEnhanceYourCalm);
  while (server->statistics().open > 0) std::this_thread::yield();
  EXPECT_EQ(server->statistics().requests, 0u);
}

// 17 bytes for a head of 16 KiB, which waits for a body that does not come.
std::string HeadsFromTheTable() {
  const std::string entry = std::string("\x40\x01") + "a" + LongString(std::string(4'000, 'v'));
  std::string frames = BeginWithWindow(65'535) + BytesOfFrame(kHeaders, kEndHeaders, 1, kPostFields + entry);
  for (std::uint32_t stream = 3; stream < 200; stream += 2)
    frames += BytesOfFrame(kHeaders, kEndHeaders, stream, "\x83\x86\x84\xbf\xbe\xbe\xbe\xbe");
  return frames;
}

TEST(Http2Attack, HeadsFromTheTableAreHeldByFewStreamsOfAConnection) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  client.Send(HeadsFromTheTable());
  while (server->statistics().refused_streams < 60) std::this_thread::yield();
  Http2Client other(server->port());
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 90; ++i)
    streams.push_back(other.Begin("GET", "/", {{"x-more", std::string(2'000, 'm')}}));
  for (const std::int32_t stream : streams) EXPECT_EQ(other.Receive(stream).status, 200);
}

// A proxy brings the requests of many on one connection.
TEST(Http2Attack, WhoHoldsMostMakesRoomForOthersOnTheSameConnection) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  client.Send(HeadsFromTheTable());
  while (server->statistics().refused_streams < 60) std::this_thread::yield();
  for (std::uint32_t stream = 201; stream < 221; stream += 2) client.Send(GetOnStream(stream, "/a"));
  while (server->statistics().requests < 10) std::this_thread::yield();
}

// Answers "/slow" when it is told to, and everything else at once.
Handler AnsweringLater(Mailbox& mailbox) {
  return [&mailbox](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() == "/slow") return mailbox.Put(std::move(responder));
    Echo(std::move(request), std::move(responder));
  };
}

TEST(Http2Attack, WhereAllHoldTooMuchAConnectionStillHasWhatOneRequestMayTake) {
  ServerOptions options = AcceptingPosts();
  options.max_stream_bytes = 1024 * 1024;
  Mailbox mailbox;
  options.handler = AnsweringLater(mailbox);
  const auto server = StartServer(std::move(options));
  std::vector<std::unique_ptr<RawClient>> attackers;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    attackers.push_back(std::make_unique<RawClient>(server->port()));
    attackers.back()->Send(HeadsFromTheTable());
  }
  while (server->statistics().refused_streams < 20 * 90) std::this_thread::yield();
  Http2Client client(server->port());
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 10; ++i) streams.push_back(client.Begin("GET", "/slow"));
  client.Send();
  std::vector<Responder> responders;
  while (responders.size() < streams.size()) responders.push_back(mailbox.Take());
  const Http2Client::Fields more = {{"x-more", std::string(16'000, 'm')}};
  for (int i = 0; i < 6; ++i) streams.push_back(client.Begin("GET", "/slow", more));
  client.Send();
  while (responders.size() < 13) responders.push_back(mailbox.Take());
  EXPECT_EQ(client.Receive(streams.back()).error, NGHTTP2_REFUSED_STREAM);
  for (Responder& responder : responders) responder.Send(Page("served"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Receive(streams[static_cast<std::size_t>(i)]).status, 200);
  EXPECT_EQ(RawClient(server->port()).Exchange(kGet).status, 200);
}

// What handlers hold of a client that has gone counts until they have answered, be it that it has given up
// its streams or its connection.
class GivenUpRequests : public testing::TestWithParam<bool> {};

TEST_P(GivenUpRequests, CountUntilTheyAreAnswered) {
  ServerOptions options;
  options.max_body_bytes = 1;
  options.max_stream_bytes = 60'000;  // three of these requests
  Mailbox mailbox;
  options.handler = AnsweringLater(mailbox);
  const auto server = StartServer(std::move(options));
  const Http2Client::Fields more = {{"x-more", std::string(16'000, 'm')}};
  auto gone = std::make_unique<Http2Client>(server->port());
  const std::array<std::int32_t, 2> given_up = {gone->Begin("GET", "/slow", more),
                                                gone->Begin("GET", "/slow", more)};
  gone->Send();
  std::array<Responder, 2> late = {mailbox.Take(), mailbox.Take()};
  if (GetParam()) {
    gone.reset();
    while (server->statistics().open > 0) std::this_thread::yield();
  } else {
    for (const std::int32_t stream : given_up) gone->Reset(stream);
    gone->Send();
  }
  Http2Client client(server->port());
  const auto second_of_two = [&] {
    const std::int32_t first = client.Begin("GET", "/slow", more);
    const std::uint32_t error = client.Exchange("GET", "/a", more).error;
    Responder held = mailbox.Take();
    held.Send(Page("served"));
    EXPECT_EQ(client.Receive(first).status, 200);
    return error;
  };
  EXPECT_EQ(second_of_two(), NGHTTP2_REFUSED_STREAM);
  for (Responder& responder : late) responder.Send(Page("too late"));
  // The loop may hear of the next request first.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (second_of_two() != NGHTTP2_NO_ERROR) ASSERT_LT(std::chrono::steady_clock::now(), end);
}

INSTANTIATE_TEST_SUITE_P(WithTheStreamOrTheConnection, GivenUpRequests, testing::Bool());

TEST(Http2Attack, ABodyCountsLikeAHead) {
  ServerOptions options = AcceptingPosts();
  options.max_header_bytes = options.max_target_bytes = 4'096;
  options.max_body_bytes = 50'000;
  options.max_stream_bytes = 50'000;
  const auto server = StartServer(std::move(options));
  RawClient client(server->port());
  client.Send(BeginWithWindow(65'535) + BytesOfFrame(kHeaders, kEndHeaders, 1, kPostFields) +
              BytesOfFrame(0, 0, 1, std::string(16'000, 'b')) +
              BytesOfFrame(kHeaders, kEndHeaders, 3, kPostFields));
  for (int i = 0; i < 3; ++i) client.Send(BytesOfFrame(0, 0, 3, std::string(15'000, 'b')));
  while (server->statistics().refused_streams < 1) std::this_thread::yield();
  client.Send(BytesOfFrame(0, kEndStream, 1, "b"));
  while (server->statistics().requests < 1) std::this_thread::yield();
}

// Such a field is one that the library would leave out.
TEST(Http2Attack, AMalformedFieldIsTheEndOfItsRequest) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const std::string entry = std::string("\x40\x01") + "a" + LongString(std::string(4'000, 'v') + '\x01');
  client.Send(kBegin + Frame(kHeaders, kEndStream, "\x82\x86\x84\x41\x01x" + entry) +
              Frame(kContinuation, kEndHeaders, std::string(16'384, '\xbe')));
  client.FinishSending();
  const std::string frames = client.ReceiveAll();
  EXPECT_NE(PayloadOf(frames, kResetStream), "(none)");
  EXPECT_EQ(PayloadOf(frames, kHeaders), "(none)");
  EXPECT_EQ(server->statistics().requests, 0u);
}

TEST(Http2Attack, TrailersAreBoundedLikeHeads) {
  const auto server = StartServer(AcceptingPosts());
  RawClient client(server->port());
  const std::string entry = std::string("\x40\x01") + "a" + LongString(std::string(4'000, 'v'));
  client.Send(kBegin + Frame(kHeaders, kEndHeaders, "\x83\x86\x84\x41\x01x"));
  client.Send(Frame(kHeaders, kEndStream | kEndHeaders, entry + std::string(12'000, '\xbe')));
  EXPECT_EQ(ReasonIn(client.ReceiveAll()), kEnhanceYourCalm);
}

TEST(Http2Attack, WhatTheLibraryBreaksOffIsSaidToo) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  client.Send(kBegin + Frame(kHeaders, kEndStream, "\x82"));
  for (int i = 0; i < 20; ++i) client.Send(Frame(kContinuation, 0, ""));
  EXPECT_EQ(ReasonIn(client.ReceiveAll()), kEnhanceYourCalm);
}

TEST(Http2Attack, ARefusedHeadHasNoBodyWhereverItsMethodStands) {
  const auto server = StartServer(Echo);
  RawClient client(server->port());
  const std::string path = "/" + std::string(16'900, 'a');
  const std::string head = "\x04" + LongString(path) + "\x02\x04HEAD\x86\x41\x01x";
  client.Send(kBegin + Frame(kHeaders, kEndStream, head.substr(0, 16'000)) +
              Frame(kContinuation, kEndHeaders, head.substr(16'000)));
  client.FinishSending();
  const std::string frames = client.ReceiveAll();
  EXPECT_NE(PayloadOf(frames, kHeaders), "(none)");
  EXPECT_EQ(PayloadOf(frames, 0), "(none)") << "DATA";
}

}  // namespace
}  // namespace broadsheet::http
