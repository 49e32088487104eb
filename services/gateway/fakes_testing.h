#ifndef BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "libs/change/publisher.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"

// The services behind the gateway, in this process but served over real gRPC and followed over real change
// streams, so that a test can let them fail in every way.
namespace broadsheet::gateway {

enum class Fault {
  kNone,
  kUnavailable,  // every call fails at once
  kHang,         // no call is answered until the fault is over
  kGarbage,      // calls are answered with nonsense
};

// Lets calls fail, and counts them. Thread-safe.
class Faults {
 public:
  void Set(Fault fault);
  Fault current() const;
  // At the begin of each handler: what to answer instead, or OK to go on.
  grpc::Status Enter(grpc::ServerContext& context, const std::string& method);
  int calls(const std::string& method) const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Fault fault_ = Fault::kNone;
  std::map<std::string, int> calls_;
};

// A server that can be stopped and started again at the same port, with its change log if it has one.
class RestartableServer {
 public:
  RestartableServer(std::vector<grpc::Service*> services, std::string source, const change::ChangeLog* log);
  ~RestartableServer();

  void Start();
  void StartWith(const change::ChangeLog& log) {
    log_ = &log;
    Start();
  }
  void Stop();  // like a kill: streams end, connections are refused, leases are not given back
  std::string address() const;
  // Waits for the followers, as a write does.
  change::v1::Propagation Announce(std::int64_t position);

 private:
  const std::vector<grpc::Service*> services_;
  const std::string source_;
  const change::ChangeLog* log_;
  const int port_;
  std::unique_ptr<change::Publisher> publisher_;
  std::unique_ptr<test::GrpcServer> server_;
};

class FakeArticle final : public article::v1::ArticleService::Service {
 public:
  FakeArticle();

  // Writes; each returns when no follower uses the older state any more, like those of the real service.
  std::int64_t Publish(article::v1::Article story);
  std::int64_t Publish(const std::string& id,
                       const std::string& headline);  // at /city/ID, in the section "city"
  std::int64_t Withdraw(const std::string& id, article::v1::Withdrawal withdrawal = {});
  std::int64_t Move(const std::string& id, const std::string& path);

  Faults faults;
  RestartableServer& server() { return *server_; }
  test::MemoryChangeLog& log() { return *log_; }
  // As if the data had been restored from a backup: the same stories, another log.
  void ReplaceLog(const std::string& log_id);

  // From now on GetArticle reads, then waits with its answer until Release.
  void HoldAnswers();
  void Release();
  void WaitUntilHolding(int calls);

  grpc::Status GetArticle(grpc::ServerContext* context, const article::v1::GetArticleRequest* request,
                          article::v1::GetArticleResponse* response) override;
  grpc::Status BatchGetArticles(grpc::ServerContext* context,
                                const article::v1::BatchGetArticlesRequest* request,
                                article::v1::BatchGetArticlesResponse* response) override;
  grpc::Status ListArticles(grpc::ServerContext* context, const article::v1::ListArticlesRequest* request,
                            article::v1::ListArticlesResponse* response) override;
  grpc::Status GetAuthor(grpc::ServerContext* context, const article::v1::GetAuthorRequest* request,
                         article::v1::GetAuthorResponse* response) override;
  grpc::Status ListSections(grpc::ServerContext* context, const article::v1::ListSectionsRequest* request,
                            article::v1::ListSectionsResponse* response) override;

 private:
  struct Story {
    article::v1::Article article;
    bool withdrawn = false;
    article::v1::Withdrawal withdrawal;
    std::vector<std::string> old_paths;
    int order = 0;
  };

  std::int64_t Commit(const std::vector<std::string>& tags, change::v1::ChangeKind kind);
  Story* FindByPath(const std::string& path);
  void SetSnapshot(change::v1::Snapshot* snapshot) const;
  absl::Status Absent(const Story* story) const;
  void Hold();

  std::unique_ptr<test::MemoryChangeLog> log_;
  mutable std::mutex mutex_;
  std::map<std::string, Story> stories_;  // guarded by mutex_
  std::condition_variable held_changed_;
  bool holding_ = false;  // guarded by mutex_
  int held_ = 0;          // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

// Has every picture it is asked for, except those that were withheld.
class FakeMedia final : public media::v1::MediaService::Service {
 public:
  FakeMedia();

  std::int64_t SetCaption(const std::string& id, const std::string& caption);
  std::int64_t Withhold(const std::string& id);

  Faults faults;
  RestartableServer& server() { return *server_; }

  grpc::Status BatchGetImages(grpc::ServerContext* context, const media::v1::BatchGetImagesRequest* request,
                              media::v1::BatchGetImagesResponse* response) override;

 private:
  std::int64_t Commit(const std::string& id, change::v1::ChangeKind kind);

  test::MemoryChangeLog log_{"media-log"};
  mutable std::mutex mutex_;
  std::map<std::string, std::string> captions_;  // guarded by mutex_
  std::map<std::string, bool> withheld_;         // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

// Recommends what it is told to.
class FakeRecommendation final : public recommendation::v1::RecommendationService::Service {
 public:
  FakeRecommendation();

  void Recommend(std::vector<std::string> ids);
  void SetMostRead(std::vector<std::string> ids);

  Faults faults;
  RestartableServer& server() { return *server_; }

  grpc::Status ListRelated(grpc::ServerContext* context,
                           const recommendation::v1::ListRelatedRequest* request,
                           recommendation::v1::ListRelatedResponse* response) override;
  grpc::Status ListMostRead(grpc::ServerContext* context,
                            const recommendation::v1::ListMostReadRequest* request,
                            recommendation::v1::ListMostReadResponse* response) override;

 private:
  std::mutex mutex_;
  std::vector<std::string> related_;    // guarded by mutex_
  std::vector<std::string> most_read_;  // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_
