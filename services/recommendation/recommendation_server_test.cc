// The whole service over real gRPC, beside an article service that stands in for the real one.
#include "services/recommendation/recommendation_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/testing/free_port.h"
#include "libs/testing/http_get.h"
#include "libs/testing/temp_dir.h"
#include "services/recommendation/article_testing.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

template <class Response>
struct Answer {
  absl::Status status;
  Response response;
};

class RecommendationServerTest : public ::testing::Test {
 protected:
  void Start() {
    server_.reset();
    RecommendationServerOptions options;
    options.data = folder_.File("data");
    options.article_address = article_.address();
    options.clock = [] { return kToday; };
    options.flags = {{"data", options.data}};
    absl::StatusOr<std::unique_ptr<RecommendationServer>> server =
        RecommendationServer::Start(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ =
        v1::RecommendationService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", server_->grpc_port())));
  }
  bool CatchesUp() {
    return Eventually([this] { return ListMostRead({}).status.ok(); });
  }

  static void Prepare(grpc::ClientContext& call) {
    call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }
  Answer<v1::ListRelatedResponse> ListRelated(const v1::ListRelatedRequest& request) {
    grpc::ClientContext call;
    Prepare(call);
    v1::ListRelatedResponse response;
    return {rpc::FromGrpc(stub_->ListRelated(&call, request, &response)), response};
  }
  Answer<v1::ListMostReadResponse> ListMostRead(const v1::ListMostReadRequest& request) {
    grpc::ClientContext call;
    Prepare(call);
    v1::ListMostReadResponse response;
    return {rpc::FromGrpc(stub_->ListMostRead(&call, request, &response)), response};
  }
  Answer<v1::RecordReadsResponse> RecordReads(const v1::RecordReadsRequest& request) {
    grpc::ClientContext call;
    Prepare(call);
    v1::RecordReadsResponse response;
    return {rpc::FromGrpc(stub_->RecordReads(&call, request, &response)), response};
  }

  static v1::ListRelatedRequest RelatedTo(const std::string& id, int limit = 0) {
    v1::ListRelatedRequest request;
    request.set_article_id(id);
    request.set_limit(limit);
    return request;
  }
  static v1::ListRelatedRequest RelatedToPath(const std::string& path) {
    v1::ListRelatedRequest request;
    request.set_article_path(path);
    return request;
  }
  static v1::RecordReadsRequest Reads(const std::string& request_id, const std::vector<std::string>& ids) {
    v1::RecordReadsRequest request;
    request.set_request_id(request_id);
    for (const std::string& id : ids) request.add_reads()->set_article_id(id);
    return request;
  }
  std::vector<std::string> MostRead(const v1::ListMostReadRequest& request = {}) {
    std::vector<std::string> lines;
    const auto answer = ListMostRead(request);
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    for (const v1::ReadArticle& read : answer.response.articles()) {
      lines.push_back(absl::StrCat(read.article_id(), " ", read.reads()));
    }
    return lines;
  }
  static std::vector<std::string> Fields(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    std::vector<std::string> fields;
    for (const rpc::Violation& violation : rpc::Violations(status)) fields.push_back(violation.field);
    return fields;
  }

  const test::TempDir folder_;
  FakeArticle article_;
  std::unique_ptr<RecommendationServer> server_;
  std::unique_ptr<v1::RecommendationService::Stub> stub_;
};

TEST_F(RecommendationServerTest, RelatesStoriesAsTheyArePublishedAndWithdrawn) {
  article_.Publish({.id = "wall", .headline = "Sea wall broken"});
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_THAT(ListRelated(RelatedTo("wall")).response.related(), IsEmpty());
  const std::int64_t published =
      article_.Publish({.id = "repair", .headline = "Repair begins", .follows = "wall"});
  ASSERT_TRUE(
      Eventually([&] { return ListRelated(RelatedTo("wall")).response.article_position() >= published; }));
  const v1::ListRelatedResponse response = ListRelated(RelatedTo("wall")).response;
  ASSERT_EQ(response.related_size(), 1);
  EXPECT_EQ(response.related(0).article_id(), "repair");
  EXPECT_EQ(response.related(0).reason(), v1::RELATED_REASON_FOLLOW_UP);
  EXPECT_EQ(response.related(0).explanation(), "continues this story");
  EXPECT_GT(response.related(0).score(), 0.9);
  EXPECT_EQ(response.article_log_id(), "log-1");
  const std::int64_t withdrawn = article_.Withdraw("repair");
  ASSERT_TRUE(
      Eventually([&] { return ListRelated(RelatedTo("wall")).response.article_position() >= withdrawn; }));
  EXPECT_THAT(ListRelated(RelatedTo("wall")).response.related(), IsEmpty());
}

TEST_F(RecommendationServerTest, AnswersFiveUnlessAskedForMoreAndNeverMoreThanFifty) {
  for (int i = 0; i < 60; ++i) article_.Publish({.id = absl::StrCat("s", i)});
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_EQ(ListRelated(RelatedTo("s1")).response.related_size(), 5);
  EXPECT_EQ(ListRelated(RelatedTo("s1", 8)).response.related_size(), 8);
  EXPECT_EQ(ListRelated(RelatedTo("s1", 1000)).response.related_size(), 50);
  v1::ListRelatedRequest request = RelatedTo("s1", 50);
  for (int i = 10; i < 60; ++i) request.add_recent_article_ids(absl::StrCat("s", i));
  const v1::ListRelatedResponse response = ListRelated(request).response;
  EXPECT_EQ(response.related_size(), 9);
  for (const v1::RelatedArticle& related : response.related()) EXPECT_EQ(related.article_id().size(), 2U);
}

TEST_F(RecommendationServerTest, AnUnknownStoryYieldsTheLatest) {
  article_.Publish({.id = "old", .days_old = 3});
  article_.Publish({.id = "new", .days_old = 1});
  Start();
  ASSERT_TRUE(CatchesUp());
  const v1::ListRelatedResponse response = ListRelated(RelatedTo("never-seen")).response;
  ASSERT_EQ(response.related_size(), 2);
  EXPECT_EQ(response.related(0).article_id(), "new");
  EXPECT_EQ(response.related(0).reason(), v1::RELATED_REASON_RECENT);
}

TEST_F(RecommendationServerTest, AStoryIsFoundByItsPresentPathToo) {
  article_.Publish({.id = "wall", .headline = "Sea wall broken", .section = "harbour"});
  article_.Publish({.id = "repair", .headline = "Repair begins", .follows = "wall"});
  Start();
  ASSERT_TRUE(CatchesUp());
  const v1::ListRelatedResponse response = ListRelated(RelatedToPath("/harbour/wall")).response;
  ASSERT_EQ(response.related_size(), 1);
  EXPECT_EQ(response.related(0).article_id(), "repair");
  EXPECT_EQ(response.related(0).reason(), v1::RELATED_REASON_FOLLOW_UP);
  const std::int64_t moved =
      article_.Publish({.id = "wall", .headline = "Sea wall broken", .section = "city"});
  ASSERT_TRUE(
      Eventually([&] { return ListRelated(RelatedTo("wall")).response.article_position() >= moved; }));
  EXPECT_THAT(ListRelated(RelatedToPath("/city/wall")).response.related(), SizeIs(1));
  const v1::ListRelatedResponse former = ListRelated(RelatedToPath("/harbour/wall")).response;
  ASSERT_EQ(former.related_size(), 2) << "the latest";
  EXPECT_EQ(former.related(0).reason(), v1::RELATED_REASON_RECENT);
}

TEST_F(RecommendationServerTest, CountsReadsAndKeepsThemOverARestart) {
  article_.Publish({.id = "a", .section = "news"});
  article_.Publish({.id = "b", .section = "sport"});
  Start();
  ASSERT_TRUE(CatchesUp());
  v1::RecordReadsRequest request = Reads("r1", {"a", "b", "unknown"});
  request.mutable_reads(1)->set_weight(10);
  EXPECT_EQ(RecordReads(request).response.recorded(), 2);
  EXPECT_EQ(RecordReads(request).response.recorded(), 2);  // a repetition
  EXPECT_THAT(MostRead(), ElementsAre("b 10", "a 1"));
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_THAT(MostRead(), ElementsAre("b 10", "a 1"));
  v1::ListMostReadRequest of_news;
  of_news.set_section_id("news");
  EXPECT_THAT(MostRead(of_news), ElementsAre("a 1"));
}

TEST_F(RecommendationServerTest, WhatIsWithdrawnIsNotAmongTheMostRead) {
  article_.Publish({.id = "a"});
  article_.Publish({.id = "b"});
  Start();
  ASSERT_TRUE(CatchesUp());
  RecordReads(Reads("r1", {"a", "a", "b"}));
  article_.Withdraw("a");
  EXPECT_TRUE(Eventually([this] { return MostRead() == std::vector<std::string>{"b 1"}; }));
}

TEST_F(RecommendationServerTest, ReadsCountByTheTimeTheyWereMade) {
  article_.Publish({.id = "a"});
  Start();
  ASSERT_TRUE(CatchesUp());
  v1::RecordReadsRequest request = Reads("r1", {"a", "a", "a"});
  const std::int64_t now = absl::ToUnixSeconds(kToday);
  request.mutable_reads(0)->mutable_read_time()->set_seconds(now - 3 * 86'400);
  request.mutable_reads(1)->mutable_read_time()->set_seconds(now - 8 * 86'400);  // too old
  request.mutable_reads(2)->mutable_read_time()->set_seconds(now + 86'400);      // the future: now
  EXPECT_EQ(RecordReads(request).response.recorded(), 2);
  EXPECT_THAT(MostRead(), ElementsAre("a 1"));
  v1::ListMostReadRequest of_week;
  of_week.mutable_window()->set_seconds(7 * 86'400);
  EXPECT_THAT(MostRead(of_week), ElementsAre("a 2"));
}

TEST_F(RecommendationServerTest, NamesTheFieldsThatAreWrong) {
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_THAT(Fields(ListRelated({}).status), ElementsAre("article_id"));
  v1::ListRelatedRequest related = RelatedTo("Not An Id", -1);
  related.add_recent_article_ids("fine");
  related.add_recent_article_ids("-not");
  EXPECT_THAT(Fields(ListRelated(related).status),
              ElementsAre("article_id", "limit", "recent_article_ids[1]"));
  EXPECT_THAT(Fields(ListRelated(RelatedToPath("no/slash")).status), ElementsAre("article_path"));
  EXPECT_THAT(Fields(ListRelated(RelatedToPath("/" + std::string(500, 'a'))).status),
              ElementsAre("article_path"));
  related = RelatedTo("a");
  related.set_article_path("/a");
  EXPECT_THAT(Fields(ListRelated(related).status), ElementsAre("article_path"));
  related = RelatedTo("a");
  for (int i = 0; i < 51; ++i) related.add_recent_article_ids("a");
  EXPECT_THAT(Fields(ListRelated(related).status), ElementsAre("recent_article_ids"));

  v1::ListMostReadRequest most_read;
  most_read.set_section_id(std::string(101, 'a'));
  most_read.set_limit(-1);
  most_read.mutable_window()->set_seconds(7 * 86'400 + 1);
  EXPECT_THAT(Fields(ListMostRead(most_read).status), ElementsAre("section_id", "limit", "window"));
  for (const auto& [seconds, nanos] :
       {std::pair{0, 0}, {-1, 0}, {1, -5}, {1, 1'000'000'000}, {7 * 86'400, 1}}) {
    v1::ListMostReadRequest request;
    request.mutable_window()->set_seconds(seconds);
    request.mutable_window()->set_nanos(nanos);
    EXPECT_THAT(Fields(ListMostRead(request).status), ElementsAre("window"));
  }

  EXPECT_THAT(Fields(RecordReads({}).status), ElementsAre("reads"));
  v1::RecordReadsRequest reads = Reads(std::string(101, 'r'), {"a", "Not An Id"});
  reads.mutable_reads(0)->set_weight(10'001);
  reads.mutable_reads(0)->set_previous_article_id("Nor This");
  reads.mutable_reads(1)->mutable_read_time()->set_nanos(-1);
  EXPECT_THAT(Fields(RecordReads(reads).status),
              ElementsAre("request_id", "reads[0].previous_article_id", "reads[0].weight",
                          "reads[1].article_id", "reads[1].read_time"));
  EXPECT_THAT(Fields(RecordReads(Reads("r", std::vector<std::string>(1001, "a"))).status),
              ElementsAre("reads"));
}

TEST_F(RecommendationServerTest, IsReadyWithoutArticleAndSaysThatItHasNoAnswerYet) {
  article_.Stop();
  Start();
  EXPECT_EQ(test::HttpGet(server_->ops_port(), "/readyz")->status, 200);
  EXPECT_EQ(rpc::Reason(ListRelated(RelatedTo("a")).status), "INDEX_NOT_READY");
  for (const absl::Status& status :
       {ListRelated(RelatedTo("a")).status, ListMostRead({}).status, RecordReads(Reads("r", {"a"})).status}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  }
  EXPECT_THAT(Fields(ListRelated({}).status), ElementsAre("article_id"));  // that much is known
  article_.Publish({.id = "a"});
  article_.Start();
  EXPECT_TRUE(CatchesUp());
}

TEST_F(RecommendationServerTest, GoesOnAnsweringWhileArticleIsAway) {
  article_.Publish({.id = "a"});
  article_.Publish({.id = "b"});
  Start();
  ASSERT_TRUE(CatchesUp());
  article_.Stop();
  EXPECT_EQ(ListRelated(RelatedTo("a")).response.related_size(), 1);
  EXPECT_EQ(RecordReads(Reads("r1", {"a"})).response.recorded(), 1);
}

TEST_F(RecommendationServerTest, TellsOperatorsWhereItStands) {
  article_.Publish({.id = "a"});
  Start();
  ASSERT_TRUE(CatchesUp());
  RecordReads(Reads("r1", {"a", "unknown"}));
  const std::string status = test::HttpGet(server_->ops_port(), "/status")->body;
  for (const char* said : {"caught up", "article position", "log-1", "live", "Reading log"}) {
    EXPECT_THAT(status, HasSubstr(said));
  }
  const std::string metrics = test::HttpGet(server_->ops_port(), "/metrics")->body;
  EXPECT_THAT(metrics, HasSubstr("\nbroadsheet_recommendation_stories 1"));
  EXPECT_THAT(metrics, HasSubstr("\nbroadsheet_recommendation_caught_up 1"));
  EXPECT_THAT(metrics, HasSubstr("\nbroadsheet_recommendation_reads_recorded_total"));
}

TEST(RecommendationServerStart, RefusesOptionsThatItCouldNotKeepTo) {
  const test::TempDir folder;
  RecommendationServerOptions options;
  options.data = folder.File("data");
  options.max_stories = 0;
  EXPECT_EQ(RecommendationServer::Start(options).status(),
            absl::InvalidArgumentError("--max_stories must be at least 1"));
  options.max_stories = 1;
  options.drain = absl::Seconds(-1);
  EXPECT_EQ(RecommendationServer::Start(options).status(),
            absl::InvalidArgumentError("--drain_seconds must not be negative"));
}

// The log is a pipe, of which reading it does not end.
TEST(RecommendationServerStart, IsSeenToLiveWhileItReadsItsLog) {
  const test::TempDir folder;
  RecommendationServerOptions options;
  options.data = folder.File("data");
  options.ops_port = test::FreePort();
  std::filesystem::create_directory(options.data);
  const std::string log = absl::StrCat(options.data, "/reads.log");
  ASSERT_EQ(mkfifo(log.c_str(), 0600), 0);
  const int writer = open(log.c_str(), O_RDWR | O_CLOEXEC);  // waits for no reader
  ASSERT_GE(writer, 0);
  absl::Status started;
  std::thread starting([&] { started = RecommendationServer::Start(options).status(); });
  const auto status_of = [&](const std::string& path) {
    const auto answer = test::HttpGet(options.ops_port, path);
    return answer.ok() ? answer->status : 0;
  };
  EXPECT_TRUE(Eventually([&] { return status_of("/healthz") == 200; }));
  EXPECT_EQ(status_of("/readyz"), 503);
  constexpr std::string_view kForeign = "what another program wrote, and long enough";
  EXPECT_EQ(write(writer, kForeign.data(), kForeign.size()), static_cast<ssize_t>(kForeign.size()));
  close(writer);
  starting.join();
  EXPECT_TRUE(absl::IsFailedPrecondition(started)) << started;
}

TEST_F(RecommendationServerTest, DrainsInOrder) {
  Start();
  ASSERT_TRUE(CatchesUp());
  server_->Drain();
  EXPECT_EQ(test::HttpGet(server_->ops_port(), "/readyz")->status, 503);
  EXPECT_THAT(ListRelated(RelatedTo("a")).status, Not(absl::OkStatus()));
}

}  // namespace
}  // namespace broadsheet::recommendation
