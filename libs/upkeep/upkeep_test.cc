#include "libs/upkeep/upkeep.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "libs/testing/temp_dir.h"

namespace broadsheet::upkeep {
namespace {

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() {
    SQLite::Database made(folder_.File("x.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    made.exec("CREATE TABLE log (log_id TEXT); INSERT INTO log VALUES ('first')");
  }

  absl::Status BackUp() const { return upkeep::Run(database_, {.backup = file_}).value().status(); }
  static std::string LogId(const std::string& path) {
    return SQLite::Database(path).execAndGet("SELECT log_id FROM log").getString();
  }

  const test::TempDir folder_;
  const Database database_ = {
      .service = "x", .folder = folder_.File("."), .file = "x.db", .lock = "x.lock", .log_table = "log"};
  const std::string file_ = folder_.File("backup");
};

TEST_F(UpkeepTest, DoesNothingUnasked) { EXPECT_FALSE(upkeep::Run(database_, {}).has_value()); }

TEST_F(UpkeepTest, ABackupIsACopyAndNothingIsLeftBesideIt) {
  EXPECT_TRUE(BackUp().ok()) << BackUp();
  EXPECT_EQ(LogId(file_), "first");
  EXPECT_FALSE(std::filesystem::exists(file_ + ".part"));
}

TEST_F(UpkeepTest, WhatIsThereIsNotReplaced) {
  std::ofstream(file_) << "mine";
  EXPECT_TRUE(absl::IsAlreadyExists(BackUp()));
  EXPECT_EQ(std::filesystem::file_size(file_), 4u);
}

TEST_F(UpkeepTest, WhatABackupThatWasBrokenOffHasLeftIsNoHindrance) {
  std::ofstream(file_ + ".part") << "half of a database";
  EXPECT_TRUE(BackUp().ok());
  EXPECT_EQ(LogId(file_), "first");
}

TEST_F(UpkeepTest, TwoBackupsIntoOneFileDoNotMeet) {
  const std::string part = file_ + ".part";
  const int other = open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(BackUp()));
  EXPECT_TRUE(std::filesystem::exists(part)) << "it is the other's";
  close(other);
}

TEST_F(UpkeepTest, TheLogGetsAnotherId) {
  ASSERT_TRUE(upkeep::Run(database_, {.new_log_id = true})->ok());
  EXPECT_NE(LogId(folder_.File("x.db")), "first");
}

}  // namespace
}  // namespace broadsheet::upkeep
