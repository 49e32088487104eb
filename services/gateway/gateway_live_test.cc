#include <utility>

#include "absl/strings/str_cat.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "services/gateway/gateway_testing.h"

// Live stories: what stands above a moment, as fresh as the page.
namespace broadsheet::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kDawn = 1'795'146'000;
constexpr char kPath[] = "/city/storm";

class LiveStoryTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("pier", "Pier opened");
    PublishMoments(2);
    recommendation_.Recommend({"pier"});
    StartGateway();
  }

  // The story with moments m1 to mN, each so much later than the one before.
  void PublishMoments(int count, absl::Duration apart = absl::Minutes(1)) {
    article::v1::Article story;
    story.set_article_id("storm");
    story.set_path(kPath);
    article::v1::ArticleContent& content = *story.mutable_content();
    content.set_headline("The storm, as it comes");
    content.set_section_id("city");
    for (int i = 1; i <= count; ++i) {
      article::v1::Block& moment = *content.add_body();
      moment.set_block_id(absl::StrCat("m", i));
      moment.mutable_key_event()->set_headline(absl::StrCat("Moment ", i));
      moment.mutable_key_event()->mutable_event_time()->set_seconds(kDawn + i * absl::ToInt64Seconds(apart));
      content.add_body()->mutable_paragraph()->mutable_text()->set_text(absl::StrCat("Text ", i, "."));
    }
    article_.Publish(story);
  }

  test::HttpAnswer Since(const std::string& moment, const test::HttpHeaders& headers = {}) {
    return Get(absl::StrCat(kPath, "?since=", moment), headers);
  }
  // What the status page says of that, to the end of the line.
  std::string Status(const std::string& name) {
    const std::string page = test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()).body;
    const std::size_t at = page.find(name);
    EXPECT_NE(at, page.npos) << name;
    return at == page.npos ? "" : page.substr(at, page.find('\n', at) - at);
  }
};

TEST_F(LiveStoryTest, OnlyWhatIsNewIsSent) {
  EXPECT_THAT(Get(kPath).body, AllOf(HasSubstr("<h1"), HasSubstr("id=\"b-m2\""), HasSubstr("id=\"b-m1\"")));
  const test::HttpAnswer fragment = Since("b-m1");
  EXPECT_EQ(fragment.status, 200);
  EXPECT_EQ(fragment.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(fragment.body.starts_with("<div class=\"moments\">\n<article class=\"moment\" id=\"b-m2\""));
  EXPECT_THAT(fragment.body, AllOf(HasSubstr("Text 2."), Not(HasSubstr("Text 1.")), Not(HasSubstr("<h1"))));
  const test::HttpAnswer nothing = Since("b-m2");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_THAT(nothing.body, IsEmpty());
}

TEST_F(LiveStoryTest, TheVeryNextQuestionSeesEveryMoment) {
  for (int i = 3; i < 60; ++i) {
    const std::string last = absl::StrCat("b-m", i - 1);
    ASSERT_EQ(Since(last).status, 204) << i;
    PublishMoments(i);
    const test::HttpAnswer fragment = Since(last);
    ASSERT_EQ(fragment.status, 200) << i;
    ASSERT_TRUE(Contains(fragment, absl::StrCat("Text ", i, ".")));
    ASSERT_EQ(Since(last).body, fragment.body) << "from memory";
  }
}

TEST_F(LiveStoryTest, AChangedMomentIsSentAsItIsNow) {
  EXPECT_TRUE(Contains(Since("b-m1"), "Moment 2"));
  article::v1::Article story;
  story.set_article_id("storm");
  story.set_path(kPath);
  story.mutable_content()->set_headline("The storm");
  story.mutable_content()->set_section_id("city");
  for (const auto& [id, headline] : {std::pair{"m2", "Mended"}, std::pair{"m1", "First"}}) {
    article::v1::Block& moment = *story.mutable_content()->add_body();
    moment.set_block_id(id);
    moment.mutable_key_event()->set_headline(headline);
    moment.mutable_key_event()->mutable_event_time()->set_seconds(kDawn + id[1]);
  }
  article_.Publish(story);
  EXPECT_THAT(Since("b-m1").body, AllOf(HasSubstr("Mended"), Not(HasSubstr("Moment 2"))));
}

TEST_F(LiveStoryTest, AMomentAddedAtTheTimeOfTheLatestIsSent) {
  PublishMoments(3, absl::ZeroDuration());
  ASSERT_EQ(Since("b-m3").status, 204);
  PublishMoments(4, absl::ZeroDuration());
  EXPECT_TRUE(Contains(Since("b-m3"), "Text 4."));
}

TEST_F(LiveStoryTest, AFragmentTravelsLikeItsPage) {
  const test::HttpAnswer page = Get(kPath);
  const test::HttpAnswer fragment = Since("b-m1");
  for (const char* field : {"cache-control", "cdn-cache-control", "surrogate-key", "content-security-policy",
                            "x-content-type-options", "vary"})
    EXPECT_EQ(fragment.Header(field), page.Header(field)) << field;
  EXPECT_EQ(Since("b-m2").Header("surrogate-key"), page.Header("surrogate-key"));
  EXPECT_EQ(Since("b-m2").Header("cache-control"), page.Header("cache-control"));
  EXPECT_NE(fragment.Header("etag"), page.Header("etag"));
  EXPECT_EQ(Since("b-m1", {{"If-None-Match", fragment.Header("etag")}}).status, 304);
  EXPECT_EQ(Since("b-m1", {{"If-None-Match", page.Header("etag")}}).status, 200);
  const test::HttpAnswer head =
      test::HttpRequest(gateway_->http_port(), "HEAD", absl::StrCat(kPath, "?since=b-m1")).value();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("etag"), fragment.Header("etag"));
  EXPECT_THAT(head.body, IsEmpty());
}

TEST_F(LiveStoryTest, NonsenseIsRefusedWithAReason) {
  for (const char* since : {"", "m1", "yesterday", "b-%3Cscript%3E", "%", "b-m1&since=b-m2"}) {
    const test::HttpAnswer answer = Since(since);
    EXPECT_EQ(answer.status, 400) << since;
    EXPECT_THAT(answer.body, HasSubstr("since must be the id of a moment")) << since;
    EXPECT_EQ(answer.Header("cache-control"), "no-store") << since;
  }
  EXPECT_EQ(Since("b-gone").status, 404) << "the page has to be loaded again";
}

TEST_F(LiveStoryTest, WhoHasMissedTooMuchLoadsThePage) {
  PublishMoments(52);
  EXPECT_EQ(Since("b-m2").status, 200);
  const test::HttpAnswer much = Since("b-m1");
  EXPECT_EQ(much.status, 404);
  EXPECT_THAT(much.body, HasSubstr("load the page again"));
  EXPECT_THAT(Status("fragments of live stories"), HasSubstr("1, ")) << "the refusal is not kept";
  PublishMoments(53);
  EXPECT_EQ(Since("b-m2").status, 404);
}

TEST_F(LiveStoryTest, ElsewhereTheQueryMeansNothing) {
  for (const char* path : {"/", "/city", "/authors/jo", "/feed.atom", "/city/storm.ninjs.json"})
    EXPECT_EQ(Get(absl::StrCat(path, "?since=x")).body, Get(path).body) << path;
  EXPECT_EQ(Get("/city/pier?since=b-m1").status, 404) << "a story without moments";
  EXPECT_EQ(Get("/city/storm?sinc=b-m1&x").body, Get(kPath).body);
  EXPECT_EQ(Get("/city/storm?x=1&since=b-m2").status, 204);
}

TEST_F(LiveStoryTest, QuestionsFillNoCache) {
  Since("b-m1");
  for (int i = 0; i < 300; ++i) Since(absl::StrCat("b-x", i));
  // How many: their bytes change as they are compressed.
  EXPECT_THAT(Status("in memory"), HasSubstr(": 1 pages, "));
  EXPECT_THAT(Status("fragments of live stories"), HasSubstr(": 1, "));
}

TEST_F(LiveStoryTest, AWithdrawnStoryHasNoFragments) {
  EXPECT_EQ(Since("b-m1").status, 200);
  article_.Withdraw("storm");
  const test::HttpAnswer gone = Since("b-m1");
  EXPECT_EQ(gone.status, 410);
  EXPECT_FALSE(Contains(gone, "Moment 2"));
  EXPECT_EQ(Since("b-m2").status, 410);
}

TEST_F(LiveStoryTest, AWithdrawnStoryHasNoFragmentsWhenArticleIsGoneEither) {
  EXPECT_EQ(Since("b-m1").status, 200);
  article_.Withdraw("storm");
  article_.server().Stop();
  EXPECT_EQ(Since("b-m1").status, 410);
}

TEST_F(LiveStoryTest, WithoutArticleAFragmentIsLabelled) {
  Get(kPath);
  EXPECT_FALSE(IsDegraded(Since("b-m1")));
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer fragment = Since("b-m1");
  EXPECT_EQ(fragment.status, 200);
  EXPECT_TRUE(IsDegraded(fragment));
  EXPECT_TRUE(fragment.body.starts_with("<div class=\"moments\" data-degraded=\"stale\">"));
  EXPECT_EQ(Since("b-m2").status, 204);
  EXPECT_THAT(Since("b-m2").Header("broadsheet-degraded"), HasSubstr("article;reason="));
  EXPECT_EQ(Since("b-m2").Header("cache-control"), Get(kPath).Header("cache-control"));
}

TEST_F(LiveStoryTest, AStoryThatIsNotKnownIsUnavailableWithoutArticle) {
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Since("b-m1").status, 503);
}

TEST_F(LiveStoryTest, AMovedStoryLeadsToTheSameQuestion) {
  article_.Move("storm", "/city/great-storm");
  const test::HttpAnswer moved = Since("b-m1");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.Header("location"), "/city/great-storm?since=b-m1");
  EXPECT_TRUE(Contains(Get(moved.Header("location")), "Text 2."));
}

TEST_F(LiveStoryTest, PositionsCanBeDemandedOfAFragment) {
  EXPECT_EQ(Since("b-m1", {{"Broadsheet-Min-Position", "article=1"}}).status, 200);
  const test::HttpAnswer ahead = Since("b-m1", {{"Broadsheet-Min-Position", "article=999999"}});
  EXPECT_EQ(ahead.status, 503);
}

TEST_F(LiveStoryTest, ServicesGetTheSameBytes) {
  auto stub =
      page::v1::PageService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
  const auto get = [&](const std::string& since, page::v1::GetPageResponse& response) {
    grpc::ClientContext context;
    page::v1::GetPageRequest request;
    request.set_path(kPath);
    request.set_since(since);
    return stub->GetPage(&context, request, &response).error_code();
  };
  page::v1::GetPageResponse fragment, nothing, none;
  ASSERT_EQ(get("b-m1", fragment), grpc::StatusCode::OK);
  EXPECT_EQ(fragment.status(), 200);
  EXPECT_EQ(fragment.body(), Since("b-m1").body);
  EXPECT_EQ(fragment.etag(), Since("b-m1").Header("etag"));
  ASSERT_EQ(get("b-m2", nothing), grpc::StatusCode::OK);
  EXPECT_EQ(nothing.status(), 204);
  EXPECT_THAT(nothing.body(), IsEmpty());
  ASSERT_EQ(get("b-none", none), grpc::StatusCode::OK);
  EXPECT_EQ(none.status(), 404);
  EXPECT_EQ(get("m1", none), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace broadsheet::gateway
