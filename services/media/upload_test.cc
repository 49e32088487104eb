// Uploads: what is taken, what is refused, and that nothing is left of what fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdint>
#include <fstream>

#include "services/media/digest.h"
#include "services/media/media_server_testing.h"

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using UploadTest = MediaServerTest;

TEST_F(UploadTest, TheClientsWordsGoBeforeTheFiles) {
  const std::string file = media::test::WithSegments(
      media::test::Jpeg(40, 20),
      {media::test::PhotoshopSegment(media::test::Iim({{2, 110, "By the file"}, {2, 120, "By the file"}}))});
  Info info;
  info.set_image_id("wall");
  info.mutable_metadata()->set_caption("By the client");
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload(info, file);
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(uploaded->image().metadata().caption(), "By the client");
  EXPECT_EQ(uploaded->image().metadata().credit_line(), "By the file");
}

TEST_F(UploadTest, ARepeatedRequestGetsTheFirstAnswer) {
  Info info;
  info.set_image_id("wall");
  info.set_request_id("upload-1");
  const absl::StatusOr<v1::UploadImageResponse> first = Upload(info, media::test::Png(40, 20));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(SetCaption("wall", "New", "update-1").ok());
  ASSERT_TRUE(SetCaption("wall", "Newer").ok());
  const absl::StatusOr<v1::UpdateImageResponse> updated_again = SetCaption("wall", "New", "update-1");
  ASSERT_TRUE(updated_again.ok()) << updated_again.status();
  EXPECT_EQ(updated_again->image().metadata().caption(), "New");
  EXPECT_EQ(updated_again->snapshot().position(), 2);
  EXPECT_EQ(Get("wall")->image().metadata().caption(), "Newer");
  const absl::StatusOr<v1::UploadImageResponse> again = Upload(info, media::test::Png(40, 20));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->image().SerializeAsString(), first->image().SerializeAsString());
  EXPECT_EQ(again->existed(), first->existed());
  EXPECT_EQ(first->snapshot().position(), 1);
  EXPECT_EQ(again->snapshot().SerializeAsString(), first->snapshot().SerializeAsString());
}

TEST_F(UploadTest, ARequestIdIsNotTakenForAnotherRequest) {
  for (const char* id : {"wall", "tower"}) ASSERT_TRUE(Upload(id, media::test::Png(40, 20)).ok());
  ASSERT_TRUE(Withhold("wall", v1::IMAGE_STATUS_WITHHELD, "r").ok());
  EXPECT_THAT(FaultyFields(Withhold("tower", v1::IMAGE_STATUS_WITHHELD, "r").status()),
              ElementsAre("request_id"));
  ASSERT_TRUE(SetCaption("tower", "New", "r").ok()) << "each method has ids of its own";
  EXPECT_THAT(FaultyFields(SetCaption("tower", "Newer", "r").status()), ElementsAre("request_id"));
  EXPECT_EQ(Get("tower")->image().metadata().caption(), "New");

  Info info;
  info.set_request_id("r");
  ASSERT_TRUE(Upload(info, media::test::Png(50, 20)).ok());
  EXPECT_THAT(FaultyFields(Upload(info, media::test::Png(60, 20)).status()), ElementsAre("info.request_id"));
  info.mutable_metadata()->set_caption("Other words");
  EXPECT_THAT(FaultyFields(Upload(info, media::test::Png(50, 20)).status()), ElementsAre("info.request_id"));
}

TEST_F(UploadTest, AnUploadAndEachLaterWriteNameTheStateOfTheLogThatIncludesThem) {
  const auto before = rpc::Detail<change::v1::Snapshot>(Get("wall").status());
  ASSERT_TRUE(before.has_value());
  const std::string log_id = before->log_id();
  std::int64_t position = before->position();
  const auto expect_next = [&](const change::v1::Snapshot& snapshot) {
    EXPECT_EQ(snapshot.log_id(), log_id);
    EXPECT_EQ(snapshot.position(), position + 1);
    position = snapshot.position();
  };
  const std::string file = media::test::Png(40, 20);
  const absl::StatusOr<v1::UploadImageResponse> uploaded = Upload("wall", file);
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  expect_next(uploaded->snapshot());
  EXPECT_TRUE(Get("wall", position).ok());
  const absl::StatusOr<v1::UpdateImageResponse> updated = SetCaption("wall", "New");
  ASSERT_TRUE(updated.ok()) << updated.status();
  expect_next(updated->snapshot());
  const absl::StatusOr<v1::GetImageResponse> read = Get("wall", position);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->snapshot().position(), position);
  EXPECT_EQ(read->image().metadata().caption(), "New");

  // What changes nothing names the state it found.
  for (const change::v1::Snapshot& found :
       {Upload("wall", file)->snapshot(), SetCaption("wall", "New")->snapshot()}) {
    EXPECT_EQ(found.log_id(), log_id);
    EXPECT_EQ(found.position(), position);
  }

  const absl::StatusOr<v1::WithholdImageResponse> withheld = Withhold("wall");
  ASSERT_TRUE(withheld.ok()) << withheld.status();
  expect_next(withheld->snapshot());
  const absl::StatusOr<v1::WithholdImageResponse> shown = Withhold("wall", v1::IMAGE_STATUS_USABLE);
  ASSERT_TRUE(shown.ok()) << shown.status();
  expect_next(shown->snapshot());
  EXPECT_TRUE(Get("wall", position).ok());
}

TEST_F(UploadTest, RefusesWhatIsNoPictureWithTheFieldChunk) {
  const std::string png = media::test::Png(400, 200);
  const std::string jpeg = media::test::Jpeg(400, 200);
  const std::string bombs[] = {"<svg xmlns='http://www.w3.org/2000/svg'/>",
                               png.substr(0, png.size() / 2),
                               jpeg.substr(0, jpeg.size() - 2),
                               media::test::PngClaiming(100'000, 100'000),
                               media::test::JpegClaiming(6'000, 6'000, 1'400),
                               media::test::Gif(4'000, 4'000, 10'000),
                               ""};
  for (const std::string& file : bombs) {
    EXPECT_THAT(FaultyFields(Upload("wall", file).status()), ElementsAre("chunk"));
  }
  EXPECT_EQ(CountBlobs(), 0);
  EXPECT_TRUE(absl::IsNotFound(Get("wall").status()));
}

TEST_F(UploadTest, RefusesAFileThatIsTooLargeAsItArrives) {
  EXPECT_THAT(FaultyFields(Upload("wall", std::string((64 << 20) + 1, 'x')).status()), ElementsAre("chunk"));
}

TEST_F(UploadTest, RefusesAStreamOutOfOrder) {
  const auto status_of = [this](const std::vector<v1::UploadImageRequest>& messages) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::UploadImageResponse response;
    const auto writer = library_->UploadImage(&context, &response);
    for (const v1::UploadImageRequest& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    return rpc::FromGrpc(writer->Finish());
  };
  v1::UploadImageRequest info;
  info.mutable_info();
  v1::UploadImageRequest chunk;
  chunk.set_chunk("x");
  v1::UploadImageRequest empty;
  empty.set_chunk("");
  v1::UploadImageRequest large;
  large.set_chunk(std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(FaultyFields(status_of({})), ElementsAre("info"));
  EXPECT_THAT(FaultyFields(status_of({chunk})), ElementsAre("info"));
  EXPECT_THAT(FaultyFields(status_of({info, info})), ElementsAre("chunk"));
  EXPECT_THAT(FaultyFields(status_of({info, large})), ElementsAre("chunk"));
  const absl::Status status = status_of({info, chunk, empty, chunk});
  EXPECT_THAT(FaultyFields(status), ElementsAre("chunk"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("must not be empty"));
}

TEST_F(UploadTest, KeepsNothingOfAnUploadThatIsBrokenOff) {
  {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::UploadImageResponse response;
    const auto writer = library_->UploadImage(&context, &response);
    v1::UploadImageRequest message;
    message.mutable_info()->set_image_id("wall");
    ASSERT_TRUE(writer->Write(message));
    message.set_chunk(media::test::Png(400, 200));
    ASSERT_TRUE(writer->Write(message));
    context.TryCancel();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  server_->Drain();  // when everything has ended, nothing is left
  EXPECT_EQ(CountBlobs(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.File("data/incoming")));
  Restart();
  EXPECT_TRUE(absl::IsNotFound(Get("wall").status()));
}

TEST_F(UploadTest, BreaksOffAnUploadWhoseClientHasFallenSilent) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::UploadImageResponse response;
  const auto writer = library_->UploadImage(&context, &response);
  v1::UploadImageRequest message;
  message.mutable_info()->set_image_id("wall");
  ASSERT_TRUE(writer->Write(message));
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(UploadTest, EndsAnUploadThatGoesOnForTooLong) {
  max_upload_time_ = absl::Milliseconds(50);
  Restart();
  grpc::ClientContext context;
  SetDeadline(context);
  v1::UploadImageResponse response;
  const auto writer = library_->UploadImage(&context, &response);
  v1::UploadImageRequest message;
  message.mutable_info()->set_image_id("wall");
  bool open = writer->Write(message);
  message.set_chunk("x");
  while (open) open = writer->Write(message);
  const absl::Status status = rpc::FromGrpc(writer->Finish());
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the upload takes too long"));
}

TEST_F(UploadTest, RefusesMoreUploadsThanItWantsAtOnce) {
  grpc::ClientContext contexts[2];
  v1::UploadImageResponse responses[2];
  std::vector<std::unique_ptr<grpc::ClientWriter<v1::UploadImageRequest>>> writers;
  for (int i = 0; i < 2; ++i) {
    SetDeadline(contexts[i]);
    writers.push_back(library_->UploadImage(&contexts[i], &responses[i]));
    writers.back()->WaitForInitialMetadata();  // sent when the upload has its place
  }
  const absl::Status status = Upload("wall", media::test::Png(40, 20)).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  for (int i = 0; i < 2; ++i) {
    contexts[i].TryCancel();
    writers[i]->Finish();
  }
}

TEST_F(UploadTest, AFullDiskIsResourceExhaustedAndLeavesNothing) {
  // Files of this process cannot grow beyond 64 KiB: what a full disk or quota does, without filling one.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 64 * 1024;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string noise;
  for (int i = 0; i < 4'000; ++i) noise += Sha256(absl::StrCat(i));
  const absl::Status status =
      Upload("wall", media::test::Png(40, 20, {}, media::test::PngChunk("tEXt", noise))).status();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(CountBlobs(), 0);
  EXPECT_TRUE(Upload("wall", media::test::Png(40, 20)).ok()) << "and works again afterwards";
}

TEST_F(UploadTest, IsUnavailableWhileItsFolderCannotBeWritten) {
  std::filesystem::remove_all(folder_.File("data/incoming"));
  EXPECT_TRUE(absl::IsUnavailable(Upload("wall", media::test::Png(40, 20)).status()));
  std::filesystem::create_directory(folder_.File("data/incoming"));
  std::filesystem::remove_all(folder_.File("data/blobs"));
  std::ofstream(folder_.File("data/blobs")) << "a file in its place";
  EXPECT_TRUE(absl::IsUnavailable(Upload("wall", media::test::Png(40, 20)).status()));
  EXPECT_TRUE(absl::IsNotFound(Get("wall").status()));
  std::filesystem::remove(folder_.File("data/blobs"));
  std::filesystem::create_directories(folder_.File("data/blobs/incoming"));
  EXPECT_TRUE(Upload("wall", media::test::Png(40, 20)).ok());
}

}  // namespace
}  // namespace broadsheet::media
