#include "services/article/uncorrected_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UncorrectedChangesTest : public testing::Test {
 protected:
  using Fields = std::vector<std::string>;

  // Each step at a time of its own. The flags of the answer.
  Fields Update(const std::string& headline, const std::string& more = "") {
    room_.Pass(absl::Minutes(1));
    auto updated = room_.Update(absl::StrCat("article_id: 'wall' content { headline: '", headline,
                                             "' } update_mask { paths: 'content.headline' } ", more));
    EXPECT_TRUE(updated.ok()) << updated.status();
    return Flags(updated);
  }
  Fields Publish(const std::string& more = "") {
    room_.Pass(absl::Minutes(1));
    auto published = room_.Publish(absl::StrCat("article_id: 'wall' ", more));
    EXPECT_TRUE(published.ok()) << published.status();
    return Flags(published);
  }
  void Correct(const std::string& more = "") {
    room_.Pass(absl::Minutes(1));
    auto corrected = room_.Correct(absl::StrCat(
        "article_id: 'wall' correction { type: CORRECTION_TYPE_CORRECTION text { text: 'Sorry.' } ", more,
        " }"));
    EXPECT_TRUE(corrected.ok()) << corrected.status();
  }

  TestNewsroom room_;

 private:
  template <class Response>
  Fields Flags(const absl::StatusOr<Response>& response) {
    if (!response.ok()) return {"failed"};
    return {response->uncorrected_changes().begin(), response->uncorrected_changes().end()};
  }
};

TEST_F(UncorrectedChangesTest, FlagsAMaterialChangeWhenItIsWrittenAndWhenItIsPublished) {
  room_.CreateStory("wall");
  EXPECT_THAT(Update("Sea wall shut"), IsEmpty()) << "nobody has read it";
  EXPECT_THAT(Publish(), IsEmpty()) << "the first text";
  EXPECT_THAT(Update("Sea wall collapses"), ElementsAre("content.headline"));
  EXPECT_THAT(Update("Sea wall collapses!"), ElementsAre("content.headline")) << "still so";
  EXPECT_THAT(Publish(), ElementsAre("content.headline"));
  EXPECT_THAT(Update("Sea Wall collapses"), IsEmpty()) << "typography";
  EXPECT_THAT(Publish(), IsEmpty());
}

TEST_F(UncorrectedChangesTest, ACorrectionSinceTheTextWasPublishedSettlesIt) {
  room_.PublishStory("wall");
  Correct();
  EXPECT_THAT(Update("Two"), IsEmpty()) << "corrected, then changed";
  EXPECT_THAT(Publish(), IsEmpty());
  EXPECT_THAT(Update("Three"), ElementsAre("content.headline")) << "that correction was of the text before";
  Correct();
  EXPECT_THAT(Publish(), IsEmpty()) << "changed, then corrected";
  Correct("create_time { seconds: 1 }");
  EXPECT_THAT(Update("Four"), ElementsAre("content.headline")) << "a correction of long ago";
}

TEST_F(UncorrectedChangesTest, FlagsAScheduledPublicationToo) {
  room_.PublishStory("wall");
  EXPECT_THAT(Update("Two"), ElementsAre("content.headline"));
  EXPECT_THAT(Publish(absl::StrCat("publish_at ", room_.After(absl::Hours(1)))),
              ElementsAre("content.headline"));
}

TEST_F(UncorrectedChangesTest, FlagsNothingWhereReadersHaveNoText) {
  room_.PublishStory("wall");
  ASSERT_TRUE(room_.Withhold("article_id: 'wall'").ok());
  EXPECT_THAT(Update("Two"), IsEmpty());
  EXPECT_THAT(Publish(), IsEmpty());
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  EXPECT_THAT(Update("Three"), IsEmpty());
}

TEST_F(UncorrectedChangesTest, ChangesOfOtherThingsAreNoneOfTheText) {
  room_.PublishStory("wall");
  auto noted = room_.Update("article_id: 'wall' ed_note: 'n' update_mask { paths: 'ed_note' }");
  ASSERT_TRUE(noted.ok());
  EXPECT_THAT(noted->uncorrected_changes(), IsEmpty());
  EXPECT_THAT(Publish(), IsEmpty());
}

TEST_F(UncorrectedChangesTest, ARepeatedRequestIsFlaggedAsTheFirst) {
  room_.PublishStory("wall");
  EXPECT_THAT(Update("Two", "request_id: 'u'"), ElementsAre("content.headline"));
  EXPECT_THAT(Publish("request_id: 'p'"), ElementsAre("content.headline"));
  Correct();
  room_.Restart();
  EXPECT_THAT(Update("Two", "request_id: 'u'"), ElementsAre("content.headline"));
  EXPECT_THAT(Publish("request_id: 'p'"), ElementsAre("content.headline"));
}

}  // namespace
}  // namespace broadsheet::article
