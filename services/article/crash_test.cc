// Kills the real program at random moments under concurrent writers, and fills its disk: what was
// acknowledged is there, once, and the log has no gap.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "libs/rpc/status.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"
#include "services/article/sql_article_store.h"
#include "services/article/sqlite.h"

namespace broadsheet::article {
namespace {

constexpr int kRounds = 20;
constexpr int kWriters = 4;

// The article program on a folder, from its start until its death.
class Program {
 public:
  // `shell`: commands for the shell that becomes the program, for limits.
  explicit Program(const std::string& folder, const std::string& shell = "") {
    const std::string port_file = absl::StrCat(folder, "/ports");
    std::remove(port_file.c_str());
    const std::string command = absl::StrCat(shell, "exec ", ARTICLE_BINARY,
                                             " --grpc_port=0 --ops_port=0 --lease=50ms --data=", folder,
                                             "/data --port_file=", port_file);
    process_ = std::make_unique<test::ChildProcess>(std::vector<std::string>{"/bin/sh", "-c", command});
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!std::ifstream(port_file).good() && absl::Now() < deadline) std::this_thread::yield();
    std::string line;
    int port = 0;
    std::ifstream ports(port_file);
    while (std::getline(ports, line)) {
      if (line.rfind("grpc=", 0) == 0) {
        EXPECT_TRUE(absl::SimpleAtoi(line.substr(5), &port));
      }
    }
    EXPECT_NE(port, 0) << "the program did not start";
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    editing_ = v1::EditorialService::NewStub(channel_);
    reading_ = v1::ArticleService::NewStub(channel_);
  }

  void Kill() { process_->Kill(); }
  test::ChildProcess& process() { return *process_; }
  v1::EditorialService::Stub& editing() { return *editing_; }
  v1::ArticleService::Stub& reading() { return *reading_; }

 private:
  std::unique_ptr<test::ChildProcess> process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::EditorialService::Stub> editing_;
  std::unique_ptr<v1::ArticleService::Stub> reading_;
};

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  Response response;
  const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

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
void CheckData(const std::string& folder, const std::vector<std::unique_ptr<Writer>>& writers) {
  auto database = sql::OpenSqlite(absl::StrCat(folder, "/data/article.sqlite"));
  ASSERT_TRUE(database.ok()) << database.status();
  auto connection = (*database)->Connect();
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(
      (*connection)
          ->Run("PRAGMA integrity_check", {}, [](const sql::Row& row) { EXPECT_EQ(row.Text(0), "ok"); })
          .ok());
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
    auto found = (*store)->FindArticle({ArticleKey::Kind::kId, writer->id()}, Body::kWith, absl::Now(), 0);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->value.found != nullptr, (*draft)->published_revision() > 0);
    if (found->value.found == nullptr) continue;
    auto text = (*store)->FindRevision(writer->id(), (*draft)->published_revision());
    ASSERT_TRUE(text.ok() && *text);
    EXPECT_EQ(found->value.found->article().content().SerializeAsString(),
              (*text)->draft.content().SerializeAsString());
    EXPECT_EQ(found->value.found->article().revision(), (*draft)->published_revision());
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

TEST(Crash, LosesNothingAcknowledgedAndAppliesNothingTwice) {
  test::TempDir folder;
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < kWriters; ++i) writers.push_back(std::make_unique<Writer>(i));
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::int64_t position = 0;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", round ", round));
    Program program(folder.path());
    PutSection(program);
    std::atomic<int> acknowledged{0};
    std::vector<std::thread> threads;
    for (auto& writer : writers) threads.emplace_back([&] { writer->Run(program, acknowledged); });
    threads.emplace_back([&] { ReadAlong(program, *writers[0], position); });
    // Anywhere between the first commits and a few dozen later, and anywhere within a commit.
    const int steps = 1 + static_cast<int>(random() % 30);
    while (acknowledged < steps) std::this_thread::yield();
    for (int spin = static_cast<int>(random() % 2000); spin > 0; --spin) std::this_thread::yield();
    program.Kill();
    for (std::thread& thread : threads) thread.join();
    CheckData(folder.path(), writers);
    if (HasFailure()) return;
  }
}

TEST(Crash, AFullDiskRefusesWritesKeepsServingReadsAndLosesNothing) {
  test::TempDir folder;
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
    Program program(folder.path(), "trap '' XFSZ; ulimit -f 8192; ");
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
    program.process().Signal(SIGTERM);
    EXPECT_EQ(program.process().Wait(absl::Seconds(30)), 0);
  }
  Program program(folder.path());
  for (const std::string& id : kept) {
    v1::GetDraftRequest request;
    request.set_article_id(id);
    EXPECT_TRUE(Call(program.editing(), &Editing::GetDraft, request).ok()) << id;
  }
  EXPECT_TRUE(create(program, 1000).ok());
}

TEST(Program, RefusesAFolderThatAnotherOneUses) {
  test::TempDir folder;
  Program first(folder.path());
  test::ChildProcess second(
      {ARTICLE_BINARY, "--grpc_port=0", "--ops_port=0", absl::StrCat("--data=", folder.path(), "/data")},
      folder.File("log"));
  EXPECT_EQ(second.Wait(absl::Seconds(30)), 1);
  std::ifstream log(folder.File("log"));
  const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, testing::HasSubstr("another article service uses the folder"));
}

}  // namespace
}  // namespace broadsheet::article
