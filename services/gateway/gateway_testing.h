#ifndef BROADSHEET_SERVICES_GATEWAY_GATEWAY_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_GATEWAY_TESTING_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "libs/testing/http_get.h"
#include "services/gateway/fakes_testing.h"
#include "services/gateway/gateway.h"

namespace broadsheet::gateway {

// A whole gateway, with the real renderer, in front of services that can be made to fail. Nothing is
// published yet. Calls may take 10 seconds: a test in which some hang sets back their budgets.
class GatewayTest : public testing::Test {
 protected:
  GatewayTest();

  // With `options_`, which a test may change before; returns when both change logs are followed.
  void StartGateway();
  // The same without waiting, for tests in which somebody is away.
  void StartGatewayAlone();

  test::HttpAnswer Get(const std::string& path, const test::HttpHeaders& headers = {});
  // "linking" at /city/linking, whose text is "See ID." with a link to that story.
  static article::v1::Article StoryLinkingTo(const std::string& article_id);
  // At /city/ID, in the section "city".
  static article::v1::Article StoryExpiringAt(const std::string& article_id, absl::Time end);
  // Of a page of this site in Redis.
  static std::string RedisKey(const std::string& path);
  // Polls for at most 10 seconds.
  static bool Eventually(const std::function<bool()>& condition);
  // Waits until the follower has noticed that the source is away.
  void WaitUntilCutOff();

  FakeArticle article_;
  FakeMedia media_;
  FakeRecommendation recommendation_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
};

// Whether a page is labelled as degraded, in its bytes and in its head alike.
bool IsDegraded(const test::HttpAnswer& answer);
bool Contains(const test::HttpAnswer& answer, const std::string& text);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GATEWAY_TESTING_H_
