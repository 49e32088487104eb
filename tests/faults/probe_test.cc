#include "tests/faults/probe.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

using ::testing::HasSubstr;

constexpr StoryState kGone = {StoryState::Kind::kWithheld, 0};
constexpr StoryState Revision(int number) { return {StoryState::Kind::kPublished, number}; }

// Three stories; nobody is asked.
Site::Options OneGateway() {
  Site::Options options;
  options.gateways = {"127.0.0.1:1"};
  options.stories = 3;
  options.sections = 1;
  options.max_writes = 9;
  return options;
}

// What is said of the answers of a gateway that is cut off.
class ProbeTest : public testing::Test {
 protected:
  ProbeTest() {
    for (int story = 0; story < 3; ++story) Write(story, Revision(1));
    gateway_.cut_off.Begin();
  }

  void Write(int story, StoryState state) {
    site_.stories()[story].history.Begin(state);
    site_.stories()[story].history.Return(NowNanos());
  }

  Token Of(int story, int revision) const { return {site_.FindByToken(story)->token_number, revision}; }

  void Answers(const Target& target, const PageAnswer& answer) {
    Probe(site_, report_, gateway_, target).Judge(answer);
  }
  void Shows(const Target& target, std::vector<Token> tokens) {
    Answers(target, {.status = 200, .tokens = std::move(tokens), .door = "http"});
  }
  void Refuses(const Target& target) { Answers(target, {.status = 503, .door = "http"}); }

  bool KnownPageRefused() const {
    return report_.ToJson().find("known page unavailable") != std::string::npos;
  }

  const Target story_ = {Target::Kind::kStory, 0, "/checked-0/story-0"};
  const Target section_ = {Target::Kind::kSection, 0, "/section-0-0"};
  const Target front_ = {Target::Kind::kFront, 0, "/"};
  const Target feed_ = {Target::Kind::kFeed, 0, "/feed.atom"};
  Site site_{OneGateway()};
  GatewayView& gateway_ = site_.gateways().front();
  Report report_;
};

TEST_F(ProbeTest, FindsTheRefusalOfAStoryThatHasBeenShown) {
  Shows(story_, {Of(0, 1)});
  Refuses(story_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, FindsItAlsoAfterANewerRevisionWasPublished) {
  Shows(story_, {Of(0, 1)});
  Write(0, Revision(2));
  Refuses(story_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, FindsItAlsoIfTheStoryWasWithdrawnBeforeItWasShown) {
  Write(0, kGone);
  Write(0, Revision(2));
  Shows(story_, {Of(0, 2)});
  Refuses(story_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, FindsItAlsoIfAnotherStoryOnThePageWasWithdrawn) {
  Shows(story_, {Of(0, 1), Of(1, 1)});
  Write(1, kGone);
  Refuses(story_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, FindsItAlsoWhileArticleWasSilent) {
  Shows(story_, {Of(0, 1)});
  Refuses(story_);
  Stalls stalls;
  stalls.Note(0, NowNanos());
  report_.Settle(stalls, Probe::kRecovery);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, ExcusesARefusalIfTheStoryWasWithdrawnSinceItWasShown) {
  Shows(story_, {Of(0, 1)});
  Write(0, kGone);
  Refuses(story_);
  Write(0, Revision(2));
  Refuses(story_);
  EXPECT_EQ(report_.violations(), 0);
  EXPECT_EQ(report_.count("known story refused after a withdrawal"), 2);
}

TEST_F(ProbeTest, ExcusesARefusalIfAWithdrawalWasOnItsWayWhenTheStoryWasShown) {
  site_.stories()[0].history.Begin(kGone);
  Shows(story_, {Of(0, 1)});
  Refuses(story_);
  EXPECT_EQ(report_.violations(), 0);
}

TEST_F(ProbeTest, ExcusesTheRefusalOfWhatThisProcessHasNotShown) {
  Refuses(story_);
  Shows(story_, {Of(0, 1)});
  gateway_.ForgetEverything();
  Refuses(story_);
  EXPECT_EQ(report_.violations(), 0);
}

TEST_F(ProbeTest, ExcusesTheRefusalOfWhatWasShownOnlyAfterTheQuestion) {
  Probe early(site_, report_, gateway_, story_);
  Shows(story_, {Of(0, 1)});
  early.Judge({.status = 503, .door = "http"});
  EXPECT_EQ(report_.violations(), 0);
}

TEST_F(ProbeTest, FindsTheRefusalOfAnyPageByAGatewayThatIsNotCutOff) {
  Site whole(OneGateway());
  Probe(whole, report_, whole.gateways().front(), story_).Judge({.status = 503, .door = "http"});
  report_.Settle(Stalls(), Probe::kRecovery);
  EXPECT_THAT(report_.ToJson(), HasSubstr("\"unavailable, none\": 1"));
}

TEST_F(ProbeTest, FindsTheRefusalOfAFrontOrSectionWhateverWasWithdrawn) {
  for (const Target& list : {front_, section_}) {
    Report report;
    const auto ask = [&](const PageAnswer& answer) { Probe(site_, report, gateway_, list).Judge(answer); };
    ask({.status = 200, .tokens = {Of(0, 1), Of(1, 1), Of(2, 1)}, .door = "http"});
    site_.stories()[1].history.Begin(kGone);
    ask({.status = 503, .door = "http"});
    EXPECT_THAT(report.ToJson(), HasSubstr("known page unavailable")) << list.path;
  }
}

TEST_F(ProbeTest, FindsTheRefusalOfAFeedIfNoStoryWasWithdrawn) {
  Shows(feed_, {Of(0, 1), Of(1, 1)});
  Write(0, Revision(2));
  Refuses(feed_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, FindsTheRefusalOfAFeedIfOnlyAStoryWasWithdrawnThatCannotBeInIt) {
  Shows(feed_, {Of(0, 1), Of(1, 1)});
  Write(2, kGone);
  Refuses(feed_);
  EXPECT_TRUE(KnownPageRefused());
}

TEST_F(ProbeTest, ExcusesTheRefusalOfAFeedIfOneOfItsStoriesWasWithdrawn) {
  Shows(feed_, {Of(0, 1), Of(1, 1)});
  Write(1, kGone);
  Refuses(feed_);
  EXPECT_EQ(report_.violations(), 0);
}

TEST_F(ProbeTest, ExcusesTheRefusalOfAFeedIfAStoryWasWithdrawnThatANewerOneMayHave) {
  Shows(feed_, {Of(0, 1), Of(1, 1)});
  Write(2, Revision(2));
  Write(2, kGone);
  Refuses(feed_);
  EXPECT_EQ(report_.violations(), 0);
}

TEST_F(ProbeTest, FindsAStoryThatIsMissingInAFeedOfAllOrOnItsSectionsPage) {
  Site::Options options = OneGateway();
  options.feed_lists_all = true;
  Site site(options);
  for (Story& story : site.stories()) {
    story.history.Begin(Revision(1));
    story.history.Return(NowNanos());
  }
  const auto denied = [&](const Target& list, const std::vector<int>& shown) {
    PageAnswer answer = {.status = 200, .tokens = {}, .door = "http"};
    for (const int story : shown) answer.tokens.push_back({site.FindByToken(story)->token_number, 1});
    Report report;
    Probe(site, report, site.gateways().front(), list).Judge(answer);
    return report.ToJson().find("denied") != std::string::npos;
  };
  for (const Target& list : {feed_, section_}) {
    EXPECT_FALSE(denied(list, {0, 1, 2}));
    EXPECT_TRUE(denied(list, {0, 2}));
  }
  EXPECT_FALSE(denied(front_, {0, 2}));
}

}  // namespace
}  // namespace broadsheet::faults
