// Bodies that have to be unpacked for who takes no coding: how many a client has at a time, and in a turn.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "libs/http/compression.h"
#include "libs/http/http2_client.h"
#include "libs/http/http2_frames.h"
#include "libs/http/loop_fixture.h"
#include "libs/http/raw_client.h"
#include "libs/http/server_fixture.h"
#include "libs/http/uncoded_bodies.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kLong = 400'000;

// Packed pages at /a, /b and so on, each of the letter of its path.
class PackedPages {
 public:
  explicit PackedPages(std::size_t max_held_bytes = UncodedBodies::kMaxHeldBytes)
      : bodies(std::make_shared<UncodedBodies>(0, max_held_bytes)) {
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      Content::Parts parts;
      parts.content_type = "text/html";
      parts.body = std::string(kLong, letter);
      parts.uncoded = bodies;
      AddGzip(parts, Effort::kFast);
      pages_.push_back(Content::Make(std::move(parts)));
    }
  }

  Handler handler() {
    return [this](std::shared_ptr<const Request> request, Responder responder) {
      asked.push_back(request->path()[1]);
      responder.Send(at(request->path()[1]));
    };
  }

  std::shared_ptr<const Content> at(char letter) const {
    return pages_[static_cast<std::size_t>(letter - 'a')];
  }

  const std::shared_ptr<UncodedBodies> bodies;
  std::string asked;

 private:
  std::vector<std::shared_ptr<const Content>> pages_;
};

// Whether all of these bytes come, each in one piece; false once nothing comes any more.
bool IsReceived(RawClient& client, const std::vector<std::string>& wanted) {
  std::string received;
  const auto is_there = [&](const std::string& bytes) { return received.find(bytes) != std::string::npos; };
  while (!std::all_of(wanted.begin(), wanted.end(), is_there)) {
    const std::string part = client.ReceivePart();
    if (part.empty()) return false;
    received += part;
  }
  return true;
}

std::string GetAllPages(std::string_view more = "") {
  std::string frames;
  for (std::uint32_t i = 0; i < 26; ++i)
    frames += GetOnStream(2 * i + 1, std::string("/") + static_cast<char>('a' + i), more);
  return frames;
}

TEST(Unpacking, AnHttp2ClientThatTakesNothingHoldsFewBodies) {
  PackedPages pages(/*max_held_bytes=*/16 * kLong);  // room for twelve bodies, of which six are few
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff) + GetAllPages());
  while (server->statistics().requests < 26) std::this_thread::yield();
  EXPECT_GT(pages.bodies->living_bytes(), kLong);
  EXPECT_LT(pages.bodies->living_bytes(), 8 * kLong);
}

TEST(Unpacking, WhoTakesNothingKeepsNoOtherStreamWaitingWhileThereIsPlentyOfRoom) {
  PackedPages pages;
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0) + WindowUpdate(0, 1 << 30));
  std::string frames;
  for (std::uint32_t i = 0; i < 20; ++i)
    frames += GetOnStream(2 * i + 1, std::string("/") + static_cast<char>('a' + i));
  client.Send(frames + GetOnStream(41, "/z") + WindowUpdate(41, 1 << 20));
  const std::string last = std::string(10'000, 'z');
  EXPECT_TRUE(IsReceived(client, {last}));
}

TEST(Unpacking, AnHttp2ClientGetsAllPagesThatItAsksForAtOnce) {
  PackedPages pages;
  const auto server = StartServer(pages.handler());
  Http2Client client(server->port());
  std::vector<std::int32_t> streams;
  for (char letter = 'a'; letter <= 'z'; ++letter)
    streams.push_back(client.Begin("GET", std::string("/") + letter));
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Http2Client::Reply reply = client.Receive(streams[i]);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == std::string(kLong, static_cast<char>('a' + i))) << i;
  }
  EXPECT_EQ(server->statistics().open, 1u);
}

TEST(Unpacking, AnHttp2ClientThatSendsNoMoreGetsAllPages) {
  PackedPages pages;
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff) + WindowUpdate(0, 1 << 30) + GetAllPages());
  client.FinishSending();
  EXPECT_GT(client.ReceiveAll().size(), 26 * kLong);
}

// Of whom the kernel takes everything, so that only the turns part what is unpacked for him.
TEST(Unpacking, AnHttp2ClientThatSendsNoMoreGetsOneByteOfEachPage) {
  PackedPages pages;
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff) + GetAllPages("\x72\x09"
                                                        "bytes=0-0"));
  client.FinishSending();
  const std::string received = client.ReceiveAll();
  for (std::uint32_t i = 0; i < 26; ++i) {
    const std::string last = BytesOfFrame(0, 1, 2 * i + 1, std::string(1, static_cast<char>('a' + i)));
    EXPECT_NE(received.find(last), std::string::npos) << i;
  }
}

TEST(Unpacking, WhatAStreamThatIsGivenUpHeldIsForOthers) {
  PackedPages pages(/*max_held_bytes=*/8 * kLong);
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff) + GetAllPages());
  for (std::uint32_t i = 0; i < 25; ++i) client.Send(BytesOfFrame(3, 0, 2 * i + 1, Number(8)));
  client.Send(WindowUpdate(0, 1 << 30));
  const std::string last(10'000, 'z');
  EXPECT_TRUE(IsReceived(client, {last}));
}

TEST(Unpacking, WithoutRoomAPageIsRefusedAlsoWhereItWouldHaveToWait) {
  PackedPages pages(/*max_held_bytes=*/2 * kLong);  // room for one body, and for two for who is known
  const auto server = StartServer(pages.handler());
  RawClient holds(server->port());
  holds.Send(BeginWithWindow(0x7fffffff) + GetOnStream(1, "/a"));
  while (pages.bodies->living_bytes() == 0) std::this_thread::yield();
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("GET /b HTTP/1.1\r\nHost: x\r\n\r\n").status, 503);
  Http2Client other(server->port());
  EXPECT_EQ(other.Exchange("GET", "/b").status, 503);
}

// What its connection holds already makes it wait, and would let it wait for nothing.
TEST(Unpacking, WithoutRoomAPageIsRefusedAlsoToWhoHoldsMuch) {
  PackedPages pages(/*max_held_bytes=*/5 * kLong);  // room for three, and for five for who is known
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff));
  for (std::uint32_t i = 0; i < 3; ++i)
    client.Send(GetOnStream(2 * i + 1, std::string("/") + static_cast<char>('a' + i)));
  while (pages.bodies->living_bytes() < 3 * kLong) std::this_thread::yield();
  client.Send(GetOnStream(7, "/d") + WindowUpdate(0, 1 << 30));
  EXPECT_TRUE(IsReceived(client, {"Too many pages"}));
}

TEST(Unpacking, AStreamWhosePageHadToWaitAndFindsNoRoomIsResetAlone) {
  PackedPages pages(/*max_held_bytes=*/6 * kLong);  // room for four bodies, and for five for who is known
  const auto server = StartServer(pages.handler());
  RawClient client(server->port());
  client.Send(BeginWithWindow(0x7fffffff));
  for (std::uint32_t i = 0; i < 4; ++i)
    client.Send(GetOnStream(2 * i + 1, std::string("/") + static_cast<char>('a' + i)));
  while (server->statistics().requests < 4) std::this_thread::yield();
  for (std::uint32_t i = 0; i < 3; ++i) client.Send(BytesOfFrame(3, 0, 2 * i + 1, Number(8)));
  while (pages.bodies->living_bytes() > 0) std::this_thread::yield();
  std::vector<std::shared_ptr<const std::string>> held;
  for (char letter = 'v'; letter <= 'z'; ++letter)
    held.push_back(pages.at(letter)->Uncoded(UncodedBodies::Claim::kKnown));
  const std::string ping = "8 bytes.";
  client.Send(WindowUpdate(0, 1 << 20) + BytesOfFrame(6, 0, 0, ping));
  EXPECT_TRUE(IsReceived(
      client, {BytesOfFrame(6, 1, 0, ping), BytesOfFrame(3, 0, 7, Number(NGHTTP2_INTERNAL_ERROR))}));
}

class UnpackingTurns : public LoopTest {};

TEST_F(UnpackingTurns, OneByteOfEachOfManyPagesKeepsNobodyWaiting) {
  PackedPages pages;
  ServerOptions options;
  options.handler = pages.handler();
  ServeWith(10, std::move(options));
  const auto busy = Connect();
  const auto other = Connect();
  loop_->Turn();
  std::string requests;
  for (char letter = 'a'; letter < 'z'; ++letter)
    requests += std::string("GET /") + letter + " HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0\r\n\r\n";
  busy->Send(requests);
  other->Send("GET /z HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  RunUntil([&] { return pages.asked.size() == 26; });
  EXPECT_LE(pages.asked.find('z'), 4u) << pages.asked;
  for (char letter = 'a'; letter < 'z'; ++letter) EXPECT_EQ(busy->Receive().body, std::string(1, letter));
}

}  // namespace
}  // namespace broadsheet::http
