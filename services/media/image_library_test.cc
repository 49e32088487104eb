#include "services/media/image_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "libs/testing/temp_dir.h"
#include "services/media/digest.h"
#include "services/media/file_blob_store.h"
#include "services/media/sql_image_store.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

bool NeverAbandonedUpload() { return false; }

// A blob store that fails when its turn comes: the disk is full after so many blobs.
class FillingBlobStore final : public BlobStore {
 public:
  explicit FillingBlobStore(BlobStore& blobs) : blobs_(blobs) {}

  int room = 1'000;

  absl::StatusOr<bool> Put(const std::string& digest, std::string_view bytes) override {
    if (room-- <= 0) return absl::ResourceExhaustedError("cannot write: No space left on device");
    return blobs_.Put(digest, bytes);
  }
  absl::StatusOr<std::string> Get(const std::string& digest) const override { return blobs_.Get(digest); }
  absl::Status Remove(const std::string& digest) override { return blobs_.Remove(digest); }

 private:
  BlobStore& blobs_;
};

class ImageLibraryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<SqlImageStore>> store =
        SqlImageStore::Open({.path = folder_.File("media.db")});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    absl::StatusOr<std::unique_ptr<FileBlobStore>> files = FileBlobStore::Open(folder_.File("blobs"));
    ASSERT_TRUE(files.ok()) << files.status();
    files_ = *std::move(files);
    blobs_ = std::make_unique<FillingBlobStore>(*files_);
    library_ = std::make_unique<ImageLibrary>(*store_, *blobs_, decoder_);
  }

  absl::StatusOr<Written> Add(const std::string& image_id, const std::string& file,
                              const std::string& request_id = "",
                              const std::function<bool()>& abandoned = NeverAbandonedUpload) {
    absl::StatusOr<Spool> spool = Spool::Create(folder_.path());
    EXPECT_TRUE(spool.ok() && spool->Append(file).ok());
    return library_->Add(
        {.request_id = request_id, .image_id = image_id, .metadata = {}, .file = *std::move(spool)},
        absl::Now() + absl::Minutes(1), abandoned);
  }

  int CountBlobs() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.File("blobs"))) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  broadsheet::test::TempDir folder_;
  std::unique_ptr<SqlImageStore> store_;
  std::unique_ptr<FileBlobStore> files_;
  std::unique_ptr<FillingBlobStore> blobs_;
  ImageDecoder decoder_{{.program = MEDIA_PROGRAM}};
  std::unique_ptr<ImageLibrary> library_;
};

TEST_F(ImageLibraryTest, StoresOriginalRenditionsAndRecord) {
  const absl::StatusOr<Written> written = Add("wall", test::Png(700, 350));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_FALSE(written->existed);
  EXPECT_EQ(written->position, 1);
  EXPECT_EQ(written->image.sha256(), Sha256(test::Png(700, 350)));
  EXPECT_EQ(*files_->Get(written->image.sha256()), test::Png(700, 350));
  EXPECT_EQ(CountBlobs(), 7);
  EXPECT_TRUE(store_->UnusedBlobs()->empty());
}

TEST_F(ImageLibraryTest, KeepsNothingOfAnUploadThatFindsTheDiskFull) {
  for (int room = 0; room < 7; ++room) {
    blobs_->room = room;
    EXPECT_TRUE(absl::IsResourceExhausted(Add("wall", test::Png(700, 350)).status())) << room;
    EXPECT_EQ(CountBlobs(), 0) << room;
    EXPECT_TRUE(store_->ReadImages({"wall"})->images.empty());
  }
  EXPECT_EQ(*store_->Head(), 0);
}

TEST_F(ImageLibraryTest, AFailedUploadLeavesTheBlobsOfOtherPicturesAlone) {
  ASSERT_TRUE(Add("wall", test::Png(700, 350)).ok());
  blobs_->room = 3;  // the same bytes under another id share blobs
  EXPECT_FALSE(Add("tower", test::Png(700, 350)).ok());
  EXPECT_EQ(CountBlobs(), 7);
}

TEST_F(ImageLibraryTest, KeepsNothingOfAnUploadThatWasAbandoned) {
  int asked = 0;  // the caller goes away when the picture has been decoded
  const absl::Status status = Add("wall", test::Png(700, 350), "", [&] {
                                return store_->UnusedBlobs()->size() > 0 && ++asked > 0;
                              }).status();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_GT(asked, 0);
  EXPECT_EQ(CountBlobs(), 0);
}

TEST_F(ImageLibraryTest, TheSameBytesUnderTheSameIdOrNoneAreTheSamePicture) {
  ASSERT_TRUE(Add("wall", test::Png(70, 35)).ok());
  for (const char* id : {"wall", ""}) {
    const absl::StatusOr<Written> again = Add(id, test::Png(70, 35));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->existed);
    EXPECT_EQ(again->image.image_id(), "wall");
    EXPECT_EQ(again->image.revision(), 1);
    EXPECT_EQ(again->position, 0);
  }
}

TEST_F(ImageLibraryTest, TheSameBytesUnderAnotherIdAreAnotherPicture) {
  const absl::StatusOr<Written> wall = Add("wall", test::Png(70, 35));
  const absl::StatusOr<Written> tower = Add("tower", test::Png(70, 35));
  ASSERT_TRUE(tower.ok()) << tower.status();
  EXPECT_FALSE(tower->existed);
  EXPECT_NE(tower->image.renditions(0).path(), wall->image.renditions(0).path());
}

TEST_F(ImageLibraryTest, OtherBytesUnderAnIdInUseAreRefused) {
  ASSERT_TRUE(Add("wall", test::Png(70, 35)).ok());
  const absl::Status status = Add("wall", test::Png(71, 35)).status();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_EQ(CountBlobs(), 3);
}

TEST_F(ImageLibraryTest, AnIdIsMadeOfTheBytesWhenNoneIsWanted) {
  const absl::StatusOr<Written> written = Add("", test::Png(70, 35));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->image.image_id(), Sha256(test::Png(70, 35)).substr(0, 32));
}

TEST_F(ImageLibraryTest, WhatIsWrongWithTheFileIsAViolationOfItsField) {
  const absl::Status status = Add("wall", "<svg/>").status();
  ASSERT_TRUE(absl::IsInvalidArgument(status));
  ASSERT_EQ(rpc::Violations(status).size(), 1u);
  EXPECT_EQ(rpc::Violations(status)[0].field, "chunk");
}

TEST_F(ImageLibraryTest, RemovesAtTheStartWhatACrashLeft) {
  ASSERT_TRUE(Add("wall", test::Png(70, 35)).ok());
  const std::string used = Sha256(test::Png(70, 35));
  ASSERT_TRUE(store_->ExpectBlobs({Sha256("left"), used}).ok());
  ASSERT_TRUE(files_->Put(Sha256("left"), "left").ok());
  ASSERT_TRUE(library_->Recover().ok());
  EXPECT_TRUE(absl::IsNotFound(files_->Get(Sha256("left")).status()));
  EXPECT_TRUE(files_->Get(used).ok());
}

}  // namespace
}  // namespace broadsheet::media
