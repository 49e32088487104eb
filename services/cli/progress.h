#ifndef BROADSHEET_SERVICES_CLI_PROGRESS_H_
#define BROADSHEET_SERVICES_CLI_PROGRESS_H_

#include <cstdio>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// Tells a person how far work has come. On a terminal: a bar that is redrawn in place, with lines appearing
// above it. Elsewhere: only the lines. Thread-safe.
class Progress {
 public:
  // `out` must stay open.
  Progress(std::FILE* out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}
  ~Progress() { End(); }

  // Starts a stage of `total` steps; ends the one before.
  void Begin(absl::string_view stage, int total);
  void Advance();
  void End();

  // Writes one line.
  void Line(absl::string_view line);

 private:
  void Draw();
  void Erase();

  std::FILE* const out_;
  const bool is_terminal_;
  std::mutex mutex_;
  std::string stage_;
  int total_ = 0;
  int done_ = 0;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_PROGRESS_H_
