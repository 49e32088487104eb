// What operators do with the data of the program: a backup, and what a restore needs.
#include "services/article/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/article/program_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

void NameTheNews(Program& program, const std::string& name) {
  v1::PutSectionRequest request;
  request.mutable_section()->set_section_id("news");
  request.mutable_section()->set_name(name);
  EXPECT_TRUE(Call(program.editing(), &v1::EditorialService::Stub::PutSection, request).ok());
}

v1::ListSectionsResponse Sections(Program& program) {
  auto sections = Call(program.reading(), &v1::ArticleService::Stub::ListSections, v1::ListSectionsRequest());
  EXPECT_TRUE(sections.ok()) << sections.status();
  return sections.ok() ? *std::move(sections) : v1::ListSectionsResponse();
}

class ProgramUpkeep : public ::testing::Test {
 protected:
  // The program's exit status and what it said.
  std::pair<int, std::string> Run(const std::string& flag) const {
    const std::string log = folder_.File("log");
    std::filesystem::remove(log);
    test::ChildProcess process({ARTICLE_BINARY, database_.flags(), flag}, log);
    const int status = process.Wait(absl::Seconds(30)).value_or(-1);
    std::ifstream said(log);
    return {status, {std::istreambuf_iterator<char>(said), {}}};
  }
  std::string DataFile(const std::string& name) const {
    return absl::StrCat(absl::StripPrefix(database_.flags(), "--data="), "/", name);
  }

  const TestDatabase database_ = TestDatabase(Engine::kSqlite);
  const test::TempDir folder_;
};

TEST_F(ProgramUpkeep, ABackupIsMadeWhileTheProgramServesAndIsServedWhenRestored) {
  const std::string file = folder_.File("backup.sqlite");
  std::string log_id;
  {
    Program program(database_);
    NameTheNews(program, "As backed up");
    log_id = Sections(program).snapshot().log_id();
    EXPECT_EQ(Run("--backup=" + file), std::pair(0, absl::StrCat("ok, copied to ", file, "\n")));
    NameTheNews(program, "Afterwards");
    EXPECT_THAT(Run("--backup=" + file), ::testing::Pair(1, HasSubstr("is there already")));
    EXPECT_EQ(program.Stop(), 0);
  }
  for (const char* name : {"article.sqlite-wal", "article.sqlite-shm"})
    std::filesystem::remove(DataFile(name));
  std::filesystem::copy_file(file, DataFile("article.sqlite"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Run("--new_log_id"), ::testing::Pair(0, StartsWith("ok, the log is now ")));
  Program restored(database_);
  const v1::ListSectionsResponse sections = Sections(restored);
  ASSERT_EQ(sections.sections_size(), 1);
  EXPECT_EQ(sections.sections(0).name(), "As backed up");
  EXPECT_NE(sections.snapshot().log_id(), log_id);
}

TEST_F(ProgramUpkeep, ALogInUseKeepsItsId) {
  Program program(database_);
  const std::string log_id = Sections(program).snapshot().log_id();
  EXPECT_THAT(Run("--new_log_id"), ::testing::Pair(1, HasSubstr("another article service uses the folder")));
  EXPECT_EQ(program.Stop(), 0);
  Program again(database_);
  EXPECT_EQ(Sections(again).snapshot().log_id(), log_id);
}

TEST_F(ProgramUpkeep, WhatIsNotThereIsSaidAndNotMade) {
  const std::string data = folder_.File("nothing");
  EXPECT_TRUE(absl::IsNotFound(RunUpkeep({data, "", folder_.File("copy"), false})->status()));
  EXPECT_TRUE(absl::IsNotFound(RunUpkeep({data, "", "", true})->status()));
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_TRUE(absl::IsInvalidArgument(RunUpkeep({data, "postgresql://db", "", true})->status()));
  EXPECT_TRUE(absl::IsInvalidArgument(RunUpkeep({data, "", "copy", true})->status()));
  EXPECT_FALSE(RunUpkeep({data, "", "", false}).has_value());
}

}  // namespace
}  // namespace broadsheet::article
