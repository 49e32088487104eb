#include "services/article/scheduler.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/telemetry/log.h"
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
    : store_(store), clock_(std::move(clock)), period_(period) {}

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

absl::StatusOr<int> Scheduler::AdvanceTogether(const std::vector<DueStory>& stories, absl::Time now) {
  static telemetry::Counter commits(
      "broadsheet_article_scheduled_commits_total",
      "Commits made because a time came: publications, ends of embargoes, expiries.");
  int changed = 0;
  absl::Status written = store_.Write([&](EditTransaction& transaction) -> absl::Status {
    for (const DueStory& story : stories) {
      absl::Status advanced = AdvanceStory(transaction, story.article_id, now, changed);
      if (!advanced.ok()) return advanced;
    }
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  commits.Increment(changed);
  return changed;
}

absl::StatusOr<std::vector<DueStory>> Scheduler::ListDue(absl::Time now) {
  const std::lock_guard lock(retry_mutex_);
  // Those put off are among the first, having been due for long.
  const int limit = kStoriesPerCommit + static_cast<int>(retry_times_.size());
  absl::StatusOr<std::vector<DueStory>> due = store_.ListDue(now, limit);
  if (!due.ok()) return due;
  std::erase_if(*due, [&](const DueStory& story) { return retry_times_.IsPutOff(story.article_id, now); });
  if (due->size() > kStoriesPerCommit) due->resize(kStoriesPerCommit);
  return due;
}

absl::StatusOr<int> Scheduler::AdvanceEach(const std::vector<DueStory>& stories, absl::Time now,
                                           absl::Status& error) {
  int total = 0;
  bool unavailable = false;  // the story before failed like that
  for (const DueStory& story : stories) {
    absl::StatusOr<int> changed = AdvanceTogether({story}, now);
    const std::lock_guard lock(retry_mutex_);
    if (changed.ok()) {
      retry_times_.Forget(story.article_id);
      total += *changed;
      unavailable = false;
      continue;
    }
    error.Update(changed.status());
    const bool again = std::exchange(unavailable, absl::IsUnavailable(changed.status()));
    // A store that recovers must not find everything waiting for minutes.
    retry_times_.PutOff(story.article_id, now, !unavailable);
    if (unavailable && again) return changed.status();
  }
  return total;
}

absl::StatusOr<int> Scheduler::RunDue() {
  int total = 0;
  absl::Status error;
  while (true) {
    const absl::Time now = clock_();
    absl::StatusOr<std::vector<DueStory>> due = ListDue(now);
    if (!due.ok()) return due.status();
    if (due->empty()) break;
    absl::StatusOr<int> changed = AdvanceTogether(*due, now);
    if (!changed.ok()) {
      changed = AdvanceEach(*due, now, error);
      if (!changed.ok()) return changed.status();
    } else if (*changed == 0) {
      break;  // another scheduler was faster
    }
    total += *changed;
  }
  if (!error.ok()) return error;
  return total;
}

void Scheduler::Loop() {
  telemetry::LimitedLog log;
  absl::Time next_prune = clock_();
  while (true) {
    if (absl::StatusOr<int> run = RunDue(); !run.ok()) {
      log.Log("scheduler", telemetry::Severity::kWarning, "what is due could not be committed",
              {{"error", run.status().ToString()}});
    }
    if (const absl::Time now = clock_(); now >= next_prune || next_prune - now > kPrunePeriod) {
      absl::StatusOr<bool> more = store_.Prune(now);
      next_prune = more.ok() && *more ? now : now + kPrunePeriod;
    }
    std::unique_lock lock(mutex_);
    if (stop_requested_.wait_for(lock, absl::ToChronoMilliseconds(period_), [this] { return stopping_; }))
      return;
  }
}

}  // namespace broadsheet::article
