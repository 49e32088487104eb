#ifndef BROADSHEET_SERVICES_ARTICLE_EDITORIAL_SERVICE_H_
#define BROADSHEET_SERVICES_ARTICLE_EDITORIAL_SERVICE_H_

#include <cstdint>
#include <functional>
#include <semaphore>

#include "absl/time/time.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "services/article/article_store.h"
#include "services/article/clock.h"
#include "services/article/idempotent_write.h"

namespace broadsheet::article {

// Serves broadsheet.article.v1.EditorialService: the newsroom's side. Thread-safe. The store must outlive it.
//
// Every write is one edit of the store, which also keeps the answer under its request id; then the call
// waits, on its own thread, until no follower uses the older state.
class EditorialService final : public v1::EditorialService::Service {
 public:
  EditorialService(EditStore& store, WaitForFollowers wait_for_followers, Clock clock = absl::Now)
      : store_(store), wait_for_followers_(std::move(wait_for_followers)), clock_(std::move(clock)) {}

  // editorial_service.cc: writes to stories
  grpc::Status CreateArticle(grpc::ServerContext* context, const v1::CreateArticleRequest* request,
                             v1::CreateArticleResponse* response) override;
  grpc::Status UpdateArticle(grpc::ServerContext* context, const v1::UpdateArticleRequest* request,
                             v1::UpdateArticleResponse* response) override;
  grpc::Status PublishArticle(grpc::ServerContext* context, const v1::PublishArticleRequest* request,
                              v1::PublishArticleResponse* response) override;
  grpc::Status WithholdArticle(grpc::ServerContext* context, const v1::WithholdArticleRequest* request,
                               v1::WithholdArticleResponse* response) override;
  grpc::Status MoveArticle(grpc::ServerContext* context, const v1::MoveArticleRequest* request,
                           v1::MoveArticleResponse* response) override;
  grpc::Status AddCorrection(grpc::ServerContext* context, const v1::AddCorrectionRequest* request,
                             v1::AddCorrectionResponse* response) override;
  grpc::Status RestoreRevision(grpc::ServerContext* context, const v1::RestoreRevisionRequest* request,
                               v1::RestoreRevisionResponse* response) override;

  // import_articles.cc: many stories at a time
  grpc::Status ImportArticles(grpc::ServerContext* context, const v1::ImportArticlesRequest* request,
                              v1::ImportArticlesResponse* response) override;

  // editorial_paths.cc: paths for stories to come
  grpc::Status ReservePath(grpc::ServerContext* context, const v1::ReservePathRequest* request,
                           v1::ReservePathResponse* response) override;
  grpc::Status ReleasePath(grpc::ServerContext* context, const v1::ReleasePathRequest* request,
                           v1::ReleasePathResponse* response) override;

  // editorial_reads.cc
  grpc::Status GetDraft(grpc::ServerContext* context, const v1::GetDraftRequest* request,
                        v1::GetDraftResponse* response) override;
  grpc::Status ListDrafts(grpc::ServerContext* context, const v1::ListDraftsRequest* request,
                          v1::ListDraftsResponse* response) override;
  grpc::Status ListRevisions(grpc::ServerContext* context, const v1::ListRevisionsRequest* request,
                             v1::ListRevisionsResponse* response) override;
  grpc::Status GetRevision(grpc::ServerContext* context, const v1::GetRevisionRequest* request,
                           v1::GetRevisionResponse* response) override;
  grpc::Status DiffRevisions(grpc::ServerContext* context, const v1::DiffRevisionsRequest* request,
                             v1::DiffRevisionsResponse* response) override;

  // editorial_authors.cc: authors and sections
  grpc::Status PutAuthor(grpc::ServerContext* context, const v1::PutAuthorRequest* request,
                         v1::PutAuthorResponse* response) override;
  grpc::Status DeleteAuthor(grpc::ServerContext* context, const v1::DeleteAuthorRequest* request,
                            v1::DeleteAuthorResponse* response) override;
  grpc::Status PutSection(grpc::ServerContext* context, const v1::PutSectionRequest* request,
                          v1::PutSectionResponse* response) override;
  grpc::Status DeleteSection(grpc::ServerContext* context, const v1::DeleteSectionRequest* request,
                             v1::DeleteSectionResponse* response) override;

  // editorial_curation.cc: what is chosen for pages
  grpc::Status GetCuration(grpc::ServerContext* context, const v1::GetCurationRequest* request,
                           v1::GetCurationResponse* response) override;
  grpc::Status PutCuration(grpc::ServerContext* context, const v1::PutCurationRequest* request,
                           v1::PutCurationResponse* response) override;

 private:
  // Calls for imports that are worked on at a time: on SQLite as many as go into a commit, and as many again
  // that are made ready meanwhile.
  static constexpr int kImportsAtATime = 16;

  EditStore& store_;
  const WaitForFollowers wait_for_followers_;
  const Clock clock_;
  std::counting_semaphore<kImportsAtATime> imports_{kImportsAtATime};
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_EDITORIAL_SERVICE_H_
