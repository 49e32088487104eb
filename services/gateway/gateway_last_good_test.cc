#include <fcntl.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/gateway_testing.h"
#include "services/gateway/moment_of_a_folder_testing.h"
#include "services/gateway/silent_log_testing.h"
#include "services/gateway/stuck_pages_testing.h"

// A gateway that starts while everything behind it is dead: it shows what the gateway before it left, but for
// what that one knew, or could not know, to be withdrawn.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

class LastGoodTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "ferry", "pier"}) article_.Publish(id, absl::StrCat("News of the ", id));
    article::v1::Article pictured;
    pictured.set_article_id("pictured");
    pictured.set_path("/city/pictured");
    pictured.mutable_content()->set_headline("Pictured");
    pictured.mutable_content()->set_section_id("city");
    pictured.mutable_content()->mutable_lead_image()->set_image_id("quay");
    article_.Publish(pictured);
    recommendation_.Recommend({"bridge", "ferry"});
    options_.last_good.folder = directory_.File("running");
    options_.last_good.interval = absl::Milliseconds(10);
    StartGateway();
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/city/pictured"}) Get(path);
    WaitUntilOnDisk("/city/pictured");
    WaitUntilOnDisk("/city/pier");
    WaitUntilOnDisk("/");
  }

  // Until the file on disk holds the page, whole and vouched for by both logs.
  void WaitUntilOnDisk(const std::string& path, const std::string& text = "") {
    EXPECT_TRUE(Eventually([&] {
      Get(path);  // a part of it may have been late
      std::ifstream in(options_.last_good.folder + "/pages", std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), {});
      const auto pages = DecodeLastGoodPages(bytes, "");
      if (!pages) return false;
      return std::any_of(pages->pages.begin(), pages->pages.end(), [&](const auto& page) {
        return page->path == path && page->content->Uncoded()->find(text) != std::string::npos;
      });
    })) << path;
  }

  // Until the pages that are wanted now have been chosen anew: a story that was just asked for is among them.
  void WaitUntilWrittenAgain() { WaitUntilOnDisk("/city/ferry"); }

  void KillEverythingElse() {
    for (RestartableServer* server : {&article_.server(), &media_.server(), &recommendation_.server()})
      server->Stop();
  }

  // As after kill -9: what is on disk at this moment is all that the next gateway has, and what is done to
  // it.
  void RestartFromWhatIsOnDiskNow(const std::function<void(const std::string& folder)>& damage = nullptr) {
    const std::string crashed = CopyOfTheDisk();
    gateway_ = nullptr;
    options_.last_good.folder = crashed;
    if (damage) damage(crashed);
    ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  }

  std::string CopyOfTheDisk() {
    std::string copy = directory_.File(absl::StrCat("crashed", ++crashes_));
    EXPECT_TRUE(Eventually([&] { return CopyOfOneMoment(options_.last_good.folder, copy); }));
    return copy;
  }

  // What an operator is told within five seconds.
  absl::StatusOr<page::v1::PurgePagesResponse> AskWhatAPurgeWouldDo(const std::string& tag) {
    const auto stub =
        page::v1::CacheService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    page::v1::PurgePagesRequest request;
    request.set_tag(tag);
    page::v1::PurgePagesResponse response;
    const grpc::Status status = stub->PurgePages(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  double FailedWrites() {
    const std::string metrics = test::HttpGet(gateway_->ops_port(), "/metrics")->body;
    const std::string name = "broadsheet_gateway_last_good_writes_total{outcome=\"failed\"} ";
    const std::size_t place = metrics.find(name);
    return place == metrics.npos ? 0 : std::atof(metrics.c_str() + place + name.size());
  }

  test::TempDir directory_;
  int crashes_ = 0;
};

TEST_F(LastGoodTest, WithEverythingElseDeadARestartedGatewayServesThemLabelled) {
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  for (const char* path : {"/", "/city", "/city/pier", "/city/pictured"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(IsDegraded(answer)) << path;
    EXPECT_THAT(answer.Header("broadsheet-degraded"), HasSubstr("article;reason=unavailable;stale")) << path;
  }
  EXPECT_TRUE(Contains(Get("/"), "News of the pier"));
  EXPECT_EQ(Get("/city/unheard-of").status, 503);
}

TEST_F(LastGoodTest, SoDoesTheOneAfterThat) {
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  EXPECT_EQ(Get("/").status, 200);
  RestartFromWhatIsOnDiskNow();
  EXPECT_EQ(Get("/").status, 200);
}

TEST_F(LastGoodTest, NoSitemapIsLeftBecauseItDoesNotSayWhetherAStoryOfItWasWithdrawn) {
  const std::vector<std::string> sitemaps = {"/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/news.xml"};
  for (const std::string& path : sitemaps) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Get(path).status, 200) << path;  // more often than any story
  }
  ASSERT_NO_FATAL_FAILURE(WaitUntilWrittenAgain());
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  for (const std::string& path : sitemaps) EXPECT_EQ(Get(path).status, 503) << path;
  EXPECT_EQ(Get("/city/pier").status, 200);
}

TEST_F(LastGoodTest, WhatWasWithdrawnBeforeTheCrashIsGoneHoweverSoonAfter) {
  article_.faults.Set(Fault::kHang);  // so that no page is made anew without it
  article_.Withdraw("pier");
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  article_.faults.Set(Fault::kNone);
  EXPECT_EQ(Get("/city/pier").status, 410);
  for (const char* path : {"/", "/city"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(Contains(answer, "News of the bridge")) << path;
    EXPECT_FALSE(Contains(answer, "News of the pier")) << path;
    EXPECT_FALSE(Contains(answer, "/city/pier")) << path;
  }
}

TEST_F(LastGoodTest, APageWithAPictureWithheldBeforeTheCrashIsNotShown) {
  article_.faults.Set(Fault::kHang);
  media_.Withhold("quay");
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  article_.faults.Set(Fault::kNone);
  EXPECT_EQ(Get("/city/pictured").status, 503);
  EXPECT_EQ(Get("/city/pier").status, 200);
}

TEST_F(LastGoodTest, WhatWasToExpireAfterTheCrashIsGoneAtItsTime) {
  const absl::Time end = absl::Now() + absl::Seconds(2);
  article_.faults.Set(Fault::kHang);  // the page on disk is older than the news of its end
  article_.Publish(StoryExpiringAt("pier", end));
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  article_.faults.Set(Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 410; }));
  EXPECT_FALSE(Contains(Get("/"), "/city/pier"));
}

TEST_F(LastGoodTest, WhatWasPublishedAgainIsShown) {
  article_.Withdraw("pier");
  article_.Publish("pier", "The pier is back");
  Get("/city/pier");
  WaitUntilOnDisk("/city/pier", "The pier is back");
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  EXPECT_TRUE(Contains(Get("/city/pier"), "The pier is back"));
}

TEST_F(LastGoodTest, AfterALongAbsenceNothingIsShownBecauseAWithdrawalMayHaveBeenMissed) {
  KillEverythingElse();
  options_.last_good.rules.max_absence = absl::ZeroDuration();
  RestartFromWhatIsOnDiskNow();
  for (const char* path : {"/", "/city", "/city/pier"}) EXPECT_EQ(Get(path).status, 503) << path;
}

TEST_F(LastGoodTest, NothingIsShownForLongerThanAnyStalePage) {
  KillEverythingElse();
  options_.pages.rules.max_stale = absl::Milliseconds(300);
  RestartFromWhatIsOnDiskNow();
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 503; }));
}

TEST_F(LastGoodTest, WithoutTheRecordOfWithdrawalsNothingIsShown) {
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow([](const std::string& folder) { std::filesystem::remove(folder + "/ends"); });
  EXPECT_EQ(Get("/").status, 503);
}

TEST_F(LastGoodTest, DamagedPagesAreIgnored) {
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow(
      [](const std::string& folder) { std::filesystem::resize_file(folder + "/pages", 1000); });
  EXPECT_EQ(Get("/").status, 503);
}

TEST_F(LastGoodTest, OnceArticleIsFollowedItsWordCountsAlone) {
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  EXPECT_TRUE(IsDegraded(Get("/city/pier")));
  for (RestartableServer* server : {&article_.server(), &media_.server(), &recommendation_.server()})
    server->Start();
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(10)));
  EXPECT_TRUE(Eventually([&] { return !IsDegraded(Get("/city/pier")); }));
  article_.Publish("pier", "Written since");
  const test::HttpAnswer next = Get("/city/pier");  // the breaker may still be open
  EXPECT_TRUE(Contains(next, "Written since") || IsDegraded(next));
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "Written since"); }));
}

TEST_F(LastGoodTest, WhatWasWithdrawnWhileTheGatewayWasDownIsGoneOnceArticleIsFollowed) {
  media_.server().Stop();
  recommendation_.server().Stop();
  gateway_ = nullptr;
  article_.Withdraw("pier");
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 410; }));
  EXPECT_TRUE(Eventually([&] { return Get("/").status == 200 && !Contains(Get("/"), "News of the pier"); }));
}

TEST_F(LastGoodTest, AFolderThatIsTakenOrCannotBeUsedKeepsNoGatewayFromStarting) {
  for (const std::string& folder : {options_.last_good.folder, std::string("/dev/null/folder")}) {
    GatewayOptions options = options_;
    options.last_good.folder = folder;
    absl::StatusOr<std::unique_ptr<Gateway>> second = Gateway::Start(options);
    ASSERT_TRUE(second.ok()) << second.status();
  }
}

TEST_F(LastGoodTest, ARecordThatCannotBeWrittenTakesThePagesWithIt) {
  // The folder's record is a file that is always full.
  KillEverythingElse();
  gateway_ = nullptr;
  std::filesystem::remove(options_.last_good.folder + "/ends");
  std::filesystem::create_directory(options_.last_good.folder + "/ends.new");
  article_.server().Start();
  media_.server().Start();
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  Get("/");
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  EXPECT_EQ(Get("/").status, 503);
}

TEST_F(LastGoodTest, AWithdrawalWaitsForItsRecordAndNotForThePagesBeingWritten) {
  gateway_ = nullptr;
  StuckPages stuck(options_.last_good.folder);
  StartGateway();
  article_.Publish("bridge", "More of the bridge");  // so that there is something to be written
  ASSERT_TRUE(Eventually([&] {
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/city/pictured"}) Get(path);
    return stuck.holds_somebody_up();
  }));
  stuck.TakeAway();
  article_.Withdraw("pier");
  std::ifstream record(options_.last_good.folder + "/ends");
  EXPECT_THAT(std::string((std::istreambuf_iterator<char>(record)), {}), HasSubstr("article%2Fpier"));
  EXPECT_FALSE(IsDegraded(Get("/city/bridge"))) << "it follows article as before";
  EXPECT_EQ(test::HttpGet(gateway_->ops_port(), "/status")->status, 200);
  const auto told = AskWhatAPurgeWouldDo("article/bridge");
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_GT(told->tiers_size(), 0);

  KillEverythingElse();
  const std::string crashed = CopyOfTheDisk();
  stuck.LetGo();
  gateway_ = nullptr;
  options_.last_good.folder = crashed;
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Get("/city/pier").status, 410);
  EXPECT_FALSE(Contains(Get("/"), "News of the pier"));
}

TEST_F(LastGoodTest, AWithdrawalThatCannotBeRecordedWhilePagesAreWrittenTakesThemWithIt) {
  gateway_ = nullptr;
  StuckPages stuck(options_.last_good.folder);
  StartGateway();
  article_.Publish("bridge", "More of the bridge");
  ASSERT_TRUE(Eventually([&] {
    for (const char* path : {"/", "/city", "/city/pier", "/city/bridge", "/city/pictured"}) Get(path);
    return stuck.holds_somebody_up();
  }));
  stuck.TakeAway();
  const std::string written = directory_.File("written");  // belong to the same record
  std::filesystem::copy_file(options_.last_good.folder + "/pages", written);
  // Neither can the record be written anew.
  std::filesystem::create_directory(options_.last_good.folder + "/ends.new");
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  article_.Withdraw("pier");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(std::filesystem::exists(options_.last_good.folder + "/pages"));
  KillEverythingElse();
  // Killed now, or a moment later, when the writing has succeeded and nothing has been said to it yet.
  const std::string crashed = CopyOfTheDisk();
  stuck.LetGo();
  RestartFromWhatIsOnDiskNow();
  EXPECT_EQ(Get("/city/pier").status, 503);
  EXPECT_EQ(Get("/").status, 503);
  gateway_ = nullptr;
  std::filesystem::remove(crashed + "/ends.new");
  std::filesystem::copy_file(written, crashed + "/pages");
  options_.last_good.folder = crashed;
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Get("/city/pier").status, 503);
  EXPECT_EQ(Get("/").status, 503);
}

TEST_F(LastGoodTest, WhatCouldNotBeJudgedAnyMoreIsNotLeftToTheNextGateway) {
  article_.faults.Set(Fault::kHang);  // so that no page is made of the new log
  article_.server().Stop();
  WaitUntilCutOff();  // so that it is the new log that is followed below
  article_.ReplaceLog("another-log");
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(10)));
  KillEverythingElse();
  RestartFromWhatIsOnDiskNow();
  article_.faults.Set(Fault::kNone);
  EXPECT_EQ(Get("/").status, 503);
  EXPECT_EQ(Get("/city/pier").status, 503);
}

TEST_F(LastGoodTest, APageThatAnUnfinishedStartRulesOutIsNotShown) {
  KillEverythingElse();
  SilentLog silent("another-log");
  RestartableServer server({&silent}, "", nullptr);
  options_.backends.article_address = server.address();
  RestartFromWhatIsOnDiskNow();
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 503; }));
  gateway_ = nullptr;
}

TEST_F(LastGoodTest, PagesThatCouldNotBeDeletedAreTriedAgainAlsoWhileNobodyAnswers) {
  const std::string pages = options_.last_good.folder + "/pages";
  const std::string saved = directory_.File("saved");
  const double failed = FailedWrites();
  ASSERT_TRUE(std::filesystem::create_directory(saved));
  const auto exchange = [&] {  // at once: the gateway writes at any moment
    return renameat2(AT_FDCWD, saved.c_str(), AT_FDCWD, pages.c_str(), RENAME_EXCHANGE);
  };
  ASSERT_EQ(exchange(), 0);  // what cannot be replaced, and not be deleted like a file
  article_.Publish("pier", "To be written");
  EXPECT_TRUE(Eventually([&] {
    Get("/city/pier");
    return FailedWrites() > failed;
  }));
  KillEverythingElse();
  WaitUntilCutOff();
  ASSERT_EQ(exchange(), 0);
  EXPECT_TRUE(Eventually([&] { return !std::filesystem::exists(pages); }));
}

}  // namespace
}  // namespace broadsheet::gateway
