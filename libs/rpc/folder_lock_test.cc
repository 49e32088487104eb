#include "libs/rpc/folder_lock.h"

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::rpc {
namespace {

TEST(FolderLock, MakesTheFolderAndKeepsEverybodyElseOutOfIt) {
  test::TempDir parent;
  const std::string folder = parent.File("a/b");
  const auto first = FolderLock::Take(folder, "test.lock", "article");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(FolderLock::Take(folder, "test.lock", "article").status(),
            absl::FailedPreconditionError(absl::StrCat("another article service uses the folder ", folder)));
}

TEST(FolderLock, IsGivenBackAtItsEnd) {
  test::TempDir folder;
  { ASSERT_TRUE(FolderLock::Take(folder.path(), "test.lock", "article").ok()); }
  EXPECT_TRUE(FolderLock::Take(folder.path(), "test.lock", "article").ok());
}

TEST(FolderLock, DoesNotConcernOtherFolders) {
  test::TempDir one;
  test::TempDir other;
  const auto lock = FolderLock::Take(one.path(), "test.lock", "article");
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(FolderLock::Take(other.path(), "test.lock", "article").ok());
}

TEST(FolderLock, SaysWhichFolderCannotBeUsed) {
  test::TempDir parent;
  const std::string file = parent.File("file");
  std::ofstream(file) << "no folder";
  const absl::Status refused = FolderLock::Take(file, "test.lock", "article").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(refused.message()).find(file), std::string::npos) << refused;
}

}  // namespace
}  // namespace broadsheet::rpc
