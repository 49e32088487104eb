// What the scheduler does when something due cannot be committed.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"
#include "services/article/scheduler.h"

namespace broadsheet::article {
namespace {

class SchedulerRetryTest : public testing::Test {
 protected:
  TestNewsroom room_;
};

// A story that is due in an hour and whose commit cannot succeed: the revision it says is published is not
// there.
absl::Status SaveDamagedStory(EditTransaction& transaction, const std::string& id, absl::Time now) {
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
  return transaction.SaveStory(story, Action::kCreate, BodyPlace::kRevision);
}

absl::Status SaveDamagedStories(EditStore& store, int count, absl::Time now) {
  return store.Write([&](EditTransaction& transaction) {
    absl::Status saved;
    for (int i = 0; i < count && saved.ok(); ++i)
      saved = SaveDamagedStory(transaction, absl::StrCat("damaged-", i), now);
    return saved;
  });
}

TEST_F(SchedulerRetryTest, StoriesThatCannotBeCommittedDoNotHoldUpThoseBehindThem) {
  ASSERT_TRUE(SaveDamagedStories(room_.store(), 120, room_.now()).ok());  // more than are listed at a time
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

TEST_F(SchedulerRetryTest, AStoryThatWasMendedIsCommittedAtItsNextTry) {
  ASSERT_TRUE(room_.store()
                  .Write([&](EditTransaction& transaction) {
                    return SaveDamagedStory(transaction, "wall", room_.now());
                  })
                  .ok());
  room_.Pass(absl::Hours(1));
  Scheduler scheduler(room_.store(), [this] { return room_.now(); });
  EXPECT_FALSE(scheduler.RunDue().ok());
  ASSERT_TRUE(room_.store()
                  .Write([&](EditTransaction& transaction) -> absl::Status {
                    absl::StatusOr<std::optional<Story>> story = transaction.FindStory("wall");
                    if (!story.ok()) return story.status();
                    (*story)->draft.set_revision(77);
                    return transaction.SaveStory(**story, Action::kUpdate, BodyPlace::kRevision);
                  })
                  .ok());
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0) << "it still waits";
  room_.Pass(absl::Seconds(1));
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
}

TEST_F(SchedulerRetryTest, ComesToAnEndWhenMoreFailThanCanBePutOff) {
  const int many = static_cast<int>(RetryTimes::kMaxEntries) + 1;
  ASSERT_TRUE(SaveDamagedStories(room_.store(), many, room_.now()).ok());
  room_.Pass(absl::Hours(1));
  Scheduler scheduler(room_.store(), [this] { return room_.now(); });
  EXPECT_TRUE(absl::IsDataLoss(scheduler.RunDue().status()));
}

// Passes everything on; edits fail as long as the storage is out.
class FailingStore final : public EditStore {
 public:
  explicit FailingStore(EditStore& store) : store_(store) {}

  absl::Status Write(EditKind kind, absl::FunctionRef<absl::Status(EditTransaction&)> edit) override {
    ++writes;
    return out ? absl::UnavailableError("disk full") : store_.Write(kind, edit);
  }
  absl::StatusOr<std::optional<v1::Curation>> FindCuration(absl::string_view section_id) const override {
    return store_.FindCuration(section_id);
  }
  absl::StatusOr<std::vector<DueStory>> ListDue(absl::Time until, int limit) const override {
    if (!can_list) return absl::UnavailableError("the store cannot be read");
    return store_.ListDue(until, limit);
  }
  absl::StatusOr<std::optional<v1::Draft>> FindDraft(const ArticleKey& key) const override {
    return store_.FindDraft(key);
  }
  absl::Status ReadDrafts(const std::vector<std::string>& article_ids,
                          absl::FunctionRef<void(std::size_t, v1::Draft)> on_draft) const override {
    return store_.ReadDrafts(article_ids, on_draft);
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
  bool can_list = true;

 private:
  EditStore& store_;
};

TEST_F(SchedulerRetryTest, TellsHowLateTheOldestStoryIsUntilItIsCommitted) {
  Scheduler scheduler(room_.store(), [this] { return room_.now(); });
  ASSERT_TRUE(SaveDamagedStories(room_.store(), 2, room_.now()).ok());
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0);
  EXPECT_EQ(scheduler.state().due, 0);
  EXPECT_EQ(scheduler.state().late, absl::ZeroDuration());
  room_.Pass(absl::Hours(1) + absl::Seconds(30));
  EXPECT_FALSE(scheduler.RunDue().ok());
  EXPECT_EQ(scheduler.state().due, 2);
  EXPECT_EQ(scheduler.state().put_off, 2);
  EXPECT_EQ(scheduler.state().late, absl::Seconds(30));
  room_.Pass(absl::Seconds(45));
  EXPECT_EQ(scheduler.state().late, absl::Seconds(75));
}

TEST_F(SchedulerRetryTest, IsLateWhileItCannotSeeWhatIsDue) {
  FailingStore store(room_.store());
  Scheduler scheduler(store, [this] { return room_.now(); });
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0);
  store.can_list = false;
  room_.Pass(absl::Seconds(90));
  EXPECT_FALSE(scheduler.RunDue().ok());
  EXPECT_EQ(scheduler.state().late, absl::Seconds(90));
  store.can_list = true;
  EXPECT_EQ(scheduler.RunDue().value_or(-1), 0);
  EXPECT_EQ(scheduler.state().late, absl::ZeroDuration());
}

TEST_F(SchedulerRetryTest, AfterAnOutageOfTheStorageNothingIsLaterThanASecond) {
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

}  // namespace
}  // namespace broadsheet::article
