#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/captured_log.h"
#include "services/gateway/gateway_testing.h"

// How it is found out which addresses fail.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class RefusedPageTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("pier", "Pier opened");
    StartGateway();
  }

  std::string Status() {
    return test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()).body;
  }
};

TEST_F(RefusedPageTest, EachIsInTheLogAndOnTheStatusPage) {
  Get("/city/pier");
  EXPECT_THAT(Status(), HasSubstr("Last refused pages"));
  article_.server().Stop();
  WaitUntilCutOff();
  const test::CapturedLog log;
  EXPECT_EQ(Get("/city/pier").status, 200);
  EXPECT_EQ(
      Get("/city/one", {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}).status,
      503);
  EXPECT_EQ(Get("/city/other").status, 503);
  EXPECT_EQ(log.Count({"a page was refused", "/city/one", "\"status\":503", "\"reason\":\"unavailable\"",
                       "0af7651916cd43dd8448eb211c80319c"}),
            1);
  EXPECT_EQ(log.Count({"a page was refused", "/city/other"}), 1);
  EXPECT_EQ(log.Count({"a page was refused", "/city/pier"}), 0);
  EXPECT_EQ(log.Count({"a page could not be made anew", "/city/one"}), 1);
  const std::string status = Status();
  EXPECT_THAT(status, HasSubstr("2 refused, 2 of them where no page is known"));
  EXPECT_THAT(status, Not(HasSubstr("/city/"))) << "what a stranger asked for may be a draft's address";
}

TEST_F(RefusedPageTest, AKnownPageIsNamedOnTheStatusPage) {
  options_.pages.rules.max_stale = absl::ZeroDuration();
  StartGateway();
  Get("/city/pier");
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Get("/city/pier").status, 503);
  EXPECT_THAT(Status(), HasSubstr("/city/pier"));
}

// Anybody may demand anything, of any path: that must not take the place of pages that fail.
TEST_F(RefusedPageTest, ADemandForAPositionThatIsNotReachedIsNone) {
  const test::CapturedLog log;
  EXPECT_EQ(Get("/city/pier", {{"Broadsheet-Min-Position", "article=1000"}}).status, 503);
  EXPECT_EQ(log.Count({"a page was refused"}), 0);
  EXPECT_THAT(Status(), Not(HasSubstr("/city/pier")));
}

}  // namespace
}  // namespace broadsheet::gateway
