#include "services/media/sql_image_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Current = std::optional<v1::Image>;
using EditOrNothing = absl::StatusOr<std::optional<Edit>>;

class SqlImageStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen(std::int64_t kept_changes = 200'000) {
    Open({.path = folder_.File("media.db"), .readers = 2, .kept_changes = kept_changes});
  }

  void Open(const SqlImageStoreOptions& options) {
    store_.reset();
    absl::StatusOr<std::unique_ptr<SqlImageStore>> store = SqlImageStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // On a connection of its own.
  void Execute(const char* statements) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.File("media.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statements, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // A request that finds the picture as it should be.
  absl::StatusOr<Written> Ask(const std::string& image_id, const std::string& digest) {
    return store_->Write({.method = "Put", .request_id = "r", .image_id = image_id, .digest = digest},
                         [](const Current&) -> EditOrNothing { return std::nullopt; });
  }

  // Writes a usable picture of that caption, whatever there was.
  Written Put(const std::string& image_id, const std::string& caption, const std::string& request_id = "") {
    absl::StatusOr<Written> written =
        store_->Write({.method = "Put", .request_id = request_id, .image_id = image_id},
                      [&](const Current&) -> EditOrNothing {
                        Edit edit;
                        edit.image.set_image_id(image_id);
                        edit.image.set_sha256("sha of " + caption);
                        edit.image.set_status(v1::IMAGE_STATUS_USABLE);
                        edit.image.mutable_metadata()->set_caption(caption);
                        edit.noticed = change::v1::CHANGE_KIND_PUBLISHED;
                        return edit;
                      });
    EXPECT_TRUE(written.ok()) << written.status();
    return *std::move(written);
  }

  std::vector<std::string> ListedIds(const ListRequest& request) const {
    std::vector<std::string> ids;
    const absl::StatusOr<ListRead> list = store_->List(request);
    EXPECT_TRUE(list.ok()) << list.status();
    for (const v1::Image& image : list->images) ids.push_back(image.image_id());
    return ids;
  }

  broadsheet::test::TempDir folder_;
  std::unique_ptr<SqlImageStore> store_;
};

TEST_F(SqlImageStoreTest, KeepsEverythingAcrossARestart) {
  Put("wall", "A wall", "request");
  const std::string log_id = store_->log_id();
  Reopen();
  const absl::StatusOr<ImagesRead> read = store_->ReadImages({"wall"});
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->images.size(), 1u);
  EXPECT_EQ(read->images[0].metadata().caption(), "A wall");
  EXPECT_EQ(read->snapshot.log_id(), log_id);
  EXPECT_EQ(read->snapshot.position(), 1);
  EXPECT_EQ(Put("wall", "Another", "request").image.metadata().caption(), "A wall")
      << "the request was answered";
}

TEST_F(SqlImageStoreTest, EachStorageHasALogIdOfItsOwn) {
  broadsheet::test::TempDir other;
  EXPECT_NE((*SqlImageStore::Open({.path = other.File("media.db")}))->log_id(), store_->log_id());
}

TEST_F(SqlImageStoreTest, ReadsInTheOrderAskedForAndLeavesOutWhatIsAbsent) {
  Put("a", "A");
  Put("b", "B");
  const absl::StatusOr<ImagesRead> read = store_->ReadImages({"b", "absent", "a"});
  ASSERT_EQ(read->images.size(), 2u);
  EXPECT_EQ(read->images[0].image_id(), "b");
  EXPECT_EQ(read->images[1].image_id(), "a");
  EXPECT_EQ(read->snapshot.position(), 2);
}

TEST_F(SqlImageStoreTest, ARevisionIsOneMoreForEachCommit) {
  EXPECT_EQ(Put("a", "A").image.revision(), 1);
  EXPECT_EQ(Put("a", "B").image.revision(), 2);
  const v1::Image image = store_->ReadImages({"a"})->images[0];
  EXPECT_GE(image.update_time().seconds(), image.create_time().seconds());
}

TEST_F(SqlImageStoreTest, ARepetitionGetsTheFirstAnswerAndChangesNothing) {
  const Written first = Put("a", "first", "r1");
  const Written again = Put("a", "second", "r1");
  EXPECT_EQ(again.image.metadata().caption(), "first");
  EXPECT_EQ(again.position, first.position);
  EXPECT_EQ(again.existed, first.existed);
  EXPECT_EQ(*store_->Head(), 1);
  EXPECT_EQ(Put("a", "third", "r2").image.metadata().caption(), "third");
}

TEST_F(SqlImageStoreTest, ARequestIdBelongsToOneRequest) {
  Put("a", "A");
  Put("b", "B");
  ASSERT_TRUE(Ask("a", "withhold a").ok());
  EXPECT_EQ(Ask("a", "withhold a")->image.image_id(), "a");
  for (const absl::Status& status :
       {Ask("b", "withhold b").status(),
        store_->FindAnswer({.method = "Put", .request_id = "r", .image_id = "b", .digest = "withhold b"})
            .status()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    ASSERT_EQ(rpc::Violations(status).size(), 1u);
    EXPECT_EQ(rpc::Violations(status)[0].field, "request_id");
  }
}

TEST_F(SqlImageStoreTest, OfAnswersOfTheFirstVersionItKnowsThePictureOnly) {
  Put("a", "A");
  Put("b", "B");
  ASSERT_TRUE(Ask("a", "").ok());
  store_.reset();
  Execute("ALTER TABLE answers DROP COLUMN digest; PRAGMA user_version = 1");
  Reopen();
  EXPECT_EQ(Ask("a", "withhold a")->image.image_id(), "a");
  EXPECT_TRUE(absl::IsInvalidArgument(Ask("b", "withhold b").status()));
  EXPECT_EQ(store_->ReadImages({"a", "b"})->images.size(), 2u);
  EXPECT_EQ(*store_->Head(), 2);
}

TEST_F(SqlImageStoreTest, TheLogIsReadWhileReadersHaveAllConnections) {
  Put("a", "A");
  Open({.path = folder_.File("media.db"), .readers = 0, .reader_wait = absl::Milliseconds(10)});
  const absl::Status status = store_->ReadImages({"a"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(store_->Head().value_or(-1), 1);
  EXPECT_EQ(store_->Floor().value_or(-1), 0);
  EXPECT_TRUE(store_->Read(0, 10).ok());
}

TEST_F(SqlImageStoreTest, AnEditThatFailsOrChangesNothingLeavesEverythingAsItWas) {
  Put("a", "A");
  const WriteRequest request{.method = "Put", .request_id = "r", .image_id = "a"};
  EXPECT_TRUE(absl::IsAborted(
      store_->Write(request, [](const Current&) -> EditOrNothing { return absl::AbortedError("no"); })
          .status()));
  EXPECT_FALSE(store_->FindAnswer(request)->has_value()) << "a failed request may be repeated";
  const absl::StatusOr<Written> nothing =
      store_->Write(request, [](const Current&) -> EditOrNothing { return std::nullopt; });
  EXPECT_EQ(nothing->image.revision(), 1);
  EXPECT_EQ(nothing->position, 0);
  EXPECT_EQ(nothing->found_at, 1) << "what it found must have reached the readers";
  EXPECT_EQ(*store_->Head(), 1);
}

TEST_F(SqlImageStoreTest, LogsOneChangePerCommitThatReadersNotice) {
  Put("a", "A");
  Put("b", "B");
  const absl::StatusOr<std::vector<change::v1::Change>> changes = store_->Read(0, 100);
  ASSERT_TRUE(changes.ok());
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[1].position(), 2);
  EXPECT_EQ((*changes)[1].subject(), "image/b");
  EXPECT_THAT((*changes)[1].tags(), ElementsAre("image/b"));
  EXPECT_EQ((*changes)[1].kind(), change::v1::CHANGE_KIND_PUBLISHED);
  EXPECT_GT((*changes)[1].commit_time().seconds(), 0);
  EXPECT_EQ(store_->Read(1, 100)->size(), 1u);
  EXPECT_EQ(store_->Read(0, 1)->size(), 1u);
}

TEST_F(SqlImageStoreTest, ForgetsOldChangesAndSaysSo) {
  Reopen(/*kept_changes=*/3);
  for (int i = 0; i < 10; ++i) Put("a", absl::StrCat(i));
  EXPECT_EQ(*store_->Head(), 10);
  EXPECT_EQ(*store_->Floor(), 7);
  EXPECT_TRUE(absl::IsOutOfRange(store_->Read(6, 10).status()));
  EXPECT_EQ(store_->Read(7, 10)->size(), 3u);
}

TEST_F(SqlImageStoreTest, PositionsHaveNoGapsHoweverManyWrite) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        Put(absl::StrCat("p", t), absl::StrCat(i));
        const absl::StatusOr<ImagesRead> read = store_->ReadImages({absl::StrCat("p", t)});
        ASSERT_TRUE(read.ok()) << read.status();
        ASSERT_EQ(read->images[0].metadata().caption(), absl::StrCat(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::StatusOr<std::vector<change::v1::Change>> changes = store_->Read(0, 1000);
  ASSERT_EQ(changes->size(), 40u);
  for (int i = 0; i < 40; ++i) EXPECT_EQ((*changes)[i].position(), i + 1);
}

TEST_F(SqlImageStoreTest, ListsTheLastChangedFirstPageByPage) {
  for (const char* id : {"a", "b", "c", "d"}) Put(id, id);
  Put("b", "changed");
  EXPECT_THAT(ListedIds({.status = {}, .before = 0, .limit = 10}), ElementsAre("b", "d", "c", "a"));
  const ListRead first = *store_->List({.status = {}, .before = 0, .limit = 3});
  ASSERT_NE(first.next, 0);
  EXPECT_THAT(ListedIds({.status = {}, .before = first.next, .limit = 3}), ElementsAre("a"));
  EXPECT_EQ(store_->List({.status = {}, .before = first.next, .limit = 3})->next, 0);
  EXPECT_THAT(ListedIds({.status = v1::IMAGE_STATUS_WITHHELD, .limit = 3}), IsEmpty());
  EXPECT_EQ(ListedIds({.status = v1::IMAGE_STATUS_USABLE, .limit = 10}).size(), 4u);
}

TEST_F(SqlImageStoreTest, FindsTheOldestPictureOfTheSameBytes) {
  Put("b", "same");
  Put("a", "same");
  EXPECT_EQ(*store_->FindByContent("sha of same"), "b");
  EXPECT_FALSE(store_->FindByContent("sha of another")->has_value());
}

TEST_F(SqlImageStoreTest, FindsRenditionsByTheirPath) {
  const std::string key(32, 'a');
  const absl::StatusOr<Written> written = store_->Write(
      {.method = "Put", .request_id = "", .image_id = "a"}, [&](const Current&) -> EditOrNothing {
        Edit edit;
        edit.image.set_image_id("a");
        edit.image.set_status(v1::IMAGE_STATUS_USABLE);
        v1::Rendition* rendition = edit.image.add_renditions();
        rendition->set_media_type("image/webp");
        rendition->set_byte_size(7);
        rendition->set_path("/media/" + key + "/w320.webp");
        edit.rendition_blobs = {"blob"};
        return edit;
      });
  ASSERT_TRUE(written.ok()) << written.status();
  const absl::StatusOr<RenditionRead> found = store_->FindRendition(key, "w320.webp");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->usable);
  EXPECT_EQ(found->blob, "blob");
  EXPECT_EQ(found->media_type, "image/webp");
  EXPECT_EQ(found->byte_size, 7);
  EXPECT_TRUE(absl::IsNotFound(store_->FindRendition(key, "w640.webp").status()));
}

TEST_F(SqlImageStoreTest, KnowsTheBlobsOfUploadsThatCameToNothing) {
  ASSERT_TRUE(store_->ExpectBlobs({"orphan", "sha of used"}).ok());
  Put("a", "used");
  Reopen();
  EXPECT_THAT(*store_->UnusedBlobs(), ElementsAre("orphan"));
  ASSERT_TRUE(store_->ForgetExpectedBlobs().ok());
  EXPECT_THAT(*store_->UnusedBlobs(), IsEmpty());
}

TEST_F(SqlImageStoreTest, RefusesADatabaseOfALaterVersion) {
  store_.reset();
  Execute("PRAGMA user_version = 99");
  EXPECT_EQ(SqlImageStore::Open({.path = folder_.File("media.db")}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqlImageStoreTest, CountsWritesThatTheDatabaseDoesNotTakeAndNoRefusals) {
  const telemetry::Counter failures("broadsheet_media_commit_failures_total",
                                    "Writes that the database did not take: disk full, or away.");
  const double before = failures.Value();
  const auto refuse = [](const Current&) -> EditOrNothing { return absl::UnavailableError("gone"); };
  EXPECT_FALSE(store_->Write({.method = "Put", .request_id = "", .image_id = "wall"}, refuse).ok());
  EXPECT_EQ(failures.Value(), before);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.File("media.db").c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "DROP TABLE renditions; DROP TABLE images", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  EXPECT_FALSE(store_->Write({.method = "Put", .request_id = "", .image_id = "wall"}, refuse).ok());
  EXPECT_EQ(failures.Value(), before + 1);
}

TEST_F(SqlImageStoreTest, IsUnavailableWithoutItsFolder) {
  EXPECT_TRUE(absl::IsUnavailable(SqlImageStore::Open({.path = folder_.File("absent/media.db")}).status()));
}

}  // namespace
}  // namespace broadsheet::media
