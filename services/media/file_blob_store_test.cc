#include "services/media/file_blob_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libs/testing/temp_dir.h"
#include "services/media/digest.h"

namespace broadsheet::media {
namespace {

class FileBlobStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<FileBlobStore> Open() {
    absl::StatusOr<std::unique_ptr<FileBlobStore>> store = FileBlobStore::Open(folder_.path());
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  int CountFiles() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  broadsheet::test::TempDir folder_;
};

TEST_F(FileBlobStoreTest, KeepsBytesAcrossARestart) {
  const std::string bytes("bytes\0with zeros", 16);
  ASSERT_TRUE(*Open()->Put(Sha256(bytes), bytes));
  EXPECT_EQ(*Open()->Get(Sha256(bytes)), bytes);
}

TEST_F(FileBlobStoreTest, StoresTheSameBytesOnce) {
  const std::unique_ptr<FileBlobStore> store = Open();
  EXPECT_TRUE(*store->Put(Sha256("bytes"), "bytes"));
  EXPECT_FALSE(*store->Put(Sha256("bytes"), "bytes"));
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(FileBlobStoreTest, RemovesBlobsAndIsContentWhenThereIsNone) {
  const std::unique_ptr<FileBlobStore> store = Open();
  ASSERT_TRUE(store->Put(Sha256("bytes"), "bytes").ok());
  EXPECT_TRUE(store->Remove(Sha256("bytes")).ok());
  EXPECT_TRUE(store->Remove(Sha256("bytes")).ok());
  EXPECT_TRUE(absl::IsNotFound(store->Get(Sha256("bytes")).status()));
  EXPECT_EQ(CountFiles(), 0);
}

TEST_F(FileBlobStoreTest, RefusesNamesThatAreNoDigests) {
  const std::unique_ptr<FileBlobStore> store = Open();
  EXPECT_FALSE(store->Put("../../etc/passwd", "bytes").ok());
  EXPECT_FALSE(store->Get("../../etc/passwd").ok());
}

TEST_F(FileBlobStoreTest, ClearsAwayWhatAnEarlierProcessDidNotFinish) {
  Open();
  std::ofstream(folder_.File("incoming/abc123")) << "half a pict";
  Open();
  EXPECT_EQ(CountFiles(), 0);
}

TEST_F(FileBlobStoreTest, ReplacesABlobOfTheWrongSize) {
  const std::unique_ptr<FileBlobStore> store = Open();
  ASSERT_TRUE(store->Put(Sha256("bytes"), "bytes").ok());
  std::ofstream(folder_.File(Sha256("bytes").substr(0, 2) + "/" + Sha256("bytes"))) << "by";
  EXPECT_TRUE(*store->Put(Sha256("bytes"), "bytes"));
  EXPECT_EQ(*store->Get(Sha256("bytes")), "bytes");
}

TEST_F(FileBlobStoreTest, IsUnavailableWhileItsFolderIsNot) {
  const std::unique_ptr<FileBlobStore> store = Open();
  std::filesystem::remove_all(folder_.path());
  std::ofstream(folder_.path()) << "a file in its place";
  EXPECT_TRUE(absl::IsUnavailable(store->Put(Sha256("bytes"), "bytes").status()));
  EXPECT_TRUE(absl::IsUnavailable(store->Get(Sha256("bytes")).status()));
}

}  // namespace
}  // namespace broadsheet::media
