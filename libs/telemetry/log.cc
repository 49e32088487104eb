#include "libs/telemetry/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace broadsheet::telemetry {
namespace {

constexpr std::size_t kMaxTextBytes = 8 * 1024;
constexpr std::size_t kMaxLimitedKeys = 1'000;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::array<std::string_view, 4> kSeverities = {"DEBUG", "INFO", "WARNING", "ERROR"};

// Replaced as a whole and never freed: a line may be written while the process ends.
std::atomic<const LogOptions*> current_options{nullptr};
std::atomic<std::uint64_t> lost_lines{0};

const LogOptions& Options() {
  static const auto* const kDefaults = new LogOptions();
  const LogOptions* options = current_options.load(std::memory_order_acquire);
  return options != nullptr ? *options : *kDefaults;
}

// The length of the well-formed UTF-8 sequence at the front of `text`; 0 when there is none.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and code points beyond U+10FFFF all show in the second byte.
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
      (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

bool IsReserved(std::string_view key) {
  return key == "timestamp" || key == "severity" || key == "service" || key == "message";
}

}  // namespace

// Builds one line of JSON.
class LogLine {
 public:
  void Add(std::string_view key, const LogValue& value) {
    text_ += text_.empty() ? '{' : ',';
    AddText(key);
    text_ += ':';
    std::visit([this](const auto& one) { AddValue(one); }, value.value_);
  }

  const std::string& Finish() {
    text_ += "}\n";
    return text_;
  }

 private:
  void AddValue(std::string_view value) { AddText(value); }
  void AddValue(bool value) { text_ += value ? "true" : "false"; }
  void AddValue(std::int64_t value) { text_ += std::to_string(value); }
  void AddValue(std::uint64_t value) { text_ += std::to_string(value); }
  void AddValue(double value) {
    if (!std::isfinite(value)) {  // JSON has no such numbers
      text_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      return;
    }
    std::array<char, 32> digits;
    const std::to_chars_result end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text_.append(digits.data(), end.ptr);
  }

  void AddText(std::string_view text) {
    text_ += '"';
    for (std::size_t used = 0; !text.empty() && used < kMaxTextBytes;) {
      const std::size_t length = SequenceLength(text);
      if (length == 0) {
        text_ += kReplacement;
      } else if (length == 1) {
        AddAscii(text.front());
      } else {
        text_ += text.substr(0, length);
      }
      const std::size_t taken = length == 0 ? 1 : length;
      used += taken;
      text.remove_prefix(taken);
    }
    if (!text.empty()) text_ += "…";
    text_ += '"';
  }

  void AddAscii(char c) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (c == '\n') {
      text_ += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      text_ += "\\u00";
      text_ += kHex[static_cast<unsigned char>(c) >> 4];
      text_ += kHex[c & 15];
    } else {
      text_ += c;
    }
  }

  std::string text_;
};

namespace {

// Writes a line, in pieces that a pipe which is writable takes without blocking. Where nobody reads the log
// the first line waits a little, those behind it not at all: nothing that logs may stand still for it.
bool WriteAll(int file_descriptor, std::string_view text) {
  constexpr int kPatienceMilliseconds = 100;
  static std::mutex mutex;  // lines do not mix, and nobody takes the room that another one has found
  static bool stuck = false;
  const std::lock_guard lock(mutex);
  while (!text.empty()) {
    pollfd writable = {.fd = file_descriptor, .events = POLLOUT, .revents = 0};
    const int found = poll(&writable, 1, stuck ? 0 : kPatienceMilliseconds);
    if (found < 0 && errno == EINTR) continue;
    stuck = found == 0;
    if (found <= 0) return false;
    const ssize_t written = write(file_descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void WriteLine(Severity severity, std::string_view message, std::initializer_list<LogField> fields,
               std::uint64_t suppressed) {
  const LogOptions& options = Options();
  if (severity < options.minimum) return;
  LogLine line;
  const std::string timestamp = absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line.Add("timestamp", timestamp);
  line.Add("severity", kSeverities[static_cast<std::size_t>(severity)]);
  if (!options.service.empty()) line.Add("service", options.service);
  line.Add("message", message);
  for (const LogField& field : fields) {
    if (IsReserved(field.key)) {
      line.Add(std::string(field.key) + "_", field.value);
    } else {
      line.Add(field.key, field.value);
    }
  }
  if (suppressed > 0) line.Add("suppressed", suppressed);
  if (!WriteAll(options.file_descriptor, line.Finish())) lost_lines.fetch_add(1, std::memory_order_relaxed);
}

void WriteLineSafely(Severity severity, std::string_view message, std::initializer_list<LogField> fields,
                     std::uint64_t suppressed) noexcept {
  const int saved_errno = errno;
  try {
    WriteLine(severity, message, fields, suppressed);
  } catch (...) {
    lost_lines.fetch_add(1, std::memory_order_relaxed);
  }
  errno = saved_errno;
}

}  // namespace

void ConfigureLog(LogOptions options) {
  static std::mutex mutex;
  static auto* const kEver =
      new std::vector<std::unique_ptr<const LogOptions>>();  // other threads may still use them
  const std::lock_guard lock(mutex);
  kEver->push_back(std::make_unique<const LogOptions>(std::move(options)));
  current_options.store(kEver->back().get(), std::memory_order_release);
}

void Log(Severity severity, std::string_view message, std::initializer_list<LogField> fields) noexcept {
  WriteLineSafely(severity, message, fields, /*suppressed=*/0);
}

std::uint64_t LostLogLines() { return lost_lines.load(std::memory_order_relaxed); }

bool LimitedLog::Log(std::string_view key, Severity severity, std::string_view message,
                     std::initializer_list<LogField> fields) noexcept {
  std::uint64_t suppressed = 0;
  try {
    const std::lock_guard lock(mutex_);
    auto found = states_.find(key);
    if (found == states_.end()) {
      found = states_.try_emplace(states_.size() < kMaxLimitedKeys ? std::string(key) : std::string()).first;
    }
    State& state = found->second;
    const absl::Time now = absl::Now();
    if (now - state.last_written < period_ && now >= state.last_written) {
      ++state.suppressed;
      return false;
    }
    state.last_written = now;
    suppressed = std::exchange(state.suppressed, 0);
  } catch (...) {
    return false;
  }
  WriteLineSafely(severity, message, fields, suppressed);
  return true;
}

}  // namespace broadsheet::telemetry
