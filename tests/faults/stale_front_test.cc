#include "tests/faults/stale_front.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/faults/test_server.h"

namespace broadsheet::faults {
namespace {

// Answers "1", "2", "3", …
class StaleFrontTest : public testing::Test {
 protected:
  static std::string Body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

  std::atomic<int> asked_ = 0;
  TestServer server_{"\r\n\r\n", [this](const std::string&) {
                       return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", ++asked_);
                     }};
};

TEST_F(StaleFrontTest, ServesAnOldCopyWhileItKeepsIt) {
  StaleFront front(server_.port(), absl::Hours(1));
  TestClient client(front.port());
  EXPECT_EQ(Body(client.Exchange("GET /a HTTP/1.1\r\n\r\n")), "1");
  EXPECT_EQ(Body(client.Exchange("GET /a HTTP/1.1\r\nIf-None-Match: \"x\"\r\n\r\n")), "1");
  EXPECT_EQ(Body(client.Exchange("GET /b HTTP/1.1\r\n\r\n")), "2");
  EXPECT_EQ(Body(TestClient(front.port()).Exchange("GET /a HTTP/1.1\r\n\r\n")), "1");
}

TEST_F(StaleFrontTest, AsksAgainWhenItKeepsNothing) {
  StaleFront front(server_.port(), absl::ZeroDuration());
  TestClient client(front.port());
  EXPECT_EQ(Body(client.Exchange("GET /a HTTP/1.1\r\n\r\n")), "1");
  EXPECT_EQ(Body(client.Exchange("GET /a HTTP/1.1\r\n\r\n")), "2");
}

}  // namespace
}  // namespace broadsheet::faults
