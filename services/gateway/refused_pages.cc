#include "services/gateway/refused_pages.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"

namespace broadsheet::gateway {

RefusedPages::RefusedPages(std::function<absl::Time()> now) : now_(std::move(now)) {}

bool RefusedPages::TakeLine(std::string_view what, std::string_view path, std::uint64_t& left_out) {
  const absl::Time now = now_();
  if (now - second_ >= absl::Seconds(1)) {
    second_ = now;
    written_.clear();
  }
  const bool may =
      written_.size() < kLinesPerSecond && written_.insert(std::string(what).append(path)).second;
  if (may) {
    left_out = std::exchange(left_out_, 0);
  } else {
    ++left_out_;
    ++never_written_;
  }
  return may;
}

void RefusedPages::Remember(const Refusal& refusal) {
  ++refused_;
  if (!refusal.known) {
    ++refused_unknown_;
    return;
  }
  Remembered remembered;
  const auto known = std::find_if(latest_.begin(), latest_.end(),
                                  [&](const Remembered& other) { return other.path == refusal.path; });
  if (known != latest_.end()) {
    remembered = std::move(*known);
    latest_.erase(known);
  }
  remembered.path = refusal.path;
  remembered.status = refusal.status;
  remembered.reason = refusal.reason;
  remembered.time = absl::Now();
  ++remembered.times;
  latest_.push_front(std::move(remembered));
  if (latest_.size() > kRemembered) latest_.pop_back();
}

void RefusedPages::NoteRefused(const Refusal& refusal) {
  std::uint64_t left_out = 0;
  {
    std::lock_guard lock(mutex_);
    Remember(refusal);
    if (!TakeLine("refused ", refusal.path, left_out)) return;
  }
  telemetry::Log(telemetry::Severity::kWarning, "a page was refused",
                 {{"path", refusal.path},
                  {"status", refusal.status},
                  {"reason", refusal.reason},
                  {"milliseconds", absl::ToDoubleMilliseconds(refusal.duration)},
                  {"trace_id", refusal.trace_id},
                  {"left_out", left_out}});
}

void RefusedPages::NoteFailed(std::string_view path, std::string_view reason, std::string_view trace_id) {
  std::uint64_t left_out = 0;
  {
    std::lock_guard lock(mutex_);
    if (!TakeLine("failed ", path, left_out)) return;
  }
  telemetry::Log(telemetry::Severity::kWarning, "a page could not be made anew",
                 {{"path", path}, {"reason", reason}, {"trace_id", trace_id}, {"left_out", left_out}});
}

std::vector<std::pair<std::string, std::string>> RefusedPages::StatusRows() const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> rows = {
      {"since the start",
       absl::StrCat(refused_, " refused, ", refused_unknown_,
                    " of them where no page is known; lines not in the log: ", never_written_)}};
  for (const Remembered& page : latest_) {
    rows.emplace_back(page.path,
                      absl::StrCat(page.status, " ", page.reason, " at ",
                                   absl::FormatTime(absl::RFC3339_sec, page.time, absl::UTCTimeZone()),
                                   page.times > 1 ? absl::StrCat(", ", page.times, " times") : ""));
  }
  return rows;
}

}  // namespace broadsheet::gateway
