// The program as operators see it: one serves a database, others do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(Program, WaitsUnreadyWhileAnotherOneServesTheDatabase) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  EXPECT_TRUE(PutSection(first, "a").ok());
  const int ops_port = test::FreePort();
  Program second(database, {.ops_port = ops_port, .await_ready = false});
  AwaitStatus(ops_port, "/healthz", 200);
  EXPECT_EQ(StatusOf(ops_port, "/readyz"), 503);
  EXPECT_TRUE(PutSection(first, "b").ok());
  EXPECT_EQ(first.Stop(), 0);
  second.AwaitReady();
  AwaitStatus(ops_port, "/readyz", 200);
  EXPECT_TRUE(PutSection(second, "c").ok());
}

TEST(Program, CanBeStoppedWhileItWaits) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  const int ops_port = test::FreePort();
  Program second(database, {.ops_port = ops_port, .await_ready = false});
  AwaitStatus(ops_port, "/readyz", 503);
  EXPECT_EQ(second.Stop(), 0);
  EXPECT_TRUE(PutSection(first, "a").ok());
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

TEST(Program, EndsWhenItMayNotServeAnyMore) {
  const TestDatabase database(Engine::kPostgres);
  Program first(database);
  Program second(database, {.await_ready = false});
  EXPECT_TRUE(PutSection(first, "a").ok());
  test::RealPostgres::Shared().Command(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
      " (SELECT oid FROM pg_database WHERE datname = current_database())",
      database.address());
  EXPECT_EQ(first.process().Wait(absl::Seconds(30)), 1);
  second.AwaitReady();
  EXPECT_TRUE(PutSection(second, "b").ok());
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
