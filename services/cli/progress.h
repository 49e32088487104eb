#ifndef BROADSHEET_SERVICES_CLI_PROGRESS_H_
#define BROADSHEET_SERVICES_CLI_PROGRESS_H_

#include <cstdio>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

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
  // Starts, once, what goes on beside the stages, for as long as there is input; shown when no stage is: how
  // much is done, how fast, and as its bar how much of the input has been read.
  void BeginStream(absl::string_view name);
  void AdvanceStream();
  // How much of all input has been read, 0 to 1.
  void SetRead(double fraction);
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
  int total_ = 0;  // 0: there is no stage
  int done_ = 0;
  std::string stream_;  // empty: none
  int streamed_ = 0;
  double read_ = 0;
  absl::Time begun_;
  absl::Time drawn_ = absl::InfinitePast();
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_PROGRESS_H_
