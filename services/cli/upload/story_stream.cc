#include "services/cli/upload/story_stream.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

// As many as the service takes: the fewer calls and commits, the less work. Few enough to be held several
// times over on both sides.
constexpr std::size_t kStoriesPerCall = 500;
// Each call has twice as many as the one before: soon there is work.
constexpr std::size_t kStoriesOfFirstCall = 50;
constexpr std::size_t kBytesPerCall = 4 << 20;
constexpr std::size_t kCallsWaiting = 1;

std::string RandomRun() {
  std::random_device random;
  return absl::StrCat("import-", absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

v1::ImportState StateOf(Intent intent) {
  switch (intent) {
    case Intent::kDraft:
      return v1::IMPORT_STATE_DRAFT;
    case Intent::kPublish:
      return v1::IMPORT_STATE_USABLE;
    case Intent::kWithhold:
      return v1::IMPORT_STATE_WITHHELD;
    case Intent::kCancel:
      return v1::IMPORT_STATE_CANCELED;
  }
  return v1::IMPORT_STATE_UNSPECIFIED;
}

// Takes the content out of `story`.
v1::ArticleImport ToRequest(ImportedArticle& story) {
  v1::ArticleImport request;
  request.set_article_id(story.article_id);
  request.set_state(StateOf(story.intent));
  if (story.only_withdraw) return request;
  *request.mutable_content() = std::move(story.content);
  request.set_ed_note(std::move(story.ed_note));
  request.set_path(story.path);
  if (story.embargoed_until) *request.mutable_embargoed_until() = ToTimestamp(*story.embargoed_until);
  if (story.expires_at) *request.mutable_expires_at() = ToTimestamp(*story.expires_at);
  if (story.published) *request.mutable_published_at() = ToTimestamp(*story.published);
  for (v1::Correction& correction : story.corrections) *request.add_corrections() = std::move(correction);
  return request;
}

// Whether all that can be said is that the newsroom does not answer.
bool IsOutOfReach(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsUnimplemented(status);
}

}  // namespace

StoryStream::StoryStream(Backends& backends, int calls, OnAnswer on_answer)
    : backends_(backends),
      on_answer_(std::move(on_answer)),
      run_(RandomRun()),
      stories_per_call_(kStoriesOfFirstCall) {
  for (int i = 0; i < calls; ++i) threads_.emplace_back([this] { Run(); });
}

StoryStream::~StoryStream() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void StoryStream::Add(ImportedArticle story) {
  v1::ArticleImport request = ToRequest(story);
  const std::size_t bytes = request.ByteSizeLong();
  if (!filling_.stories.empty() && filling_.bytes + bytes > kBytesPerCall) Enqueue();
  filling_.bytes += bytes;
  *filling_.request.add_articles() = std::move(request);
  filling_.stories.push_back(std::move(story));
  if (filling_.stories.size() >= stories_per_call_) Enqueue();
}

void StoryStream::Enqueue() {
  filling_.request.set_request_id(absl::StrCat(run_, "-", ++enqueued_));
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < kCallsWaiting || !status_.ok(); });
    if (status_.ok()) waiting_.push_back(std::move(filling_));
  }
  changed_.notify_all();
  filling_ = Batch();
  stories_per_call_ = std::min(2 * stories_per_call_, kStoriesPerCall);
}

void StoryStream::Finish() {
  if (!filling_.stories.empty()) Enqueue();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && in_flight_ == 0; });
}

absl::Status StoryStream::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void StoryStream::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    ++in_flight_;
    lock.unlock();
    changed_.notify_all();
    Send(std::move(batch));
    lock.lock();
    --in_flight_;
    changed_.notify_all();
  }
}

void StoryStream::Send(Batch batch) {
  const absl::StatusOr<v1::ImportArticlesResponse> response = backends_.ImportArticles(batch.request);
  if (response.ok() && static_cast<std::size_t>(response->articles_size()) == batch.stories.size()) {
    for (std::size_t i = 0; i < batch.stories.size(); ++i)
      on_answer_(batch.stories[i], response->articles(static_cast<int>(i)));
    return;
  }
  const absl::Status failure = response.ok()
                                   ? absl::InternalError("the article service did not answer for each story")
                                   : response.status();
  if (IsOutOfReach(failure)) {
    const std::lock_guard lock(mutex_);
    if (status_.ok()) status_ = failure;
    waiting_.clear();
  } else if (batch.stories.size() == 1) {
    on_answer_(batch.stories[0], failure);
  } else {
    SendOneByOne(std::move(batch));
  }
}

// What no call for many can do, one for each may: all but the story that is to blame.
void StoryStream::SendOneByOne(Batch batch) {
  for (std::size_t i = 0; i < batch.stories.size() && status().ok(); ++i) {
    Batch one;
    one.request.set_request_id(absl::StrCat(batch.request.request_id(), "-", i));
    one.request.add_articles()->Swap(batch.request.mutable_articles(static_cast<int>(i)));
    one.stories.push_back(std::move(batch.stories[i]));
    Send(std::move(one));
  }
}

}  // namespace broadsheet::cli
