// What operators do with the data of the service: a backup, and what a restore needs.
#include "services/media/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "libs/testing/child_process.h"
#include "services/media/media_server_testing.h"

namespace broadsheet::media {
namespace {

class MediaUpkeepTest : public MediaServerTest {
 protected:
  // The program's exit status.
  int Run(const std::string& flag) const {
    broadsheet::test::ChildProcess process({MEDIA_PROGRAM, "--data=" + folder_.File("data"), flag});
    return process.Wait(absl::Seconds(30)).value_or(-1);
  }
};

TEST_F(MediaUpkeepTest, ABackupIsMadeWhileTheServiceRunsAndIsServedWhenRestored) {
  const std::string file = folder_.File("backup.db");
  ASSERT_TRUE(Upload("wall", media::test::Png(400, 200)).ok());
  const std::string log_id = Get("wall")->snapshot().log_id();
  EXPECT_EQ(Run("--backup=" + file), 0);
  ASSERT_TRUE(SetCaption("wall", "Afterwards").ok());
  EXPECT_EQ(Run("--backup=" + file), 1) << "it is there already";
  EXPECT_EQ(Run("--new_log_id"), 1) << "it is in use";
  EXPECT_EQ(Get("wall")->snapshot().log_id(), log_id);

  server_->Drain();
  server_.reset();
  for (const char* name : {"data/media.db-wal", "data/media.db-shm"})
    std::filesystem::remove(folder_.File(name));
  std::filesystem::copy_file(file, folder_.File("data/media.db"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Run("--new_log_id"), 0);
  Start();
  const absl::StatusOr<v1::GetImageResponse> got = Get("wall");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->image().metadata().caption(), "");
  EXPECT_NE(got->snapshot().log_id(), log_id);
}

TEST_F(MediaUpkeepTest, WhatIsNotThereIsSaidAndNotMade) {
  const std::string data = folder_.File("nothing");
  EXPECT_TRUE(absl::IsNotFound(RunUpkeep({data, folder_.File("copy"), false})->status()));
  EXPECT_TRUE(absl::IsNotFound(RunUpkeep({data, "", true})->status()));
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_TRUE(absl::IsInvalidArgument(RunUpkeep({data, "copy", true})->status()));
  EXPECT_FALSE(RunUpkeep({data, "", false}).has_value());
}

}  // namespace
}  // namespace broadsheet::media
