#ifndef BROADSHEET_LIBS_TELEMETRY_LOG_H_
#define BROADSHEET_LIBS_TELEMETRY_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadsheet::telemetry {

enum class Severity { kDebug, kInfo, kWarning, kError };

// A field's value; text is not copied and must live until Log returns.
class LogValue {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a field is written as {"key", value}
  LogValue(std::string_view text) : value_(text) {}
  LogValue(const char* text) : value_(std::string_view(text)) {}
  LogValue(const std::string& text) : value_(std::string_view(text)) {}
  template <std::same_as<absl::string_view> T>  // a type of its own in Debian's Abseil
  requires(!std::same_as<T, std::string_view>) LogValue(T text)
      : value_(std::string_view(text.data(), text.size())) {}
  LogValue(bool value) : value_(value) {}
  LogValue(double value) : value_(value) {}
  template <std::signed_integral T>
  LogValue(T value) : value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogValue(T value) : value_(static_cast<std::uint64_t>(value)) {}
  // NOLINTEND(google-explicit-constructor)

 private:
  friend class LogLine;
  std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t> value_;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

struct LogOptions {
  std::string service;
  Severity minimum = Severity::kInfo;
  int file_descriptor = 2;  // must stay open; tests pass a pipe's
};

// Call once, early in main; before that lines carry no service.
void ConfigureLog(LogOptions options);

// Writes one line of JSON: timestamp (RFC 3339, UTC, microseconds), severity, service, message, then the
// fields. Always valid JSON: bytes that are not UTF-8 become U+FFFD, text beyond 8 KiB is cut. Lines of
// several threads never mix. Thread-safe, never throws, never fails; a line that cannot be written, or only
// later because nobody reads, is counted and lost: waits a tenth of a second at most. Use the key "trace_id"
// (see TraceContext) to tie a line to a request. No personal data.
void Log(Severity severity, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept;

// Lines lost because writing them failed.
std::uint64_t LostLogLines();

// For what can fail a thousand times a second: the first line of each key is written at once, later ones at
// most once per period, with the number left out since as "suppressed". Remembers at most 1,000 keys; beyond,
// they share one. Thread-safe.
class LimitedLog {
 public:
  explicit LimitedLog(absl::Duration period = absl::Seconds(10)) : period_(period) {}

  // Whether a line was written.
  bool Log(std::string_view key, Severity severity, std::string_view message,
           std::initializer_list<LogField> fields = {}) noexcept;

 private:
  struct State {
    absl::Time last_written = absl::InfinitePast();
    std::uint64_t suppressed = 0;
  };
  const absl::Duration period_;
  std::mutex mutex_;
  std::map<std::string, State, std::less<>> states_;
};

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_LOG_H_
