#include "services/gateway/cache_service.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/testing/real_redis.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/gateway_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::Contains;
using testing::IsEmpty;

class CacheServiceTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "pier"}) article_.Publish(id, absl::StrCat("News of the ", id));
    recommendation_.Recommend({"bridge", "pier"});
    options_.redis_address = redis_.address();
    options_.redis_timeout = absl::Seconds(2);
    options_.last_good.folder = folder_.path();
    options_.last_good.interval = absl::Milliseconds(10);
    StartGateway();
    stub_ =
        page::v1::CacheService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
    pages_ =
        page::v1::PageService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
  }

  absl::StatusOr<page::v1::PurgePagesResponse> Purge(const page::v1::PurgePagesRequest& request) {
    grpc::ClientContext context;
    page::v1::PurgePagesResponse response;
    const grpc::Status status = stub_->PurgePages(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  static int Pages(const page::v1::PurgePagesResponse& response, page::v1::CacheTier tier) {
    for (const page::v1::TierPages& pages : response.tiers()) {
      if (pages.tier() == tier) return pages.pages();
    }
    return -1;
  }

  absl::StatusOr<page::v1::ListDependentsResponse> Dependents(
      const page::v1::ListDependentsRequest& request) {
    grpc::ClientContext context;
    page::v1::ListDependentsResponse response;
    const grpc::Status status = pages_->ListDependents(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  // Returns when Redis is there.
  void Restart() {
    StartGateway();
    ASSERT_TRUE(Eventually([&] {
      const auto status = test::HttpGet(gateway_->ops_port(), "/status");
      return status.ok() && status->body.find("answers") != std::string::npos;
    }));
  }

  test::RealRedis redis_;
  test::TempDir folder_;
  std::unique_ptr<page::v1::CacheService::Stub> stub_;
  std::unique_ptr<page::v1::PageService::Stub> pages_;
};

TEST_F(CacheServiceTest, SaysWhatItWouldThrowAwayAndThrowsAwayThatOnly) {
  for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/authors/jo"}) Get(path);
  page::v1::PurgePagesRequest request;
  request.set_tag("article/pier");
  absl::StatusOr<page::v1::PurgePagesResponse> plan;
  EXPECT_TRUE(Eventually([&] {  // until disk and Redis have the pages too
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/authors/jo"}) Get(path);
    plan = Purge(request);
    return plan.ok() && Pages(*plan, page::v1::CACHE_TIER_REDIS) == plan->pages() &&
           Pages(*plan, page::v1::CACHE_TIER_DISK) == plan->pages();
  }));
  EXPECT_FALSE(plan->purged());
  EXPECT_TRUE(plan->owner_available());
  EXPECT_THAT(plan->sample_paths(), Contains("/city/pier"));
  EXPECT_EQ(Pages(*plan, page::v1::CACHE_TIER_MEMORY), plan->pages());

  request.set_confirmation(plan->confirmation());
  // Before, as what is kept on disk may be made anew at any moment.
  const int calls = article_.faults.calls("GetArticle");
  const auto done = Purge(request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->purged());
  EXPECT_EQ(done->pages(), plan->pages());
  EXPECT_EQ(Get("/city/pier").status, 200);
  EXPECT_GT(article_.faults.calls("GetArticle"), calls);
}

TEST_F(CacheServiceTest, AfterAPurgeThePageIsNowhere) {
  page::v1::PurgePagesRequest request;
  request.set_path("/city/pier");
  absl::StatusOr<page::v1::PurgePagesResponse> plan;
  ASSERT_TRUE(Eventually([&] {
    Get("/city/pier");
    plan = Purge(request);
    return plan.ok() && Pages(*plan, page::v1::CACHE_TIER_REDIS) == 1 &&
           Pages(*plan, page::v1::CACHE_TIER_DISK) == 1;
  }));
  request.set_confirmation(plan->confirmation());
  ASSERT_TRUE(Purge(request)->purged());
  request.clear_confirmation();
  plan = Purge(request);
  for (page::v1::CacheTier tier :
       {page::v1::CACHE_TIER_MEMORY, page::v1::CACHE_TIER_REDIS, page::v1::CACHE_TIER_DISK})
    EXPECT_EQ(Pages(*plan, tier), 0) << tier;
}

// A page is stored some milliseconds after it was made; those that are made later are stored later.
TEST_F(CacheServiceTest, APageThatIsPurgedAsSoonAsItIsMadeIsNotStoredAfterwards) {
  ASSERT_TRUE(Eventually([&] {  // Redis is there
    Get("/city");
    return redis_.Command({"EXISTS", RedisKey("/city")}) == "1";
  }));
  page::v1::PurgePagesRequest request;
  request.set_path("/city/pier");
  request.set_confirmation(Purge(request)->confirmation());
  for (int i = 0; i < 20; ++i) {
    Get("/city/pier");
    const auto done = Purge(request);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  Get("/city/bridge");
  ASSERT_TRUE(Eventually([&] { return redis_.Command({"EXISTS", RedisKey("/city/bridge")}) == "1"; }));
  EXPECT_EQ(redis_.Command({"EXISTS", RedisKey("/city/pier")}), "0");
}

TEST_F(CacheServiceTest, APathAtWhichNoPageIsCountsAsNone) {
  page::v1::PurgePagesRequest request;
  request.set_path("/never/asked");
  const auto plan = Purge(request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->pages(), 0);
  EXPECT_EQ(plan->sample_paths_size(), 0);
  request.set_confirmation(plan->confirmation());
  const auto done = Purge(request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->pages(), 0);
}

TEST_F(CacheServiceTest, AConfirmationIsOnlyGoodForThePagesItNames) {
  Get("/city/pier");
  page::v1::PurgePagesRequest request;
  request.set_tag("article/pier");
  request.set_confirmation(Purge(request)->confirmation());
  Get("/city");
  EXPECT_EQ(rpc::Reason(Purge(request).status()), "PURGE_CHANGED");
  request.set_confirmation("yes");
  EXPECT_EQ(Purge(request).status().code(), absl::StatusCode::kAborted);
}

TEST_F(CacheServiceTest, PagesThatCouldNotBeMadeAnewAreKept) {
  Get("/city/pier");
  page::v1::PurgePagesRequest request;
  request.set_path("/city/pier");
  article_.server().Stop();
  WaitUntilCutOff();
  const auto plan = Purge(request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->owner_available());
  request.set_confirmation(plan->confirmation());
  EXPECT_EQ(rpc::Reason(Purge(request).status()), "OWNER_UNAVAILABLE");
  EXPECT_EQ(Get("/city/pier").status, 200);
  request.set_even_if_unavailable(true);
  EXPECT_TRUE(Purge(request)->purged());
  EXPECT_EQ(Get("/city/pier").status, 503);
}

TEST_F(CacheServiceTest, PagesThatWouldComeBackFromRedisAreKept) {
  page::v1::PurgePagesRequest request;
  request.set_tag("article/pier");
  absl::StatusOr<page::v1::PurgePagesResponse> plan;
  ASSERT_TRUE(Eventually([&] {
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/authors/jo"}) Get(path);
    plan = Purge(request);
    return plan.ok() && Pages(*plan, page::v1::CACHE_TIER_REDIS) == plan->pages();
  }));
  EXPECT_TRUE(plan->redis_available());
  request.set_confirmation(plan->confirmation());
  redis_.Pause();
  EXPECT_EQ(rpc::Reason(Purge(request).status()), "REDIS_UNAVAILABLE");
  page::v1::PurgePagesRequest look;
  look.set_tag("article/pier");
  plan = Purge(look);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->redis_available());
  EXPECT_EQ(Pages(*plan, page::v1::CACHE_TIER_MEMORY), plan->pages());
  redis_.Resume();
  EXPECT_TRUE(Eventually([&] {  // asked again, as the error says
    const auto done = Purge(request);
    return done.ok() && done->purged() && done->redis_available();
  }));
}

TEST_F(CacheServiceTest, PagesAreThrownAwayWithoutRedisIfThatIsDemanded) {
  Get("/city/pier");
  page::v1::PurgePagesRequest request;
  request.set_path("/city/pier");
  redis_.Pause();
  request.set_confirmation(Purge(request)->confirmation());
  request.set_even_if_unavailable(true);
  const auto done = Purge(request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->purged());
  EXPECT_FALSE(done->redis_available());
  EXPECT_EQ(Pages(*done, page::v1::CACHE_TIER_MEMORY), 1);
}

TEST_F(CacheServiceTest, APurgeOfAllLeavesNothingAnywhere) {
  page::v1::PurgePagesRequest request;
  request.set_all(true);
  ASSERT_TRUE(Eventually([&] {
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge"}) Get(path);
    const auto seen = Purge(request);
    return seen.ok() && Pages(*seen, page::v1::CACHE_TIER_DISK) >= 2 &&
           redis_.Command({"EXISTS", RedisKey("/city/pier")}) == "1";
  }));
  const auto plan = Purge(request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->purged());
  EXPECT_GE(Pages(*plan, page::v1::CACHE_TIER_MEMORY), 4);
  EXPECT_EQ(Pages(*plan, page::v1::CACHE_TIER_REDIS), -1) << "it cannot say";
  EXPECT_TRUE(plan->redis_available());
  EXPECT_THAT(plan->sample_paths(), Contains("/city/pier"));
  request.set_confirmation(plan->confirmation());
  const int calls = article_.faults.calls("GetArticle");
  const auto done = Purge(request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->purged());
  EXPECT_EQ(redis_.Command({"EXISTS", RedisKey("/city/pier")}), "1") << "but it counts as none:";
  const test::HttpAnswer anew = Get("/city/pier");
  EXPECT_EQ(anew.Header("cache-status").find("detail=redis"), std::string::npos);
  EXPECT_GT(article_.faults.calls("GetArticle"), calls);
}

TEST_F(CacheServiceTest, AGatewayThatStartsAfterAPurgeOfAllTakesOutOfRedisWhatWasMadeSince) {
  ASSERT_TRUE(Eventually([&] {
    Get("/city/pier");
    return redis_.Command({"EXISTS", RedisKey("/city/pier")}) == "1";
  }));
  page::v1::PurgePagesRequest request;
  request.set_all(true);
  request.set_confirmation(Purge(request)->confirmation());
  ASSERT_TRUE(Purge(request)->purged());
  ASSERT_TRUE(Eventually([&] {
    Get("/city/bridge");
    return redis_.Command({"EXISTS", RedisKey("/city/bridge")}) == "1";
  }));
  options_.last_good.folder = "";
  Restart();
  EXPECT_EQ(Get("/city/pier").Header("cache-status").find("detail=redis"), std::string::npos);
  EXPECT_NE(Get("/city/bridge").Header("cache-status").find("detail=redis"), std::string::npos);
}

TEST_F(CacheServiceTest, AllPagesThatWouldComeBackFromRedisAreKept) {
  Get("/city/pier");
  page::v1::PurgePagesRequest request;
  request.set_all(true);
  ASSERT_TRUE(Eventually([&] { return Purge(request)->redis_available(); }));
  request.set_confirmation(Purge(request)->confirmation());
  redis_.Pause();
  EXPECT_EQ(rpc::Reason(Purge(request).status()), "REDIS_UNAVAILABLE");
  page::v1::PurgePagesRequest look;
  look.set_all(true);
  const auto plan = Purge(look);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->redis_available());
  EXPECT_GE(Pages(*plan, page::v1::CACHE_TIER_MEMORY), 1);
  request.set_even_if_unavailable(true);
  EXPECT_TRUE(Purge(request)->purged());
  redis_.Resume();
}

TEST_F(CacheServiceTest, AConfirmationOfAllPagesIsGoodForAFewMoreButNotForMany) {
  page::v1::PurgePagesRequest request;
  request.set_all(true);
  request.set_confirmation(Purge(request)->confirmation());
  for (int i = 0; i < 50; ++i) Get(absl::StrCat("/authors/nobody-", i));
  EXPECT_TRUE(Purge(request)->purged()) << "readers read on";
  for (int i = 0; i < 150; ++i) Get(absl::StrCat("/authors/nobody-", i));
  EXPECT_EQ(rpc::Reason(Purge(request).status()), "PURGE_CHANGED");
  for (const char* confirmation : {"all-", "all-x", "1000", "all--1"}) {
    request.set_confirmation(confirmation);
    EXPECT_EQ(rpc::Reason(Purge(request).status()), "PURGE_CHANGED") << confirmation;
  }
}

TEST_F(CacheServiceTest, BadSelectorsAreRefused) {
  page::v1::PurgePagesRequest request;
  EXPECT_EQ(rpc::Violations(Purge(request).status())[0].field, "tag");
  request.set_tag("everything");
  EXPECT_EQ(rpc::Violations(Purge(request).status())[0].field, "tag");
  request.set_path("city");
  EXPECT_EQ(rpc::Violations(Purge(request).status())[0].field, "path");
  request.set_all(false);
  EXPECT_EQ(rpc::Violations(Purge(request).status())[0].field, "all");
}

TEST_F(CacheServiceTest, ListsThePagesThatShowSomethingPartByPart) {
  for (const char* path : {"/", "/city", "/city/pier", "/city/bridge"}) Get(path);
  page::v1::ListDependentsRequest request;
  request.set_tag("article/pier");
  const auto all = Dependents(request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_TRUE(std::is_sorted(all->paths().begin(), all->paths().end()));
  for (const char* path : {"/", "/city", "/city/pier"}) EXPECT_THAT(all->paths(), Contains(path));
  request.set_page_size(1);
  std::vector<std::string> paths;
  do {
    const auto part = Dependents(request);
    ASSERT_EQ(part->paths_size(), 1);
    paths.push_back(part->paths(0));
    request.set_page_token(part->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(paths, std::vector<std::string>(all->paths().begin(), all->paths().end()));
}

TEST_F(CacheServiceTest, BadListingsNameTheField) {
  page::v1::ListDependentsRequest request;
  EXPECT_EQ(rpc::Violations(Dependents(request).status())[0].field, "tag");
  request.set_tag("article/pier");
  request.set_page_size(-1);
  EXPECT_EQ(rpc::Violations(Dependents(request).status())[0].field, "page_size");
  request.set_page_size(0);
  request.set_page_token("*");
  EXPECT_EQ(rpc::Violations(Dependents(request).status())[0].field, "page_token");
  request.clear_page_token();
  request.set_tag("article/unheard-of");
  EXPECT_THAT(Dependents(request)->paths(), IsEmpty());
}

}  // namespace
}  // namespace broadsheet::gateway
