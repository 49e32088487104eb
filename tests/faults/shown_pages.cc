#include "tests/faults/shown_pages.h"

#include <utility>

namespace broadsheet::faults {

void ShownPages::Note(const std::string& path, ShownPage page) {
  std::lock_guard lock(mutex_);
  by_path_[path] = std::move(page);
}

std::optional<ShownPage> ShownPages::Find(const std::string& path, int life) const {
  std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end() || found->second.life != life) return std::nullopt;
  return found->second;
}

}  // namespace broadsheet::faults
