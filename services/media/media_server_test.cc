// What readers and the photo desk see of the service.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "libs/change/follower.h"
#include "libs/testing/child_process.h"
#include "libs/testing/free_port.h"
#include "services/media/digest.h"
#include "services/media/image_header.h"
#include "services/media/image_pipeline.h"
#include "services/media/media_server_testing.h"

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(MediaServerTest, AnUploadedPictureIsReadAndItsRenditionsAreServed) {
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", media::test::Png(1300, 650));
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_FALSE(uploaded->existed());

  const absl::StatusOr<v1::GetImageResponse> got = Get("wall");
  ASSERT_TRUE(got.ok()) << got.status();
  const v1::Image& image = got->image();
  EXPECT_EQ(image.SerializeAsString(), uploaded->image().SerializeAsString());
  EXPECT_EQ(image.revision(), 1);
  EXPECT_EQ(image.width(), 1300);
  EXPECT_EQ(image.height(), 650);
  EXPECT_EQ(image.media_type(), "image/png");
  EXPECT_EQ(image.sha256(), Sha256(media::test::Png(1300, 650)));
  EXPECT_EQ(image.status(), v1::IMAGE_STATUS_USABLE);
  EXPECT_EQ(image.placeholder_color().size(), 7u);
  EXPECT_EQ(got->snapshot().position(), 1);
  ASSERT_EQ(image.renditions_size(), 10);

  ASSERT_TRUE(StartPipeline("test").ok());
  for (const v1::Rendition& rendition : image.renditions()) {
    SCOPED_TRACE(rendition.path());
    const broadsheet::test::HttpAnswer answer = Fetch(rendition.path());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("content-type"), rendition.media_type());
    ASSERT_EQ(static_cast<std::int64_t>(answer.body.size()), rendition.byte_size());
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(answer.body);
    ASSERT_TRUE(header.ok()) << header.status();
    const absl::StatusOr<RenderedImage> decoded = Render(answer.body, header->type, {});
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->width, rendition.width());
    EXPECT_EQ(decoded->height, rendition.height());
  }
}

TEST_F(MediaServerTest, RenditionsAreCachedForEverAndHarmlessAnywhere) {
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", media::test::Png(400, 200));
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  const std::string path = uploaded->image().renditions(0).path();
  const broadsheet::test::HttpAnswer answer = Fetch(path);
  EXPECT_EQ(answer.Header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.Header("content-security-policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.Header("cross-origin-resource-policy"), "cross-origin");
  EXPECT_EQ(answer.Header("etag"), absl::StrCat("\"", Sha256(answer.body), "\""));

  EXPECT_EQ(Fetch(path, {{"If-None-Match", answer.Header("etag")}}).status, 304);
  const broadsheet::test::HttpAnswer part = Fetch(path, {{"Range", "bytes=0-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, answer.body.substr(0, 4));
}

TEST_F(MediaServerTest, UnknownPathsAreNotFoundAndNotCached) {
  for (const char* path :
       {"/", "/media/", "/media/0123456789abcdef0123456789abcdef/w320.webp", "/favicon.ico"}) {
    const broadsheet::test::HttpAnswer answer = Fetch(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.Header("cache-control"), "no-store") << path;
  }
}

TEST_F(MediaServerTest, AWithheldPictureIsGoneEverywhereAndComesBack) {
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", media::test::Png(400, 200));
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  const std::string path = uploaded->image().renditions(0).path();
  ASSERT_EQ(Fetch(path).status, 200);

  const absl::StatusOr<v1::WithholdImageResponse> withheld = Withhold("wall");
  ASSERT_TRUE(withheld.ok()) << withheld.status();
  EXPECT_EQ(withheld->image().status(), v1::IMAGE_STATUS_WITHHELD);
  EXPECT_EQ(withheld->image().revision(), 2);
  EXPECT_TRUE(withheld->has_propagation());

  const absl::Status status = Get("wall").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(rpc::Reason(status), "IMAGE_WITHDRAWN");
  const auto snapshot = rpc::Detail<change::v1::Snapshot>(status);
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ(snapshot->position(), 2);
  const broadsheet::test::HttpAnswer gone = Fetch(path);
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.Header("cache-control"), "no-store");

  EXPECT_FALSE(Withhold("wall")->has_propagation()) << "nothing changed";
  ASSERT_TRUE(Withhold("wall", v1::IMAGE_STATUS_USABLE).ok());
  EXPECT_EQ(Fetch(path).status, 200);
  EXPECT_EQ(Get("wall")->image().revision(), 3);
}

TEST_F(MediaServerTest, AnUnknownPictureIsNotFoundWithTheSnapshot) {
  const absl::Status status = Get("absent").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(rpc::Reason(status), "IMAGE_NOT_FOUND");
  const auto snapshot = rpc::Detail<change::v1::Snapshot>(status);
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ(snapshot->position(), 0);
  EXPECT_FALSE(snapshot->log_id().empty());
}

TEST_F(MediaServerTest, AReadNeverAnswersFromBeforeThePositionDemanded) {
  ASSERT_TRUE(Upload("wall", media::test::Png(40, 20)).ok());
  EXPECT_TRUE(Get("wall", 1).ok());
  EXPECT_TRUE(absl::IsUnavailable(Get("wall", 2).status()));
}

TEST_F(MediaServerTest, ABatchHoldsTheUsableOnesInTheOrderAskedFor) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(Upload(id, media::test::Png(40, 20)).ok());
  ASSERT_TRUE(Withhold("b").ok());
  grpc::ClientContext context;
  SetDeadline(context);
  v1::BatchGetImagesRequest request;
  for (const char* id : {"c", "absent", "b", "a", "c"}) request.add_image_ids(id);
  v1::BatchGetImagesResponse response;
  ASSERT_TRUE(media_->BatchGetImages(&context, request, &response).ok());
  ASSERT_EQ(response.images_size(), 2);
  EXPECT_EQ(response.images(0).image_id(), "c");
  EXPECT_EQ(response.images(1).image_id(), "a");
  EXPECT_EQ(response.snapshot().position(), 4);
}

TEST_F(MediaServerTest, AnUpdateIsARevisionThatReadersSee) {
  ASSERT_TRUE(Upload("wall", media::test::Png(40, 20)).ok());
  const absl::StatusOr<v1::UpdateImageResponse> updated = SetCaption("wall", "New");
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->image().revision(), 2);
  EXPECT_TRUE(updated->has_propagation());
  EXPECT_EQ(Get("wall")->image().metadata().caption(), "New");
  EXPECT_FALSE(SetCaption("wall", "New")->has_propagation()) << "nothing changed";
  EXPECT_EQ(Get("wall")->image().revision(), 2);
}

TEST_F(MediaServerTest, EverythingIsThereAfterARestart) {
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", media::test::Png(400, 200));
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  ASSERT_TRUE(SetCaption("wall", "New").ok());
  const std::string log_id = Get("wall")->snapshot().log_id();
  Restart();
  const absl::StatusOr<v1::GetImageResponse> got = Get("wall");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->image().metadata().caption(), "New");
  EXPECT_EQ(got->snapshot().log_id(), log_id);
  EXPECT_EQ(got->snapshot().position(), 2);
  EXPECT_EQ(Fetch(uploaded->image().renditions(0).path()).status, 200);
}

TEST_F(MediaServerTest, AWriteReturnsWhenFollowersHaveIt) {
  std::vector<std::string> subjects;
  std::vector<change::v1::ChangeKind> kinds;
  change::FollowerOptions options;
  options.source = "media";
  options.on_change = [&](const change::v1::Change& change) {
    subjects.push_back(change.subject());
    kinds.push_back(change.kind());
  };
  const std::unique_ptr<change::Follower> follower = change::Follower::Start(channel_, options);
  ASSERT_TRUE(follower->WaitUntilLive(absl::Seconds(10)));
  ASSERT_TRUE(Upload("wall", media::test::Png(40, 20)).ok());
  const absl::StatusOr<v1::UpdateImageResponse> updated = SetCaption("wall", "New");
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->propagation().followers(), 1);
  EXPECT_EQ(updated->propagation().acknowledged(), 1);
  EXPECT_EQ(follower->position().position, 2) << "applied before the write returned";
  ASSERT_TRUE(Withhold("wall").ok());
  EXPECT_TRUE(follower->IsWithdrawn("image/wall"));
  ASSERT_TRUE(follower->WaitForPosition(3, absl::Seconds(10)));
  EXPECT_THAT(subjects, ElementsAre("image/wall", "image/wall", "image/wall"));
  EXPECT_THAT(kinds, ElementsAre(change::v1::CHANGE_KIND_PUBLISHED, change::v1::CHANGE_KIND_PUBLISHED,
                                 change::v1::CHANGE_KIND_WITHDRAWN));
}

TEST_F(MediaServerTest, TheFirstWriteWaitsForFollowersOfARunWithALongerLease) {
  ASSERT_TRUE(Upload("wall", media::test::Png(40, 20)).ok());
  restart_grace_ = absl::Seconds(2);
  const absl::Time before = absl::Now();
  Restart();
  ASSERT_TRUE(Withhold("wall").ok());
  EXPECT_GE(absl::Now() - before, restart_grace_);
}

TEST_F(MediaServerTest, ListsPicturesInAnyStateLastChangedFirst) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(Upload(id, media::test::Png(40, 20)).ok());
  ASSERT_TRUE(Withhold("a").ok());
  v1::ListImagesRequest request;
  request.set_page_size(2);
  absl::StatusOr<v1::ListImagesResponse> page = Call(&v1::LibraryService::Stub::ListImages, request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->images_size(), 2);
  EXPECT_EQ(page->images(0).image_id(), "a");
  EXPECT_EQ(page->images(1).image_id(), "c");
  request.set_page_token(page->next_page_token());
  page = Call(&v1::LibraryService::Stub::ListImages, request);
  ASSERT_EQ(page->images_size(), 1);
  EXPECT_EQ(page->images(0).image_id(), "b");
  EXPECT_THAT(page->next_page_token(), IsEmpty());

  request.set_status(v1::IMAGE_STATUS_WITHHELD);
  EXPECT_THAT(FaultyFields(Call(&v1::LibraryService::Stub::ListImages, request).status()),
              ElementsAre("page_token"));
  request.set_page_token("nonsense");
  EXPECT_THAT(FaultyFields(Call(&v1::LibraryService::Stub::ListImages, request).status()),
              ElementsAre("page_token"));
  request.clear_page_token();
  EXPECT_EQ(Call(&v1::LibraryService::Stub::ListImages, request)->images_size(), 1);
}

TEST_F(MediaServerTest, ALostBlobIsNotServedAsAPicture) {
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", media::test::Png(400, 200));
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  std::filesystem::remove_all(folder_.File("data/blobs"));
  const broadsheet::test::HttpAnswer answer = Fetch(uploaded->image().renditions(0).path());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
}

TEST_F(MediaServerTest, TellsOperatorsThatItIsReady) {
  const absl::StatusOr<broadsheet::test::HttpAnswer> ready =
      broadsheet::test::HttpGet(server_->ops_port(), "/readyz");
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(ready->status, 200);
  const absl::StatusOr<broadsheet::test::HttpAnswer> status =
      broadsheet::test::HttpGet(server_->ops_port(), "/status");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_THAT(status->body, HasSubstr("Change log"));
}

TEST(MediaServerStart, SaysInOneSentenceWhatIsWrong) {
  broadsheet::test::TempDir folder;
  std::ofstream(folder.File("data")) << "a file";
  MediaServerOptions options;
  options.data = folder.File("data");
  EXPECT_THAT(std::string(MediaServer::Start(options).status().message()),
              HasSubstr("cannot make the folder " + options.data));

  options.data = folder.File("good");
  const absl::StatusOr<std::unique_ptr<MediaServer>> first = MediaServer::Start(options);
  ASSERT_TRUE(first.ok()) << first.status();
  options.data = folder.File("other");
  options.grpc_port = (*first)->grpc_port();
  EXPECT_THAT(std::string(MediaServer::Start(options).status().message()), HasSubstr("in use"));
  options.grpc_port = 0;
  options.http_port = (*first)->http_port();
  EXPECT_THAT(std::string(MediaServer::Start(options).status().message()), HasSubstr("in use"));
}

TEST(MediaServerStart, RefusesAFolderForAsLongAsAnotherOneUsesIt) {
  broadsheet::test::TempDir folder;
  MediaServerOptions options;
  options.data = folder.File("data");
  absl::StatusOr<std::unique_ptr<MediaServer>> first = MediaServer::Start(options);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status refused = MediaServer::Start(options).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_EQ(std::string(refused.message()),
            absl::StrCat("another media service uses the folder ", options.data));

  (*first)->Drain();
  first->reset();
  const absl::Status second = MediaServer::Start(options).status();
  EXPECT_TRUE(second.ok()) << second;
}

TEST(MediaServerStart, RefusesLimitsThatWouldLetNoUploadThrough) {
  for (const char* flag : {"--decoders", "--max_uploads"}) {
    broadsheet::test::TempDir folder;
    broadsheet::test::ChildProcess program(
        {MEDIA_PROGRAM, "--grpc_port=0", "--http_port=0", "--ops_port=0",
         absl::StrCat("--data=", folder.File("data")), absl::StrCat(flag, "=0")},
        folder.File("log"));
    EXPECT_EQ(program.Wait(absl::Seconds(30)), 1) << flag;
    std::ifstream log(folder.File("log"));
    const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    EXPECT_THAT(text, HasSubstr(absl::StrCat(flag, " is below 1")));
  }
}

TEST(MediaServerStart, RefusesToDrainForLessThanNoTime) {
  broadsheet::test::TempDir folder;
  MediaServerOptions options;
  options.data = folder.File("data");
  options.drain = absl::Seconds(-1);
  EXPECT_EQ(MediaServer::Start(options).status(), absl::InvalidArgumentError("--drain_seconds is negative"));
}

TEST(MediaServerStart, IsSeenToLiveBeforeItsDatabaseIsReady) {
  broadsheet::test::TempDir folder;
  MediaServerOptions options;
  options.data = folder.File("data");
  options.ops_port = broadsheet::test::FreePort();
  std::filesystem::create_directory(options.data);
  sqlite3* holder = nullptr;
  ASSERT_EQ(sqlite3_open(absl::StrCat(options.data, "/media.db").c_str(), &holder), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(holder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  absl::StatusOr<std::unique_ptr<MediaServer>> server = absl::UnknownError("not started");
  std::thread starting([&] { server = MediaServer::Start(options); });
  const auto status_of = [&](const std::string& path) {
    const auto answer = broadsheet::test::HttpGet(options.ops_port, path);
    return answer.ok() ? answer->status : 0;
  };
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (status_of("/healthz") != 200 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(status_of("/healthz"), 200);
  EXPECT_EQ(status_of("/readyz"), 503);
  sqlite3_close(holder);
  starting.join();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(status_of("/readyz"), 200);
}

}  // namespace
}  // namespace broadsheet::media
