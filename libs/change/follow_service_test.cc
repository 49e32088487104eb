// ChangeService as a client of any language sees it: what it accepts, what it refuses and how.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/change/publisher.h"
#include "libs/rpc/context.h"
#include "libs/rpc/status.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"

namespace broadsheet::change {
namespace {

constexpr absl::Duration kLong = absl::Seconds(20);

// A stream driven by hand.
class Stream {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::ChangeService::NewStub(channel)) {
    rpc::Context(kLong).Prepare(context_);
    stream_ = stub_->Follow(&context_);
  }
  ~Stream() { context_.TryCancel(); }

  void Start(const std::string& id, const std::string& log_id = "", std::int64_t applied = 0,
             int history = 0) {
    v1::FollowRequest request;
    request.mutable_start()->set_follower_id(id);
    request.mutable_start()->set_log_id(log_id);
    request.mutable_start()->set_applied_position(applied);
    request.mutable_start()->set_history(history);
    stream_->Write(request);
  }
  void Progress(std::int64_t applied, std::int64_t renewal = 0) {
    v1::FollowRequest request;
    request.mutable_progress()->set_applied_position(applied);
    request.mutable_progress()->set_renewal_sequence(renewal);
    stream_->Write(request);
  }
  void SendNothing() { stream_->Write(v1::FollowRequest()); }
  v1::FollowResponse Read() {
    v1::FollowResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }
  // How the server ends it.
  absl::Status End() {
    v1::FollowResponse ignored;
    while (stream_->Read(&ignored)) {
    }
    return rpc::FromGrpc(stream_->Finish());
  }
  void Close() { stream_->WritesDone(); }

 private:
  std::unique_ptr<v1::ChangeService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::FollowRequest, v1::FollowResponse>> stream_;
};

class FollowService : public ::testing::Test {
 protected:
  FollowService() { StartWith({}); }

  void StartWith(PublisherOptions options) {
    server_.reset();
    options.source = "test";
    options.restart_grace = absl::ZeroDuration();
    publisher_ = Publisher::Start(log_, options).value();
    rpc::ServerOptions server_options;
    server_options.shutdown_grace = absl::Milliseconds(300);
    server_ = std::make_unique<test::GrpcServer>(
        std::vector<grpc::Service*>{}, std::vector<rpc::AsyncService*>{publisher_.get()}, server_options);
    channel_ = server_->channel();
  }

  std::string FieldAtFault(Stream& stream) {
    const absl::Status status = stream.End();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    const auto violations = rpc::Violations(status);
    return violations.empty() ? "" : violations[0].field;
  }

  test::MemoryChangeLog log_{"log"};
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<test::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(FollowService, AnswersAtOnceWithTheLogAndItsHead) {
  log_.Append({"article/1"});
  log_.Append({"article/2"});
  Stream stream(channel_);
  stream.Start("me", "", 0, 1);
  const v1::FollowResponse response = stream.Read();
  EXPECT_EQ(response.log_id(), "log");
  EXPECT_EQ(response.floor_position(), 1);
  EXPECT_EQ(response.position(), 2);
  ASSERT_EQ(response.changes_size(), 1);
  EXPECT_EQ(response.changes(0).subject(), "article/2");
  EXPECT_FALSE(response.has_lease());
}

TEST_F(FollowService, GoesOnAfterTheFollowersPosition) {
  for (int i = 0; i < 3; ++i) log_.Append({"article/1"});
  Stream stream(channel_);
  stream.Start("me", "log", 2);
  const v1::FollowResponse response = stream.Read();
  EXPECT_EQ(response.floor_position(), 2);
  ASSERT_EQ(response.changes_size(), 1);
  EXPECT_EQ(response.changes(0).position(), 3);
}

TEST_F(FollowService, GrantsALeaseWithEverythingCommittedBeforeTheAnswer) {
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  publisher_->Notify(log_.Append({"article/1"}));
  stream.Progress(0, 7);
  std::int64_t position = 0;
  while (true) {
    const v1::FollowResponse response = stream.Read();
    position = response.position();
    if (!response.has_lease()) continue;
    EXPECT_EQ(response.lease().renewal_sequence(), 7);
    EXPECT_EQ(response.lease().duration().nanos(), 500'000'000);
    break;
  }
  EXPECT_EQ(position, 1);
  const auto followers = publisher_->followers();
  ASSERT_EQ(followers.size(), 1U);
  EXPECT_EQ(followers[0].follower_id, "me");
  EXPECT_GT(followers[0].lease_left, absl::ZeroDuration());
}

TEST_F(FollowService, ALeaseHeldByAFollowerThatNeverAcknowledgesRunsOut) {
  StartWith({.lease = absl::Seconds(1)});
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  stream.Progress(0, 1);
  EXPECT_TRUE(stream.Read().has_lease());
  const v1::Propagation propagation = publisher_->WaitForFollowers(log_.Append({"article/1"}));
  EXPECT_EQ(propagation.followers(), 1);
  EXPECT_EQ(propagation.acknowledged(), 0);
  EXPECT_EQ(propagation.expired(), 1);
  EXPECT_LT(propagation.wait_micros(), 5'000'000);
}

TEST_F(FollowService, RenewingWithoutAcknowledgingDoesNotProlongAWrite) {
  StartWith({.lease = absl::Seconds(1)});
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  stream.Progress(0, 1);
  EXPECT_TRUE(stream.Read().has_lease());
  const std::int64_t position = log_.Append({"article/1"});
  v1::Propagation propagation;
  std::thread writer([&] { propagation = publisher_->WaitForFollowers(position); });
  std::atomic<bool> done = false;
  std::thread renewer([&] {
    for (std::int64_t renewal = 2; !done; ++renewal) {
      stream.Progress(0, renewal);
      absl::SleepFor(absl::Milliseconds(20));
    }
  });
  writer.join();
  done = true;
  renewer.join();
  EXPECT_EQ(propagation.expired(), 1);
  EXPECT_LT(propagation.wait_micros(), 5'000'000);
}

TEST_F(FollowService, AStreamThatBreaksLeavesItsLeaseToBeWaitedOut) {
  StartWith({.lease = absl::Seconds(2)});
  {
    Stream stream(channel_);
    stream.Start("me");
    stream.Read();
    stream.Progress(0, 1);
    EXPECT_TRUE(stream.Read().has_lease());
  }  // breaks
  const absl::Time deadline = absl::Now() + kLong;
  std::vector<Publisher::FollowerState> followers = publisher_->followers();
  while (absl::Now() < deadline && !followers.empty() && followers[0].connected) {
    absl::SleepFor(absl::Milliseconds(1));
    followers = publisher_->followers();
  }
  ASSERT_EQ(followers.size(), 1U);
  const absl::Duration left = followers[0].lease_left;
  const v1::Propagation propagation = publisher_->WaitForFollowers(log_.Append({"article/1"}));
  EXPECT_EQ(propagation.expired(), 1);
  EXPECT_GE(absl::Microseconds(propagation.wait_micros()), left - absl::Milliseconds(100));
  EXPECT_TRUE(publisher_->followers().empty());
}

TEST_F(FollowService, GrantsNoLeaseWhileItCannotSendWhatWasCommitted) {
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  log_.Fail(true);
  const std::int64_t position = log_.Append({"article/1"});
  publisher_->Notify(position);
  const int reads = log_.reads();
  stream.Progress(0, 1);
  // The log has been tried a few times since the renewal was asked for.
  while (log_.reads() < reads + 4) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_LE(publisher_->followers()[0].lease_left, absl::ZeroDuration());
  log_.Fail(false);
  v1::FollowResponse response = stream.Read();
  while (!response.has_lease()) response = stream.Read();
  EXPECT_EQ(response.position(), position);
  EXPECT_GT(publisher_->followers()[0].lease_left, absl::ZeroDuration());
}

TEST_F(FollowService, SendsALargeBacklogBeforeItGrantsALease) {
  constexpr int kBacklog = 20'000;
  for (int i = 0; i < kBacklog; ++i) log_.Append({"article/1"});
  Stream stream(channel_);
  stream.Start("me", "", 0, kBacklog);
  stream.Progress(0, 1);
  std::int64_t applied = 0;
  while (true) {
    const v1::FollowResponse response = stream.Read();
    EXPECT_LE(response.changes_size(), 1000);
    for (const v1::Change& change : response.changes()) ASSERT_EQ(change.position(), ++applied);
    if (!response.has_lease()) continue;
    EXPECT_EQ(response.position(), kBacklog);
    EXPECT_EQ(applied, kBacklog);
    break;
  }
}

TEST_F(FollowService, RefusesRequestsOutOfOrder) {
  Stream without_start(channel_);
  without_start.Progress(0);
  EXPECT_EQ(FieldAtFault(without_start), "start");
  Stream twice(channel_);
  twice.Start("me");
  twice.Read();
  twice.Start("me");
  EXPECT_EQ(FieldAtFault(twice), "start");
  Stream empty(channel_);
  empty.SendNothing();
  EXPECT_EQ(FieldAtFault(empty), "message");
}

TEST_F(FollowService, RefusesAStartThatMakesNoSense) {
  log_.Append({"article/1"});
  const auto field = [this](const std::string& id, const std::string& log_id, std::int64_t applied,
                            int history) {
    Stream stream(channel_);
    stream.Start(id, log_id, applied, history);
    return FieldAtFault(stream);
  };
  EXPECT_EQ(field("", "", 0, 0), "start.follower_id");
  EXPECT_EQ(field(std::string(201, 'x'), "", 0, 0), "start.follower_id");
  EXPECT_EQ(field("me", "", 1, 0), "start.applied_position");
  EXPECT_EQ(field("me", "log", -1, 0), "start.applied_position");
  EXPECT_EQ(field("me", "log", 2, 0), "start.applied_position");
  EXPECT_EQ(field("me", "", 0, -1), "start.history");
  EXPECT_EQ(field("me", "", 0, 100'001), "start.history");
}

TEST_F(FollowService, RefusesProgressThatMakesNoSense) {
  log_.Append({"article/1"});
  const auto field = [this](const std::function<void(Stream&)>& progress) {
    Stream stream(channel_);
    stream.Start("me", "", 0, 10);
    stream.Read();
    progress(stream);
    return FieldAtFault(stream);
  };
  EXPECT_EQ(field([](Stream& stream) { stream.Progress(2); }), "progress.applied_position");
  EXPECT_EQ(field([](Stream& stream) {
              stream.Progress(1);
              stream.Progress(0);
            }),
            "progress.applied_position");
  EXPECT_EQ(field([](Stream& stream) {
              stream.Progress(1, 2);
              stream.Read();
              stream.Progress(1, 2);
            }),
            "progress.renewal_sequence");
}

TEST_F(FollowService, SaysWhenTheLogNoLongerReachesBackSoFar) {
  for (int i = 0; i < 5; ++i) log_.Append({"article/1"});
  log_.Trim(3);
  Stream late(channel_);
  late.Start("me", "log", 2);
  EXPECT_TRUE(absl::IsOutOfRange(late.End()));
  Stream just_in_time(channel_);
  just_in_time.Start("me", "log", 3);
  EXPECT_EQ(just_in_time.Read().position(), 5);
}

TEST_F(FollowService, SendsAnotherLogsFollowerTheLogAsItIs) {
  for (int i = 0; i < 5; ++i) log_.Append({"article/1"});
  Stream stream(channel_);
  stream.Start("me", "another", 3, 2);
  const v1::FollowResponse response = stream.Read();
  EXPECT_EQ(response.log_id(), "log");
  EXPECT_EQ(response.floor_position(), 3);
  EXPECT_EQ(response.changes_size(), 2);
}

TEST_F(FollowService, TakesOnlySoManyFollowers) {
  StartWith({.max_followers = 2});
  Stream first(channel_);
  first.Start("1");
  first.Read();
  Stream second(channel_);
  second.Start("2");
  second.Read();
  Stream third(channel_);
  third.Start("3");
  EXPECT_TRUE(absl::IsResourceExhausted(third.End()));
}

TEST_F(FollowService, DropsAFollowerThatDoesNotRead) {
  StartWith({.slow_follower = absl::Milliseconds(200)});
  Stream stream(channel_);
  stream.Start("me");
  // More than the connection's windows hold, and nobody reads.
  const std::string tag(300'000, 'x');
  std::vector<std::string> tags;
  for (int i = 0; i < 5; ++i) tags.push_back(tag);
  const absl::Time deadline = absl::Now() + kLong;
  bool joined = false;
  while (absl::Now() < deadline) {
    const bool connected = !publisher_->followers().empty();
    joined = joined || connected;
    if (joined && !connected) break;
    if (log_.Head().value() < 40) publisher_->Notify(log_.Append(tags));
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_TRUE(joined);
  EXPECT_TRUE(publisher_->followers().empty());
}

TEST_F(FollowService, EndsAStreamThatNeverBegins) {
  StartWith({.silent_follower = absl::Seconds(1)});
  Stream begun(channel_);
  begun.Start("me");
  begun.Read();
  Stream silent(channel_);
  EXPECT_TRUE(absl::IsInvalidArgument(silent.End()));
  EXPECT_EQ(publisher_->followers().size(), 1U) << "one that has begun stays";
}

TEST_F(FollowService, EndsItsStreamsWhenTheServerEnds) {
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  server_->Stop();
  const absl::Status status = stream.End();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(), "the server is shutting down");
}

TEST_F(FollowService, AFollowerThatClosesItsSideIsLetGo) {
  Stream stream(channel_);
  stream.Start("me");
  stream.Read();
  stream.Close();
  EXPECT_TRUE(stream.End().ok());
}

TEST(Publisher, RefusesALeaseOutOfRange) {
  test::MemoryChangeLog log;
  EXPECT_FALSE(Publisher::Start(log, {.lease = absl::Milliseconds(49)}).ok());
  EXPECT_FALSE(Publisher::Start(log, {.lease = absl::Seconds(11)}).ok());
  log.Fail(true);
  EXPECT_TRUE(absl::IsUnavailable(Publisher::Start(log, {}).status()));
}

}  // namespace
}  // namespace broadsheet::change
