#include "services/cli/backends.h"

#include <fstream>
#include <thread>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "services/cli/importers/digest.h"

namespace broadsheet::cli {

namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(10);
constexpr absl::Duration kWriteTimeout = absl::Seconds(30);    // a write may wait for followers
constexpr absl::Duration kImportTimeout = absl::Seconds(180);  // many writes, the calls before it first
constexpr absl::Duration kUploadTimeout = absl::Seconds(180);  // renditions are made before it returns
constexpr std::size_t kChunkBytes = 256 << 10;
constexpr int kMostMessageBytes = 64 << 20;

bool IsWorthRepeating(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  rpc::ChannelOptions options;
  options.max_message_bytes = kMostMessageBytes;
  return rpc::NewChannel(address, options);
}

grpc::Status SendFile(grpc::ClientWriter<media::v1::UploadImageRequest>& writer,
                      const media::v1::UploadImageRequest::Info& info, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {grpc::StatusCode::NOT_FOUND, absl::StrCat(file.string(), " cannot be read")};
  media::v1::UploadImageRequest request;
  *request.mutable_info() = info;
  bool open = writer.Write(request);
  std::string chunk(kChunkBytes, '\0');
  while (open && stream) {
    stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    if (stream.gcount() == 0) break;
    request.set_chunk(chunk.data(), static_cast<std::size_t>(stream.gcount()));
    open = writer.Write(request);
  }
  if (open) writer.WritesDone();
  return writer.Finish();
}

}  // namespace

Backends::Backends(const Options& options)
    : options_(options),
      article_service_(absl::StrCat("article service at ", options.article_address)),
      media_service_(absl::StrCat("media service at ", options.media_address)),
      gateway_service_(absl::StrCat("gateway at ", options.gateway_address)) {
  const std::shared_ptr<grpc::Channel> article = ChannelTo(options.article_address);
  const std::shared_ptr<grpc::Channel> media = ChannelTo(options.media_address);
  articles_ = article::v1::ArticleService::NewStub(article);
  editorial_ = article::v1::EditorialService::NewStub(article);
  media_ = media::v1::MediaService::NewStub(media);
  library_ = media::v1::LibraryService::NewStub(media);
  const std::shared_ptr<grpc::Channel> gateway = ChannelTo(options.gateway_address);
  pages_ = page::v1::PageService::NewStub(gateway);
  cache_ = page::v1::CacheService::NewStub(gateway);
}

absl::Status Backends::Repeatedly(absl::string_view service, absl::Duration timeout,
                                  const std::function<grpc::Status(grpc::ClientContext&)>& call) const {
  absl::Duration pause = options_.first_pause;
  for (int attempt = 1;; ++attempt, pause *= 2) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const grpc::Status status = call(context);
    if (status.ok()) return absl::OkStatus();
    if (attempt < options_.attempts && IsWorthRepeating(status.error_code())) {
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(pause));
      continue;
    }
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return rpc::FromGrpc(status);
    return absl::UnavailableError(
        absl::StrCat("the ", service, " cannot be reached: ", status.error_message()));
  }
}

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Backends::Call(const std::unique_ptr<Stub>& stub,
                                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                     Response*),
                                        const Request& request, absl::Duration timeout) {
  constexpr bool kArticle = std::is_same_v<Stub, article::v1::ArticleService::Stub> ||
                            std::is_same_v<Stub, article::v1::EditorialService::Stub>;
  constexpr bool kGateway =
      std::is_same_v<Stub, page::v1::PageService::Stub> || std::is_same_v<Stub, page::v1::CacheService::Stub>;
  Response response;
  const absl::Status status = Repeatedly(
      kArticle   ? article_service_
      : kGateway ? gateway_service_
                 : media_service_,
      timeout, [&](grpc::ClientContext& context) { return ((*stub).*method)(&context, request, &response); });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<page::v1::ExplainPageResponse> Backends::ExplainPage(const std::string& path) {
  page::v1::ExplainPageRequest request;
  request.set_path(path);
  return Call(pages_, &page::v1::PageService::Stub::ExplainPage, request, kReadTimeout);
}

absl::StatusOr<page::v1::ListDependentsResponse> Backends::ListDependents(
    const page::v1::ListDependentsRequest& request) {
  return Call(pages_, &page::v1::PageService::Stub::ListDependents, request, kReadTimeout);
}

absl::StatusOr<page::v1::PurgePagesResponse> Backends::PurgePages(
    const page::v1::PurgePagesRequest& request) {
  return Call(cache_, &page::v1::CacheService::Stub::PurgePages, request, kReadTimeout);
}

absl::StatusOr<article::v1::Draft> Backends::GetDraft(const std::string& key) {
  article::v1::GetDraftRequest request;
  if (absl::StartsWith(key, "/")) {
    request.set_path(key);
  } else {
    request.set_article_id(key);
  }
  auto response = Call(editorial_, &article::v1::EditorialService::Stub::GetDraft, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_draft());
}

absl::StatusOr<article::v1::Draft> Backends::GetRevision(const std::string& article_id,
                                                         std::int64_t revision) {
  article::v1::GetRevisionRequest request;
  request.set_article_id(article_id);
  request.set_revision(revision);
  auto response = Call(editorial_, &article::v1::EditorialService::Stub::GetRevision, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_draft());
}

absl::StatusOr<article::v1::ListDraftsResponse> Backends::ListDrafts(
    const article::v1::ListDraftsRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::ListDrafts, request, kReadTimeout);
}

absl::StatusOr<article::v1::ImportArticlesResponse> Backends::ImportArticles(
    const article::v1::ImportArticlesRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::ImportArticles, request, kImportTimeout);
}

absl::StatusOr<article::v1::PublishArticleResponse> Backends::PublishArticle(
    const article::v1::PublishArticleRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::PublishArticle, request, kWriteTimeout);
}

absl::StatusOr<article::v1::WithholdArticleResponse> Backends::WithholdArticle(
    const article::v1::WithholdArticleRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::WithholdArticle, request, kWriteTimeout);
}

absl::StatusOr<article::v1::Curation> Backends::GetCuration(const std::string& section_id) {
  article::v1::GetCurationRequest request;
  request.set_section_id(section_id);
  auto response = Call(editorial_, &article::v1::EditorialService::Stub::GetCuration, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_curation());
}

absl::StatusOr<article::v1::PutCurationResponse> Backends::PutCuration(
    const article::v1::PutCurationRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::PutCuration, request, kWriteTimeout);
}

absl::StatusOr<article::v1::MoveArticleResponse> Backends::MoveArticle(
    const article::v1::MoveArticleRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::MoveArticle, request, kWriteTimeout);
}

absl::StatusOr<std::vector<article::v1::Section>> Backends::ListSections() {
  const article::v1::ListSectionsRequest request;
  auto response = Call(articles_, &article::v1::ArticleService::Stub::ListSections, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::vector<article::v1::Section>(response->sections().begin(), response->sections().end());
}

absl::StatusOr<article::v1::PutSectionResponse> Backends::PutSection(
    const article::v1::PutSectionRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::PutSection, request, kWriteTimeout);
}

absl::StatusOr<article::v1::Author> Backends::GetAuthor(const std::string& author_id) {
  article::v1::GetAuthorRequest request;
  request.set_author_id(author_id);
  auto response = Call(articles_, &article::v1::ArticleService::Stub::GetAuthor, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_author());
}

absl::StatusOr<article::v1::PutAuthorResponse> Backends::PutAuthor(
    const article::v1::PutAuthorRequest& request) {
  return Call(editorial_, &article::v1::EditorialService::Stub::PutAuthor, request, kWriteTimeout);
}

absl::StatusOr<std::vector<media::v1::Image>> Backends::BatchGetImages(
    const std::vector<std::string>& image_ids) {
  media::v1::BatchGetImagesRequest request;
  for (const std::string& id : image_ids) request.add_image_ids(id);
  auto response = Call(media_, &media::v1::MediaService::Stub::BatchGetImages, request, kReadTimeout);
  if (!response.ok()) return response.status();
  return std::vector<media::v1::Image>(response->images().begin(), response->images().end());
}

absl::StatusOr<media::v1::UpdateImageResponse> Backends::UpdateImage(
    const media::v1::UpdateImageRequest& request) {
  return Call(library_, &media::v1::LibraryService::Stub::UpdateImage, request, kWriteTimeout);
}

absl::StatusOr<media::v1::UploadImageResponse> Backends::UploadImage(
    const media::v1::UploadImageRequest::Info& info, const std::filesystem::path& file) {
  media::v1::UploadImageResponse response;
  const absl::Status status = Repeatedly(media_service_, kUploadTimeout, [&](grpc::ClientContext& context) {
    const auto writer = library_->UploadImage(&context, &response);
    return SendFile(*writer, info, file);
  });
  if (!status.ok()) return status;
  return response;
}

std::string RequestId(const google::protobuf::Message& request, absl::string_view salt) {
  return absl::StrCat(
      "import-", Sha256Hex(absl::StrCat(request.GetTypeName(), "\n", salt, "\n", request.SerializeAsString()))
                     .substr(0, 40));
}

}  // namespace broadsheet::cli
