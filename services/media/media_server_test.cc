// The whole service over real gRPC and HTTP ports.

#include "services/media/media_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broadsheet/media/v1/library_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "libs/change/follower.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/testing/http_get.h"
#include "libs/testing/temp_dir.h"
#include "services/media/digest.h"
#include "services/media/image_header.h"
#include "services/media/image_pipeline.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Info = v1::UploadImageRequest::Info;

class MediaServerTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }

  void Start() {
    MediaServerOptions options;
    options.data = folder_.File("data");
    options.decoder.program = MEDIA_PROGRAM;
    options.lease = absl::Milliseconds(200);
    options.max_uploads = 2;
    absl::StatusOr<std::unique_ptr<MediaServer>> server = MediaServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = rpc::NewChannel(absl::StrCat("127.0.0.1:", server_->grpc_port()),
                               {.retried_services = {}, .own_connection = true});
    media_ = v1::MediaService::NewStub(channel_);
    library_ = v1::LibraryService::NewStub(channel_);
  }

  void Restart() {
    server_->Drain();
    server_.reset();
    Start();
  }

  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }

  absl::StatusOr<v1::UploadImageResponse> Upload(const Info& info, const std::string& file) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::UploadImageResponse response;
    const auto writer = library_->UploadImage(&context, &response);
    v1::UploadImageRequest message;
    *message.mutable_info() = info;
    bool open = writer->Write(message);
    constexpr std::size_t kPiece = 1000 * 1000;
    for (std::size_t at = 0; open && at < file.size(); at += kPiece) {
      message.set_chunk(file.substr(at, kPiece));
      open = writer->Write(message);
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  absl::StatusOr<v1::UploadImageResponse> Upload(const std::string& image_id, const std::string& file) {
    Info info;
    info.set_image_id(image_id);
    return Upload(info, file);
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::LibraryService::Stub::*method)(grpc::ClientContext*,
                                                                                 const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    SetDeadline(context);
    Response response;
    const grpc::Status status = (library_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  absl::StatusOr<v1::UpdateImageResponse> SetCaption(const std::string& image_id, const std::string& caption,
                                                     const std::string& request_id = "") {
    v1::UpdateImageRequest request;
    request.set_request_id(request_id);
    request.set_image_id(image_id);
    request.mutable_metadata()->set_caption(caption);
    request.mutable_update_mask()->add_paths("metadata.caption");
    return Call(&v1::LibraryService::Stub::UpdateImage, request);
  }

  absl::StatusOr<v1::WithholdImageResponse> Withhold(const std::string& image_id,
                                                     v1::ImageStatus status = v1::IMAGE_STATUS_WITHHELD) {
    v1::WithholdImageRequest request;
    request.set_image_id(image_id);
    request.set_status(status);
    return Call(&v1::LibraryService::Stub::WithholdImage, request);
  }

  absl::StatusOr<v1::GetImageResponse> Get(const std::string& image_id, std::int64_t min_position = 0) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::GetImageRequest request;
    request.set_image_id(image_id);
    request.set_min_position(min_position);
    v1::GetImageResponse response;
    const grpc::Status status = media_->GetImage(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  broadsheet::test::HttpAnswer Fetch(const std::string& path,
                                     const broadsheet::test::HttpHeaders& headers = {}) {
    absl::StatusOr<broadsheet::test::HttpAnswer> answer =
        broadsheet::test::HttpGet(server_->http_port(), path, headers);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : broadsheet::test::HttpAnswer();
  }

  int CountBlobs() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.File("data/blobs"))) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  static std::vector<std::string> FaultyFields(const absl::Status& status) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    std::vector<std::string> fields;
    for (const rpc::Violation& violation : rpc::Violations(status)) fields.push_back(violation.field);
    return fields;
  }

  broadsheet::test::TempDir folder_;
  std::unique_ptr<MediaServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::MediaService::Stub> media_;
  std::unique_ptr<v1::LibraryService::Stub> library_;
};

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
  EXPECT_EQ(part.body, "RIFF");
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

TEST_F(MediaServerTest, TheClientsWordsGoBeforeTheFiles) {
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

TEST_F(MediaServerTest, ARepeatedRequestGetsTheFirstAnswer) {
  Info info;
  info.set_image_id("wall");
  info.set_request_id("upload-1");
  const absl::StatusOr<v1::UploadImageResponse> first = Upload(info, media::test::Png(40, 20));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(SetCaption("wall", "New", "update-1").ok());
  ASSERT_TRUE(SetCaption("wall", "Newer").ok());
  EXPECT_EQ(SetCaption("wall", "New", "update-1")->image().metadata().caption(), "New");
  EXPECT_EQ(Get("wall")->image().metadata().caption(), "Newer");
  const absl::StatusOr<v1::UploadImageResponse> again = Upload(info, media::test::Png(40, 20));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->image().SerializeAsString(), first->image().SerializeAsString());
  EXPECT_EQ(again->existed(), first->existed());
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

TEST_F(MediaServerTest, RefusesWhatIsNoPictureWithTheFieldChunk) {
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

TEST_F(MediaServerTest, RefusesAFileThatIsTooLargeAsItArrives) {
  EXPECT_THAT(FaultyFields(Upload("wall", std::string((64 << 20) + 1, 'x')).status()), ElementsAre("chunk"));
}

TEST_F(MediaServerTest, RefusesAStreamOutOfOrder) {
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
  v1::UploadImageRequest large;
  large.set_chunk(std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(FaultyFields(status_of({})), ElementsAre("info"));
  EXPECT_THAT(FaultyFields(status_of({chunk})), ElementsAre("info"));
  EXPECT_THAT(FaultyFields(status_of({info, info})), ElementsAre("chunk"));
  EXPECT_THAT(FaultyFields(status_of({info, large})), ElementsAre("chunk"));
}

TEST_F(MediaServerTest, KeepsNothingOfAnUploadThatIsBrokenOff) {
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

TEST_F(MediaServerTest, RefusesMoreUploadsThanItWantsAtOnce) {
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

TEST_F(MediaServerTest, AFullDiskIsResourceExhaustedAndLeavesNothing) {
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

TEST_F(MediaServerTest, IsUnavailableWhileItsFolderCannotBeWritten) {
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
              HasSubstr("cannot use the data folder"));

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

}  // namespace
}  // namespace broadsheet::media
