#include "services/media/upload_watch.h"

#include "absl/time/clock.h"

namespace broadsheet::media {

UploadWatch::UploadWatch(absl::Duration max_pause) : max_pause_(max_pause), thread_([this] { Run(); }) {}

UploadWatch::~UploadWatch() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void UploadWatch::Run() {
  const absl::Duration step = std::min(max_pause_ / 4, absl::Seconds(1));
  const absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), step)) CancelSilent();
}

void UploadWatch::CancelSilent() {
  const absl::Time since = absl::Now() - max_pause_;
  for (auto& [context, last] : last_progress_) {
    if (last < since) context->TryCancel();
  }
}

UploadWatch::Guard::Guard(UploadWatch& watch, grpc::ServerContext& context)
    : watch_(watch), context_(&context) {
  Progress();
}

UploadWatch::Guard::~Guard() {
  const absl::MutexLock lock(&watch_.mutex_);
  watch_.last_progress_.erase(context_);
}

void UploadWatch::Guard::Progress() {
  const absl::MutexLock lock(&watch_.mutex_);
  watch_.last_progress_[context_] = absl::Now();
}

}  // namespace broadsheet::media
