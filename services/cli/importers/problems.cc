#include "services/cli/importers/problems.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace broadsheet::cli {

std::string Describe(const Location& where, Severity severity, absl::string_view message) {
  std::string line = where.file;
  if (where.line > 0) absl::StrAppend(&line, ":", where.line);
  if (!line.empty()) line += ": ";
  if (severity == Severity::kWarning) line += "warning: ";
  return line + absl::StrReplaceAll(message, {{"\r\n", " "}, {"\n", " "}, {"\r", " "}});
}

int Problems::errors() const {
  std::lock_guard lock(mutex_);
  return errors_;
}

int Problems::warnings() const {
  std::lock_guard lock(mutex_);
  return warnings_;
}

void Problems::Add(const Location& where, Severity severity, absl::string_view message) {
  const std::string line = Describe(where, severity, message);
  std::lock_guard lock(mutex_);
  ++(severity == Severity::kError ? errors_ : warnings_);
  report_(line);
}

int EditDistance(absl::string_view a, absl::string_view b) {
  constexpr std::size_t kLongest = 100;
  if (a.size() > kLongest || b.size() > kLongest) return kLongest;
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

}  // namespace broadsheet::cli
