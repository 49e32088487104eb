#ifndef BROADSHEET_SERVICES_GATEWAY_FAKE_ARTICLE_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_FAKE_ARTICLE_TESTING_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "libs/testing/memory_change_log.h"
#include "services/gateway/fake_server_testing.h"

namespace broadsheet::gateway {

class FakeArticle final : public article::v1::ArticleService::Service {
 public:
  FakeArticle();

  // Writes; each returns when no follower uses the older state any more, like those of the real service.
  // Of a story without a time of first publication one in September 2026 is made up.
  std::int64_t Publish(article::v1::Article story);
  std::int64_t Publish(const std::string& id,
                       const std::string& headline);  // at /city/ID, in the section "city"
  std::int64_t Withdraw(const std::string& id, article::v1::Withdrawal withdrawal = {});
  std::int64_t Move(const std::string& id, const std::string& path);
  // The section "city" is called that.
  std::int64_t RenameCity(const std::string& name);
  // What stands first on the section's page, or on the front if that is empty.
  std::int64_t Curate(const std::string& section_id, std::vector<std::string> ids);

  Faults faults;
  RestartableServer& server() { return *server_; }
  test::MemoryChangeLog& log() { return *log_; }
  // From now on more than `most` stories are too long for one answer of BatchGetArticles, and those among
  // `alone` each by itself.
  void LimitBatches(int most, std::set<std::string> alone = {});
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

  std::int64_t Commit(const std::vector<std::string>& tags, change::v1::ChangeKind kind,
                      const article::v1::Article& story = {});
  // What a replica answers that has not reached the position.
  grpc::Status CheckReached(std::int64_t min_position) const;
  // With mutex_ held.
  bool IsTooLong(const article::v1::BatchGetArticlesRequest& request) const;
  Story* FindByPath(const std::string& path);
  void SetSnapshot(change::v1::Snapshot* snapshot) const;
  absl::Status Absent(const Story* story) const;
  void Hold();

  std::unique_ptr<test::MemoryChangeLog> log_;
  mutable std::mutex mutex_;
  std::map<std::string, Story> stories_;                       // guarded by mutex_
  std::map<std::string, std::vector<std::string>> curations_;  // guarded by mutex_; by section
  std::string city_ = "City";                                  // guarded by mutex_; its name
  int most_in_a_batch_ = 100;                                  // guarded by mutex_
  std::set<std::string> too_long_alone_;                       // guarded by mutex_
  std::condition_variable held_changed_;
  bool holding_ = false;  // guarded by mutex_
  int held_ = 0;          // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FAKE_ARTICLE_TESTING_H_
