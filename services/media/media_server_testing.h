#ifndef BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_TESTING_H_
#define BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broadsheet/media/v1/library_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/testing/http_get.h"
#include "libs/testing/temp_dir.h"
#include "services/media/media_server.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {

// The whole service over real gRPC and HTTP ports, with a data folder of its own.
class MediaServerTest : public ::testing::Test {
 protected:
  using Info = v1::UploadImageRequest::Info;

  void SetUp() override { Start(); }

  void Start() {
    MediaServerOptions options;
    options.data = folder_.File("data");
    options.decoder.program = MEDIA_PROGRAM;
    options.lease = absl::Milliseconds(200);
    options.restart_grace = restart_grace_;
    options.max_uploads = 2;
    options.max_upload_pause = absl::Seconds(2);
    options.max_upload_time = max_upload_time_;
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
                                                     v1::ImageStatus status = v1::IMAGE_STATUS_WITHHELD,
                                                     const std::string& request_id = "") {
    v1::WithholdImageRequest request;
    request.set_request_id(request_id);
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
  absl::Duration max_upload_time_ = absl::Minutes(10);  // from the next Start on
  absl::Duration restart_grace_ = absl::ZeroDuration();
  std::unique_ptr<MediaServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::MediaService::Stub> media_;
  std::unique_ptr<v1::LibraryService::Stub> library_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_TESTING_H_
