#include "services/recommendation/article_testing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/status.h"

namespace broadsheet::recommendation {

namespace article_v1 = article::v1;

FakeArticle::FakeArticle(const std::string& log_id, int port) : log_(log_id), port_(port) { Start(); }

FakeArticle::~FakeArticle() { Stop(); }

std::string FakeArticle::address() const { return absl::StrCat("127.0.0.1:", port_); }

void FakeArticle::Start() {
  change::PublisherOptions publisher;
  publisher.source = "article";
  publisher.restart_grace = absl::ZeroDuration();
  publisher_ = change::Publisher::Start(log_, publisher).value();
  rpc::ServerOptions options;
  options.port = port_;
  options.shutdown_grace = absl::Milliseconds(200);
  server_ = std::make_unique<test::GrpcServer>(std::vector<grpc::Service*>{this},
                                               std::vector<rpc::AsyncService*>{publisher_.get()}, options);
  port_ = server_->port();
}

void FakeArticle::Stop() {
  server_.reset();
  publisher_.reset();
}

std::int64_t FakeArticle::Publish(const TestStory& story) {
  std::int64_t position = 0;
  {
    const std::lock_guard lock(mutex_);
    stories_[story.id] = story.Article();
    position = log_.Append({"article/" + story.id, "list/latest"});
  }
  if (publisher_ != nullptr) publisher_->Notify(position);
  return position;
}

std::int64_t FakeArticle::Withdraw(const std::string& id) {
  std::int64_t position = 0;
  {
    const std::lock_guard lock(mutex_);
    stories_.erase(id);
    position = log_.Append({"article/" + id, "list/latest"}, change::v1::CHANGE_KIND_WITHDRAWN);
  }
  if (publisher_ != nullptr) publisher_->Notify(position);
  return position;
}

std::int64_t FakeArticle::PublishAuthor(const std::string& id) {
  const std::int64_t position = log_.Append({"author/" + id});
  if (publisher_ != nullptr) publisher_->Notify(position);
  return position;
}

void FakeArticle::ForgetLog() { log_.Trim(log_.Head().value()); }

void FakeArticle::AfterList(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  after_list_ = std::move(callback);
}

void FakeArticle::FailGet(const std::string& id, grpc::Status status) {
  const std::lock_guard lock(mutex_);
  failing_[id] = std::move(status);
}

void FakeArticle::LimitPage(int stories) {
  const std::lock_guard lock(mutex_);
  page_limit_ = stories;
}

int FakeArticle::lists() const {
  const std::lock_guard lock(mutex_);
  return lists_;
}

int FakeArticle::gets() const {
  const std::lock_guard lock(mutex_);
  return gets_;
}

change::v1::Snapshot FakeArticle::SnapshotLocked() const {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(log_.log_id());
  snapshot.set_position(log_.Head().value());
  return snapshot;
}

// The page token is the id that the next page begins after: the order is by id here.
grpc::Status FakeArticle::ListArticles(grpc::ServerContext* /*context*/,
                                       const article_v1::ListArticlesRequest* request,
                                       article_v1::ListArticlesResponse* response) {
  std::function<void()> after_list;
  {
    const std::lock_guard lock(mutex_);
    ++lists_;
    *response->mutable_snapshot() = SnapshotLocked();
    if (response->snapshot().position() < request->min_position()) {
      return {grpc::StatusCode::UNAVAILABLE, "not there yet"};
    }
    auto next = stories_.upper_bound(request->page_token());
    for (; next != stories_.end() && response->articles_size() < request->page_size(); ++next) {
      *response->add_articles() = next->second;
    }
    if (next != stories_.end()) response->set_next_page_token(response->articles().rbegin()->article_id());
    if (page_limit_ > 0 && response->articles_size() > page_limit_) {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the message is too large"};
    }
    after_list = after_list_;
  }
  if (after_list) after_list();
  return grpc::Status::OK;
}

grpc::Status FakeArticle::GetArticle(grpc::ServerContext* /*context*/,
                                     const article_v1::GetArticleRequest* request,
                                     article_v1::GetArticleResponse* response) {
  const std::lock_guard lock(mutex_);
  ++gets_;
  if (!failing_[request->article_id()].ok()) return failing_[request->article_id()];
  const change::v1::Snapshot snapshot = SnapshotLocked();
  if (snapshot.position() < request->min_position()) return {grpc::StatusCode::UNAVAILABLE, "not there yet"};
  const auto found = stories_.find(request->article_id());
  if (found == stories_.end()) {
    return rpc::ToGrpc(
        rpc::WithDetail(rpc::NotFound("ARTICLE_NOT_FOUND", "no such story is public"), snapshot));
  }
  *response->mutable_article() = found->second;
  *response->mutable_snapshot() = snapshot;
  return grpc::Status::OK;
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (absl::Now() < deadline) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return false;
}

}  // namespace broadsheet::recommendation
