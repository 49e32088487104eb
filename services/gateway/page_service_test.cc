#include "services/gateway/page_service.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "services/gateway/backends.h"
#include "services/gateway/page_service_testing.h"

// The gRPC face, as a client of another team sees it.
namespace broadsheet::gateway {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PageServiceTest : public PageClientTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    StartGateway();
  }

  page::v1::GetPageResponse GetPage(const std::string& path) {
    page::v1::GetPageRequest request;
    request.set_path(path);
    page::v1::GetPageResponse response;
    const grpc::Status status = Call(request, response);
    EXPECT_TRUE(status.ok()) << path << ": " << status.error_message();
    return response;
  }

  page::v1::ExplainPageResponse ExplainPage(const std::string& path) {
    grpc::ClientContext context;
    page::v1::ExplainPageRequest request;
    request.set_path(path);
    page::v1::ExplainPageResponse response;
    EXPECT_TRUE(stub_->ExplainPage(&context, request, &response).ok());
    return response;
  }

  static page::v1::Dependency DependencyOn(const std::string& tag,
                                           const page::v1::ExplainPageResponse& page) {
    for (const page::v1::Dependency& dependency : page.dependencies()) {
      if (dependency.tag() == tag) return dependency;
    }
    ADD_FAILURE() << "the page does not depend on " << tag;
    return {};
  }

  // A story at /city/pictured, with the picture "quay".
  void PublishPictured() {
    article::v1::Article pictured;
    pictured.set_article_id("pictured");
    pictured.set_path("/city/pictured");
    pictured.mutable_content()->set_headline("Pictured");
    pictured.mutable_content()->set_section_id("city");
    pictured.mutable_content()->mutable_lead_image()->set_image_id("quay");
    article_.Publish(pictured);
  }

  // The same, known to the gateway with its picture, however busy the machine is.
  void KnowPictured() {
    PublishPictured();
    ASSERT_TRUE(Eventually([this] { return GetPage("/city/pictured").degradations().empty(); }));
  }

  // The status for who demands that position of media.
  int PicturedNotOlderThan(std::int64_t media_position) {
    page::v1::GetPageRequest request;
    request.set_path("/city/pictured");
    request.set_min_media_position(media_position);
    page::v1::GetPageResponse response;
    EXPECT_TRUE(Call(request, response).ok());
    return response.status();
  }
};

TEST_F(PageServiceTest, ReturnsTheBytesThatReadersGet) {
  article_.Move("bridge", "/city/new-bridge");
  for (const char* path : {"/", "/city", "/authors/jo", "/city/pier", "/city/nothing", "/city/bridge",
                           "/feed.atom", "/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/news.xml",
                           "/sitemaps/2026-09.xml", "/robots.txt"}) {
    const page::v1::GetPageResponse page = GetPage(path);
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(page.status(), answer.status) << path;
    EXPECT_EQ(page.body(), answer.body) << path;
    EXPECT_EQ(page.etag(), answer.Header("etag")) << path;
    EXPECT_EQ(page.media_type(), answer.Header("content-type")) << path;
    EXPECT_EQ(page.location(), answer.Header("location")) << path;
  }
}

TEST_F(PageServiceTest, SaysWhatAPageDependsOnAndWhatItWasReadFrom) {
  const page::v1::GetPageResponse page = GetPage("/city/pier");
  EXPECT_THAT(page.tags(), Contains("article/pier"));
  EXPECT_THAT(page.tags(), Contains("article/bridge"));
  EXPECT_THAT(page.tags(), Contains("path/city/pier"));
  EXPECT_EQ(page.article_snapshot().log_id(), "article-log");
  EXPECT_EQ(page.article_snapshot().position(), 2);
  EXPECT_TRUE(page.has_last_modified());
  EXPECT_THAT(page.degradations(), IsEmpty());
}

TEST_F(PageServiceTest, LabelsDegradedPages) {
  recommendation_.server().Stop();
  const page::v1::GetPageResponse page = GetPage("/city/pier");
  ASSERT_THAT(page.degradations(), Not(IsEmpty()));
  EXPECT_EQ(page.degradations(0).reason(), page::v1::DEGRADATION_REASON_UNAVAILABLE);
}

TEST_F(PageServiceTest, APageNotOlderThanAPublicationIsServedOrMadeAnew) {
  GetPage("/city/pier");
  page::v1::GetPageRequest request;
  request.set_path("/city/pier");
  request.set_min_article_position(article_.Publish("pier", "Just published"));
  page::v1::GetPageResponse response;
  ASSERT_TRUE(Call(request, response).ok());
  EXPECT_THAT(response.body(), HasSubstr("Just published"));
  EXPECT_GE(response.article_snapshot().position(), request.min_article_position());
}

TEST_F(PageServiceTest, ADemandThatNobodyCanMeetIsRefusedAndHarmsNobodyElse) {
  GetPage("/city/pier");
  page::v1::GetPageRequest request;
  request.set_path("/city/pier");
  request.set_min_article_position(1'000);
  for (int i = 0; i < 6; ++i) {  // more than open a breaker
    page::v1::GetPageResponse response;
    ASSERT_TRUE(Call(request, response).ok());
    EXPECT_EQ(response.status(), 503);
    ASSERT_EQ(response.degradations_size(), 1);
    EXPECT_EQ(response.degradations(0).part(), "article");
    EXPECT_EQ(response.degradations(0).reason(), page::v1::DEGRADATION_REASON_UNAVAILABLE);
  }
  article_.Publish("pier", "Asked for as ever");
  const page::v1::GetPageResponse page = GetPage("/city/pier");
  EXPECT_THAT(page.body(), HasSubstr("Asked for as ever"));
  EXPECT_THAT(page.degradations(), IsEmpty());
}

TEST_F(PageServiceTest, BadRequestsNameTheField) {
  for (const char* path : {"", "city", "/city?x=1", "/city#top", "/%", "/a/../b"}) {
    page::v1::GetPageRequest request;
    request.set_path(path);
    page::v1::GetPageResponse response;
    const absl::Status status = rpc::FromGrpc(Call(request, response));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    ASSERT_EQ(rpc::Violations(status).size(), 1u) << path;
    EXPECT_EQ(rpc::Violations(status)[0].field, "path") << path;
  }
  page::v1::GetPageRequest request;
  request.set_path("/");
  request.set_min_media_position(-1);
  page::v1::GetPageResponse response;
  EXPECT_EQ(rpc::Violations(rpc::FromGrpc(Call(request, response)))[0].field, "min_media_position");
}

TEST_F(PageServiceTest, ExplainsWhatAPageIsMadeOf) {
  const page::v1::ExplainPageResponse made = ExplainPage("/city/pier");
  EXPECT_EQ(made.status(), 200);
  EXPECT_EQ(made.tier(), page::v1::CACHE_TIER_RENDERED);
  EXPECT_TRUE(made.fresh());
  EXPECT_THAT(made.calls(), Not(IsEmpty()));
  EXPECT_THAT(made.calls(0).method(), HasSubstr("broadsheet."));
  const page::v1::Dependency pier = DependencyOn("article/pier", made);
  EXPECT_EQ(pier.source(), "article");
  EXPECT_EQ(pier.last_change_position(), 2);
  const page::v1::ExplainPageResponse kept = ExplainPage("/city/pier");
  EXPECT_EQ(kept.tier(), page::v1::CACHE_TIER_MEMORY);
  EXPECT_THAT(kept.calls(), IsEmpty());
}

TEST_F(PageServiceTest, ExplainsWhichRecordsWouldHaveToBeAskedFor) {
  const page::v1::ExplainPageResponse made = ExplainPage("/city/pier");
  EXPECT_EQ(DependencyOn("article/bridge", made).record_tier(), page::v1::CACHE_TIER_MEMORY);
  // A story that a page is about is asked for each time that the page is made.
  EXPECT_EQ(DependencyOn("article/pier", made).record_tier(), page::v1::CACHE_TIER_RENDERED);
  EXPECT_EQ(DependencyOn("path/city/pier", made).record_tier(), page::v1::CACHE_TIER_UNSPECIFIED);
  article_.Publish("bridge", "Bridge open again");
  EXPECT_EQ(DependencyOn("article/bridge", ExplainPage("/city/pier")).record_tier(),
            page::v1::CACHE_TIER_MEMORY);
}

TEST_F(PageServiceTest, ExplainsWhyAPageIsNotFresh) {
  ExplainPage("/city/pier");
  article_.server().Stop();
  WaitUntilCutOff();
  const page::v1::ExplainPageResponse explained = ExplainPage("/city/pier");
  EXPECT_FALSE(explained.fresh());
  EXPECT_THAT(explained.staleness(), HasSubstr("article: cut off"));
  EXPECT_THAT(explained.degradations(), Not(IsEmpty()));
}

TEST_F(PageServiceTest, ADegradedPageIsFreshForAsLongAsItIsServedFromMemory) {
  PublishPictured();
  media_.server().Stop();
  ASSERT_TRUE(Eventually([this] { return !ExplainPage("/").sources(1).live(); }));
  options_.pages.rules.degraded_lifetime = absl::Hours(1);
  StartGatewayAlone();
  ASSERT_TRUE(Eventually([this] { return ExplainPage("/").sources(0).live(); }));
  ASSERT_THAT(ExplainPage("/city/pictured").degradations(), Not(IsEmpty()));
  const page::v1::ExplainPageResponse kept = ExplainPage("/city/pictured");
  EXPECT_EQ(kept.tier(), page::v1::CACHE_TIER_MEMORY);
  EXPECT_TRUE(kept.fresh()) << kept.staleness();
  EXPECT_THAT(kept.staleness(), IsEmpty());
}

TEST_F(PageServiceTest, ADegradedPageThatIsNotServedAgainIsNotFreshThoughBothLogsVouchForIt) {
  recommendation_.server().Stop();
  options_.pages.rules.degraded_lifetime = absl::ZeroDuration();
  StartGateway();
  const page::v1::ExplainPageResponse explained = ExplainPage("/city/pier");
  ASSERT_THAT(explained.degradations(), Not(IsEmpty()));
  EXPECT_FALSE(explained.fresh());
  EXPECT_THAT(explained.staleness(), HasSubstr("article: fresh; media: fresh; degraded"));
}

TEST_F(PageServiceTest, ExplainsWhichRevisionsAPageShowsAndHowItsSourcesStand) {
  article_.Publish("pier", "Second edition");
  ExplainPage("/city/pier");
  const page::v1::ExplainPageResponse kept = ExplainPage("/city/pier");
  EXPECT_GT(DependencyOn("article/pier", kept).revision(), 0);
  for (const page::v1::Dependency& dependency : kept.dependencies())
    EXPECT_FALSE(dependency.changed()) << dependency.tag();
  ASSERT_EQ(kept.sources_size(), 2);
  EXPECT_EQ(kept.sources(0).source(), "article");
  EXPECT_TRUE(kept.sources(0).live());
  EXPECT_EQ(kept.sources(0).applied().position(), 3);
  EXPECT_THAT(kept.kept_in(), Contains(page::v1::CACHE_TIER_MEMORY));
  EXPECT_GT(kept.latency_micros(), 0);
}

TEST_F(PageServiceTest, AStalePageIsNotGivenToWhoDemandsANewerOne) {
  options_.backends.budgets.known = Budgets().known;
  StartGateway();
  GetPage("/city/pier");
  article_.faults.Set(Fault::kHang);  // so that the page cannot be made anew
  page::v1::GetPageRequest request;
  request.set_path("/city/pier");
  request.set_min_article_position(article_.Publish("pier", "Just published"));
  page::v1::GetPageResponse response;
  ASSERT_TRUE(Call(request, response).ok());
  EXPECT_EQ(response.status(), 503);
  EXPECT_EQ(GetPage("/city/pier").status(), 200);
  article_.faults.Set(Fault::kNone);
}

TEST_F(PageServiceTest, AStalePageWithAnOlderPictureIsNotGivenToWhoDemandsTheNewOne) {
  options_.backends.budgets.known = Budgets().known;
  StartGateway();
  ASSERT_NO_FATAL_FAILURE(KnowPictured());
  ASSERT_THAT(GetPage("/city/pictured").tags(), Contains("image/quay"));
  article_.faults.Set(Fault::kHang);  // so that the page cannot be made anew
  EXPECT_EQ(PicturedNotOlderThan(media_.SetCaption("quay", "Another caption")), 503);
  EXPECT_EQ(GetPage("/city/pictured").status(), 200);
  article_.faults.Set(Fault::kNone);
}

// What a page in memory was read at is lower, and nothing of it has changed since.
TEST_F(PageServiceTest, APageThatALaterChangeDoesNotConcernIsGivenToWhoDemandsThatChange) {
  ASSERT_NO_FATAL_FAILURE(KnowPictured());
  ASSERT_THAT(GetPage("/city/pictured").tags(), Contains("image/quay"));
  const int calls = article_.faults.calls("GetArticle");
  EXPECT_EQ(PicturedNotOlderThan(media_.SetCaption("elsewhere", "A caption")), 200);
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
}

// The follower knows of the change, but nobody gives out the picture.
TEST_F(PageServiceTest, APageWithAPictureOfBeforeAChangeThatIsKnownIsNotGivenToWhoDemandsTheChange) {
  options_.backends.budgets.images = Budgets().images;
  StartGateway();
  ASSERT_NO_FATAL_FAILURE(KnowPictured());
  media_.faults.Set(Fault::kHang);
  EXPECT_EQ(PicturedNotOlderThan(media_.SetCaption("quay", "Another caption")), 503);
  EXPECT_EQ(GetPage("/city/pictured").status(), 200);
  media_.faults.Set(Fault::kNone);
}

// Media is gone, so nobody can have what is demanded: the picture as known last is older.
TEST_F(PageServiceTest, APageWithAPictureAsKnownLastIsNotGivenToWhoDemandsANewerOne) {
  ASSERT_NO_FATAL_FAILURE(KnowPictured());
  const std::int64_t known = GetPage("/city/pictured").media_snapshot().position();
  media_.server().Stop();
  EXPECT_EQ(PicturedNotOlderThan(known + 1), 503);
  EXPECT_EQ(GetPage("/city/pictured").status(), 200);
}

TEST_F(PageServiceTest, APageWithAHeadlineAsKnownLastIsNotGivenToWhoDemandsTheNewOne) {
  article_.Publish("ferry", "Ferry sunk");
  recommendation_.SetMostRead({"ferry"});
  ASSERT_THAT(GetPage("/city/pier").body(), HasSubstr("Ferry sunk"));
  page::v1::GetPageRequest request;
  request.set_path("/city/pier");
  request.set_min_article_position(article_.Publish("ferry", "Ferry raised"));
  article_.faults.SetOf("BatchGetArticles", Fault::kUnavailable);
  page::v1::GetPageResponse response;
  ASSERT_TRUE(Call(request, response).ok());
  EXPECT_EQ(response.status(), 503);
  EXPECT_EQ(GetPage("/city/pier").status(), 200);
  article_.faults.SetOf("BatchGetArticles", Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Call(request, response).ok() && response.status() == 200; }));
  EXPECT_THAT(response.body(), HasSubstr("Ferry raised"));
}

TEST_F(PageServiceTest, OverHttpAPageNotOlderThanAPublicationIsAskedForByAField) {
  Get("/city/pier");
  const std::int64_t position = article_.Publish("pier", "Just published");
  const test::HttpHeaders field = {{"Broadsheet-Min-Position", absl::StrCat("article=", position)}};
  const test::HttpAnswer answer = Get("/city/pier", field);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("Just published"));
  EXPECT_THAT(answer.Header("cdn-cache-control"), HasSubstr("no-store"));
  EXPECT_EQ(Get("/city/pier", {{"Broadsheet-Min-Position", "newest"}}).status, 400);
}

TEST_F(PageServiceTest, ListsNoDependentsForATokenThatItNeverGave) {
  for (const char* token : {"xx", "__4=", "no base64"}) {
    page::v1::ListDependentsRequest request;
    request.set_tag("article/pier");
    request.set_page_token(token);
    grpc::ClientContext context;
    page::v1::ListDependentsResponse response;
    const grpc::Status status = stub_->ListDependents(&context, request, &response);
    ASSERT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << token;
    EXPECT_EQ(rpc::Violations(rpc::FromGrpc(status))[0].field, "page_token");
  }
}

TEST_F(PageServiceTest, OverHttpAPositionNobodyHasReachedIs503AndMakesNoPage) {
  Get("/city/pier");
  const int calls = article_.faults.calls("GetArticle");
  const test::HttpAnswer answer = Get("/city/pier", {{"Broadsheet-Min-Position", "article=1000"}});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "1");
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
}

TEST_F(PageServiceTest, OverHttpEveryLineThatDemandsAPositionCounts) {
  Get("/city/pier");
  const test::HttpHeaders lines = {{"Broadsheet-Min-Position", "article=1"},
                                   {"Broadsheet-Min-Position", "media=1000"}};
  EXPECT_EQ(Get("/city/pier", lines).status, 503);
}

}  // namespace
}  // namespace broadsheet::gateway
