// Kills the real program, or the database under it, at random moments under concurrent writers, and fills its
// disk: what was acknowledged is there, once, and the log has no gap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/article/found_article_testing.h"
#include "services/article/program_testing.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {
namespace {

constexpr int kSqliteRounds = 20;
constexpr int kPostgresRounds = 12;  // each waits until the one before is given up
constexpr int kWriters = 4;

using Editing = v1::EditorialService::Stub;
using Reading = v1::ArticleService::Stub;

// Writes to one story of its own: each step sets the next number as headline, then publishes it. A step that
// was not acknowledged is tried again with the same request ids after the next start, so each takes effect
// once.
class Writer {
 public:
  explicit Writer(int number) : id_(absl::StrCat("story-", number)) {}

  // Until the program is gone; counts what was acknowledged.
  void Run(Program& program, std::atomic<int>& acknowledged) {
    while (Step(program)) ++acknowledged;
  }

  const std::string& id() const { return id_; }
  std::int64_t revision() const { return revision_; }
  int acknowledged() const { return published_; }  // the number readers must see at least
  int attempted() const { return attempted_; }     // and at most

 private:
  bool Step(Program& program) {
    attempted_ = published_.load() + 1;
    const std::string headline = absl::StrCat(attempted_.load());
    if (revision_ == 0) {
      v1::CreateArticleRequest create;
      create.set_request_id(id_ + "-create");
      create.set_article_id(id_);
      create.mutable_content()->set_headline("0");
      create.mutable_content()->set_section_id("news");
      create.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
          std::string(2000, 'x'));
      if (!Accept(Call(program.editing(), &Editing::CreateArticle, create), 1)) return false;
    }
    if (!updated_) {
      v1::UpdateArticleRequest update;
      update.set_request_id(absl::StrCat(id_, "-update-", headline));
      update.set_article_id(id_);
      update.set_expected_revision(revision_);
      update.mutable_content()->set_headline(headline);
      update.mutable_update_mask()->add_paths("content.headline");
      if (!Accept(Call(program.editing(), &Editing::UpdateArticle, update), revision_ + 1)) return false;
      updated_ = true;
    }
    v1::PublishArticleRequest publish;
    publish.set_request_id(absl::StrCat(id_, "-publish-", headline));
    publish.set_article_id(id_);
    publish.set_expected_revision(revision_);
    if (!Accept(Call(program.editing(), &Editing::PublishArticle, publish), revision_ + 1)) return false;
    updated_ = false;
    published_ = attempted_.load();
    return true;
  }

  template <class Response>
  bool Accept(const absl::StatusOr<Response>& answer, std::int64_t revision) {
    if (!answer.ok()) {
      // Dying, it may only say that it is gone.
      EXPECT_TRUE(absl::IsUnavailable(answer.status()) || absl::IsCancelled(answer.status()) ||
                  absl::IsUnknown(answer.status()))
          << answer.status();
      return false;
    }
    EXPECT_EQ(answer->draft().revision(), revision);
    revision_ = answer->draft().revision();
    return true;
  }

  const std::string id_;
  std::int64_t revision_ = 0;
  bool updated_ = false;  // the step's first half is done
  std::atomic<int> published_{0};
  std::atomic<int> attempted_{0};
};

// A reader of the first writer's story: sees what was published, never less than was acknowledged before it
// asked.
void ReadAlong(Program& program, const Writer& writer, std::int64_t& position) {
  while (true) {
    v1::GetArticleRequest request;
    request.set_article_id(writer.id());
    request.set_min_position(position);
    const int at_least = writer.acknowledged();
    auto read = Call(program.reading(), &Reading::GetArticle, request);
    if (!read.ok() && !absl::IsNotFound(read.status())) return;
    if (!read.ok()) {
      EXPECT_EQ(at_least, 0);
      continue;
    }
    int number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(read->article().content().headline(), &number));
    EXPECT_GE(number, at_least);
    EXPECT_LE(number, writer.attempted());
    EXPECT_GE(read->snapshot().position(), position);
    position = read->snapshot().position();
  }
}

// What lies on the disk after a death, seen with the program's own eyes.
void CheckData(const TestDatabase& test_database, const std::vector<std::unique_ptr<Writer>>& writers) {
  auto database = test_database.Open();
  ASSERT_TRUE(database.ok()) << database.status();
  if (test_database.address().empty()) {
    auto connection = (*database)->Connect();
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(
        (*connection)
            ->Run("PRAGMA integrity_check", {}, [](const sql::Row& row) { EXPECT_EQ(row.Text(0), "ok"); })
            .ok());
  }
  auto store = SqlArticleStore::Open(*std::move(database), {});
  ASSERT_TRUE(store.ok()) << store.status();
  auto changes = (*store)->Read(0, 1'000'000);
  ASSERT_TRUE(changes.ok());
  std::int64_t position = 0;
  for (const change::v1::Change& change : *changes) EXPECT_EQ(change.position(), ++position);
  EXPECT_EQ((*store)->Head().value(), position);

  int published = 0;
  for (const auto& writer : writers) {
    auto draft = (*store)->FindDraft({ArticleKey::Kind::kId, writer->id()});
    ASSERT_TRUE(draft.ok());
    if (!*draft) {
      EXPECT_EQ(writer->revision(), 0);
      continue;
    }
    // What was acknowledged, and at most one more that was under way.
    EXPECT_GE((*draft)->revision(), writer->revision());
    EXPECT_LE((*draft)->revision(), writer->revision() + 1);
    auto revisions = (*store)->ListRevisions(writer->id(), (*draft)->revision() + 1, 1'000'000);
    ASSERT_TRUE(revisions.ok());
    ASSERT_EQ(static_cast<std::int64_t>(revisions->revisions.size()), (*draft)->revision());
    for (const v1::Revision& revision : revisions->revisions) published += revision.action() == "publish";
    // The public side is the published revision's, whole.
    auto found = (*store)->FindArticle({ArticleKey::Kind::kId, writer->id()}, Body::kWith, absl::Now, 0);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->value.found != nullptr, (*draft)->published_revision() > 0);
    if (found->value.found == nullptr) continue;
    auto text = (*store)->FindRevision(writer->id(), (*draft)->published_revision());
    ASSERT_TRUE(text.ok() && *text);
    EXPECT_EQ(Decode(found->value.found).article().content().SerializeAsString(),
              (*text)->draft.content().SerializeAsString());
    EXPECT_EQ(Decode(found->value.found).article().revision(), (*draft)->published_revision());
  }
  EXPECT_EQ(position, 1 + published);  // the section, then one change for each publication
}

void PutSection(Program& program) {
  v1::PutSectionRequest section;
  section.set_request_id("section");
  section.mutable_section()->set_section_id("news");
  section.mutable_section()->set_name("News");
  auto put = Call(program.editing(), &Editing::PutSection, section);
  ASSERT_TRUE(put.ok()) << put.status();
}

// Lets the writers work, ends the program with `end` at some moment, and looks at what is left; again and
// again.
void CrashOften(const TestDatabase& database, int rounds, const std::function<void(Program&)>& end) {
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < kWriters; ++i) writers.push_back(std::make_unique<Writer>(i));
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::int64_t position = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", round ", round));
    Program program(database);
    PutSection(program);
    if (testing::Test::HasFailure()) return;
    std::atomic<int> acknowledged{0};
    std::vector<std::thread> threads;
    for (auto& writer : writers) threads.emplace_back([&] { writer->Run(program, acknowledged); });
    threads.emplace_back([&] { ReadAlong(program, *writers[0], position); });
    // Anywhere between the first commits and a few dozen later, and anywhere within a commit.
    const int steps = 1 + static_cast<int>(random() % 30);
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (acknowledged < steps && absl::Now() < deadline) std::this_thread::yield();
    EXPECT_GE(acknowledged, steps);
    for (int spin = static_cast<int>(random() % 2000); spin > 0; --spin) std::this_thread::yield();
    end(program);
    for (std::thread& thread : threads) thread.join();
    CheckData(database, writers);
    if (testing::Test::HasFailure()) return;
  }
}

class CrashTest : public testing::TestWithParam<Engine> {};

TEST_P(CrashTest, LosesNothingAcknowledgedAndAppliesNothingTwice) {
  const TestDatabase database(GetParam());
  CrashOften(database, GetParam() == Engine::kSqlite ? kSqliteRounds : kPostgresRounds,
             [](Program& program) { program.Kill(); });
}

TEST(Crash, LosesNothingWhenTheDatabaseItselfCrashes) {
  test::RealPostgres server;
  CrashOften(TestDatabase(server), 4, [&](Program& program) {
    server.Kill();
    server.Start();
    program.Kill();
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, CrashTest, AllEngines(), EngineName);

TEST(Crash, AFullDiskRefusesWritesKeepsServingReadsAndLosesNothing) {
  const TestDatabase database(Engine::kSqlite);
  std::vector<std::string> kept;
  auto create = [](Program& program, int number) {
    v1::CreateArticleRequest request;
    request.set_article_id(absl::StrCat("story-", number));
    for (int i = 0; i < 10; ++i) {
      request.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
          std::string(30'000, 'x'));
    }
    return Call(program.editing(), &Editing::CreateArticle, request);
  };
  {
    // No file may grow beyond 4 MiB; writing on fails as on a full disk.
    Program program(database, {.shell = "trap '' XFSZ; ulimit -f 8192; "});
    PutSection(program);
    absl::StatusOr<v1::CreateArticleResponse> answer = create(program, 0);
    ASSERT_TRUE(answer.ok()) << answer.status();
    for (int i = 1; i < 200 && answer.ok(); ++i) {
      kept.push_back(answer->draft().article_id());
      answer = create(program, i);
    }
    EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
    EXPECT_GE(kept.size(), 3u);
    v1::GetDraftRequest request;
    request.set_article_id(kept.front());
    EXPECT_TRUE(Call(program.editing(), &Editing::GetDraft, request).ok());
    auto sections = Call(program.reading(), &Reading::ListSections, v1::ListSectionsRequest());
    ASSERT_TRUE(sections.ok()) << sections.status();
    EXPECT_EQ(sections->sections_size(), 1);
    EXPECT_EQ(program.Stop(), 0);
  }
  Program program(database);
  for (const std::string& id : kept) {
    v1::GetDraftRequest request;
    request.set_article_id(id);
    EXPECT_TRUE(Call(program.editing(), &Editing::GetDraft, request).ok()) << id;
  }
  EXPECT_TRUE(create(program, 1000).ok());
}

}  // namespace
}  // namespace broadsheet::article
