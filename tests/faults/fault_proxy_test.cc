#include "tests/faults/fault_proxy.h"

#include "gtest/gtest.h"
#include "tests/faults/test_server.h"

namespace broadsheet::faults {
namespace {

using Mode = FaultProxy::Mode;

constexpr int kNotLong = 50;  // milliseconds: how long a test looks at what must stay silent

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
