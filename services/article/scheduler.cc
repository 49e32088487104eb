#include "services/article/scheduler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libs/telemetry/metrics.h"
#include "services/article/lifecycle.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

constexpr int kStoriesPerCommit = 50;
constexpr absl::Duration kPrunePeriod = absl::Minutes(1);

// Applies what is due to one story. Afterwards it is not due any more: a time that has passed with nothing
// left to do (an embargo that ended after the story's expiry, say) must not come up again before those behind
// it.
absl::Status AdvanceStory(EditTransaction& transaction, const std::string& article_id, absl::Time now,
                          int& changed) {
  absl::StatusOr<Story> story = LoadStory(transaction, article_id, 0);
  if (!story.ok()) return absl::IsNotFound(story.status()) ? absl::OkStatus() : story.status();
  Story before = *story;
  const int changed_before = changed;
  while (std::optional<Action> action = Advance(*story, now)) {
    absl::StatusOr<bool> committed = CommitStory(transaction, &before, *story, *action, now);
    if (!committed.ok()) return committed.status();
    before = *story;
    ++changed;
  }
  if (changed > changed_before) return absl::OkStatus();
  return transaction.SetNextEvent(article_id, NextEvent(*story, now));
}

}  // namespace

Scheduler::Scheduler(EditStore& store, Clock clock, absl::Duration period)
    : store_(store), clock_(std::move(clock)), period_(period), next_prune_(clock_()), listed_(next_prune_) {}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::Start() {
  thread_ = std::thread([this] { Loop(); });
}

absl::StatusOr<Scheduler::Progress> Scheduler::AdvanceTogether(const std::vector<DueStory>& stories,
                                                               absl::Time now) {
  static telemetry::Counter commits(
      "broadsheet_article_scheduled_commits_total",
      "Commits made because a time came: publications, ends of embargoes, expiries.");
  Progress progress;
  absl::Status written = store_.Write([&](EditTransaction& transaction) -> absl::Status {
    for (const DueStory& story : stories) {
      absl::Status advanced = AdvanceStory(transaction, story.article_id, now, progress.commits);
      if (!advanced.ok()) return advanced;
    }
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  commits.Increment(progress.commits);
  progress.any = true;  // see AdvanceStory; those that changed nothing are settled, too
  return progress;
}

absl::StatusOr<std::vector<DueStory>> Scheduler::ListDue(absl::Time now) {
  const std::lock_guard lock(retry_mutex_);
  // Those put off are among the first, having been due for long.
  const int limit = kStoriesPerCommit + static_cast<int>(retry_times_.size());
  absl::StatusOr<std::vector<DueStory>> due = store_.ListDue(now, limit);
  if (!due.ok()) return due;
  NoteDue(*due, now);
  std::erase_if(*due, [&](const DueStory& story) { return retry_times_.IsPutOff(story.article_id, now); });
  if (due->size() > kStoriesPerCommit) due->resize(kStoriesPerCommit);
  return due;
}

// With retry_mutex_ held.
void Scheduler::NoteDue(const std::vector<DueStory>& due, absl::Time now) {
  const std::lock_guard lock(mutex_);
  due_ = static_cast<int>(due.size());
  put_off_ = static_cast<int>(retry_times_.size());
  oldest_due_ = due.empty() ? std::nullopt : std::optional(due.front().at);
  listed_ = now;
}

Scheduler::State Scheduler::state() const {
  const absl::Time now = clock_();
  const std::lock_guard lock(mutex_);
  const absl::Duration unlisted = now - listed_;
  const absl::Duration late = oldest_due_ ? std::max(now - *oldest_due_, unlisted) : unlisted;
  return {.due = due_, .put_off = put_off_, .late = std::max(late, absl::ZeroDuration())};
}

absl::StatusOr<Scheduler::Progress> Scheduler::AdvanceEach(const std::vector<DueStory>& stories,
                                                           absl::Time now, absl::Status& error) {
  Progress total;
  bool unavailable = false;  // the story before failed like that
  for (const DueStory& story : stories) {
    absl::StatusOr<Progress> advanced = AdvanceTogether({story}, now);
    if (!advanced.ok()) {
      log_.Log(story.article_id, telemetry::Severity::kError, "a story that is due could not be committed",
               {{"article_id", story.article_id},
                {"due", absl::FormatTime(story.at)},
                {"error", advanced.status().ToString()}});
    }
    const std::lock_guard lock(retry_mutex_);
    if (advanced.ok()) {
      retry_times_.Forget(story.article_id);
      total.commits += advanced->commits;
      total.any = true;
      unavailable = false;
      continue;
    }
    error.Update(advanced.status());
    const bool again = std::exchange(unavailable, absl::IsUnavailable(advanced.status()));
    // A store that recovers must not find everything waiting for minutes.
    if (retry_times_.PutOff(story.article_id, now, !unavailable)) total.any = true;
    if (unavailable && again) return advanced.status();
  }
  return total;
}

absl::StatusOr<int> Scheduler::RunDue() {
  int total = 0;
  absl::Status error;
  while (!stopping()) {
    const absl::Time now = clock_();
    absl::StatusOr<std::vector<DueStory>> due = ListDue(now);
    if (!due.ok()) return due.status();
    if (due->empty()) break;
    absl::StatusOr<Progress> progress = AdvanceTogether(*due, now);
    if (!progress.ok()) progress = AdvanceEach(*due, now, error);
    if (!progress.ok()) return progress.status();
    total += progress->commits;
    if (!progress->any) break;  // the same ones would come up again
  }
  if (!error.ok()) return error;
  return total;
}

bool Scheduler::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Scheduler::Prune(absl::Time now) {
  if (now < next_prune_ && next_prune_ - now <= kPrunePeriod) return;
  const absl::StatusOr<bool> more = store_.Prune(now);
  next_prune_ = more.ok() && *more ? now : now + kPrunePeriod;
  if (more.ok()) return;
  log_.Log("/prune", telemetry::Severity::kWarning, "what is no longer needed could not be deleted",
           {{"error", more.status().ToString()}});
}

void Scheduler::Loop() {
  while (true) {
    if (absl::StatusOr<int> run = RunDue(); !run.ok()) {
      log_.Log("/run", telemetry::Severity::kWarning, "what is due could not be committed",
               {{"error", run.status().ToString()}});
    }
    Prune(clock_());
    std::unique_lock lock(mutex_);
    if (stop_requested_.wait_for(lock, absl::ToChronoMilliseconds(period_), [this] { return stopping_; }))
      return;
  }
}

}  // namespace broadsheet::article
