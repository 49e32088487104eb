#include "services/gateway/fake_article_testing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"

namespace broadsheet::gateway {
namespace {

article::v1::Author AuthorNamed(const std::string& id) {
  article::v1::Author author;
  author.set_author_id(id);
  author.set_name(absl::StrCat("Author ", id));
  author.set_bio(absl::StrCat("What ", id, " writes about."));
  return author;
}

article::v1::Section SectionNamed(const std::string& id) {
  article::v1::Section section;
  section.set_section_id(id);
  section.set_name(id == "city" ? "City" : "Harbour");
  return section;
}

bool IsWithin(const article::v1::ListArticlesRequest& request, std::int64_t published) {
  return (!request.has_published_since() || published >= request.published_since().seconds()) &&
         (!request.has_published_before() || published < request.published_before().seconds());
}

}  // namespace

FakeArticle::FakeArticle() : log_(std::make_unique<test::MemoryChangeLog>("article-log")) {
  server_ = std::make_unique<RestartableServer>(std::vector<grpc::Service*>{this}, "article", log_.get());
}

void FakeArticle::ReplaceLog(const std::string& log_id) {
  server_->Stop();
  std::lock_guard lock(mutex_);
  log_ = std::make_unique<test::MemoryChangeLog>(log_id);
  server_->StartWith(*log_);
}

std::int64_t FakeArticle::Commit(const std::vector<std::string>& tags, change::v1::ChangeKind kind,
                                 const article::v1::Article& story) {
  change::v1::Change change;
  change.set_subject(tags.front());
  change.mutable_tags()->Assign(tags.begin(), tags.end());
  change.set_kind(kind);
  if (story.has_expires_at()) *change.mutable_expires_at() = story.expires_at();
  return log_->Append(std::move(change));
}

std::int64_t FakeArticle::Publish(article::v1::Article story) {
  std::int64_t position = 0;
  {
    std::lock_guard lock(mutex_);
    const bool known = stories_.contains(story.article_id()) && !stories_[story.article_id()].withdrawn;
    Story& kept = stories_[story.article_id()];
    std::vector<std::string> tags = {absl::StrCat("article/", story.article_id()),
                                     absl::StrCat("path", story.path())};
    if (!known) {
      tags.push_back("list/latest");
      tags.push_back(absl::StrCat("list/section/", story.content().section_id()));
      for (const std::string& author : story.content().author_ids()) {
        tags.push_back(absl::StrCat("list/author/", author));
      }
      kept.order = static_cast<int>(stories_.size());
    }
    story.set_pub_status(article::v1::PUB_STATUS_USABLE);
    story.set_revision(kept.article.revision() + 1);
    if (!story.has_first_published_at())
      story.mutable_first_published_at()->set_seconds(1'790'000'000 + kept.order);
    *story.mutable_version_created_at() = story.first_published_at();
    kept.article = std::move(story);
    kept.withdrawn = false;
    position = Commit(tags, change::v1::CHANGE_KIND_PUBLISHED, kept.article);
  }
  server_->Announce(position);
  return position;
}

std::int64_t FakeArticle::Publish(const std::string& id, const std::string& headline) {
  article::v1::Article story;
  {
    std::lock_guard lock(mutex_);
    if (auto known = stories_.find(id); known != stories_.end()) story = known->second.article;
  }
  if (story.article_id().empty()) {
    story.set_article_id(id);
    story.set_path(absl::StrCat("/city/", id));
    story.mutable_content()->set_section_id("city");
    story.mutable_content()->add_author_ids("jo");
    story.mutable_content()->set_standfirst(absl::StrCat("Standfirst of ", id, "."));
    story.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text("Body.");
  }
  story.mutable_content()->set_headline(headline);
  return Publish(std::move(story));
}

std::int64_t FakeArticle::Withdraw(const std::string& id, article::v1::Withdrawal withdrawal) {
  std::int64_t position = 0;
  {
    std::lock_guard lock(mutex_);
    Story& story = stories_[id];
    story.withdrawn = true;
    story.withdrawal = std::move(withdrawal);
    std::vector<std::string> tags = {absl::StrCat("article/", id), absl::StrCat("path", story.article.path()),
                                     "list/latest",
                                     absl::StrCat("list/section/", story.article.content().section_id())};
    for (const std::string& author : story.article.content().author_ids()) {
      tags.push_back(absl::StrCat("list/author/", author));
    }
    position = Commit(tags, change::v1::CHANGE_KIND_WITHDRAWN);
  }
  server_->Announce(position);
  return position;
}

std::int64_t FakeArticle::Move(const std::string& id, const std::string& path) {
  std::int64_t position = 0;
  {
    std::lock_guard lock(mutex_);
    Story& story = stories_[id];
    story.old_paths.push_back(story.article.path());
    story.article.set_path(path);
    position = Commit({absl::StrCat("article/", id), absl::StrCat("path", story.old_paths.back()),
                       absl::StrCat("path", path), "list/latest"},
                      change::v1::CHANGE_KIND_PUBLISHED);
  }
  server_->Announce(position);
  return position;
}

std::int64_t FakeArticle::RenameCity(const std::string& name) {
  std::int64_t position = 0;
  {
    std::lock_guard lock(mutex_);
    city_ = name;
    position = Commit({"section/city", "list/sections"}, change::v1::CHANGE_KIND_PUBLISHED);
  }
  server_->Announce(position);
  return position;
}

std::int64_t FakeArticle::Curate(const std::string& section_id, std::vector<std::string> ids) {
  std::int64_t position = 0;
  {
    std::lock_guard lock(mutex_);
    curations_[section_id] = std::move(ids);
    position = Commit({section_id.empty() ? "list/curated" : absl::StrCat("list/curated/", section_id)},
                      change::v1::CHANGE_KIND_PUBLISHED);
  }
  server_->Announce(position);
  return position;
}

void FakeArticle::LimitBatches(int most, std::set<std::string> alone) {
  std::lock_guard lock(mutex_);
  most_in_a_batch_ = most;
  too_long_alone_ = std::move(alone);
}

void FakeArticle::HoldAnswers() {
  std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeArticle::Release() {
  std::lock_guard lock(mutex_);
  holding_ = false;
  held_changed_.notify_all();
}

void FakeArticle::WaitUntilHolding(int calls) {
  std::unique_lock lock(mutex_);
  held_changed_.wait(lock, [&] { return held_ >= calls; });
}

void FakeArticle::Hold() {
  std::unique_lock lock(mutex_);
  if (!holding_) return;
  ++held_;
  held_changed_.notify_all();
  held_changed_.wait(lock, [&] { return !holding_; });
  --held_;
}

grpc::Status FakeArticle::CheckReached(std::int64_t min_position) const {
  std::lock_guard lock(mutex_);
  if (*log_->Head() >= min_position) return grpc::Status::OK;
  return {grpc::StatusCode::UNAVAILABLE, "the change log has not reached the position"};
}

bool FakeArticle::IsTooLong(const article::v1::BatchGetArticlesRequest& request) const {
  return request.article_ids_size() > most_in_a_batch_ ||
         std::any_of(request.article_ids().begin(), request.article_ids().end(),
                     [this](const std::string& id) { return too_long_alone_.contains(id); });
}

FakeArticle::Story* FakeArticle::FindByPath(const std::string& path) {
  for (auto& [id, story] : stories_) {
    const bool former =
        std::find(story.old_paths.begin(), story.old_paths.end(), path) != story.old_paths.end();
    if (story.article.path() == path || former) return &story;
  }
  return nullptr;
}

void FakeArticle::SetSnapshot(change::v1::Snapshot* snapshot) const {
  snapshot->set_log_id(log_->log_id());
  snapshot->set_position(*log_->Head());
}

absl::Status FakeArticle::Absent(const Story* story) const {
  change::v1::Snapshot snapshot;
  SetSnapshot(&snapshot);
  if (story == nullptr) return rpc::WithDetail(rpc::NotFound("ARTICLE_NOT_FOUND", "no such story"), snapshot);
  absl::Status withdrawn = rpc::WithDetail(
      rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn", {{"article_id", story->article.article_id()}}),
      snapshot);
  return rpc::WithDetail(std::move(withdrawn), story->withdrawal);
}

grpc::Status FakeArticle::GetArticle(grpc::ServerContext* context,
                                     const article::v1::GetArticleRequest* request,
                                     article::v1::GetArticleResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "GetArticle"); !fault.ok()) return fault;
  if (grpc::Status reached = CheckReached(request->min_position()); !reached.ok()) return reached;
  if (faults.current() == Fault::kGarbage) {
    response->mutable_article()->set_article_id("../../etc/passwd");
    response->mutable_article()->mutable_content()->set_headline("<script>");
    return grpc::Status::OK;
  }
  absl::Status absent;
  {
    std::lock_guard lock(mutex_);
    const Story* story = FindByPath(request->path());
    if (story == nullptr || story->withdrawn) {
      absent = Absent(story);
    } else {
      *response->mutable_article() = story->article;
      for (const std::string& id : story->article.content().author_ids())
        *response->add_authors() = AuthorNamed(id);
      *response->mutable_section() = SectionNamed(story->article.content().section_id());
      SetSnapshot(response->mutable_snapshot());
    }
  }
  Hold();
  return rpc::ToGrpc(absent);
}

grpc::Status FakeArticle::BatchGetArticles(grpc::ServerContext* context,
                                           const article::v1::BatchGetArticlesRequest* request,
                                           article::v1::BatchGetArticlesResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "BatchGetArticles"); !fault.ok()) return fault;
  if (grpc::Status reached = CheckReached(request->min_position()); !reached.ok()) return reached;
  if (faults.current() == Fault::kGarbage) return grpc::Status::OK;
  if (request->article_ids_size() < 1 || request->article_ids_size() > 100)
    return {grpc::StatusCode::INVALID_ARGUMENT, "must be 1 to 100"};
  std::lock_guard lock(mutex_);
  if (IsTooLong(*request)) {
    return rpc::ToGrpc(
        rpc::ErrorInfo(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE", "ask for fewer"));
  }
  for (const std::string& id : request->article_ids()) {
    auto found = stories_.find(id);
    if (found == stories_.end() || found->second.withdrawn) continue;
    *response->add_articles() = found->second.article;
    response->mutable_articles()->rbegin()->mutable_content()->clear_body();
  }
  SetSnapshot(response->mutable_snapshot());
  return grpc::Status::OK;
}

grpc::Status FakeArticle::ListArticles(grpc::ServerContext* context,
                                       const article::v1::ListArticlesRequest* request,
                                       article::v1::ListArticlesResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "ListArticles"); !fault.ok()) return fault;
  if (grpc::Status reached = CheckReached(request->min_position()); !reached.ok()) return reached;
  if (faults.current() == Fault::kGarbage) return grpc::Status::OK;
  std::lock_guard lock(mutex_);
  std::vector<const Story*> stories;
  for (const auto& [id, story] : stories_) {
    const article::v1::ArticleContent& content = story.article.content();
    const bool by_author = std::find(content.author_ids().begin(), content.author_ids().end(),
                                     request->author_id()) != content.author_ids().end();
    if (!IsWithin(*request, story.article.first_published_at().seconds())) continue;
    if (story.withdrawn || (!request->section_id().empty() && content.section_id() != request->section_id()))
      continue;
    if (request->author_id().empty() || by_author) stories.push_back(&story);
  }
  std::sort(stories.begin(), stories.end(),
            [](const Story* a, const Story* b) { return a->order > b->order; });
  int skip = 0;
  if (!absl::SimpleAtoi(request->page_token(), &skip)) skip = 0;
  for (const Story*& story : stories) {
    if (skip-- > 0) continue;
    if (response->articles_size() == request->page_size()) {
      response->set_next_page_token(absl::StrCat(&story - stories.data()));
      break;
    }
    *response->add_articles() = story->article;
    response->mutable_articles()->rbegin()->mutable_content()->clear_body();
  }
  if (request->with_curated()) {
    for (const std::string& id : curations_[request->section_id()]) {
      auto found = stories_.find(id);
      if (found == stories_.end() || found->second.withdrawn) continue;
      *response->add_curated() = found->second.article;
      response->mutable_curated()->rbegin()->mutable_content()->clear_body();
    }
  }
  SetSnapshot(response->mutable_snapshot());
  return grpc::Status::OK;
}

grpc::Status FakeArticle::GetAuthor(grpc::ServerContext* context,
                                    const article::v1::GetAuthorRequest* request,
                                    article::v1::GetAuthorResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "GetAuthor"); !fault.ok()) return fault;
  if (grpc::Status reached = CheckReached(request->min_position()); !reached.ok()) return reached;
  if (faults.current() == Fault::kGarbage) return grpc::Status::OK;
  std::lock_guard lock(mutex_);
  if (request->author_id() != "jo") {
    change::v1::Snapshot snapshot;
    SetSnapshot(&snapshot);
    return rpc::ToGrpc(rpc::WithDetail(rpc::NotFound("AUTHOR_NOT_FOUND", "no such author"), snapshot));
  }
  *response->mutable_author() = AuthorNamed(request->author_id());
  SetSnapshot(response->mutable_snapshot());
  return grpc::Status::OK;
}

grpc::Status FakeArticle::ListSections(grpc::ServerContext* context,
                                       const article::v1::ListSectionsRequest* request,
                                       article::v1::ListSectionsResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "ListSections"); !fault.ok()) return fault;
  if (grpc::Status reached = CheckReached(request->min_position()); !reached.ok()) return reached;
  if (faults.current() == Fault::kGarbage) return grpc::Status::OK;
  std::lock_guard lock(mutex_);
  *response->add_sections() = SectionNamed("city");
  response->mutable_sections(0)->set_name(city_);
  *response->add_sections() = SectionNamed("harbour");
  SetSnapshot(response->mutable_snapshot());
  return grpc::Status::OK;
}

}  // namespace broadsheet::gateway
