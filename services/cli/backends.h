#ifndef BROADSHEET_SERVICES_CLI_BACKENDS_H_
#define BROADSHEET_SERVICES_CLI_BACKENDS_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "broadsheet/media/v1/library_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"

namespace broadsheet::cli {

// Where the gateway is if nobody says otherwise; a target of gRPC.
inline constexpr char kDefaultGateway[] = "127.0.0.1:8081";

// The only place of the command line that knows stubs: one function for each downstream call, each with its
// deadline. Statuses keep the details the services sent (libs/rpc/status.h). A call that fails with
// UNAVAILABLE or RESOURCE_EXHAUSTED is repeated a few times with growing pauses; writes may be, because they
// carry a request id. Thread-safe.
class Backends {
 public:
  struct Options {
    std::string article_address;  // gRPC targets
    std::string media_address;
    std::string gateway_address = {};
    int attempts = 4;
    absl::Duration first_pause = absl::Milliseconds(200);  // doubled after every attempt
  };
  explicit Backends(const Options& options);

  // By id, or by a path, present or former, which starts with a slash.
  absl::StatusOr<article::v1::Draft> GetDraft(const std::string& key);
  absl::StatusOr<article::v1::Draft> GetRevision(const std::string& article_id, std::int64_t revision);
  absl::StatusOr<article::v1::ListDraftsResponse> ListDrafts(const article::v1::ListDraftsRequest& request);
  absl::StatusOr<article::v1::ImportArticlesResponse> ImportArticles(
      const article::v1::ImportArticlesRequest& request);
  absl::StatusOr<article::v1::PublishArticleResponse> PublishArticle(
      const article::v1::PublishArticleRequest& request);
  absl::StatusOr<article::v1::WithholdArticleResponse> WithholdArticle(
      const article::v1::WithholdArticleRequest& request);
  absl::StatusOr<article::v1::MoveArticleResponse> MoveArticle(
      const article::v1::MoveArticleRequest& request);

  // `section_id` empty: the front's.
  absl::StatusOr<article::v1::Curation> GetCuration(const std::string& section_id);
  absl::StatusOr<article::v1::PutCurationResponse> PutCuration(
      const article::v1::PutCurationRequest& request);

  absl::StatusOr<std::vector<article::v1::Section>> ListSections();
  absl::StatusOr<article::v1::PutSectionResponse> PutSection(const article::v1::PutSectionRequest& request);
  absl::StatusOr<article::v1::Author> GetAuthor(const std::string& author_id);
  absl::StatusOr<article::v1::PutAuthorResponse> PutAuthor(const article::v1::PutAuthorRequest& request);

  // The usable ones among up to 200 pictures.
  absl::StatusOr<std::vector<media::v1::Image>> BatchGetImages(const std::vector<std::string>& image_ids);
  absl::StatusOr<media::v1::UpdateImageResponse> UpdateImage(const media::v1::UpdateImageRequest& request);
  // Sends the file in pieces; never holds more than one.
  absl::StatusOr<media::v1::UploadImageResponse> UploadImage(const media::v1::UploadImageRequest::Info& info,
                                                             const std::filesystem::path& file);

  absl::StatusOr<page::v1::ExplainPageResponse> ExplainPage(const std::string& path);
  absl::StatusOr<page::v1::ListDependentsResponse> ListDependents(
      const page::v1::ListDependentsRequest& request);
  absl::StatusOr<page::v1::PurgePagesResponse> PurgePages(const page::v1::PurgePagesRequest& request);

 private:
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(const std::unique_ptr<Stub>& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, absl::Duration timeout);
  // Names the service in UNAVAILABLE.
  absl::Status Repeatedly(absl::string_view service, absl::Duration timeout,
                          const std::function<grpc::Status(grpc::ClientContext&)>& call) const;

  const Options options_;
  const std::string article_service_;  // as named in messages
  const std::string media_service_;
  const std::string gateway_service_;
  std::unique_ptr<article::v1::ArticleService::Stub> articles_;
  std::unique_ptr<article::v1::EditorialService::Stub> editorial_;
  std::unique_ptr<media::v1::MediaService::Stub> media_;
  std::unique_ptr<media::v1::LibraryService::Stub> library_;
  std::unique_ptr<page::v1::PageService::Stub> pages_;
  std::unique_ptr<page::v1::CacheService::Stub> cache_;
};

// An idempotency key made of what the request says (its own request_id left empty): the same request has the
// same key, so repeating one whose answer was lost changes nothing. `salt` keeps apart requests that are
// meant to be done twice.
std::string RequestId(const google::protobuf::Message& request, absl::string_view salt = "");

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_BACKENDS_H_
