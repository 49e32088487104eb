#include "services/article/edit_queue.h"

#include <algorithm>

namespace broadsheet::article {

absl::Status EditQueue::Run(absl::FunctionRef<absl::Status(EditTransaction&)> edit, EditKind kind) {
  PendingEdit pending{.edit = edit, .kind = kind, .result = absl::OkStatus()};
  std::unique_lock lock(mutex_);
  (kind == EditKind::kBulk ? bulk_ : ordinary_).push_back(&pending);
  queued_.notify_one();
  finished_.wait(lock, [&] { return pending.done; });
  return pending.result;
}

void EditQueue::TakeOrdinary(Batch& batch) {
  const auto count = std::min<std::ptrdiff_t>(std::ssize(ordinary_), options_.max_ordinary);
  batch.insert(batch.end(), ordinary_.begin(), ordinary_.begin() + count);
  ordinary_.erase(ordinary_.begin(), ordinary_.begin() + count);
}

void EditQueue::TakeBulk(Batch& batch) {
  batch.push_back(bulk_.front());
  bulk_.pop_front();
}

std::optional<EditQueue::Batch> EditQueue::Take(std::optional<std::chrono::milliseconds> patience) {
  std::unique_lock lock(mutex_);
  const auto called = [this] { return stopped_ || !IsEmpty(); };
  if (patience) {
    queued_.wait_for(lock, *patience, called);
  } else {
    queued_.wait(lock, called);
  }
  if (stopped_ && IsEmpty()) return std::nullopt;
  Batch batch;
  if (!bulk_.empty() && (ordinary_.empty() || passed_over_)) TakeBulk(batch);
  TakeOrdinary(batch);
  passed_over_ = !bulk_.empty() && !batch.empty() && batch.front()->kind != EditKind::kBulk;
  return batch;
}

bool EditQueue::TakeMore(Batch& batch) {
  if (batch.empty() || batch.back()->kind != EditKind::kBulk) return false;
  std::unique_lock lock(mutex_);
  const bool is_full = std::ssize(batch) >= options_.max_bulk;
  if (!is_full) queued_.wait_for(lock, options_.company, [this] { return stopped_ || !IsEmpty(); });
  const std::size_t before = batch.size();
  if (!ordinary_.empty()) {
    TakeOrdinary(batch);
  } else if (!is_full && !bulk_.empty()) {
    TakeBulk(batch);
  }
  return batch.size() > before;
}

void EditQueue::Finish(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    for (PendingEdit* edit : batch) edit->done = true;
  }
  finished_.notify_all();
}

std::size_t EditQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return ordinary_.size() + bulk_.size();
}

void EditQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  queued_.notify_all();
}

}  // namespace broadsheet::article
