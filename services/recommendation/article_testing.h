#ifndef BROADSHEET_SERVICES_RECOMMENDATION_ARTICLE_TESTING_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_ARTICLE_TESTING_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "libs/change/publisher.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"
#include "services/recommendation/story_testing.h"

namespace broadsheet::recommendation {

// Stands in for article in tests: keeps published stories and their change log in memory, and serves both as
// article does, over real gRPC. Thread-safe.
class FakeArticle final : public article::v1::ArticleService::Service {
 public:
  explicit FakeArticle(const std::string& log_id = "log-1", int port = 0);
  ~FakeArticle() override;

  int port() const { return port_; }
  std::string address() const;

  // Each returns the position of its change.
  std::int64_t Publish(const TestStory& story);
  std::int64_t Withdraw(const std::string& id);
  // A change that is not of a story.
  std::int64_t PublishAuthor(const std::string& id);
  // As if done while nobody looked: a position without a trace of it in the log.
  void ForgetLog();

  // The server goes, data and log stay; Start brings it back at the same port.
  void Stop();
  void Start();

  // Called with the answer of ListArticles ready, before it is sent.
  void AfterList(std::function<void()> callback);
  // Calls of GetArticle for `id` fail with this; OK: no more.
  void FailGet(const std::string& id, grpc::Status status);
  // Pages of more than this many stories are too large to send; 0: none is.
  void LimitPage(int stories);

  int lists() const;
  int gets() const;

 private:
  grpc::Status ListArticles(grpc::ServerContext* context, const article::v1::ListArticlesRequest* request,
                            article::v1::ListArticlesResponse* response) override;
  grpc::Status GetArticle(grpc::ServerContext* context, const article::v1::GetArticleRequest* request,
                          article::v1::GetArticleResponse* response) override;
  change::v1::Snapshot SnapshotLocked() const;

  mutable std::mutex mutex_;
  std::map<std::string, article::v1::Article> stories_;
  test::MemoryChangeLog log_;
  std::function<void()> after_list_;
  std::map<std::string, grpc::Status> failing_;
  int page_limit_ = 0;
  int lists_ = 0;
  int gets_ = 0;
  int port_ = 0;
  std::unique_ptr<change::Publisher> publisher_;
  std::unique_ptr<test::GrpcServer> server_;
};

// Waits for what follows soon by itself.
bool Eventually(const std::function<bool()>& condition);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_ARTICLE_TESTING_H_
