// Clients that take what they are sent slowly, or not at all, in time that the tests let pass themselves.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/http2_frames.h"
#include "libs/http/loop_fixture.h"
#include "libs/http/raw_client.h"

namespace broadsheet::http {
namespace {

class SlowReaders : public LoopTest {};

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
  const auto reader = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetOnStream(1, "/short"));
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
  const auto reader = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetOnStream(1, "/short"));
  std::size_t received = 0;
  for (int seconds = 0; seconds < 10; ++seconds) {
    received += Read(*reader, 2'000);
    Pass(1);
  }
  EXPECT_TRUE(ReadRest(*reader, short_->uncoded_bytes() - received));
  Pass(4);
  EXPECT_EQ(counters().open, 1u);
  Pass(2);
  Settle();
  Pass(3);
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
  Settle();
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
