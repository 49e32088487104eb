#include "services/cli/progress.h"

#include "absl/strings/str_format.h"

namespace broadsheet::cli {

namespace {

constexpr int kBarWidth = 30;

void Write(std::FILE* out, absl::string_view text) { std::fwrite(text.data(), 1, text.size(), out); }

}  // namespace

void Progress::Begin(absl::string_view stage, int total) {
  std::lock_guard lock(mutex_);
  Erase();
  stage_ = std::string(stage);
  total_ = total;
  done_ = 0;
  Draw();
}

void Progress::Advance() {
  std::lock_guard lock(mutex_);
  ++done_;
  Draw();
}

void Progress::End() {
  std::lock_guard lock(mutex_);
  Erase();
  total_ = 0;
}

void Progress::Line(absl::string_view line) {
  std::lock_guard lock(mutex_);
  Erase();
  Write(out_, absl::StrFormat("%s\n", line));
  Draw();
}

void Progress::Draw() {
  if (!is_terminal_ || total_ == 0) return;
  const int filled = static_cast<int>(static_cast<long>(kBarWidth) * done_ / total_);
  Write(out_, absl::StrFormat("\r%-9s [%s%s] %d of %d", stage_, std::string(filled, '#'),
                              std::string(kBarWidth - filled, '.'), done_, total_));
  std::fflush(out_);
}

void Progress::Erase() {
  if (is_terminal_ && total_ > 0) Write(out_, "\r\033[K");
  std::fflush(out_);
}

}  // namespace broadsheet::cli
