#include "services/gateway/batches.h"

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/deferred.h"
#include "services/gateway/steady_time.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

using Numbered = absl::StatusOr<int>;
using Answers = std::vector<rpc::Deferred<std::shared_ptr<Numbered>>>;

Backends::Call<int> AnswerOf(rpc::Deferred<std::shared_ptr<Numbered>> given) {
  const std::shared_ptr<Numbered> answer = co_await given;
  co_return *answer;
}

// A service that answers when it is told to.
class BatchesTest : public testing::Test {
 protected:
  rpc::Task<std::vector<Batch<int>>> Ask(std::size_t ids, std::size_t ids_in_a_call,
                                         absl::Duration budget = absl::Minutes(1)) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < ids; ++i) all.push_back(std::to_string(i));
    CallScope scope;
    scope.context = rpc::Context(absl::Hours(1));
    return AskInBatches<int>(scope, std::move(all), {.ids_in_a_call = ids_in_a_call, .budget = budget},
                             [this](CallScope, std::vector<std::string> part) {
                               sizes_.push_back(part.size());
                               return AnswerOf(calls_.emplace_back());
                             });
  }
  void Answer(std::size_t call, Numbered answer) {
    calls_[call].Set(std::make_shared<Numbered>(std::move(answer)));
  }

  Answers calls_;
  std::vector<std::size_t> sizes_;
};

TEST_F(BatchesTest, EveryIdIsInOneCallAndNoCallHasTooMany) {
  auto asking = Ask(5, 2);
  EXPECT_THAT(sizes_, ElementsAre(2, 2, 1));
  for (std::size_t call : {1, 2, 0}) Answer(call, static_cast<int>(call));
  const std::vector<Batch<int>> batches = rpc::Wait(std::move(asking));
  ASSERT_THAT(batches, SizeIs(3));
  EXPECT_THAT(batches[1].ids, ElementsAre("2", "3"));
  EXPECT_THAT(batches[2].ids, ElementsAre("4"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(batches[static_cast<std::size_t>(i)].response.value_or(-1), i);
}

TEST_F(BatchesTest, NothingIsAskedForNothing) {
  EXPECT_THAT(rpc::Wait(Ask(0, 2)), SizeIs(0));
  EXPECT_THAT(calls_, SizeIs(0));
}

TEST_F(BatchesTest, OnlyAFewCallsAreMadeAtATime) {
  calls_.reserve(20);
  auto asking = Ask(20, 1);
  EXPECT_THAT(calls_, SizeIs(8));
  for (std::size_t call = 0; call < 20; ++call) {
    ASSERT_GT(calls_.size(), call);
    Answer(call, 0);
  }
  EXPECT_THAT(rpc::Wait(std::move(asking)), SizeIs(20));
}

TEST_F(BatchesTest, AfterACallThatFailedNoOtherIsBegun) {
  calls_.reserve(20);
  auto asking = Ask(20, 1);
  Answer(0, 0);
  Answer(1, absl::UnavailableError("away"));
  for (std::size_t call = 2; call < calls_.size(); ++call) Answer(call, 0);
  EXPECT_THAT(calls_, SizeIs(9));
  const std::vector<Batch<int>> batches = rpc::Wait(std::move(asking));
  ASSERT_THAT(batches, SizeIs(20));
  EXPECT_TRUE(batches[8].response.ok());
  EXPECT_EQ(batches[1].response.status(), absl::UnavailableError("away"));
  EXPECT_EQ(batches[19].response.status(), absl::UnavailableError("away"));
}

TEST_F(BatchesTest, NoCallIsBegunThatHadNoTimeToBeAnswered) {
  const absl::Duration budget = absl::Milliseconds(100);
  const absl::Time half = SteadyNow() + budget;  // later than that of the calls, which begins before
  auto asking = Ask(20, 1, budget);
  while (SteadyNow() < half) std::this_thread::yield();
  for (std::size_t call = 0; call < 8; ++call) Answer(call, 0);
  const std::vector<Batch<int>> batches = rpc::Wait(std::move(asking));
  EXPECT_THAT(calls_, SizeIs(8));
  ASSERT_THAT(batches, SizeIs(20));
  EXPECT_TRUE(batches[7].response.ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(batches[8].response.status()));
}

}  // namespace
}  // namespace broadsheet::gateway
