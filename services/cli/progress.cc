#include "services/cli/progress.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace broadsheet::cli {

namespace {

constexpr int kBarWidth = 30;
constexpr absl::Duration kRedrawn = absl::Milliseconds(50);  // while work goes on; more often nobody sees

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

void Progress::BeginStream(absl::string_view name) {
  std::lock_guard lock(mutex_);
  if (!stream_.empty()) return;
  Erase();
  stream_ = std::string(name);
  begun_ = absl::Now();
  Draw();
}

void Progress::SetRead(double fraction) {
  std::lock_guard lock(mutex_);
  read_ = std::clamp(fraction, 0.0, 1.0);
}

void Progress::Advance() {
  std::lock_guard lock(mutex_);
  ++done_;
  if (done_ == total_ || absl::Now() - drawn_ >= kRedrawn) Draw();
}

void Progress::AdvanceStream() {
  std::lock_guard lock(mutex_);
  ++streamed_;
  if (is_terminal_ && absl::Now() - drawn_ >= kRedrawn) Draw();
}

void Progress::End() {
  std::lock_guard lock(mutex_);
  Erase();
  total_ = 0;
  stream_.clear();
}

void Progress::Line(absl::string_view line) {
  std::lock_guard lock(mutex_);
  Erase();
  Write(out_, absl::StrFormat("%s\n", line));
  Draw();
}

void Progress::Draw() {
  if (!is_terminal_ || (total_ == 0 && stream_.empty())) return;
  const bool in_stage = total_ > 0 && (done_ < total_ || stream_.empty());
  const double part = in_stage ? static_cast<double>(done_) / total_ : read_;
  const int filled = static_cast<int>(kBarWidth * std::min(part, 1.0));
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  drawn_ = absl::Now();
  if (in_stage) {
    Write(out_, absl::StrFormat("\r%-9s [%s] %d of %d", stage_, bar, done_, total_));
  } else {
    const double seconds = std::max(absl::ToDoubleSeconds(drawn_ - begun_), 0.001);
    Write(out_, absl::StrFormat("\r%-9s [%s] %d done, %.0f a second ", stream_, bar, streamed_,
                                streamed_ / seconds));
  }
  std::fflush(out_);
}

void Progress::Erase() {
  if (is_terminal_ && (total_ > 0 || !stream_.empty())) Write(out_, "\r\033[K");
  std::fflush(out_);
}

}  // namespace broadsheet::cli
