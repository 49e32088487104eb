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

TEST_F(SchedulerTest, ForgetsOldAnswers) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Hours(25));
  auto more = room_.store().Prune(room_.now());
  ASSERT_TRUE(more.ok());
  EXPECT_FALSE(*more);
}

// A story that is due in an hour and whose commit cannot succeed: the revision it says is published is not
// there.
absl::Status SaveDamagedStory(EditStore& store, const std::string& id, absl::Time now) {
  return store.Write([&](EditTransaction& transaction) {
    Story story;
    v1::Draft& draft = story.draft;
    draft.set_article_id(id);
    draft.set_revision(1);
    draft.set_path(absl::StrCat("/", id));
    draft.mutable_content()->set_headline("H");
    draft.mutable_content()->set_section_id("harbour");
    draft.set_edit_state(v1::EDIT_STATE_DRAFT);
    draft.set_pub_status(v1::PUB_STATUS_USABLE);
    draft.set_published_revision(77);
    *draft.mutable_update_time() = ToTimestamp(now);
    *draft.mutable_embargoed_until() = ToTimestamp(now + absl::Hours(1));
    story.path_claimed = true;
    return transaction.SaveStory(story, Action::kCreate);
  });
}

TEST_F(SchedulerTest, StoriesThatCannotBeCommittedDoNotHoldUpThoseBehindThem) {
  for (int i = 0; i < 120; ++i)  // more than are listed at a time
    ASSERT_TRUE(SaveDamagedStory(room_.store(), absl::StrCat("damaged-", i), room_.now()).ok());
  room_.CreateStory("wall");
  ASSERT_TRUE(room_
                  .Publish(absl::StrCat("article_id: 'wall' publish_at ",
                                        room_.After(absl::Hours(1) + absl::Minutes(1))))
                  .ok());
  room_.Pass(absl::Hours(1) + absl::Minutes(1));
  Scheduler scheduler(room_.store(), [this] { return room_.now(); });
  EXPECT_TRUE(absl::IsDataLoss(scheduler.RunDue().status()));
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0) << "they wait now";
  room_.Pass(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDataLoss(scheduler.RunDue().status())) << "and are tried again";

  // While they wait, what becomes due is committed at once.
  room_.CreateStory("ferry");
  ASSERT_TRUE(
      room_.Publish(absl::StrCat("article_id: 'ferry' publish_at ", room_.After(absl::Seconds(1)))).ok());
  room_.Pass(absl::Seconds(1));
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 1);
  EXPECT_TRUE(room_.Get("article_id: 'ferry'").ok());
}

TEST_F(SchedulerTest, AStoryThatWasMendedIsCommittedAtItsNextTry) {
  ASSERT_TRUE(SaveDamagedStory(room_.store(), "wall", room_.now()).ok());
  room_.Pass(absl::Hours(1));
  Scheduler scheduler(room_.store(), [this] { return room_.now(); });
  EXPECT_FALSE(scheduler.RunDue().ok());
  ASSERT_TRUE(room_.store()
                  .Write([&](EditTransaction& transaction) -> absl::Status {
                    absl::StatusOr<std::optional<Story>> story = transaction.FindStory("wall");
                    if (!story.ok()) return story.status();
                    (*story)->draft.set_revision(77);
                    return transaction.SaveStory(**story, Action::kUpdate);
                  })
                  .ok());
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0) << "it still waits";
  room_.Pass(absl::Seconds(1));
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

// Passes everything on; edits fail as long as the storage is out.
class FailingStore final : public EditStore {
 public:
  explicit FailingStore(EditStore& store) : store_(store) {}

  absl::Status Write(absl::FunctionRef<absl::Status(EditTransaction&)> edit) override {
    ++writes;
    return out ? absl::UnavailableError("disk full") : store_.Write(edit);
  }
  absl::StatusOr<std::vector<DueStory>> ListDue(absl::Time until, int limit) const override {
    return store_.ListDue(until, limit);
  }
  absl::StatusOr<std::optional<v1::Draft>> FindDraft(const ArticleKey& key) const override {
    return store_.FindDraft(key);
  }
  absl::StatusOr<Drafts> ListDrafts(const DraftQuery& query) const override {
    return store_.ListDrafts(query);
  }
  absl::StatusOr<Revisions> ListRevisions(absl::string_view article_id, std::int64_t before,
                                          int limit) const override {
    return store_.ListRevisions(article_id, before, limit);
  }
  absl::StatusOr<std::optional<RevisionLookup>> FindRevision(absl::string_view article_id,
                                                             std::int64_t revision) const override {
    return store_.FindRevision(article_id, revision);
  }
  absl::StatusOr<bool> Prune(absl::Time now) override { return store_.Prune(now); }
  const std::string& token_key() const override { return store_.token_key(); }
  absl::StatusOr<std::vector<Count>> CountStories() const override { return store_.CountStories(); }

  int writes = 0;
  bool out = true;

 private:
  EditStore& store_;
};

TEST_F(SchedulerTest, AfterAnOutageOfTheStorageNothingIsLaterThanASecond) {
  for (int i = 0; i < 60; ++i) {
    room_.CreateStory(absl::StrCat("s", i));
    room_.Publish(absl::StrCat("article_id: 's", i, "' publish_at ", room_.After(absl::Hours(1))))
        .IgnoreError();
  }
  room_.Pass(absl::Hours(1));
  FailingStore store(room_.store());
  Scheduler scheduler(store, [this] { return room_.now(); });
  for (int i = 0; i < 100; ++i) {
    store.writes = 0;
    EXPECT_TRUE(absl::IsUnavailable(scheduler.RunDue().status()));
    EXPECT_LE(store.writes, 3) << "it is not asked again for every story";
    room_.Pass(absl::Seconds(1));
  }
  store.out = false;
  room_.Pass(absl::Seconds(1));
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 60);
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

}  // namespace
}  // namespace broadsheet::article
