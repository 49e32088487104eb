// Connections on which all is said.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libs/http/http2_frames.h"
#include "libs/http/loop_fixture.h"
#include "libs/http/raw_client.h"

namespace broadsheet::http {
namespace {

constexpr std::string_view kBadRequest = "GET nowhere\r\n\r\n";
constexpr std::string_view kShortAndLast = "GET /short HTTP/1.0\r\nHost: x\r\n\r\n";

class Lingering : public LoopTest {
 protected:
  // Connects, says that, and has been answered for the last time.
  std::unique_ptr<RawClient> Finish(std::string_view request) {
    auto client = Connect();
    const std::uint64_t wanted = counters().rejected + 1;
    client->Send(request);
    RunUntil([&] { return counters().rejected >= wanted; });
    return client;
  }

  // Reads 2,000 bytes a second, sending `more` with each part, for as long as the answer comes.
  std::size_t ReadSlowly(RawClient& client, std::string_view more) {
    std::size_t received = 0;
    for (;;) {
      std::size_t part = 0;
      while (part < 2'000) {
        const std::size_t bytes = client.ReceivePart(1'000).size();
        if (bytes == 0) return received + part;
        part += bytes;
      }
      received += part;
      client.Send(more);
      Pass(1);
    }
  }
};

TEST_F(Lingering, ConnectionsMakeRoomBeforeAnybodyElse) {
  Serve(3);
  const auto idle = Connect();
  const auto first = Finish(kBadRequest);
  const auto second = Finish(kBadRequest);
  EXPECT_EQ(counters().open, 3u);
  const auto newcomer = Connect();
  EXPECT_TRUE(IsServed(*newcomer));
  EXPECT_EQ(first->Receive().status, 400);
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_EQ(counters().evicted, 2u);
  EXPECT_EQ(counters().evicted_slow, 0u);
  EXPECT_EQ(counters().refused, 0u);
  EXPECT_TRUE(IsServed(*idle));
}

TEST_F(Lingering, OfHttp2MakesRoomToo) {
  Serve(1);
  const auto finished = Connect();
  finished->Send(BeginWithWindow(65'535) + BytesOfFrame(0, 0, 0, "no stream"));
  std::string received;
  while (received.find(BytesOfFrame(7, 0, 0, "").substr(3, 6)) == std::string::npos) {
    loop_->Turn();
    received += finished->ReceivePart();
    ASSERT_FALSE(received.empty());
  }
  EXPECT_TRUE(IsServed(*Connect()));
  EXPECT_EQ(counters().evicted, 1u);
}

TEST_F(Lingering, EndsSoonWhereTheClientHasEverything) {
  Serve(1);
  const auto client = Finish(kBadRequest);
  EXPECT_EQ(client->Receive().status, 400);
  Settle();
  Pass(1);
  EXPECT_EQ(counters().open, 1u);
  for (int i = 0; i < 10 && counters().open > 0; ++i) {  // its kernel may take its time
    Settle();
    Pass(1);
  }
  EXPECT_EQ(counters().open, 0u);
  EXPECT_EQ(counters().slow_readers, 0u);
}

TEST_F(Lingering, LastsUntilASlowReaderHasEverythingWhateverItSaysMeanwhile) {
  Serve(1);
  const auto client = Ask(kShortAndLast);
  EXPECT_GT(ReadSlowly(*client, "x"), short_->uncoded_bytes());
  EXPECT_EQ(counters().slow_readers, 0u);
}

TEST_F(Lingering, AtADrainLastsUntilASlowReaderOverHttp2HasEverything) {
  Serve(1);
  const auto client = Ask(BeginWithWindow(1 << 30) + WindowUpdate(0, 1 << 30) + GetOnStream(1, "/short"));
  loop_->BeginDrain([] {});
  EXPECT_GT(ReadSlowly(*client, WindowUpdate(0, 2'000)), short_->uncoded_bytes());
  EXPECT_EQ(counters().slow_readers, 0u);
}

TEST_F(Lingering, EndsWhereTheClientReadsNothing) {
  Serve(1);
  const auto client = Ask(kShortAndLast);
  std::size_t received = 0;
  while (received < 160'000) {  // the rest is in the kernel
    received += Read(*client, 1'000);
    loop_->Turn();
  }
  Pass(15);
  EXPECT_EQ(counters().open, 1u);
  Pass(10);
  EXPECT_EQ(counters().open, 0u);
  EXPECT_EQ(counters().slow_readers, 1u);
}

}  // namespace
}  // namespace broadsheet::http
