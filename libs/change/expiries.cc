#include "libs/change/expiries.h"

#include <iterator>

namespace broadsheet::change {

void Expiries::Set(std::string_view subject, absl::Time end) {
  const auto [place, is_new] = ends_.try_emplace(std::string(subject), end);
  if (!is_new) {
    by_end_.erase({place->second, place->first});
    place->second = end;
  }
  by_end_.emplace(end, place->first);
  if (ends_.size() <= max_subjects_) return;
  const auto last = std::prev(by_end_.end());
  const auto longest = ends_.find(last->second);
  by_end_.erase(last);
  ends_.erase(longest);
}

void Expiries::Forget(std::string_view subject) {
  const auto found = ends_.find(subject);
  if (found == ends_.end()) return;
  by_end_.erase({found->second, found->first});
  ends_.erase(found);
}

void Expiries::Clear() {
  by_end_.clear();
  ends_.clear();
}

std::optional<absl::Time> Expiries::Find(std::string_view subject) const {
  const auto found = ends_.find(subject);
  return found == ends_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace broadsheet::change
