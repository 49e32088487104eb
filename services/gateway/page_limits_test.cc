#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "libs/http/uncoded_bodies.h"
#include "libs/rpc/status.h"
#include "services/gateway/page_entry.h"
#include "services/gateway/page_service.h"
#include "services/gateway/page_service_testing.h"

// What cannot be had over gRPC, and how a client is told.
namespace broadsheet::gateway {
namespace {

class PageLimitsTest : public PageClientTest {
 protected:
  void SetUp() override {
    article_.Publish("pier", "Pier opened");
    StartGateway();
  }
};

std::shared_ptr<const PageEntry> LongPage(const std::string& path,
                                          const std::shared_ptr<http::UncodedBodies>& uncoded) {
  auto entry = std::make_shared<PageEntry>();
  entry->path = path;
  entry->content = PreparePage(
      {.media_type = std::string(kHtml), .text = std::string(10'000, 'a') + path, .uncoded = uncoded}, {}, {},
      "default-src 'none'");
  return entry;
}

TEST(PageAsMessage, IsRefusedWhileSlowClientsHoldTooManyUncodedBytes) {
  const auto uncoded = std::make_shared<http::UncodedBodies>(0, 15'000);  // room for one page
  absl::StatusOr<grpc::ByteBuffer> slow = ToByteBuffer(LongPage("/pier", uncoded));
  ASSERT_TRUE(slow.ok()) << slow.status();
  const EntryPtr other = LongPage("/ferry", uncoded);
  EXPECT_EQ(ToByteBuffer(other).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::Reason(ToByteBuffer(other).status()), "TOO_MUCH_UNSENT");
  slow->Clear();  // it has been sent
  EXPECT_TRUE(ToByteBuffer(other).ok());
}

TEST(PageAsMessage, IsMadeWhereReadersOverHttpAreRefused) {
  const auto uncoded = std::make_shared<http::UncodedBodies>(0, 26'000);  // room for one page of theirs
  const EntryPtr slow = LongPage("/pier", uncoded);
  const std::shared_ptr<const std::string> held = slow->content->Uncoded();
  const EntryPtr other = LongPage("/ferry", uncoded);
  EXPECT_EQ(other->content->Uncoded(), nullptr);
  EXPECT_TRUE(ToByteBuffer(other).ok());
}

// It could not be sent, however often it is asked for.
TEST(PageAsMessage, IsRefusedForGoodIfItIsLongerThanAMessageMayBe) {
  const EntryPtr page = LongPage("/pier", nullptr);
  const absl::StatusOr<grpc::ByteBuffer> sent = ToByteBuffer(page);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_TRUE(ToByteBuffer(page, sent->Length()).ok());
  const absl::Status refused = ToByteBuffer(page, sent->Length() - 1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(refused), "PAGE_TOO_LARGE");
  EXPECT_EQ(rpc::MetadataValue(refused, "bytes"), absl::StrCat(sent->Length()));
}

TEST_F(PageLimitsTest, APageOfMoreThanEightMiBIsHadOverHttpAlone) {
  article::v1::Article story;
  story.set_article_id("long");
  story.set_path("/city/long");
  story.mutable_content()->set_headline("Long");
  story.mutable_content()->set_section_id("city");
  for (int i = 0; i < 30; ++i)  // each of these characters takes five or six bytes in HTML
    story.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
        std::string(60'000, '&'));
  article_.Publish(story);
  page::v1::GetPageRequest request;
  request.set_path("/city/long");
  for (int times = 0; times < 2; ++times) {  // made, then from memory
    page::v1::GetPageResponse response;
    const absl::Status refused = rpc::FromGrpc(Call(request, response));
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_EQ(rpc::Reason(refused), "PAGE_TOO_LARGE");
  }
  EXPECT_GT(Get("/city/long").body.size(), 8u << 20);
}

TEST_F(PageLimitsTest, APositionOfAnotherLogIsNoDemandThatCouldBeMet) {
  page::v1::GetPageRequest request;
  request.set_path("/city/pier");
  request.set_min_article_position(1);
  page::v1::GetPageResponse response;
  request.set_article_log_id("article-log");
  EXPECT_TRUE(Call(request, response).ok());
  request.set_article_log_id("log-of-last-year");
  const absl::Status refused = rpc::FromGrpc(Call(request, response));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(refused), "OTHER_LOG");
  EXPECT_EQ(rpc::MetadataValue(refused, "source"), "article");
  EXPECT_EQ(rpc::MetadataValue(refused, "log_id"), "article-log");
  request.set_min_article_position(0);
  EXPECT_TRUE(Call(request, response).ok()) << "it demands nothing";
}

TEST_F(PageLimitsTest, OverHttpAPositionOfAnotherLogIsAConditionThatIsFalse) {
  const auto get = [this](const std::string& positions) {
    return Get("/city/pier", {{"Broadsheet-Min-Position", positions}});
  };
  EXPECT_EQ(get("article=1@article-log").status, 200);
  for (const char* positions : {"article=1@log-of-last-year", "article=1000@log-of-last-year"}) {
    const test::HttpAnswer refused = get(positions);
    EXPECT_EQ(refused.status, 412) << positions;
    EXPECT_NE(refused.body.find("article@article-log"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.Header("cache-control"), "no-store");
    EXPECT_EQ(refused.Header("retry-after"), "");
  }
  EXPECT_EQ(get("article=1, media=1@another").status, 412);
  EXPECT_EQ(get("article=1000@article-log").status, 503);
  EXPECT_EQ(get("article=1@").status, 400);
}

// For who asks for one takes a place from those who wait.
TEST_F(PageLimitsTest, OverHttpAPositionFarBeyondTheOneFollowedIsNotWaitedFor) {
  const auto waited = [this](const std::string& positions) {
    const absl::Time began = absl::Now();
    const test::HttpAnswer refused = Get("/city/pier", {{"Broadsheet-Min-Position", positions}});
    EXPECT_EQ(refused.status, 503) << positions;
    EXPECT_EQ(refused.Header("retry-after"), "1") << positions;
    EXPECT_EQ(refused.Header("cache-control"), "no-store") << positions;
    return absl::Now() - began;
  };
  for (const char* far : {"article=9223372036854775807", "media=9223372036854775807", "article=1, media=5000",
                          "article=9223372036854775807@article-log"})
    EXPECT_LT(waited(far), absl::Seconds(1)) << far;
  EXPECT_GE(waited("article=1000"), absl::Seconds(1)) << "it may be reached";
}

TEST_F(PageLimitsTest, ListsNoDependentsOfWhatIsNoTag) {
  for (const std::string& tag :
       {std::string(), std::string("pier"), std::string("article/"), "article/" + std::string(1'000, 'a')}) {
    page::v1::ListDependentsRequest request;
    request.set_tag(tag);
    grpc::ClientContext context;
    page::v1::ListDependentsResponse response;
    const absl::Status refused = rpc::FromGrpc(stub_->ListDependents(&context, request, &response));
    ASSERT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << tag;
    EXPECT_EQ(rpc::Violations(refused)[0].field, "tag");
  }
}

}  // namespace
}  // namespace broadsheet::gateway
