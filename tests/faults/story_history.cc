#include "tests/faults/story_history.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace broadsheet::faults {

std::string ToString(StoryState state) {
  switch (state.kind) {
    case StoryState::Kind::kAbsent:
      return "absent";
    case StoryState::Kind::kPublished:
      return absl::StrCat("revision ", state.revision);
    case StoryState::Kind::kWithheld:
      return "withheld";
  }
  return "";
}

StoryHistory::StoryHistory(int max_writes) : writes_(max_writes + 1), write_of_revision_(max_writes + 2) {}

int StoryHistory::Begin(StoryState state) {
  const int write = begun_.load(std::memory_order_relaxed) + 1;
  if (write >= static_cast<int>(writes_.size())) std::abort();
  writes_[write].state.store(state, std::memory_order_relaxed);
  if (state.kind == StoryState::Kind::kPublished) {
    write_of_revision_[state.revision].store(write, std::memory_order_relaxed);
    revisions_.store(state.revision, std::memory_order_release);
  }
  // Sequentially consistent: the request that follows must not overtake it.
  begun_.store(write);
  return write;
}

void StoryHistory::Return(std::int64_t at_nanos) {
  const int write = begun_.load(std::memory_order_relaxed);
  writes_[write].returned_at.store(at_nanos, std::memory_order_relaxed);
  returned_.store(write);
}

StoryState StoryHistory::state(int write) const {
  return writes_[write].state.load(std::memory_order_relaxed);
}

std::int64_t StoryHistory::returned_at(int write) const {
  return writes_[write].returned_at.load(std::memory_order_relaxed);
}

int StoryHistory::WriteOf(int revision) const {
  if (revision < 1 || revision > revisions_.load(std::memory_order_acquire)) return -1;
  return write_of_revision_[revision].load(std::memory_order_relaxed);
}

}  // namespace broadsheet::faults
