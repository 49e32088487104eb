#ifndef BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVICE_H_
#define BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVICE_H_

#include <string>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "services/article/article_store.h"
#include "services/article/clock.h"

namespace broadsheet::article {

// Serves broadsheet.article.v1.ArticleService: published stories only, as PublicStore has nothing else.
// Thread-safe; holds no state of its own. The store must outlive it.
class ArticleService final : public v1::ArticleService::Service {
 public:
  // `token_key` signs page tokens, see EditStore::token_key.
  ArticleService(const PublicStore& store, std::string token_key, Clock clock = absl::Now)
      : store_(store), token_key_(std::move(token_key)), clock_(std::move(clock)) {}

  grpc::Status GetArticle(grpc::ServerContext* context, const v1::GetArticleRequest* request,
                          v1::GetArticleResponse* response) override;
  grpc::Status BatchGetArticles(grpc::ServerContext* context, const v1::BatchGetArticlesRequest* request,
                                v1::BatchGetArticlesResponse* response) override;
  grpc::Status ListArticles(grpc::ServerContext* context, const v1::ListArticlesRequest* request,
                            v1::ListArticlesResponse* response) override;
  grpc::Status GetAuthor(grpc::ServerContext* context, const v1::GetAuthorRequest* request,
                         v1::GetAuthorResponse* response) override;
  grpc::Status ListSections(grpc::ServerContext* context, const v1::ListSectionsRequest* request,
                            v1::ListSectionsResponse* response) override;

 private:
  const PublicStore& store_;
  const std::string token_key_;
  const Clock clock_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVICE_H_
