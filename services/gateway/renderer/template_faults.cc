#include "services/gateway/renderer/template_faults.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace broadsheet::gateway {

void TemplateFaults::Add(const absl::Status& status) {
  if (status.ok()) return;
  if (empty()) code_ = status.code();
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    if (std::find(lines_.begin(), lines_.end(), line) != lines_.end()) continue;
    more_ = lines_.size() == kMost;
    if (more_) return;
    lines_.emplace_back(line);
  }
}

absl::Status TemplateFaults::status() const {
  return {code_, absl::StrCat(absl::StrJoin(lines_, "\n"),
                              more_ ? "\nthere are more, which are told when these are mended" : "")};
}

std::ptrdiff_t LineAt(absl::string_view text, std::size_t at) {
  const absl::string_view before = text.substr(0, at);
  return 1 + std::count(before.begin(), before.end(), '\n');
}

}  // namespace broadsheet::gateway
