// The real program does what time brings about when its time has come, as a follower of the change log sees
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "services/article/lifecycle.h"
#include "services/article/program_testing.h"

namespace broadsheet::article {
namespace {

using Editing = v1::EditorialService::Stub;
using Reading = v1::ArticleService::Stub;

constexpr absl::Duration kPromise = absl::Milliseconds(200);
constexpr int kTries = 5;  // the machine may be busy with something else at the very moment

// Follows the log from its beginning, without a lease.
class LogReader {
 public:
  explicit LogReader(Program& program) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stream_ = program.changes().Follow(&context_);
    change::v1::FollowRequest start;
    start.mutable_start()->set_follower_id("timing");
    start.mutable_start()->set_history(1000);
    EXPECT_TRUE(stream_->Write(start));
  }
  ~LogReader() {
    context_.TryCancel();
    stream_->Finish().IgnoreError();
  }

  // The first change of this kind to the story after the last one returned; waits for it.
  std::optional<change::v1::Change> Next(const std::string& article_id, change::v1::ChangeKind kind) {
    while (true) {
      for (; next_ < changes_.size(); ++next_) {
        const change::v1::Change& change = changes_[next_];
        if (change.subject() == absl::StrCat("article/", article_id) && change.kind() == kind) {
          return changes_[next_++];
        }
      }
      change::v1::FollowResponse response;
      if (!stream_->Read(&response)) return std::nullopt;
      changes_.insert(changes_.end(), response.changes().begin(), response.changes().end());
      received_at_ = absl::Now();
    }
  }
  absl::Time received_at() const { return received_at_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<change::v1::FollowRequest, change::v1::FollowResponse>> stream_;
  std::vector<change::v1::Change> changes_;
  std::size_t next_ = 0;
  absl::Time received_at_;
};

class TimingTest : public testing::TestWithParam<Engine> {
 protected:
  static void CreateStory(Program& program, const std::string& id) {
    v1::PutSectionRequest section;
    section.mutable_section()->set_section_id("news");
    section.mutable_section()->set_name("News");
    ASSERT_TRUE(Call(program.editing(), &Editing::PutSection, section).ok());
    v1::CreateArticleRequest create;
    create.set_article_id(id);
    create.mutable_content()->set_headline("At its time");
    create.mutable_content()->set_section_id("news");
    ASSERT_TRUE(Call(program.editing(), &Editing::CreateArticle, create).ok());
  }

  // Scheduled for `publish_at`, to expire at `expires_at`.
  static void Schedule(Program& program, const std::string& id, absl::Time publish_at,
                       absl::Time expires_at) {
    v1::UpdateArticleRequest update;
    update.set_article_id(id);
    *update.mutable_expires_at() = ToTimestamp(expires_at);
    update.mutable_update_mask()->add_paths("expires_at");
    ASSERT_TRUE(Call(program.editing(), &Editing::UpdateArticle, update).ok());
    v1::PublishArticleRequest publish;
    publish.set_article_id(id);
    *publish.mutable_publish_at() = ToTimestamp(publish_at);
    ASSERT_TRUE(Call(program.editing(), &Editing::PublishArticle, publish).ok());
  }

  // The revisions made of each kind, as "publish", "expire".
  static std::vector<std::string> Actions(Program& program, const std::string& id) {
    v1::ListRevisionsRequest list;
    list.set_article_id(id);
    auto revisions = Call(program.editing(), &Editing::ListRevisions, list);
    EXPECT_TRUE(revisions.ok()) << revisions.status();
    std::vector<std::string> actions;
    for (const v1::Revision& revision : revisions->revisions()) actions.push_back(revision.action());
    return actions;
  }
};

TEST_P(TimingTest, PublishesAndExpiresWithin200MillisecondsOfTheTime) {
  const TestDatabase database(GetParam());
  Program program(database);
  LogReader log(program);
  absl::Duration published_late = absl::InfiniteDuration(), expired_late = absl::InfiniteDuration();
  for (int i = 0; i < kTries && std::max(published_late, expired_late) > kPromise; ++i) {
    const std::string id = absl::StrCat("s", i);
    CreateStory(program, id);
    const absl::Time publish_at = absl::Now() + absl::Seconds(2);
    const absl::Time expires_at = publish_at + absl::Seconds(1);
    Schedule(program, id, publish_at, expires_at);
    const auto published = log.Next(id, change::v1::CHANGE_KIND_PUBLISHED);
    ASSERT_TRUE(published);
    EXPECT_GE(FromTimestamp(published->commit_time()), publish_at - absl::Microseconds(1));
    published_late = log.received_at() - publish_at;
    const auto expired = log.Next(id, change::v1::CHANGE_KIND_WITHDRAWN);
    ASSERT_TRUE(expired);
    EXPECT_GE(FromTimestamp(expired->commit_time()), expires_at - absl::Microseconds(1));
    EXPECT_EQ(expired->position(), published->position() + 1);
    expired_late = log.received_at() - expires_at;
  }
  EXPECT_LE(published_late, kPromise);
  EXPECT_LE(expired_late, kPromise);
}

TEST_P(TimingTest, PublishesOnceAfterAKillPastTheTime) {
  const TestDatabase database(GetParam());
  absl::Time publish_at;
  {
    Program program(database);
    CreateStory(program, "wall");
    publish_at = absl::Now() + absl::Seconds(3);
    Schedule(program, "wall", publish_at, absl::Now() + absl::Hours(1));
    program.Kill();
  }
  while (absl::Now() < publish_at) absl::SleepFor(publish_at - absl::Now());
  Program program(database);
  LogReader log(program);
  const auto published = log.Next("wall", change::v1::CHANGE_KIND_PUBLISHED);
  ASSERT_TRUE(published);
  EXPECT_GE(FromTimestamp(published->commit_time()), publish_at - absl::Microseconds(1));
  EXPECT_THAT(Actions(program, "wall"), testing::ElementsAre("publish", "schedule", "update", "create"));
}

TEST_P(TimingTest, NeverShowsAStoryThatExpiredWhileTheProgramWasDead) {
  const TestDatabase database(GetParam());
  absl::Time publish_at;
  {
    Program program(database);
    CreateStory(program, "wall");
    publish_at = absl::Now() + absl::Seconds(3);
    Schedule(program, "wall", publish_at, publish_at + absl::Milliseconds(500));
    program.Kill();
  }
  const absl::Time expires_at = publish_at + absl::Milliseconds(500);
  while (absl::Now() < expires_at) absl::SleepFor(expires_at - absl::Now());
  Program program(database);
  v1::GetArticleRequest request;
  request.set_article_id("wall");
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  do {
    EXPECT_EQ(rpc::Reason(Call(program.reading(), &Reading::GetArticle, request).status()),
              "ARTICLE_NOT_FOUND");
  } while (Actions(program, "wall").front() != "expire" && absl::Now() < deadline);
  EXPECT_THAT(Actions(program, "wall"), testing::ElementsAre("expire", "schedule", "update", "create"));
}

INSTANTIATE_TEST_SUITE_P(Engines, TimingTest, AllEngines(), EngineName);

}  // namespace
}  // namespace broadsheet::article
