#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// What editors have chosen for the front and the sections' pages.
namespace broadsheet::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CuratedPageTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"pier", "bridge", "ferry"}) article_.Publish(id, absl::StrCat("About the ", id));
    StartGateway();
  }

  // Whether the page mentions the first before the second, both for the first time.
  static bool IsBefore(const std::string& page, const std::string& first, const std::string& second) {
    const std::size_t at = page.find(absl::StrCat("data-story=\"", first, "\""));
    const std::size_t other = page.find(absl::StrCat("data-story=\"", second, "\""));
    return at != page.npos && (other == page.npos || at < other);
  }
};

TEST_F(CuratedPageTest, AChoiceIsSeenWhenItHasReturned) {
  for (const auto& [section, path] : {std::pair("", "/"), std::pair("city", "/city")}) {
    ASSERT_TRUE(IsBefore(Get(path).body, "ferry", "pier")) << "the newest leads";
    article_.Curate(section, {"pier"});
    EXPECT_TRUE(IsBefore(Get(path).body, "pier", "ferry")) << path;
    article_.Curate(section, {"bridge", "pier"});
    const std::string page = Get(path).body;
    EXPECT_TRUE(IsBefore(page, "bridge", "pier")) << path;
    EXPECT_TRUE(IsBefore(page, "pier", "ferry")) << path;
    article_.Curate(section, {});
    EXPECT_TRUE(IsBefore(Get(path).body, "ferry", "pier")) << path;
  }
}

TEST_F(CuratedPageTest, AChoiceForOnePageLeavesTheOtherWhereItIs) {
  Get("/city");
  Get("/");
  article_.Curate("city", {"pier"});
  EXPECT_TRUE(IsBefore(Get("/city").body, "pier", "ferry"));
  const test::HttpAnswer front = Get("/");
  EXPECT_THAT(front.Header("cache-status"), HasSubstr("hit"));
  EXPECT_TRUE(IsBefore(front.body, "ferry", "pier"));
}

TEST_F(CuratedPageTest, WhatIsWithdrawnOrChangedIsSoWhereItWasChosen) {
  article_.Curate("", {"pier"});
  ASSERT_THAT(Get("/").body, HasSubstr("About the pier"));
  article_.Publish("pier", "The pier, corrected");
  EXPECT_THAT(Get("/").body, AllOf(HasSubstr("The pier, corrected"), Not(HasSubstr("About the pier"))));
  article_.Withdraw("pier");
  EXPECT_THAT(Get("/").body, Not(HasSubstr("pier")));
  article_.Publish("pier", "The pier again");
  EXPECT_TRUE(IsBefore(Get("/").body, "pier", "ferry")) << "the choice stands";
}

TEST_F(CuratedPageTest, AWithdrawalReachesAPageThatCannotBeMadeAnew) {
  article_.Curate("", {"pier"});
  ASSERT_THAT(Get("/").body, HasSubstr("About the pier"));
  article_.faults.Set(Fault::kUnavailable);
  article_.Withdraw("pier");
  const test::HttpAnswer front = Get("/");
  EXPECT_EQ(front.status, 200);
  EXPECT_THAT(front.body, AllOf(Not(HasSubstr("About the pier")), HasSubstr("About the ferry")));
}

}  // namespace
}  // namespace broadsheet::gateway
