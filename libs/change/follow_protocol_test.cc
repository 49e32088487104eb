#include "libs/change/follow_protocol.h"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/change/follower_memory.h"
#include "libs/change/manual_clock_testing.h"

namespace broadsheet::change {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One stream of a follower, whose network and clock are this test.
class FollowProtocolTest : public ::testing::Test {
 protected:
  v1::FollowRequest Ask() {
    v1::FollowRequest request;
    EXPECT_TRUE(protocol_.NextRequest(request));
    return request;
  }

  bool HasNothingToAsk() {
    v1::FollowRequest request;
    return !protocol_.NextRequest(request);
  }

  // The source's, up to `position`, with these changes before it.
  static v1::FollowResponse Response(std::int64_t position,
                                     std::initializer_list<std::int64_t> changes = {}) {
    v1::FollowResponse response;
    response.set_log_id("log");
    response.set_position(position);
    response.set_floor_position(position - static_cast<std::int64_t>(changes.size()));
    for (const std::int64_t change : changes) {
      response.add_changes()->set_position(change);
      response.mutable_changes()->rbegin()->set_subject(absl::StrCat("article/", change));
    }
    return response;
  }

  static v1::FollowResponse WithLease(v1::FollowResponse response, std::int64_t sequence, int seconds) {
    response.mutable_lease()->set_renewal_sequence(sequence);
    response.mutable_lease()->mutable_duration()->set_seconds(seconds);
    return response;
  }

  // Connected, and with a lease of three seconds from now.
  void Connect() {
    Ask();
    ASSERT_TRUE(protocol_.OnResponse(Response(7)).ok());
    const std::int64_t sequence = Ask().progress().renewal_sequence();
    ASSERT_TRUE(protocol_.OnResponse(WithLease(Response(7), sequence, 3)).ok());
    ASSERT_TRUE(memory_.live());
  }

  absl::Duration UntilTimer() {
    return absl::FromChrono(protocol_.NextTimer()) - absl::FromChrono(std::chrono::system_clock::now());
  }

  ManualClock clock_;
  FollowerMemory memory_{clock_, 1000, 1000};
  std::vector<std::string> events_;
  FollowProtocol protocol_{
      clock_,
      memory_,
      {},
      /*take_lease=*/true,
      {.connected = [this] { events_.push_back("connected"); },
       .reset = [this](const std::string& log,
                       std::int64_t floor) { events_.push_back(absl::StrCat("reset ", log, " ", floor)); },
       .change = [this](const v1::Change& change) { events_.push_back(change.subject()); },
       .caught_up = [this] { events_.push_back("caught up"); }}};
};

TEST_F(FollowProtocolTest, BeginsWithWhereItStandsAndWaitsForTheAnswer) {
  EXPECT_TRUE(Ask().has_start());
  EXPECT_TRUE(HasNothingToAsk());
}

TEST_F(FollowProtocolTest, TellsWhatHappensInOrder) {
  Ask();
  ASSERT_TRUE(protocol_.OnResponse(Response(9, {8, 9})).ok());
  EXPECT_THAT(events_, ElementsAre("connected", "reset log 7", "article/8", "article/9"));
  const std::int64_t sequence = Ask().progress().renewal_sequence();
  ASSERT_TRUE(protocol_.OnResponse(WithLease(Response(9), sequence, 3)).ok());
  EXPECT_EQ(events_.back(), "caught up");
}

TEST_F(FollowProtocolTest, GivesUpASourceThatNeverAnswers) {
  Ask();
  clock_.Advance(absl::Seconds(10) - absl::Milliseconds(1));
  EXPECT_TRUE(protocol_.OnTimer().ok()) << "the source may have to look the answer up";
  EXPECT_LT(UntilTimer(), absl::Milliseconds(2)) << "somebody must look then";
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(protocol_.OnTimer().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(FollowProtocolTest, DoesNotGiveUpBeforeItHasAsked) {
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(protocol_.OnTimer().ok());
}

TEST_F(FollowProtocolTest, GivesUpASourceThatStopsAnswering) {
  Connect();
  clock_.Advance(absl::Seconds(1));  // a third of the lease
  EXPECT_GT(Ask().progress().renewal_sequence(), 0);
  clock_.Advance(absl::Seconds(9) - absl::Milliseconds(1));
  EXPECT_TRUE(protocol_.OnTimer().ok()) << "three leases have not passed";
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(protocol_.OnTimer().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(FollowProtocolTest, CountsTheLeaseFromTheQuestionAndALittleLess) {
  Ask();
  ASSERT_TRUE(protocol_.OnResponse(Response(7)).ok());
  const std::int64_t sequence = Ask().progress().renewal_sequence();
  clock_.Advance(absl::Seconds(2));  // on the way
  ASSERT_TRUE(protocol_.OnResponse(WithLease(Response(7), sequence, 3)).ok());
  EXPECT_TRUE(memory_.live());
  clock_.Advance(absl::Milliseconds(969));
  EXPECT_TRUE(memory_.live());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(memory_.live()) << "the two clocks need not run at the same speed";
}

TEST_F(FollowProtocolTest, TakesNoLeaseThatItDidNotAskForLast) {
  Connect();
  clock_.Advance(absl::Seconds(1));
  const std::int64_t sequence = Ask().progress().renewal_sequence();
  ASSERT_TRUE(protocol_.OnResponse(WithLease(Response(7), sequence - 1, 10)).ok());
  clock_.Advance(absl::Seconds(2));
  EXPECT_FALSE(memory_.live());
}

TEST_F(FollowProtocolTest, AcknowledgesWhatItHasApplied) {
  Connect();
  ASSERT_TRUE(protocol_.OnResponse(Response(8, {8})).ok());
  const v1::FollowRequest request = Ask();
  EXPECT_EQ(request.progress().applied_position(), 8);
  EXPECT_EQ(request.progress().renewal_sequence(), 0) << "it is too early for that";
  EXPECT_TRUE(HasNothingToAsk());
}

TEST_F(FollowProtocolTest, EndsWhenAChangeIsMissing) {
  Connect();
  const grpc::Status status = protocol_.OnResponse(Response(9, {9}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_THAT(status.error_message(), HasSubstr("change 9 follows 7"));
}

TEST_F(FollowProtocolTest, EndsWhenTheSourceIsNotWhereItsChangesLead) {
  Connect();
  EXPECT_EQ(protocol_.OnResponse(Response(9, {8})).error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(memory_.position().position, 8) << "what came is true nevertheless";
}

TEST_F(FollowProtocolTest, EndsWhenTheSourceNamesNoLog) {
  Ask();
  EXPECT_EQ(protocol_.OnResponse({}).error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(events_.empty());
}

}  // namespace
}  // namespace broadsheet::change
