#include "services/gateway/last_good_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/page_entry_testing.h"

namespace broadsheet::gateway {
namespace {

constexpr const char* kSite = "https://news.example";
constexpr std::string_view kFolderPolicy = "default-src 'none'";
const End kWithdrawn = {.subject = "article/pier", .log_id = "article-log", .position = 8};

std::shared_ptr<const PageEntry> Vouched(const std::string& path) {
  auto entry = MakeEntry({.path = path});
  entry->vouched_at = absl::FromUnixSeconds(1'790'000'100);
  return entry;
}

class LastGoodFolderTest : public testing::Test {
 protected:
  // What the next run finds.
  absl::StatusOr<LastGoodFolder::Contents> Load(const std::string& site = kSite) {
    folder_ = nullptr;
    absl::StatusOr<std::unique_ptr<LastGoodFolder>> folder = LastGoodFolder::Open(directory_.path(), site);
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
    return folder_->Load(kFolderPolicy);
  }

  void LeaveTwoPagesAndAnEnd() {
    EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
    ASSERT_TRUE(folder_->WritePages({Vouched("/"), Vouched("/harbour/pier")}, folder_->record_name()).ok());
    ASSERT_TRUE(folder_->Append(kWithdrawn).ok());
  }

  void Damage(const std::string& name, const std::function<void(std::string&)>& how) {
    std::ifstream in(directory_.File(name), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    how(bytes);
    std::ofstream(directory_.File(name), std::ios::binary | std::ios::trunc) << bytes;
  }

  test::TempDir directory_;
  std::unique_ptr<LastGoodFolder> folder_;
};

TEST_F(LastGoodFolderTest, WhatOneRunLeavesTheNextOneFinds) {
  LeaveTwoPagesAndAnEnd();
  for (int run = 0; run < 2; ++run) {
    const auto contents = Load();
    ASSERT_TRUE(contents.ok()) << contents.status();
    EXPECT_EQ(contents->pages.size(), 2u);
    EXPECT_THAT(contents->ends, testing::ElementsAre(kWithdrawn));
  }
}

TEST_F(LastGoodFolderTest, ARunAddsToTheRecordOfTheOneBefore) {
  LeaveTwoPagesAndAnEnd();
  ASSERT_TRUE(Load().ok());
  End second = kWithdrawn;
  second.position = 9;
  ASSERT_TRUE(folder_->Append(second).ok());
  EXPECT_THAT(Load()->ends, testing::ElementsAre(kWithdrawn, second));
}

TEST_F(LastGoodFolderTest, DamagedOrForeignFilesAreNoFiles) {
  const std::vector<std::function<void(std::string&)>> ways = {
      [](std::string& bytes) { bytes.resize(10); }, [](std::string& bytes) { bytes.clear(); },
      [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; },
      [](std::string& bytes) { bytes = "somebody else's notes\n"; }};
  for (const char* name : {"pages", "ends"}) {
    for (const auto& way : ways) {
      ASSERT_NO_FATAL_FAILURE(LeaveTwoPagesAndAnEnd());
      Damage(name, way);
      const auto contents = Load();
      EXPECT_EQ(contents.status().code(), absl::StatusCode::kDataLoss) << name;
      EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
    }
  }
}

TEST_F(LastGoodFolderTest, PagesWithoutTheRecordThatBelongsToThemAreNotUsed) {
  LeaveTwoPagesAndAnEnd();
  std::filesystem::remove(directory_.File("ends"));
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kDataLoss);
  LeaveTwoPagesAndAnEnd();
  std::ofstream(directory_.File("ends"), std::ios::trunc) << EncodeRecordName("another");
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LastGoodFolderTest, PagesOfAnotherSiteAreNotUsed) {
  LeaveTwoPagesAndAnEnd();
  EXPECT_EQ(Load("https://other.example").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LastGoodFolderTest, WhatIsNoFileIsNotOpened) {
  LeaveTwoPagesAndAnEnd();
  std::filesystem::rename(directory_.File("pages"), directory_.File("elsewhere"));
  std::filesystem::create_symlink(directory_.File("elsewhere"), directory_.File("pages"));
  EXPECT_FALSE(Load().ok());
}

TEST_F(LastGoodFolderTest, AHalfWrittenFileThatWasNeverRenamedIsIgnored) {
  LeaveTwoPagesAndAnEnd();
  std::ofstream(directory_.File("pages.new")) << "BSLG0001 half";
  EXPECT_EQ(Load()->pages.size(), 2u);
}

TEST_F(LastGoodFolderTest, WhereTheRecordCannotBeWrittenNoLaterRunBelievesThePages) {
  LeaveTwoPagesAndAnEnd();
  std::filesystem::create_directory(directory_.File("ends.new"));
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kUnavailable);
  std::filesystem::remove(directory_.File("ends.new"));
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LastGoodFolderTest, TwoProcessesCannotUseIt) {
  LeaveTwoPagesAndAnEnd();
  EXPECT_EQ(LastGoodFolder::Open(directory_.path(), kSite).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(LastGoodFolderTest, ClearedItLeavesNothing) {
  LeaveTwoPagesAndAnEnd();
  ASSERT_TRUE(folder_->Clear().ok());
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LastGoodFolderTest, PagesThatArriveAfterItWasClearedAreNotBelievedThoughNoRecordCouldBeBegun) {
  LeaveTwoPagesAndAnEnd();
  const std::string record_name = folder_->record_name();
  std::filesystem::create_directory(directory_.File("ends.new"));
  EXPECT_FALSE(folder_->Clear().ok());
  ASSERT_TRUE(folder_->WritePages({Vouched("/")}, record_name).ok());
  std::filesystem::remove(directory_.File("ends.new"));
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LastGoodFolderTest, PagesThatCannotBeDeletedLoseTheirRecord) {
  LeaveTwoPagesAndAnEnd();
  std::filesystem::rename(directory_.File("pages"), directory_.File("elsewhere"));
  std::filesystem::create_directory(directory_.File("pages"));  // cannot be deleted like a file
  EXPECT_FALSE(folder_->Clear().ok());
  EXPECT_FALSE(folder_->Append(kWithdrawn).ok());
  std::filesystem::remove(directory_.File("pages"));
  std::filesystem::rename(directory_.File("elsewhere"), directory_.File("pages"));
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LastGoodFolderTest, AFolderThatCannotBeMadeIsSaidToBeOne) {
  std::ofstream(directory_.File("file")) << "";
  EXPECT_EQ(LastGoodFolder::Open(directory_.File("file") + "/folder", kSite).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace broadsheet::gateway
