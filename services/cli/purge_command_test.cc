#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/status.h"
#include "libs/testing/grpc_server.h"
#include "services/cli/command.h"
#include "services/cli/printed_testing.h"

namespace broadsheet::cli {
namespace {

using testing::HasSubstr;

// A gateway with pages of its own, which takes only its own confirmation.
class Keeping final : public page::v1::CacheService::Service {
 public:
  explicit Keeping(std::string confirmation) : confirmation_(std::move(confirmation)) {}

  grpc::Status PurgePages(grpc::ServerContext*, const page::v1::PurgePagesRequest* request,
                          page::v1::PurgePagesResponse* response) override {
    asked = *request;
    if (!request->confirmation().empty() && request->confirmation() != confirmation_)
      return rpc::ToGrpc(rpc::Aborted("PURGE_CHANGED", "the pages are not those that were confirmed"));
    response->set_purged(!request->confirmation().empty());
    response->set_pages(1);
    response->add_sample_paths("/of/" + confirmation_);
    response->set_owner_available(true);
    response->set_redis_available(true);
    if (!response->purged()) response->set_confirmation(confirmation_);
    purged += response->purged() ? 1 : 0;
    return grpc::Status::OK;
  }

  page::v1::PurgePagesRequest asked;
  int purged = 0;

 private:
  const std::string confirmation_;
};

class PurgeCommandTest : public testing::Test {
 protected:
  PurgeCommandTest() {
    options_.backends.attempts = 1;
    options_.backends.gateway_address = absl::StrCat(first_server_.address(), ",", second_server_.address());
    options_.arguments = {"section/harbour"};
  }

  int Run() {
    Printed out;
    Printed err;
    options_.out = out.file();
    options_.err = err.file();
    const int status = PurgeCommand().run(options_);
    out_ = out.text();
    err_ = err.text();
    return status;
  }

  // What the last run said to give to --confirm.
  std::string Confirmation() const {
    const std::string flag = "--confirm=";
    const std::size_t at = out_.find(flag);
    return at == std::string::npos ? ""
                                   : out_.substr(at + flag.size(), out_.find('\n', at) - at - flag.size());
  }

  Keeping first_{"one"};
  Keeping second_{"two"};
  test::GrpcServer first_server_{{&first_}};
  test::GrpcServer second_server_{{&second_}};
  CommandOptions options_;
  std::string out_;
  std::string err_;
};

TEST_F(PurgeCommandTest, EveryGatewayIsAskedAndTakesItsOwnConfirmation) {
  EXPECT_EQ(Run(), kDone);
  EXPECT_THAT(out_, HasSubstr(first_server_.address() + ": section/harbour: would throw away: 1 pages"));
  EXPECT_THAT(out_, HasSubstr(second_server_.address() + ": section/harbour: would throw away: 1 pages"));
  EXPECT_THAT(out_, HasSubstr("  /of/one\n  /of/two\n"));
  options_.confirm = Confirmation();
  EXPECT_EQ(options_.confirm,
            absl::StrCat(first_server_.address(), "=one,", second_server_.address(), "=two"));
  EXPECT_EQ(Run(), kDone) << err_;
  EXPECT_EQ(first_.purged, 1);
  EXPECT_EQ(second_.purged, 1);
  EXPECT_EQ(first_.asked.tag(), "section/harbour");
}

TEST_F(PurgeCommandTest, OneGatewayThatFailsIsAFailureAndTheOthersAreAskedAllTheSame) {
  Run();
  options_.confirm = Confirmation();
  first_server_.Stop();
  EXPECT_EQ(Run(), kSomethingFailed);
  EXPECT_THAT(err_, HasSubstr(first_server_.address()));
  EXPECT_EQ(second_.purged, 1);
}

TEST_F(PurgeCommandTest, AGatewayOfWhichNothingWasConfirmedIsAFailureAndKeepsItsPages) {
  options_.confirm = first_server_.address() + "=one";
  EXPECT_EQ(Run(), kSomethingFailed);
  EXPECT_THAT(err_, HasSubstr("--confirm says nothing of this gateway"));
  EXPECT_EQ(first_.purged, 1);
  EXPECT_EQ(second_.purged, 0);
}

TEST_F(PurgeCommandTest, AConfirmationOfAGatewayThatIsGoneIsAFailure) {
  Run();
  options_.confirm = Confirmation();
  options_.backends.gateway_address = second_server_.address();
  EXPECT_EQ(Run(), kSomethingFailed);
  EXPECT_THAT(err_, HasSubstr(first_server_.address()));
  EXPECT_THAT(err_, HasSubstr("is not among the addresses of --gateway_address"));
  EXPECT_EQ(second_.purged, 1);
  EXPECT_EQ(first_.purged, 0);
}

TEST_F(PurgeCommandTest, WhatItPrintsToDoItAsksTheSameGateways) {
  Run();
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("to do it: broadsheet purge section/harbour --gateway_address=",
                                           options_.backends.gateway_address, " --confirm=")));
}

TEST_F(PurgeCommandTest, AConfirmationWithoutAddressIsForEveryGateway) {
  options_.backends.gateway_address = second_server_.address();
  EXPECT_EQ(Run(), kDone);
  EXPECT_THAT(out_, HasSubstr("section/harbour: would throw away"));
  EXPECT_EQ(Confirmation(), "two");
  options_.confirm = "two";
  EXPECT_EQ(Run(), kDone);
  EXPECT_EQ(second_.purged, 1);
}

TEST_F(PurgeCommandTest, AllPagesAreASelectorOfTheirOwn) {
  options_.all = true;
  EXPECT_EQ(Run(), kWrongUsage) << "and a tag";
  options_.arguments.clear();
  EXPECT_EQ(Run(), kDone);
  EXPECT_TRUE(second_.asked.all());
  EXPECT_THAT(out_, HasSubstr("to do it: broadsheet purge --all --gateway_address="));
  options_.all = false;
  EXPECT_EQ(Run(), kWrongUsage);
}

}  // namespace
}  // namespace broadsheet::cli
