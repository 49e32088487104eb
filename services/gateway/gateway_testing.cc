#include "services/gateway/gateway_testing.h"

#include <utility>

#include "absl/time/clock.h"

namespace broadsheet::gateway {

GatewayTest::GatewayTest() {
  options_.backends.article_address = article_.server().address();
  options_.backends.media_address = media_.server().address();
  options_.backends.recommendation_address = recommendation_.server().address();
  options_.templates = BROADSHEET_TEMPLATES;
  options_.site.name = "The Courant";
  options_.site.url = "https://news.example";
  options_.site.media_url = "https://media.example";
  options_.site.language = "en-GB";
  options_.threads = 2;
  options_.pages.rules.degraded_lifetime = absl::Milliseconds(50);
}

void GatewayTest::StartGatewayAlone() {
  gateway_ = nullptr;
  absl::StatusOr<std::unique_ptr<Gateway>> gateway = Gateway::Start(options_);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  gateway_ = *std::move(gateway);
}

void GatewayTest::StartGateway() {
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(10)));
}

test::HttpAnswer GatewayTest::Get(const std::string& path, const test::HttpHeaders& headers) {
  absl::StatusOr<test::HttpAnswer> answer = test::HttpGet(gateway_->http_port(), path, headers);
  EXPECT_TRUE(answer.ok()) << path << ": " << answer.status();
  return answer.value_or(test::HttpAnswer());
}

bool GatewayTest::Eventually(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (absl::Now() < end) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

void GatewayTest::WaitUntilCutOff() {
  ASSERT_TRUE(Eventually([this] { return !gateway_->WaitUntilFollowing(absl::ZeroDuration()); }));
}

bool IsDegraded(const test::HttpAnswer& answer) {
  const bool in_bytes = answer.body.find("data-degraded=") != std::string::npos;
  EXPECT_EQ(in_bytes, !answer.Header("broadsheet-degraded").empty());
  return in_bytes;
}

bool Contains(const test::HttpAnswer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace broadsheet::gateway
