#include "services/gateway/batch_halves.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/deferred.h"
#include "libs/rpc/status.h"
#include "services/gateway/snapshot_testing.h"
#include "services/gateway/steady_time.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Answer = absl::StatusOr<article::v1::BatchGetArticlesResponse>;
using Ids = std::vector<std::string>;

Backends::Call<article::v1::BatchGetArticlesResponse> AnswerOf(rpc::Deferred<std::shared_ptr<Answer>> given) {
  const std::shared_ptr<Answer> answer = co_await given;
  co_return *answer;
}

Answer StoriesAt(const std::string& log_id, std::int64_t position, const Ids& ids) {
  article::v1::BatchGetArticlesResponse answer;
  *answer.mutable_snapshot() = SnapshotAt(log_id, position);
  for (const std::string& id : ids) answer.add_articles()->set_article_id(id);
  return answer;
}

Answer TooLarge() {
  return rpc::ErrorInfo(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE", "ask for fewer");
}

Ids IdsIn(const Answer& answer) {
  Ids ids;
  if (!answer.ok()) return ids;
  for (const article::v1::Article& story : answer->articles()) ids.push_back(story.article_id());
  return ids;
}

// An article service that answers when it is told to, for a page that demands position 5 of "log".
class BatchHalvesTest : public testing::Test {
 protected:
  rpc::Task<Answer> Ask(Ids ids, const std::string& log_id = "log",
                        absl::Duration budget = absl::Minutes(1)) {
    CallScope scope;
    scope.context = rpc::Context(absl::Hours(1));
    scope.min_article_position = 5;
    scope.article_log_id = log_id;
    return AskInHalves(std::move(scope), std::move(ids), budget, [this](CallScope, Ids part) {
      asked_.push_back(std::move(part));
      return AnswerOf(calls_.emplace_back());
    });
  }
  void Give(std::size_t call, Answer answer) {
    calls_[call].Set(std::make_shared<Answer>(std::move(answer)));
  }

  std::deque<rpc::Deferred<std::shared_ptr<Answer>>> calls_;
  std::vector<Ids> asked_;
};

TEST_F(BatchHalvesTest, WhatFitsIntoOneAnswerIsAskedForOnce) {
  auto asking = Ask({"a", "b"});
  Give(0, StoriesAt("log", 9, {"a", "b"}));
  EXPECT_THAT(IdsIn(rpc::Wait(std::move(asking))), ElementsAre("a", "b"));
  EXPECT_THAT(asked_, ElementsAre(ElementsAre("a", "b")));
}

TEST_F(BatchHalvesTest, WhatDoesNotIsAskedForInHalvesAndIsAsOldAsTheOlderOne) {
  auto asking = Ask({"a", "b", "c", "d", "e"});
  Give(0, TooLarge());
  ASSERT_THAT(asked_, SizeIs(3));  // both at once
  Give(2, TooLarge());
  EXPECT_THAT(asked_, ElementsAre(SizeIs(5), ElementsAre("a", "b"), ElementsAre("c", "d", "e"),
                                  ElementsAre("c"), ElementsAre("d", "e")));
  Give(4, StoriesAt("log", 8, {"e"}));
  Give(3, StoriesAt("log", 7, {"c"}));
  Give(1, StoriesAt("log", 9, {"a", "b"}));
  const Answer answer = rpc::Wait(std::move(asking));
  EXPECT_THAT(IdsIn(answer), ElementsAre("a", "b", "c", "e"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->snapshot().log_id(), "log");
  EXPECT_EQ(answer->snapshot().position(), 7);
}

TEST_F(BatchHalvesTest, AStoryThatIsTooLargeAloneIsLeftOutAsOfThePositionDemanded) {
  auto asking = Ask({"a", "b"});
  Give(0, TooLarge());
  Give(1, TooLarge());
  Give(2, StoriesAt("log", 9, {"b"}));
  const Answer answer = rpc::Wait(std::move(asking));
  EXPECT_THAT(IdsIn(answer), ElementsAre("b"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->snapshot().position(), 5);
  EXPECT_THAT(asked_, SizeIs(3));
}

TEST_F(BatchHalvesTest, WhereNobodySaysOfWhichLogThatIsNothingIsSaidOfIt) {
  auto asking = Ask({"a"}, "");
  Give(0, TooLarge());
  const Answer answer = rpc::Wait(std::move(asking));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->articles(), IsEmpty());
  EXPECT_EQ(answer->snapshot().log_id(), "");
}

TEST_F(BatchHalvesTest, WithoutALogOfTheDemandNothingIsSaidOfTheOtherHalfEither) {
  auto asking = Ask({"a", "b"}, "");
  Give(0, TooLarge());
  Give(1, TooLarge());
  Give(2, StoriesAt("log", 9, {"b"}));
  const Answer answer = rpc::Wait(std::move(asking));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(IdsIn(answer), ElementsAre("b"));
  EXPECT_EQ(answer->snapshot().log_id(), "");
}

TEST_F(BatchHalvesTest, HalvesOfTwoLogsAreNoAnswer) {
  auto asking = Ask({"a", "b"});
  Give(0, TooLarge());
  Give(1, StoriesAt("log", 9, {"a"}));
  Give(2, StoriesAt("another log", 9, {"b"}));
  EXPECT_TRUE(absl::IsInternal(rpc::Wait(std::move(asking)).status()));
}

TEST_F(BatchHalvesTest, FailsIfOneHalfDoes) {
  auto asking = Ask({"a", "b"});
  Give(0, TooLarge());
  Give(1, StoriesAt("log", 9, {"a"}));
  Give(2, absl::UnavailableError("away"));
  EXPECT_EQ(rpc::Wait(std::move(asking)).status(), absl::UnavailableError("away"));
}

TEST_F(BatchHalvesTest, NoHalvesAreAskedForThatHadNoTimeToBeAnswered) {
  const absl::Duration budget = absl::Milliseconds(100);
  auto asking = Ask({"a", "b"}, "log", budget);
  const absl::Time late = SteadyNow() + budget * 3 / 4;
  while (SteadyNow() < late) std::this_thread::yield();
  Give(0, TooLarge());
  EXPECT_TRUE(absl::IsDeadlineExceeded(rpc::Wait(std::move(asking)).status()));
  EXPECT_THAT(asked_, SizeIs(1));
}

}  // namespace
}  // namespace broadsheet::gateway
