#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "libs/testing/grpc_server.h"
#include "services/cli/command.h"
#include "services/cli/printed_testing.h"

namespace broadsheet::cli {
namespace {

using testing::HasSubstr;

// Explains every page with the same answer.
class Explaining final : public page::v1::PageService::Service {
 public:
  page::v1::ExplainPageResponse answer;

  grpc::Status ExplainPage(grpc::ServerContext*, const page::v1::ExplainPageRequest*,
                           page::v1::ExplainPageResponse* response) override {
    *response = answer;
    return grpc::Status::OK;
  }
};

class ExplainCommandTest : public testing::Test {
 protected:
  ExplainCommandTest() {
    gateway_.answer.set_status(200);
    gateway_.answer.set_tier(page::v1::CACHE_TIER_MEMORY);
    gateway_.answer.set_fresh(true);
    gateway_.answer.set_latency_micros(1'250);
  }

  void DependOn(const std::string& tag, std::int64_t revision, page::v1::CacheTier record_tier) {
    page::v1::Dependency& dependency = *gateway_.answer.add_dependencies();
    dependency.set_tag(tag);
    dependency.set_revision(revision);
    dependency.set_record_tier(record_tier);
  }

  std::string Explained() {
    Printed out;
    CommandOptions options;
    options.backends.gateway_address = server_.address();
    options.arguments = {"/harbour"};
    options.out = out.file();
    EXPECT_EQ(ExplainCommand().run(options), kDone);
    return out.text();
  }

  Explaining gateway_;
  test::GrpcServer server_{{&gateway_}};
};

TEST_F(ExplainCommandTest, SaysWhereAPageComesFromAndWhereItIsKept) {
  gateway_.answer.add_kept_in(page::v1::CACHE_TIER_MEMORY);
  gateway_.answer.add_kept_in(page::v1::CACHE_TIER_DISK);
  EXPECT_THAT(Explained(),
              HasSubstr("/harbour: 200, from memory in 1.2 ms, fresh\n  kept in memory, disk\n"));
}

TEST_F(ExplainCommandTest, SaysThatAPageIsKeptNowhere) {
  EXPECT_THAT(Explained(), HasSubstr("\n  kept nowhere\n"));
}

TEST_F(ExplainCommandTest, SaysOfEachRecordWhetherItWouldHaveToBeAskedFor) {
  DependOn("article/pier", 3, page::v1::CACHE_TIER_RENDERED);
  DependOn("author/jo", 1, page::v1::CACHE_TIER_MEMORY);
  DependOn("list/latest", 0, page::v1::CACHE_TIER_UNSPECIFIED);
  const std::string text = Explained();
  EXPECT_THAT(text, HasSubstr("  depends on article/pier, revision 3, record to be asked for\n"));
  EXPECT_THAT(text, HasSubstr("  depends on author/jo, revision 1, record in memory\n"));
  EXPECT_THAT(text, HasSubstr("  depends on list/latest\n"));
}

}  // namespace
}  // namespace broadsheet::cli
