#include "libs/rpc/status.h"

#include <string>
#include <vector>

#include "broadsheet/change/v1/change.pb.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace broadsheet::rpc {
namespace {

TEST(Status, TravelsThroughGrpcWithAllItsDetails) {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id("log");
  snapshot.set_position(7);
  const absl::Status sent =
      WithDetail(NotFound("ARTICLE_NOT_FOUND", "no story at /a", {{"path", "/a"}}), snapshot);
  const absl::Status received = FromGrpc(ToGrpc(sent));
  EXPECT_EQ(received.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(received.message(), "no story at /a");
  EXPECT_EQ(Reason(received), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(MetadataValue(received, "path"), "/a");
  EXPECT_EQ(MetadataValue(received, "story"), "");
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(received)->domain(), "broadsheet");
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(received)->metadata().at("path"), "/a");
  ASSERT_TRUE(Detail<change::v1::Snapshot>(received).has_value());
  EXPECT_EQ(Detail<change::v1::Snapshot>(received)->position(), 7);
  EXPECT_FALSE(Detail<google::rpc::BadRequest>(received).has_value());
}

TEST(Status, OfGrpcCarriesAGoogleRpcStatusAsOtherLanguagesExpect) {
  const grpc::Status status = ToGrpc(Aborted("REVISION_MISMATCH", "changed meanwhile", {{"revision", "3"}}));
  google::rpc::Status parsed;
  ASSERT_TRUE(parsed.ParseFromString(status.error_details()));
  EXPECT_EQ(parsed.code(), static_cast<int>(grpc::StatusCode::ABORTED));
  EXPECT_EQ(parsed.message(), "changed meanwhile");
  ASSERT_EQ(parsed.details_size(), 1);
  EXPECT_EQ(parsed.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

TEST(Status, NamesEveryFieldAtFault) {
  const absl::Status status = FromGrpc(
      ToGrpc(InvalidArgument({{"content.headline", "must not be empty"}, {"path", "must begin with /"}})));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "content.headline: must not be empty (and 1 more)");
  const std::vector<Violation> violations = Violations(status);
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_EQ(violations[1].field, "path");
  EXPECT_EQ(violations[1].description, "must begin with /");
}

TEST(Status, StaysSmallEnoughForTrailers) {
  const std::vector<Violation> many(10'000, {std::string(1000, 'f'), std::string(1000, 'd')});
  const grpc::Status status = ToGrpc(InvalidArgument(many));
  EXPECT_LT(status.error_details().size() + status.error_message().size(), 8192U);
  EXPECT_GE(Violations(FromGrpc(status)).size(), 1U);
}

TEST(Status, CutsTextBetweenCharacters) {
  std::string text(199, 'a');
  text += "\u00e9";  // two bytes, of which one would fit
  EXPECT_EQ(Violations(InvalidArgument("field", text))[0].description, std::string(199, 'a'));
}

TEST(Status, OkStaysOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_TRUE(WithDetail(absl::OkStatus(), google::rpc::ErrorInfo()).ok());
}

TEST(Status, WithoutDetailsOrWithUnreadableOnesIsKept) {
  EXPECT_EQ(ToGrpc(absl::UnavailableError("later")).error_details(), "");
  const absl::Status odd =
      FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "odd", "\xff\xff not a message"));
  EXPECT_EQ(odd.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Reason(odd), "");
  EXPECT_TRUE(Violations(odd).empty());
}

}  // namespace
}  // namespace broadsheet::rpc
