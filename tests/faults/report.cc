#include "tests/faults/report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace broadsheet::faults {
namespace {

constexpr std::int64_t kDetailsOfAKind = 10;
constexpr std::size_t kDoubtfulDetails = 10'000;

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += absl::StrFormat("\\u%04x", c);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Which(const std::string& kind, const std::string& faults) {
  return absl::StrCat(kind, ", ", faults.empty() ? "none" : faults);
}

std::string CountsJson(const std::map<std::string, std::int64_t>& counts) {
  std::string json = "{";
  for (const auto& [name, count] : counts) {
    absl::StrAppend(&json, json.size() > 1 ? ", " : "", Quoted(name), ": ", count);
  }
  return json + "}";
}

std::string LatencyJson(std::vector<float> millis) {
  std::sort(millis.begin(), millis.end());
  const auto at = [&](double part) { return millis[static_cast<std::size_t>(part * (millis.size() - 1))]; };
  return absl::StrFormat("{\"count\": %d, \"median\": %.3f, \"p99\": %.3f, \"max\": %.3f}", millis.size(),
                         at(0.5), at(0.99), at(1));
}

}  // namespace

void Report::Count(const std::string& name) {
  std::lock_guard lock(mutex_);
  ++counts_[name];
}

std::int64_t Report::count(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto found = counts_.find(name);
  return found == counts_.end() ? 0 : found->second;
}

void Report::Took(const std::string& name, absl::Duration latency) {
  std::lock_guard lock(mutex_);
  millis_[name].push_back(static_cast<float>(absl::ToDoubleMilliseconds(latency)));
}

void Report::Violation(const std::string& kind, const std::string& faults, const std::string& detail) {
  std::lock_guard lock(mutex_);
  Add(Which(kind, faults), detail);
}

void Report::Add(const std::string& which, const std::string& detail) {
  if (++violations_[which] > kDetailsOfAKind) return;
  details_.push_back(absl::StrCat(which, ": ", detail));
}

void Report::ViolationUnlessStalled(const std::string& kind, const std::string& faults,
                                    const std::string& detail, std::int64_t begin, std::int64_t end) {
  std::lock_guard lock(mutex_);
  const bool kept = doubtful_.size() < kDoubtfulDetails;
  doubtful_.push_back({Which(kind, faults), kept ? detail : "", begin, end});
}

void Report::Settle(const Stalls& stalls, absl::Duration recovery) {
  std::lock_guard lock(mutex_);
  for (const Doubtful& doubtful : doubtful_) {
    if (stalls.Touch(doubtful.begin, doubtful.end, recovery)) {
      ++counts_["excused by a stall"];
    } else {
      Add(doubtful.which, doubtful.detail);
    }
  }
  doubtful_.clear();
}

std::int64_t Report::violations() const {
  std::lock_guard lock(mutex_);
  auto sum = static_cast<std::int64_t>(doubtful_.size());
  for (const auto& [kind, count] : violations_) sum += count;
  return sum;
}

std::string Report::ToJson() const {
  std::lock_guard lock(mutex_);
  std::string latencies, details;
  for (const auto& [name, millis] : millis_) {
    absl::StrAppend(&latencies, latencies.empty() ? "" : ", ", Quoted(name), ": ", LatencyJson(millis));
  }
  for (const std::string& detail : details_) {
    absl::StrAppend(&details, details.empty() ? "" : ", ", Quoted(detail));
  }
  return absl::StrCat("{\"counts\": ", CountsJson(counts_), ", \"latencies_ms\": {", latencies,
                      "}, \"violations\": ", CountsJson(violations_), ", \"details\": [", details, "]}");
}

}  // namespace broadsheet::faults
