#include "services/gateway/purges.h"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <utility>

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxRemembered = 16;  // purges that have ended; pages are made in seconds
constexpr std::size_t kMaxPaths = 10'000;   // of one purge

}  // namespace

Purges::Moment Purges::now() const {
  std::shared_lock lock(mutex_);
  return now_;
}

bool Purges::KeepUnlessPurged(const std::string& path, Moment moment, absl::FunctionRef<void()> keep) const {
  std::shared_lock lock(mutex_);
  if (Concern(path, moment)) return false;
  keep();
  return true;
}

Purges::Moment Purges::Begin(std::set<std::string> paths) {
  std::lock_guard lock(mutex_);
  Purge& purge = purges_.emplace_back();
  purge.begun = ++now_;
  purge.of_every_path = paths.size() > kMaxPaths;
  if (!purge.of_every_path) purge.paths = std::move(paths);
  return purge.begun;
}

Purges::Moment Purges::BeginAll() {
  std::lock_guard lock(mutex_);
  purges_.push_back({.begun = ++now_, .of_every_path = true});
  return now_;
}

void Purges::End(Moment moment) {
  std::lock_guard lock(mutex_);
  for (Purge& purge : purges_) {
    if (purge.begun == moment) purge.ended = ++now_;
  }
  while (purges_.size() > kMaxRemembered && purges_.front().ended > 0) {
    forgotten_ = std::max(forgotten_, purges_.front().ended);
    purges_.pop_front();
  }
}

bool Purges::Concern(const std::string& path, Moment since) const {
  if (since < forgotten_) return true;
  return std::any_of(purges_.begin(), purges_.end(), [&](const Purge& purge) {
    if (purge.ended > 0 && purge.ended <= since) return false;
    return purge.of_every_path || purge.paths.contains(path);
  });
}

}  // namespace broadsheet::gateway
