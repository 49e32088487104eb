#include "libs/telemetry/trace_context.h"

#include <algorithm>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::telemetry {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// 64 random bits in hexadecimal. Ids must be unlikely to meet, not hard to guess.
std::string RandomHalf() {
  static thread_local absl::BitGen generator;
  return absl::StrCat(absl::Hex(absl::Uniform<std::uint64_t>(absl::IntervalClosed, generator, 1, UINT64_MAX),
                                absl::kZeroPad16));
}

}  // namespace

TraceContext TraceContext::New(bool sampled) {
  return TraceContext(RandomHalf() + RandomHalf(), RandomHalf(), sampled);
}

std::optional<TraceContext> TraceContext::Parse(std::string_view traceparent) {
  // version "-" trace-id "-" parent-id "-" trace-flags; later versions may append "-…".
  constexpr std::size_t kLength = 2 + 1 + 32 + 1 + 16 + 1 + 2;
  if (traceparent.size() < kLength) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view span_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return std::nullopt;
  if (!IsLowerHex(version) || version == "ff" || !IsId(trace_id) || !IsId(span_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (traceparent.size() > kLength && (version == "00" || traceparent[kLength] != '-')) return std::nullopt;
  const char low = flags[1];
  const int bits = low <= '9' ? low - '0' : low - 'a' + 10;
  return TraceContext(std::string(trace_id), std::string(span_id), (bits & 1) != 0);
}

TraceContext TraceContext::FromHeader(std::string_view traceparent) {
  std::optional<TraceContext> parsed = Parse(traceparent);
  return parsed ? *std::move(parsed) : New();
}

TraceContext TraceContext::Child() const { return TraceContext(trace_id_, RandomHalf(), sampled_); }

std::string TraceContext::ToHeader() const {
  return absl::StrCat("00-", trace_id_, "-", span_id_, sampled_ ? "-01" : "-00");
}

}  // namespace broadsheet::telemetry
