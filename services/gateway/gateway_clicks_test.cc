#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/backends.h"
#include "services/gateway/gateway_testing.h"

// What pages tell of having been read: it reaches recommendation, and is never in the way.
namespace broadsheet::gateway {
namespace {

class ClicksTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    options_.reads.interval = absl::Milliseconds(10);
  }

  // The status of the answer to a POST.
  int Post(const std::string& path, const std::string& body, const std::string& more = "") {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(gateway_->http_port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const std::string request =
        absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n",
                     "Origin: https://news.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                     more, "Content-Length: ", body.size(), "\r\n\r\n", body);
    EXPECT_EQ(write(client, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(client, buffer, sizeof(buffer))) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
    close(client);
    return answer.size() < 12 ? 0 : std::atoi(answer.c_str() + 9);
  }

  double Count(const std::string& outcome) {
    const std::string metrics = test::HttpGet(gateway_->ops_port(), "/metrics")->body;
    const std::string name = absl::StrCat("broadsheet_gateway_reads_total{outcome=\"", outcome, "\"} ");
    const std::size_t place = metrics.find(name);
    return place == metrics.npos ? 0 : std::atof(metrics.c_str() + place + name.size());
  }
};

TEST_F(ClicksTest, AReadStoryReachesRecommendationWithTheOneBeforeIt) {
  StartGateway();
  Get("/city/bridge");
  Get("/city/pier");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier&from=%2Fcity%2Fbridge"), 204);
  ASSERT_TRUE(Eventually([&] { return recommendation_.reads().size() == 1; }));
  const auto read = recommendation_.reads()[0];
  EXPECT_EQ(read.article_id(), "pier");
  EXPECT_EQ(read.previous_article_id(), "bridge");
  EXPECT_EQ(read.weight(), 1);
  EXPECT_FALSE(read.has_read_time());
}

TEST_F(ClicksTest, WhatIsNoStoryOfOursIsIgnored) {
  StartGateway();
  Get("/");
  Get("/city/pier");
  const double ignored = Count("ignored");
  for (const char* body : {"page=%2F", "page=%2Fcity%2Fnothing", "page=%2Fbeacon"})
    EXPECT_EQ(Post("/beacon", body), 204) << body;
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier", "Sec-GPC: 1\r\n"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 4; }));  // counted once it is answered
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  ASSERT_TRUE(Eventually([&] { return !recommendation_.reads().empty(); }));
  EXPECT_EQ(recommendation_.reads().size(), 1u);
}

TEST_F(ClicksTest, OtherPostsAreRefused) {
  StartGateway();
  EXPECT_EQ(Post("/", "page=%2F"), 405);
  EXPECT_EQ(Post("/beacon", "page=%2F&user=7"), 400);
  EXPECT_EQ(Post("/beacon", std::string(5'000, 'a')), 413);
  EXPECT_EQ(Post("/beacon", "page=%2F", "Sec-Fetch-Site: cross-site\r\n"), 403);
}

TEST_F(ClicksTest, ASampleStandsForTheRest) {
  options_.reads.one_in = 4;
  StartGateway();
  Get("/city/pier");
  const double before = Count("sampled_out");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_GT(Count("sampled_out"), before + 25);
  EXPECT_LT(Count("sampled_out"), before + 100);
  ASSERT_TRUE(Eventually([&] { return !recommendation_.reads().empty(); }));
  EXPECT_EQ(recommendation_.reads()[0].weight(), 4);
}

TEST_F(ClicksTest, WhileRecommendationIsDownReadsAreDroppedAndPagesAreNot) {
  StartGateway();
  Get("/city/pier");
  const double undelivered = Count("undelivered");
  recommendation_.server().Stop();
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("undelivered") == undelivered + 1; }));
  EXPECT_EQ(Get("/city/pier").status, 200);
  recommendation_.server().Start();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
    return !recommendation_.reads().empty();
  }));
}

TEST_F(ClicksTest, WhileRecommendationHangsTheQueueIsBounded) {
  options_.reads.max_waiting = 3;
  options_.backends.budgets.related = Budgets().related;
  options_.backends.budgets.most_read = Budgets().most_read;
  StartGateway();
  Get("/city/pier");
  recommendation_.faults.Set(Fault::kHang);
  const double overflowed = Count("overflowed");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_GE(Count("overflowed"), overflowed + 10);
  EXPECT_EQ(Get("/city/pier").status, 200);
  recommendation_.faults.Set(Fault::kNone);
}

}  // namespace
}  // namespace broadsheet::gateway
