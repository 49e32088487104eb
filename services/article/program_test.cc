// The program as operators see it: one serves a folder, any number serve a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/testing/free_port.h"
#include "libs/testing/http_get.h"
#include "services/article/program_testing.h"

namespace broadsheet::article {
namespace {

using Editing = v1::EditorialService::Stub;

int StatusOf(int port, const std::string& path) {
  auto answer = test::HttpGet(port, path);
  return answer.ok() ? answer->status : 0;
}

void AwaitStatus(int port, const std::string& path, int status) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (StatusOf(port, path) != status && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(StatusOf(port, path), status) << path;
}

absl::Status PutSection(Program& program, const std::string& request_id) {
  v1::PutSectionRequest request;
  request.set_request_id(request_id);
  request.mutable_section()->set_section_id("news");
  request.mutable_section()->set_name(absl::StrCat("News ", request_id));
  return Call(program.editing(), &Editing::PutSection, request).status();
}

TEST(Program, RefusesAFolderThatAnotherOneUses) {
  const TestDatabase database(Engine::kSqlite);
  Program first(database);
  test::TempDir folder;
  test::ChildProcess second({ARTICLE_BINARY, "--grpc_port=0", "--ops_port=0", database.flags()},
                            folder.File("log"));
  EXPECT_EQ(second.Wait(absl::Seconds(30)), 1);
  std::ifstream log(folder.File("log"));
  const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, testing::HasSubstr("another article service uses the folder"));
}

TEST(Program, RefusesFlagsThatItCouldNotKeepTo) {
  const std::pair<std::string, std::string> refused[] = {
      {"--max_readers=0", "--max_readers must be at least 1"},
      {"--drain_seconds=-1", "--drain_seconds must not be negative"},
      {"--replica_timeout=499ms", "--replica_timeout is from 500ms to 1m"},
      {"--database=host=/nowhere --lease=1s", "--replica_timeout must be at least twice --lease"}};
  for (const auto& [flags, reason] : refused) {
    test::TempDir folder;
    std::vector<std::string> command = {ARTICLE_BINARY, "--grpc_port=0", "--ops_port=0",
                                        absl::StrCat("--data=", folder.File("data"))};
    const std::size_t second = flags.find(" --");
    command.push_back(flags.substr(0, second));
    if (second != std::string::npos) command.push_back(flags.substr(second + 1));
    test::ChildProcess program(command, folder.File("log"));
    EXPECT_EQ(program.Wait(absl::Seconds(30)), 1) << flags;
    std::ifstream log(folder.File("log"));
    const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    EXPECT_THAT(text, testing::HasSubstr(reason));
  }
}

absl::StatusOr<std::string> SectionName(Program& program) {
  auto sections = Call(program.reading(), &v1::ArticleService::Stub::ListSections, v1::ListSectionsRequest());
  if (!sections.ok()) return sections.status();
  return sections->sections_size() == 1 ? sections->sections(0).name() : "";
}

TEST(Program, SeveralServeOneDatabase) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  Program second(database);
  EXPECT_TRUE(PutSection(first, "a").ok());
  EXPECT_EQ(SectionName(second).value(), "News a");
  EXPECT_TRUE(PutSection(second, "b").ok());
  EXPECT_EQ(SectionName(first).value(), "News b");
  EXPECT_TRUE(PutSection(first, "a").ok());  // answered already, by the other one or not
  EXPECT_EQ(SectionName(first).value(), "News b");
  EXPECT_EQ(first.Stop(), 0);
  EXPECT_TRUE(PutSection(second, "c").ok());
  EXPECT_EQ(SectionName(second).value(), "News c");
}

TEST(Program, OneThatIsKilledHoldsTheOthersUpForItsTimeOutOnly) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  Program second(database);
  EXPECT_TRUE(PutSection(first, "a").ok());
  first.Kill();
  EXPECT_TRUE(PutSection(second, "b").ok());
  EXPECT_THAT(second.log(), testing::HasSubstr("removed a replica that gave no sign of life"));
}

TEST(Program, OneThatWasPausedAnswersNothingOlderThanWhatWasPublishedMeanwhile) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  Program second(database);
  EXPECT_TRUE(PutSection(first, "a").ok());
  EXPECT_EQ(SectionName(second).value(), "News a");
  second.process().Signal(SIGSTOP);
  EXPECT_TRUE(PutSection(first, "b").ok());  // when the second has been given up
  second.process().Signal(SIGCONT);
  EXPECT_EQ(SectionName(second).value(), "News b");
  EXPECT_TRUE(PutSection(second, "c").ok());
  EXPECT_EQ(SectionName(first).value(), "News c");
}

TEST(Program, CanBeStoppedWhileItWaitsForTheDatabaseServer) {
  test::RealPostgres server;
  const TestDatabase database(server);
  server.Stop();
  const int ops_port = test::FreePort();
  Program program(database, {.ops_port = ops_port, .await_ready = false});
  AwaitStatus(ops_port, "/readyz", 503);
  EXPECT_EQ(program.Stop(), 0);
}

TEST(Program, WaitsForTheDatabaseServer) {
  test::RealPostgres server;
  const TestDatabase database(server);
  server.Stop();
  const int ops_port = test::FreePort();
  Program program(database, {.ops_port = ops_port, .await_ready = false});
  AwaitStatus(ops_port, "/readyz", 503);
  server.Start();
  program.AwaitReady();
  EXPECT_TRUE(PutSection(program, "a").ok());
}

TEST(Program, GoesOnWhenAllItsSessionsWereEnded) {
  const TestDatabase database(Engine::kPostgres);
  Program program(database);
  EXPECT_TRUE(PutSection(program, "a").ok());
  test::RealPostgres::Shared().Command(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <>"
      " pg_backend_pid()",
      database.address());
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!PutSection(program, "b").ok() && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(SectionName(program).value(), "News b");
}

TEST(Program, ShowsNoPassword) {
  const TestDatabase database(Engine::kPostgres);
  test::RealPostgres::Shared().Command("ALTER ROLE postgres PASSWORD 'hush'");
  const int ops_port = test::FreePort();
  test::TempDir folder;
  test::ChildProcess program({ARTICLE_BINARY, "--grpc_port=0", absl::StrCat("--ops_port=", ops_port),
                              absl::StrCat("--database=", database.address(), "&password=hush")},
                             folder.File("log"));
  AwaitStatus(ops_port, "/readyz", 200);
  auto status = test::HttpGet(ops_port, "/status");
  ASSERT_TRUE(status.ok());
  EXPECT_THAT(status->body, testing::HasSubstr("postgresql://postgres@"));
  EXPECT_THAT(status->body, testing::Not(testing::HasSubstr("hush")));
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(absl::Seconds(30)), 0);
  std::ifstream log(folder.File("log"));
  const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, testing::HasSubstr("serving"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("hush")));
}

}  // namespace
}  // namespace broadsheet::article
