#include "services/recommendation/indexer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "libs/rpc/context.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/recommendation/pending_changes.h"

namespace broadsheet::recommendation {
namespace {

constexpr absl::string_view kStoryTag = "article/";
constexpr absl::Duration kLifetime = absl::Hours(24 * 365 * 20);  // of the context that ends with the indexer
// To fetch one story while article answers others; after that it is left out, so that it holds up no other.
constexpr int kMaxAttempts = 8;

struct Metrics {
  telemetry::Counter loads{"broadsheet_recommendation_loads_total", "Times that every story was loaded."};
  telemetry::Counter fetches{"broadsheet_recommendation_fetches_total", "Changed stories fetched."};
  telemetry::Counter skipped{"broadsheet_recommendation_skipped_stories_total",
                             "Changed stories left out because they cannot be read."};
  telemetry::Counter failures{"broadsheet_recommendation_article_failures_total",
                              "Calls to article that failed."};
};

class FollowingIndexer final : public Indexer {
 public:
  FollowingIndexer(const std::shared_ptr<grpc::Channel>& channel, std::shared_ptr<grpc::Channel> streaming,
                   IndexerOptions options, StoryIndex& index)
      : options_(std::move(options)),
        index_(index),
        stub_(article::v1::ArticleService::NewStub(channel)),
        page_size_(options_.page_size),
        worker_([this] { Work(); }),
        follower_(change::Follower::Start(std::move(streaming), FollowerOptions())) {}

  ~FollowingIndexer() override {
    follower_.reset();
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    lifetime_.Cancel();
    wake_.notify_all();
    worker_.join();
  }

  State state() const override;
  Position position() const override {
    const std::lock_guard lock(mutex_);
    return {caught_up_, log_id_, position_};
  }

 private:
  change::FollowerOptions FollowerOptions();
  // On the follower's thread.
  void OnReset(const std::string& log_id, std::int64_t floor);
  void OnChange(const change::v1::Change& change);

  // On the worker's.
  void Work();
  void Pause();  // longer each time until `pause_` is reset; ends early when there is something else to do
  absl::Status Load(std::int64_t load, std::int64_t at_least);
  absl::StatusOr<article::v1::ListArticlesResponse> FetchPage(const std::string& token,
                                                              std::int64_t at_least);
  absl::Status Fetch(const PendingChanges::Change& change);
  // Whether a story that cannot be fetched is to be tried again.
  bool TryAgain(const PendingChanges::Change& change, const absl::Status& status);
  void NoteFailure(absl::string_view doing, const absl::Status& status);
  void UpdatePosition();  // with the mutex held

  const IndexerOptions options_;
  StoryIndex& index_;
  const std::unique_ptr<article::v1::ArticleService::Stub> stub_;
  const rpc::Context lifetime_{kLifetime};
  Metrics metrics_;
  telemetry::LimitedLog limited_log_;
  absl::Duration pause_;  // worker only
  int page_size_;         // worker only
  std::string failing_;   // worker only: the story that could not be fetched the last time
  int attempts_ = 0;      // worker only: to fetch it

  // Also held while the index is written, so that what was read before a change never lands after it.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string log_id_;
  std::int64_t seen_ = 0;         // newest change known of
  std::int64_t load_wanted_ = 0;  // +1 whenever everything has to be loaded
  std::int64_t load_done_ = 0;    // the newest of those that is
  bool caught_up_ = false;
  std::int64_t position_ = 0;  // everything up to this change is in the index
  PendingChanges pending_;
  std::int64_t loads_ = 0;
  std::int64_t fetches_ = 0;
  std::int64_t failures_ = 0;
  std::string last_error_;

  std::thread worker_;
  std::unique_ptr<change::Follower> follower_;
};

change::FollowerOptions FollowingIndexer::FollowerOptions() {
  change::FollowerOptions options;
  options.source = "article";
  options.follower_id = options_.follower_id;
  options.history = 0;
  options.take_lease = false;
  options.max_tags = 1;  // it judges nothing
  options.max_withdrawn = 1;
  options.on_reset = [this](const std::string& log_id, std::int64_t floor) { OnReset(log_id, floor); };
  options.on_change = [this](const change::v1::Change& change) { OnChange(change); };
  return options;
}

void FollowingIndexer::OnReset(const std::string& log_id, std::int64_t floor) {
  const std::lock_guard lock(mutex_);
  if (log_id != log_id_) {
    // Nothing known of other data says what is published in these.
    index_.Clear();
    caught_up_ = false;
    position_ = 0;
    log_id_ = log_id;
  }
  seen_ = floor;
  pending_.Clear();
  ++load_wanted_;
  wake_.notify_all();
}

void FollowingIndexer::OnChange(const change::v1::Change& change) {
  const std::lock_guard lock(mutex_);
  seen_ = change.position();
  absl::string_view subject = change.subject();
  if (!absl::ConsumePrefix(&subject, kStoryTag)) return UpdatePosition();
  const std::string article_id(subject);
  if (change.kind() == change::v1::CHANGE_KIND_WITHDRAWN) index_.Remove(article_id);
  pending_.Note(article_id, change.position());
  if (pending_.size() > options_.max_pending) {
    pending_.Clear();
    ++load_wanted_;
  }
  wake_.notify_all();
}

void FollowingIndexer::UpdatePosition() {
  if (load_done_ != load_wanted_) return;
  const std::optional<PendingChanges::Change> first = pending_.First();
  position_ = std::max(position_, first ? first->position - 1 : seen_);
}

void FollowingIndexer::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || load_done_ != load_wanted_ || !pending_.empty(); });
    if (stopping_) return;
    const std::int64_t load = load_wanted_;
    const bool loading = load_done_ != load;
    const std::int64_t at_least = seen_;
    const std::optional<PendingChanges::Change> change = pending_.First();
    lock.unlock();
    const absl::Status done = loading ? Load(load, at_least) : Fetch(*change);
    if (done.ok()) {
      pause_ = absl::ZeroDuration();
    } else {
      NoteFailure(loading ? "load every story" : "fetch a story", done);
      Pause();
    }
    lock.lock();
  }
}

void FollowingIndexer::Pause() {
  pause_ = std::clamp(2 * pause_, options_.min_pause, options_.max_pause);
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, absl::ToChronoMicroseconds(pause_),
                 [this, load = load_wanted_] { return stopping_ || load_wanted_ != load; });
}

// Everything published, page by page, each as it was at `at_least` or later. What changes meanwhile is
// pending and wins over what a page read before. Stories that no page has are not published any more.
absl::Status FollowingIndexer::Load(std::int64_t load, std::int64_t at_least) {
  std::unordered_set<std::string> listed;
  std::string token;
  do {
    absl::StatusOr<article::v1::ListArticlesResponse> page = FetchPage(token, at_least);
    if (!page.ok()) return page.status();
    for (const article::v1::Article& article : page->articles()) {
      Story story = ReadStory(article);
      const std::lock_guard lock(mutex_);
      if (stopping_ || load_wanted_ != load) return absl::OkStatus();  // begun anew, from another position
      if (page->snapshot().log_id() != log_id_) return absl::UnavailableError("article's data was replaced");
      listed.insert(story.id);
      if (!pending_.ChangedAfter(story.id, page->snapshot().position())) index_.Put(std::move(story));
    }
    token = page->next_page_token();
  } while (!token.empty());
  const std::lock_guard lock(mutex_);
  if (load_wanted_ != load) return absl::OkStatus();
  index_.RetainOnly(listed);
  load_done_ = load;
  caught_up_ = true;
  UpdatePosition();
  ++loads_;
  metrics_.loads.Increment();
  telemetry::Log(telemetry::Severity::kInfo, "loaded every published story",
                 {{"stories", listed.size()}, {"log_id", log_id_}, {"position", at_least}});
  return absl::OkStatus();
}

absl::StatusOr<article::v1::ListArticlesResponse> FollowingIndexer::FetchPage(const std::string& token,
                                                                              std::int64_t at_least) {
  article::v1::ListArticlesRequest request;
  request.set_page_token(token);
  request.set_view(article::v1::ARTICLE_VIEW_FULL);
  request.set_min_position(at_least);
  while (true) {
    request.set_page_size(page_size_);
    const rpc::Context context = lifetime_.WithTimeout(options_.page_timeout);
    grpc::ClientContext call;
    context.Prepare(call);
    const rpc::CallRegistration registration(context, call);
    article::v1::ListArticlesResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->ListArticles(&call, request, &response));
    if (status.ok()) {
      page_size_ = std::min(2 * page_size_, options_.page_size);
      return response;
    }
    // Very long stories: too much for one message.
    if (!absl::IsResourceExhausted(status) || page_size_ == 1) return status;
    page_size_ = std::max(1, page_size_ / 4);
  }
}

absl::Status FollowingIndexer::Fetch(const PendingChanges::Change& change) {
  article::v1::GetArticleRequest request;
  request.set_article_id(change.article_id);
  request.set_view(article::v1::ARTICLE_VIEW_FULL);
  request.set_min_position(change.position);
  const rpc::Context context = lifetime_.WithTimeout(options_.story_timeout);
  grpc::ClientContext call;
  context.Prepare(call);
  const rpc::CallRegistration registration(context, call);
  article::v1::GetArticleResponse response;
  const absl::Status status = rpc::FromGrpc(stub_->GetArticle(&call, request, &response));
  if (!status.ok() && TryAgain(change, status)) return status;
  Story story;
  if (status.ok()) story = ReadStory(response.article());

  const std::lock_guard lock(mutex_);
  if (status.ok() && response.snapshot().log_id() != log_id_) {
    return absl::UnavailableError("article's data was replaced");
  }
  // Changed once more, or everything is to be loaded: what was read is of no use.
  if (!pending_.Contains(change.article_id) || pending_.ChangedAfter(change.article_id, change.position)) {
    return absl::OkStatus();
  }
  if (status.ok()) {
    index_.Put(std::move(story));
  } else {
    index_.Remove(change.article_id);
  }
  pending_.Done(change.article_id, change.position);
  UpdatePosition();
  ++fetches_;
  metrics_.fetches.Increment();
  return absl::OkStatus();
}

bool FollowingIndexer::TryAgain(const PendingChanges::Change& change, const absl::Status& status) {
  if (absl::IsNotFound(status)) return false;
  if (absl::IsUnavailable(status) || absl::IsCancelled(status)) return true;
  if (failing_ != change.article_id) attempts_ = 0;
  failing_ = change.article_id;
  if (++attempts_ < kMaxAttempts) return true;
  metrics_.skipped.Increment();
  limited_log_.Log("skipped", telemetry::Severity::kError, "left out a story that cannot be read",
                   {{"article_id", change.article_id}, {"error", status.ToString()}});
  return false;
}

void FollowingIndexer::NoteFailure(absl::string_view doing, const absl::Status& status) {
  metrics_.failures.Increment();
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  ++failures_;
  last_error_ = status.ToString();
  limited_log_.Log("failed", telemetry::Severity::kWarning, "article did not answer; trying again",
                   {{"doing", doing}, {"error", last_error_}});
}

Indexer::State FollowingIndexer::state() const {
  State state;
  state.follower = follower_->state();
  const std::lock_guard lock(mutex_);
  state.position = {caught_up_, log_id_, position_};
  state.pending = pending_.size();
  state.loads = loads_;
  state.fetches = fetches_;
  state.failures = failures_;
  state.last_error = last_error_;
  return state;
}

}  // namespace

std::unique_ptr<Indexer> Indexer::Start(const std::shared_ptr<grpc::Channel>& channel,
                                        std::shared_ptr<grpc::Channel> streaming, IndexerOptions options,
                                        StoryIndex& index) {
  return std::make_unique<FollowingIndexer>(channel, std::move(streaming), std::move(options), index);
}

}  // namespace broadsheet::recommendation
