#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// Live stories with more pictures and links than one call of their owners answers for.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kPictures = 400;
constexpr int kLinks = 200;
constexpr char kStoryPath[] = "/city/storm";

std::string Linked(int number) { return absl::StrCat("other-", number); }
std::string Picture(int number) { return absl::StrCat("picture-", number); }

class LongStoryTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (int i = 1; i <= kLinks; ++i) article_.Publish(Linked(i), absl::StrCat("Headline ", i));
    recommendation_.Recommend({Linked(1)});
    Publish(kPictures);
    StartGateway();
  }

  // The story, with so many moments, each with a picture, every second with a link too.
  void Publish(int moments) {
    article::v1::Article story;
    story.set_article_id("storm");
    story.set_path(kStoryPath);
    story.mutable_content()->set_headline("The storm");
    story.mutable_content()->set_section_id("city");
    for (int i = 1; i <= moments; ++i) {
      article::v1::Block& moment = *story.mutable_content()->add_body();
      moment.set_block_id(absl::StrCat("m", i));
      moment.mutable_key_event()->set_headline(absl::StrCat("Moment ", i));
      moment.mutable_key_event()->mutable_event_time()->set_seconds(1'795'146'000 + 60 * i);
      story.mutable_content()->add_body()->mutable_image()->set_image_id(Picture(i));
      if (i % 2 == 0) AddLink(Linked(i / 2), story);
    }
    article_.Publish(std::move(story));
  }

  static void AddLink(const std::string& id, article::v1::Article& story) {
    *story.mutable_content()->add_body()->mutable_paragraph()->mutable_text() =
        StoryLinkingTo(id).content().body(0).paragraph().text();
  }
};

TEST_F(LongStoryTest, ShowsEveryPictureAndFollowsEveryLink) {
  const std::string page = Get(kStoryPath).body;
  const std::string item = Get(absl::StrCat(kStoryPath, ".ninjs.json")).body;
  for (int i = 1; i <= kPictures; ++i) {
    ASSERT_THAT(page, HasSubstr(absl::StrCat("/media/", Picture(i), "/w640.jpg"))) << i;
    ASSERT_THAT(item, HasSubstr(absl::StrCat("/media/", Picture(i), "/w640.jpg"))) << i;
  }
  for (int i = 1; i <= kLinks; ++i) {
    ASSERT_THAT(page, HasSubstr(absl::StrCat("href=\"/city/", Linked(i), "\""))) << i;
    ASSERT_THAT(item, HasSubstr(absl::StrCat("/city/", Linked(i), "\\\""))) << i;
  }
  EXPECT_THAT(page, Not(HasSubstr("data-degraded")));
}

TEST_F(LongStoryTest, TheNewestMomentsAreSentWhole) {
  Publish(kPictures - 1);
  ASSERT_EQ(Get(kStoryPath).status, 200);
  Publish(kPictures);
  const test::HttpAnswer fragment = Get(absl::StrCat(kStoryPath, "?since=b-m", kPictures - 1));
  EXPECT_EQ(fragment.status, 200);
  EXPECT_THAT(fragment.body, HasSubstr(absl::StrCat("/media/", Picture(kPictures), "/w640.jpg")));
  EXPECT_THAT(fragment.body, HasSubstr(absl::StrCat("href=\"/city/", Linked(kLinks), "\"")));
}

TEST_F(LongStoryTest, IsFreshInEveryPart) {
  for (int i : {1, kPictures / 2, kPictures}) {
    ASSERT_TRUE(Contains(Get(kStoryPath), absl::StrCat("/media/", Picture(i), "/w640.jpg"))) << i;
    media_.Withhold(Picture(i));
    ASSERT_FALSE(Contains(Get(kStoryPath), absl::StrCat("/media/", Picture(i), "/w640.jpg"))) << i;
  }
  for (int i : {1, kLinks / 2, kLinks}) {
    ASSERT_TRUE(Contains(Get(kStoryPath), absl::StrCat("href=\"/city/", Linked(i), "\""))) << i;
    article_.Withdraw(Linked(i));
    ASSERT_FALSE(Contains(Get(kStoryPath), absl::StrCat("href=\"/city/", Linked(i), "\""))) << i;
  }
}

TEST_F(LongStoryTest, ACallThatFailsCostsItsPicturesAloneAndIsLabelled) {
  media_.FailCallsFor(Picture(1));  // the oldest moment's
  const test::HttpAnswer page = Get(kStoryPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(IsDegraded(page));
  EXPECT_THAT(page.Header("broadsheet-degraded"), HasSubstr("images"));
  EXPECT_TRUE(Contains(page, absl::StrCat("/media/", Picture(kPictures), "/w640.jpg")));
  EXPECT_FALSE(Contains(page, absl::StrCat("/media/", Picture(1), "/w640.jpg")));
  EXPECT_FALSE(Contains(page, absl::StrCat("/media/", Picture(200), "/w640.jpg")));
}

TEST_F(LongStoryTest, TellsCdnsOfTheStoryBeforeWhatElseItShows) {
  EXPECT_TRUE(Get(kStoryPath).Header("surrogate-key").starts_with("article/storm article/other-1 "));
}

TEST_F(LongStoryTest, WhatIsRememberedIsNotAskedForAgain) {
  ASSERT_EQ(Get(kStoryPath).status, 200);
  const int images = media_.faults.calls("BatchGetImages");
  const int summaries = article_.faults.calls("BatchGetArticles");
  Publish(kPictures + 1);
  ASSERT_TRUE(Contains(Get(kStoryPath), absl::StrCat("/media/", Picture(kPictures + 1), "/w640.jpg")));
  EXPECT_EQ(media_.faults.calls("BatchGetImages"), images + 1);
  EXPECT_EQ(article_.faults.calls("BatchGetArticles"), summaries);
}

}  // namespace
}  // namespace broadsheet::gateway
