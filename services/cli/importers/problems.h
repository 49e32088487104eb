#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_PROBLEMS_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_PROBLEMS_H_

#include <functional>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// A place in what is being imported.
struct Location {
  std::string file;  // as to be shown
  int line = 0;      // from 1; 0: the file as a whole
};

enum class Severity { kWarning, kError };

// "stories/x.md:12: heading level 5 is not allowed", "stories/x.md:7: warning: …". Always one line.
std::string Describe(const Location& where, Severity severity, absl::string_view message);

// Collects what is wrong with an edition: a sink that reports at once and counts. An error means that the
// thing it is about is not imported; a warning, that it is, though not to the letter. Thread-safe.
class Problems {
 public:
  // `report` gets each line as it is found, one call at a time; must not call back.
  explicit Problems(std::function<void(const std::string& line)> report) : report_(std::move(report)) {}

  void Error(const Location& where, absl::string_view message) { Add(where, Severity::kError, message); }
  void Warning(const Location& where, absl::string_view message) { Add(where, Severity::kWarning, message); }

  int errors() const;
  int warnings() const;

 private:
  void Add(const Location& where, Severity severity, absl::string_view message);

  const std::function<void(const std::string& line)> report_;
  mutable std::mutex mutex_;
  int errors_ = 0;
  int warnings_ = 0;
};

// " (did you mean \"headline\"?)" for the candidate nearest to `word`, or nothing if none is near.
template <typename Candidates>
std::string DidYouMean(absl::string_view word, const Candidates& candidates);

// Number of single-byte edits between two words; words over 100 bytes count as far apart.
int EditDistance(absl::string_view a, absl::string_view b);

template <typename Candidates>
std::string DidYouMean(absl::string_view word, const Candidates& candidates) {
  absl::string_view best;
  int best_distance = static_cast<int>(word.size()) / 3 + 2;  // further is not near
  for (absl::string_view candidate : candidates) {
    const int distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? "" : " (did you mean \"" + std::string(best) + "\"?)";
}

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_PROBLEMS_H_
