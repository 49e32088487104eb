#include "services/article/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

class SchedulerTest : public testing::Test {
 protected:
  std::string ReasonOf(const std::string& id) {
    return rpc::Reason(room_.Get(absl::StrCat("article_id: '", id, "'")).status());
  }

  TestNewsroom room_;
};

TEST_F(SchedulerTest, PublishesAtTheTimeSet) {
  room_.CreateStory("wall");
  auto scheduled = room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1))));
  ASSERT_TRUE(scheduled.ok()) << scheduled.status();
  const std::int64_t head = room_.Head();
  room_.Pass(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(room_.RunDue(), 0);
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
  room_.Pass(absl::Microseconds(1));
  EXPECT_EQ(room_.RunDue(), 1);
  auto read = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(FromTimestamp(read->article().first_published_at()), room_.now());
  EXPECT_EQ(room_.Head(), head + 1);
  EXPECT_EQ(room_.Changes(head)[0].kind(), change::v1::CHANGE_KIND_PUBLISHED);
  EXPECT_EQ(room_.GetRevision("article_id: 'wall' revision: 3")->revision().action(), "publish");
  EXPECT_EQ(room_.RunDue(), 0);
}

TEST_F(SchedulerTest, PublishesAfterARestartPastTheTime) {
  room_.CreateStory("wall");
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1)))).ok());
  room_.Pass(absl::Hours(5));
  room_.Restart();
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

TEST_F(SchedulerTest, PublishesTheNewTextOfAPublicStoryAtTheTimeSet) {
  room_.PublishStory("wall");
  room_.Update("article_id: 'wall' content { headline: 'Two' } update_mask { paths: 'content.headline' }")
      .IgnoreError();
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1)))).ok());
  EXPECT_EQ(room_.Get("article_id: 'wall'")->article().content().headline(), "Sea wall opens");
  room_.Pass(absl::Hours(1));
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_EQ(room_.Get("article_id: 'wall'")->article().content().headline(), "Two");
}

TEST_F(SchedulerTest, EndsAnEmbargo) {
  room_.CreateStory("wall");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  auto published = room_.Publish("article_id: 'wall'");
  ASSERT_TRUE(published.ok());
  EXPECT_FALSE(published->draft().has_first_published_at());
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
  room_.Pass(absl::Hours(1));
  const std::int64_t head = room_.Head();
  EXPECT_EQ(room_.RunDue(), 1);
  auto read = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(FromTimestamp(read->article().first_published_at()), room_.now());
  EXPECT_THAT(room_.Changes(head)[0].tags(), testing::Contains("list/latest"));
}

TEST_F(SchedulerTest, EndsAnEmbargoWithTheTextPublishedWhateverWasWrittenSince) {
  room_.CreateStory("wall");
  room_
      .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                           " update_mask { paths: 'embargoed_until' }"))
      .IgnoreError();
  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  ASSERT_TRUE(
      room_.Update("article_id: 'wall' content { headline: 'Draft' } update_mask { paths: 'content' }").ok());
  room_.Pass(absl::Hours(1));
  EXPECT_EQ(room_.RunDue(), 1);
  auto read = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->article().content().headline(), "Sea wall opens");
  EXPECT_EQ(read->article().content().body_size(), 1);
  EXPECT_EQ(room_.GetDraft("article_id: 'wall'")->draft().edit_state(), v1::EDIT_STATE_DRAFT);
}

TEST_F(SchedulerTest, AnEmbargoOnAPublicStoryHidesItAtOnceAndLiftingItBringsItBack) {
  room_.PublishStory("wall");
  auto hidden = room_.Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                          " update_mask { paths: 'embargoed_until' }"));
  ASSERT_TRUE(hidden.ok());
  EXPECT_TRUE(hidden->has_propagation());
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_WITHDRAWN");
  EXPECT_EQ(room_.List("")->articles_size(), 0);
  auto lifted = room_.Update("article_id: 'wall' update_mask { paths: 'embargoed_until' }");
  ASSERT_TRUE(lifted.ok());
  EXPECT_TRUE(lifted->has_propagation());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

TEST_F(SchedulerTest, ExpiresAStoryFromTheInstantOnAndCommitsItAfterwards) {
  const std::string path = room_.PublishStory("wall").path();
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' expires_at ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());  // from memory
  const std::int64_t head = room_.Head();
  room_.Pass(absl::Hours(1));
  for (bool committed : {false, true}) {
    if (committed) {
      EXPECT_EQ(room_.RunDue(), 1);
    }
    const absl::Status gone = room_.Get("article_id: 'wall'").status();
    EXPECT_EQ(rpc::Reason(gone), "ARTICLE_WITHDRAWN");
    EXPECT_EQ(rpc::Detail<v1::Withdrawal>(gone)->mode(), v1::WITHDRAWAL_MODE_GONE);
    EXPECT_FALSE(room_.Get(absl::StrCat("path: '", path, "'")).ok());
    EXPECT_EQ(room_.List("")->articles_size(), 0);
    EXPECT_EQ(room_.BatchGet("article_ids: 'wall'")->articles_size(), 0);
  }
  EXPECT_EQ(room_.Head(), head + 1);
  EXPECT_EQ(room_.Changes(head)[0].kind(), change::v1::CHANGE_KIND_WITHDRAWN);
  EXPECT_EQ(room_.GetRevision("article_id: 'wall' revision: 4")->revision().action(), "expire");

  ASSERT_TRUE(room_.Update("article_id: 'wall' update_mask { paths: 'expires_at' }").ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

TEST_F(SchedulerTest, NeverShowsAStoryWhoseTimeCameAndWentUnnoticed) {
  room_.CreateStory("wall");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' expires_at ", room_.After(absl::Hours(2)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1)))).ok());
  room_.Pass(absl::Hours(3));
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(room_.GetDraft("article_id: 'wall'")->draft().edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(room_.RunDue(), 0);
}

TEST_F(SchedulerTest, AClockThatGoesBackHidesWhatIsUnderEmbargoAgain) {
  room_.CreateStory("wall");
  room_
      .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                           " update_mask { paths: 'embargoed_until' }"))
      .IgnoreError();
  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  room_.Pass(absl::Hours(2));
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
  room_.Pass(-absl::Hours(2));
  EXPECT_FALSE(room_.Get("article_id: 'wall'").ok());
  EXPECT_EQ(room_.List("")->articles_size(), 0);
  EXPECT_EQ(room_.RunDue(), 0);
}

TEST_F(SchedulerTest, CommitsEachStoryOnceHoweverManySchedulersRun) {
  for (int i = 0; i < 60; ++i) {
    room_.CreateStory(absl::StrCat("s", i));
    room_.Publish(absl::StrCat("article_id: 's", i, "' publish_at ", room_.After(absl::Hours(1))))
        .IgnoreError();
  }
  const std::int64_t head = room_.Head();
  room_.Pass(absl::Hours(1));
  std::atomic<int> changed{0};
  std::vector<std::thread> schedulers;
  for (int i = 0; i < 3; ++i) schedulers.emplace_back([&] { changed += room_.RunDue(); });
  for (std::thread& scheduler : schedulers) scheduler.join();
  EXPECT_EQ(changed, 60);
  EXPECT_EQ(room_.Head(), head + 60);
}

TEST_F(SchedulerTest, RunsByItselfWithin200MillisecondsOfTheTime) {
  // A clock that runs from the newsroom's time on.
  const absl::Time start = room_.now();
  const absl::Time real_start = absl::Now();
  auto clock = [=] { return start + (absl::Now() - real_start); };
  Scheduler scheduler(room_.store(), clock);
  scheduler.Start();
  // The machine may be busy with something else at the very moment: once in a few tries it is not.
  absl::Duration late = absl::InfiniteDuration();
  for (int i = 0; i < 5 && late > absl::Milliseconds(200); ++i) {
    const std::string id = absl::StrCat("s", i);
    room_.CreateStory(id);
    const absl::Time due = clock() + absl::Milliseconds(300);
    ASSERT_TRUE(
        room_.Publish(absl::StrCat("article_id: '", id, "' publish_at ", room_.After(due - room_.now())))
            .ok());
    auto draft = room_.GetDraft(absl::StrCat("article_id: '", id, "'"));
    while (draft.ok() && draft->draft().edit_state() != v1::EDIT_STATE_DONE) {
      ASSERT_LT(clock() - due, absl::Seconds(30));
      draft = room_.GetDraft(absl::StrCat("article_id: '", id, "'"));
    }
    ASSERT_TRUE(draft.ok()) << draft.status();
    late = FromTimestamp(draft->draft().first_published_at()) - due;
    EXPECT_GE(late, -absl::Microseconds(1));
  }
  EXPECT_LE(late, absl::Milliseconds(200));
}

TEST(SchedulerOnPostgres, CommitsEachStoryOnceHoweverManyStoresShareAPostgresDatabase) {
  TestNewsroom room(Engine::kPostgres);
  for (int i = 0; i < 60; ++i) {
    room.CreateStory(absl::StrCat("s", i));
    ASSERT_TRUE(
        room.Publish(absl::StrCat("article_id: 's", i, "' publish_at ", room.After(absl::Hours(1)))).ok());
  }
  const std::int64_t head = room.Head();
  room.Pass(absl::Hours(1));
  std::vector<std::unique_ptr<SqlArticleStore>> stores;
  for (int i = 0; i < 3; ++i) stores.push_back(room.OpenAnotherStore());
  std::atomic<int> changed{0};
  std::vector<std::thread> threads;
  for (auto& store : stores) {
    threads.emplace_back([&] {
      Scheduler scheduler(*store, [&] { return room.now(); });
      auto run = scheduler.RunDue();
      ASSERT_TRUE(run.ok()) << run.status();
      changed += *run;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(changed, 60);
  EXPECT_EQ(stores[0]->Head().value(), head + 60);
  EXPECT_TRUE(room.Get("article_id: 's59'").ok());
}

TEST_F(SchedulerTest, FollowsAClockThatJumps) {
  room_.CreateStory("wall");
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1)))).ok());
  std::atomic<int> looks{0};
  Scheduler scheduler(
      room_.store(),
      [&] {
        ++looks;
        return room_.now();
      },
      absl::Milliseconds(10));
  scheduler.Start();
  auto await_looks = [&] {
    for (const int before = looks; looks < before + 5;) std::this_thread::yield();
  };
  room_.Pass(-absl::Hours(3));
  await_looks();
  room_.Pass(absl::Hours(4) - absl::Microseconds(1));
  await_looks();
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
  room_.Pass(absl::Microseconds(1));
  await_looks();
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

TEST_F(SchedulerTest, ForgetsOldAnswers) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Hours(25));
  auto more = room_.store().Prune(room_.now());
  ASSERT_TRUE(more.ok());
  EXPECT_FALSE(*more);
}

TEST_F(SchedulerTest, ATimeThatPassedWithNothingLeftToDoDoesNotComeUpAgain) {
  room_.CreateStory("wall");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                       " expires_at ", room_.After(absl::Hours(2)),
                                       " update_mask { paths: 'embargoed_until' paths: 'expires_at' }"))
                  .ok());
  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  room_.Pass(absl::Hours(3));  // nobody ran meanwhile
  ASSERT_EQ(room_.store().ListDue(room_.now(), 10)->size(), 1U);
  const std::int64_t head = room_.Head();
  EXPECT_EQ(room_.RunDue(), 0);
  EXPECT_EQ(room_.Head(), head);
  EXPECT_TRUE(room_.store().ListDue(room_.now(), 10)->empty());
  EXPECT_EQ(ReasonOf("wall"), "ARTICLE_NOT_FOUND");
}

TEST_F(SchedulerTest, TimesThatPassedWithNothingLeftToDoDoNotHoldUpThoseBehindThem) {
  for (int i = 0; i < 60; ++i) {  // more than share a commit
    const std::string id = absl::StrCat("article_id: 's", i, "' ");
    room_.CreateStory(absl::StrCat("s", i));
    ASSERT_TRUE(room_
                    .Update(absl::StrCat(id, "embargoed_until ", room_.After(absl::Hours(1)), " expires_at ",
                                         room_.After(absl::Hours(2)),
                                         " update_mask { paths: 'embargoed_until' paths: 'expires_at' }"))
                    .ok());
    ASSERT_TRUE(room_.Publish(id).ok());
  }
  room_.CreateStory("wall");
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(3)))).ok());
  room_.Pass(absl::Hours(3));
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

}  // namespace
}  // namespace broadsheet::article
