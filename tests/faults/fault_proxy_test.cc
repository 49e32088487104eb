#include "tests/faults/fault_proxy.h"

#include <cstddef>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/faults/test_server.h"

namespace broadsheet::faults {
namespace {

using Mode = FaultProxy::Mode;

constexpr int kNotLong = 50;  // milliseconds: how long a test looks at what must stay silent

// However many pieces they come in; fewer if they have not come within ten seconds.
std::string ReceiveBytes(TestClient& client, std::size_t size) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  std::string received;
  while (received.size() < size && absl::Now() < deadline) received += client.Receive();
  return received;
}

class FaultProxyTest : public testing::Test {
 protected:
  TestServer echo_{"\n", [](const std::string& line) { return line; }};
  FaultProxy proxy_{echo_.port()};
};

TEST_F(FaultProxyTest, PassesWhatIsSent) {
  TestClient client(proxy_.port());
  EXPECT_EQ(client.Exchange("one\n"), "one\n");
  EXPECT_EQ(client.Exchange("two\n"), "two\n");
}

TEST_F(FaultProxyTest, ResetsConnectionsPresentAndNewUntilItPassesAgain) {
  TestClient present(proxy_.port());
  EXPECT_EQ(present.Exchange("one\n"), "one\n");
  proxy_.SetMode(Mode::kReset);
  EXPECT_EQ(present.Exchange("two\n"), "");
  EXPECT_EQ(TestClient(proxy_.port()).Exchange("three\n"), "");
  proxy_.SetMode(Mode::kPass);
  EXPECT_EQ(TestClient(proxy_.port()).Exchange("four\n"), "four\n");
}

TEST_F(FaultProxyTest, HoldsBackEverythingInABlackHoleAndDeliversItAfterwards) {
  TestClient present(proxy_.port(), kNotLong);
  EXPECT_EQ(present.Exchange("one\n"), "one\n");
  proxy_.SetMode(Mode::kBlackHole);
  TestClient added(proxy_.port(), kNotLong);
  present.Send("two\n");
  added.Send("three\n");
  EXPECT_TRUE(present.IsSilent());
  EXPECT_TRUE(added.IsSilent());
  proxy_.SetMode(Mode::kPass);
  while (present.IsSilent()) {
  }
  EXPECT_EQ(present.Receive(), "two\n");
  while (added.IsSilent()) {
  }
  EXPECT_EQ(added.Receive(), "three\n");
}

TEST_F(FaultProxyTest, CanHoldBackOneDirectionOnly) {
  TestClient client(proxy_.port(), kNotLong);
  EXPECT_EQ(client.Exchange("one\n"), "one\n");
  proxy_.SetMode(Mode::kBlackHoleAnswers);
  client.Send("two\n");
  EXPECT_TRUE(client.IsSilent());
  proxy_.SetMode(Mode::kBlackHoleRequests);
  while (client.IsSilent()) {
  }
  EXPECT_EQ(client.Receive(), "two\n") << "its answer was on the way";
  client.Send("three\n");
  EXPECT_TRUE(client.IsSilent());
}

TEST_F(FaultProxyTest, Delays) {
  TestClient client(proxy_.port(), 20);
  proxy_.SetMode(Mode::kDelay, absl::Milliseconds(100));
  client.Send("one\n");
  EXPECT_TRUE(client.IsSilent());
  while (client.IsSilent()) {
  }
  EXPECT_EQ(client.Receive(), "one\n");
}

TEST_F(FaultProxyTest, DelaysWhatIsSentMeanwhileNoLonger) {
  TestClient client(proxy_.port(), 20);
  const absl::Duration delay = absl::Seconds(2);
  proxy_.SetMode(Mode::kDelay, delay);
  const absl::Time begin = absl::Now();
  for (const char* line : {"one\n", "two\n", "three\n"}) {
    client.Send(line);
    EXPECT_TRUE(client.IsSilent());
  }
  const std::string all = "one\ntwo\nthree\n";
  EXPECT_EQ(ReceiveBytes(client, all.size()), all);
  EXPECT_GE(absl::Now() - begin, 2 * delay);
  EXPECT_LT(absl::Now() - begin, 2.9 * delay) << "if the second had to wait for the first, three";
}

TEST_F(FaultProxyTest, PassesMoreThanItHolds) {
  TestClient client(proxy_.port());
  proxy_.SetMode(Mode::kDelay, absl::Milliseconds(2));
  const std::string line = std::string(1 << 20, 'a') + "\n";
  std::thread sender([&] { client.Send(line); });
  EXPECT_TRUE(ReceiveBytes(client, line.size()) == line);
  sender.join();
}

TEST_F(FaultProxyTest, SendsGarbage) {
  proxy_.SetMode(Mode::kGarbage);
  const std::string answer = TestClient(proxy_.port()).Exchange("something\n");
  EXPECT_EQ(answer.size(), 10);
  EXPECT_NE(answer, "something\n");
}

TEST_F(FaultProxyTest, EndsAConnectionWhenTheServerIsNotThere) {
  int port = 0;
  {
    port = TestServer("\n", [](const std::string& line) { return line; }).port();
  }
  FaultProxy nowhere(port);
  EXPECT_EQ(TestClient(nowhere.port()).Exchange("one\n"), "");
}

TEST(FaultProxy, KnowsItsModesByName) {
  EXPECT_EQ(FaultProxy::ParseMode("black_hole"), Mode::kBlackHole);
  EXPECT_EQ(FaultProxy::ParseMode("black hole"), std::nullopt);
}

}  // namespace
}  // namespace broadsheet::faults
