// Clients that take what they are sent slowly, or not at all, in time that the tests let pass themselves.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/event_loop.h"
#include "libs/http/http2_connection.h"
#include "libs/http/raw_client.h"
#include "libs/http/server_fixture.h"
#include "libs/http/socket.h"

namespace broadsheet::http {
namespace {

constexpr int kTinyBuffer = 4096;  // what the client's kernel takes for who does not read

// A frame as bytes (RFC 9113, section 4.1).
std::string BytesOfFrame(char type, char flags, std::uint32_t stream, std::string_view payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += type;
  frame += flags;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame.append(payload);
}

std::string Number(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
  return bytes;
}

// Begins HTTP/2, with so large a window for each stream.
std::string BeginWithWindow(std::uint32_t size) {
  return std::string(kHttp2Preface) + BytesOfFrame(4, 0, 0, std::string("\0\4", 2) + Number(size));
}

std::string WindowUpdate(std::uint32_t stream, std::uint32_t size) {
  return BytesOfFrame(8, 0, stream, Number(size));
}

// http://x/ by the static table of RFC 7541.
const std::string kGetFields("\x82\x86\x84\x41\x01x", 6);
const std::string kPostFields("\x83\x86\x84\x41\x01x", 6);

std::string GetOnStream(std::uint32_t stream) { return BytesOfFrame(1, 5, stream, kGetFields); }

// The same of /short.
std::string GetShortOnStream(std::uint32_t stream) {
  return BytesOfFrame(1, 5, stream, std::string("\x82\x86\x04\x06/short\x41\x01x", 13));
}

// Serves 4 MB at every path but /short, where it is what waits to be written of one connection at most, and
// /owed, which is answered never.
class SlowReaders : public testing::Test {
 protected:
  SlowReaders() : port_(Listen()) {}
  ~SlowReaders() override {
    if (loop_) loop_->Stop();
  }

  void Serve(std::size_t max_connections, ServerOptions options = {}) {
    options.on_given_up = [this](GivenUp why) { given_up_.push_back(why); };
    options.handler = [this](std::shared_ptr<const Request> request, Responder responder) {
      if (request->path() == "/short") return responder.Send(short_);
      if (request->path() != "/owed") return responder.Send(page_);
      owed_.push_back(std::move(responder));
    };
    loop_ = std::make_shared<EventLoop>(std::make_shared<const ServerOptions>(std::move(options)),
                                        max_connections);
    loop_->RunHere();
  }

  std::unique_ptr<RawClient> Connect(int receive_buffer = kTinyBuffer) {
    auto client = std::make_unique<RawClient>(port_, receive_buffer);
    Socket socket;
    while (listener_.Accept(socket) != Socket::Outcome::kDone) {
    }
    loop_->Adopt(std::move(socket));
    return client;
  }

  // Connects, says that, and is being answered.
  std::unique_ptr<RawClient> Ask(std::string_view request, int receive_buffer = kTinyBuffer) {
    auto client = Connect(receive_buffer);
    client->Send(request);
    const std::uint64_t wanted = loop_->counters().requests + 1;
    RunUntil([&] { return loop_->counters().requests >= wanted; });
    return client;
  }

  void RunUntil(const std::function<bool()>& done) {
    while (!done()) loop_->Turn();
  }

  void Pass(int seconds) {
    for (int i = 0; i < 4 * seconds; ++i) {
      loop_->Pass(std::chrono::milliseconds(250));
      loop_->Turn();
    }
  }

  // At least so many bytes; how many.
  static std::size_t Read(RawClient& client, std::size_t bytes) {
    std::size_t received = 0;
    while (received < bytes) received += client.ReceivePart(1'000).size();
    return received;
  }

  // The rest of an answer of so many bytes; false: it does not come.
  bool ReadRest(RawClient& client, std::size_t bytes) {
    for (std::size_t received = 0; received < bytes; loop_->Turn()) {
      const std::size_t part = client.ReceivePart(8'000).size();
      if (part == 0) return false;
      received += part;
    }
    return true;
  }

  // Whether the newcomer gets a first part of an answer.
  bool IsServed(RawClient& newcomer) {
    newcomer.Send(kGet);
    const std::uint64_t wanted = loop_->counters().requests + 1;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (loop_->counters().requests < wanted && std::chrono::steady_clock::now() < end) loop_->Turn();
    return loop_->counters().requests == wanted && newcomer.ReceivePart().starts_with("HTTP/1.1 200 OK");
  }

  void ExpectGivenUpWhenItDrips(RawClient& client) {
    int seconds = 0;
    for (; counters().open > 0 && seconds < 300; ++seconds) {
      client.ReceivePart(60);
      Pass(1);
    }
    EXPECT_EQ(counters().slow_readers, 1u);
    EXPECT_GE(seconds, 20);
    EXPECT_LT(seconds, 100);
  }

  EventLoop::Counters& counters() { return loop_->counters(); }

  Socket listener_;
  const int port_;
  const std::shared_ptr<const Content> page_ = Page(std::string(4'000'000, 'x'));
  const std::shared_ptr<const Content> short_ = Page(std::string(240'000, 'x'));
  std::vector<Responder> owed_;
  std::vector<GivenUp> given_up_;
  std::shared_ptr<EventLoop> loop_;

 private:
  int Listen() {
    absl::StatusOr<Socket> bound = Socket::Bind("127.0.0.1", 0, /*first=*/true);
    EXPECT_TRUE(bound.ok() && bound->Listen(absl::Minutes(1)).ok());
    listener_ = *std::move(bound);
    return listener_.LocalPort();
  }
};

constexpr std::string_view kOwed = "GET /owed HTTP/1.1\r\nHost: news.example\r\n\r\n";

// ---- Time

TEST_F(SlowReaders, WhoNeverReadsIsGivenUpAfterTheWriteTimeout) {
  Serve(10);
  const auto client = Ask(kGet);
  Pass(19);
  EXPECT_EQ(counters().open, 1u);
  Pass(2);
  EXPECT_EQ(counters().open, 0u);
  EXPECT_EQ(counters().timed_out, 1u);
  EXPECT_EQ(counters().slow_readers, 1u);
  EXPECT_EQ(given_up_, std::vector{GivenUp::kSlowReader});
  EXPECT_LT(client->ReceiveAll().size(), page_->uncoded_bytes());
}

TEST_F(SlowReaders, WhoReadsByDripsIsGivenUp) {
  Serve(10);
  const auto client = Ask(kGet);
  ExpectGivenUpWhenItDrips(*client);
}

TEST_F(SlowReaders, WhoReadsSlowlyButSteadilyIsServed) {
  Serve(10);
  const auto client = Ask(kGet);
  for (int seconds = 0; seconds < 300; ++seconds) {
    ASSERT_FALSE(client->ReceivePart(1'000).empty()) << seconds;
    Pass(1);
  }
  EXPECT_EQ(counters().open, 1u);
}

TEST_F(SlowReaders, AnyByteWillDoWhereNoRateIsAskedFor) {
  ServerOptions options;
  options.min_bytes_per_second = 0;
  Serve(10, options);
  const auto client = Ask(kGet);
  for (int i = 0; i < 50; ++i) {
    Read(*client, 8'000);
    Pass(15);
  }
  EXPECT_EQ(counters().open, 1u);
}

TEST_F(SlowReaders, AStreamWhoseWindowGrowsByDripsIsGivenUp) {
  Serve(10);
  const auto client = Ask(BeginWithWindow(1) + GetOnStream(1));
  int seconds = 0;
  for (; counters().slow_readers == 0 && seconds < 300; seconds += 15) {
    client->Send(WindowUpdate(1, 1));
    Pass(15);
  }
  EXPECT_GE(seconds, 20);
  EXPECT_LE(seconds, 45);
  EXPECT_EQ(counters().timed_out, 1u);
  EXPECT_EQ(counters().open, 1u) << "the connection may have other streams";
}

TEST_F(SlowReaders, AStreamWhoseWindowGrowsSlowlyButSteadilyIsServed) {
  Serve(10);
  const auto client = Ask(BeginWithWindow(300) + GetOnStream(1), /*receive_buffer=*/0);
  for (int seconds = 0; seconds < 150; ++seconds) {
    client->Send(WindowUpdate(1, 300));
    Pass(1);
  }
  EXPECT_EQ(counters().slow_readers, 0u);
}

// Its streams wait for one another: none has 240 bytes a second for itself.
TEST_F(SlowReaders, StreamsThatShareASlowLineAreServed) {
  Serve(10);
  std::string requests = BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30);
  for (std::uint32_t i = 0; i < 8; ++i) requests += GetOnStream(2 * i + 1);
  const auto client = Ask(requests);
  for (int seconds = 0; seconds < 300; ++seconds) {
    ASSERT_FALSE(client->ReceivePart(1'000).empty()) << seconds;
    Pass(1);
  }
  EXPECT_EQ(counters().slow_readers, 0u);
  EXPECT_EQ(counters().open, 1u);
}

TEST_F(SlowReaders, AnHttp2ConnectionThatIsReadByDripsIsGivenUp) {
  Serve(10);
  const auto client = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetOnStream(1));
  ExpectGivenUpWhenItDrips(*client);
}

TEST_F(SlowReaders, WhatHasBeenReadIsForgottenWhenAnotherRequestComes) {
  Serve(10);
  const auto client = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetOnStream(1));
  Pass(10);
  for (std::size_t received = 0; received < page_->uncoded_bytes(); loop_->Turn()) {
    received += client->ReceivePart(8'000).size();
  }
  Pass(50);
  client->Send(GetOnStream(3));
  RunUntil([&] { return counters().requests == 2; });
  Pass(15);
  EXPECT_EQ(counters().open, 1u);
  Pass(6);
  EXPECT_EQ(counters().open, 0u);
}

// ---- Room

TEST_F(SlowReaders, MakeRoomForANewcomer) {
  Serve(4);
  std::vector<std::unique_ptr<RawClient>> never;
  for (int i = 0; i < 4; ++i) never.push_back(Ask(kGet));
  Pass(2);
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_EQ(counters().evicted_slow, 1u);
  EXPECT_EQ(counters().refused, 0u);
  EXPECT_EQ(counters().open, 4u);
}

TEST_F(SlowReaders, MakeRoomBeforeAnybodyWhoReads) {
  Serve(3);
  const auto reader = Ask(kGet);
  const auto drips = Ask(BeginWithWindow(1) + GetOnStream(1));
  const auto never = Ask(kGet);
  for (int seconds = 0; seconds < 4; ++seconds) {
    Read(*reader, 20'000);
    drips->Send(WindowUpdate(1, 1));
    Pass(1);
  }
  const auto first = Ask(kOwed);
  const auto second = Ask(kOwed);
  EXPECT_EQ(counters().evicted_slow, 2u);
  EXPECT_FALSE(reader->ReceivePart().empty());
  EXPECT_TRUE(Connect()->IsClosed());
  EXPECT_EQ(counters().refused, 1u);
  EXPECT_EQ(given_up_,
            (std::vector{GivenUp::kSlowClientEvicted, GivenUp::kSlowClientEvicted, GivenUp::kRefused}));
}

// All frames of such an answer have been made, so that its stream has ended.
TEST_F(SlowReaders, OfAnAnswerThatIsStillBeingWrittenOverHttp2KeepTheirPlace) {
  Serve(1);
  const auto reader = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetShortOnStream(1));
  EXPECT_TRUE(Connect()->IsClosed());
  EXPECT_EQ(counters().refused, 1u);
  EXPECT_EQ(counters().evicted, 0u);
  EXPECT_TRUE(ReadRest(*reader, short_->uncoded_bytes()));
  EXPECT_TRUE(IsServed(*Connect())) << "it waits for a request now";
}

TEST_F(SlowReaders, AreIdleOnlyFromTheEndOfWhatTheyAreSentOn) {
  ServerOptions options;
  options.idle_timeout = absl::Seconds(5);
  Serve(1, options);
  const auto reader = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetShortOnStream(1));
  std::size_t received = 0;
  for (int seconds = 0; seconds < 10; ++seconds) {
    received += Read(*reader, 2'000);
    Pass(1);
  }
  EXPECT_TRUE(ReadRest(*reader, short_->uncoded_bytes() - received));
  Pass(4);
  EXPECT_EQ(counters().open, 1u);
  Pass(4);
  EXPECT_EQ(counters().open, 0u);
}

TEST_F(SlowReaders, MakeRoomHoweverManyRequestsTheyBegin) {
  Serve(1);
  const auto drips = Ask(BeginWithWindow(1) + GetOnStream(1));
  for (std::uint32_t i = 1; i < 6; ++i) {
    drips->Send(GetOnStream(2 * i + 1));
    Pass(1);
  }
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_EQ(counters().evicted_slow, 1u);
}

TEST_F(SlowReaders, AreNotTheOnlyOnesToMakeRoomSlowSendersOverHttp2DoToo) {
  Serve(1);
  const auto sender = Connect();
  sender->Send(BeginWithWindow(1) + BytesOfFrame(1, 4, 1, kPostFields));
  const auto arrived = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  while (std::chrono::steady_clock::now() < arrived) loop_->Turn();
  Pass(3);
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_EQ(counters().evicted_slow, 1u);
}

TEST_F(SlowReaders, GoOnlyWhereNobodyIsIdleHoweverFarBehind) {
  Serve(101);
  const auto never = Ask(kGet);
  std::vector<std::unique_ptr<RawClient>> served;
  for (int i = 0; i < 99; ++i) served.push_back(Ask(kOwed));
  Pass(2);
  const auto idle = Connect();
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_TRUE(idle->IsClosed());
  EXPECT_EQ(counters().evicted, 1u);
  EXPECT_EQ(counters().evicted_slow, 0u);
}

}  // namespace
}  // namespace broadsheet::http
