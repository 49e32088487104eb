#include "libs/testing/captured_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_split.h"

namespace broadsheet::test {

CapturedLog::CapturedLog(telemetry::Severity minimum) : file_(memfd_create("captured log", MFD_CLOEXEC)) {
  // Appends, so that the lines of several threads have a place each.
  if (file_ < 0 || fcntl(file_, F_SETFL, O_APPEND) < 0) {
    std::perror("no file for a captured log");
    std::abort();
  }
  telemetry::ConfigureLog({.service = "test", .minimum = minimum, .file_descriptor = file_});
}

CapturedLog::~CapturedLog() {
  telemetry::ConfigureLog(
      {.service = "", .minimum = telemetry::Severity::kInfo, .file_descriptor = STDERR_FILENO});
}

std::vector<std::string> CapturedLog::Lines() const {
  std::string text;
  std::array<char, 65536> block;
  ssize_t size = 0;
  while ((size = pread(file_, block.data(), block.size(), static_cast<off_t>(text.size()))) > 0)
    text.append(block.data(), static_cast<std::size_t>(size));
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();  // what follows the last line end
  return lines;
}

int CapturedLog::Count(const std::vector<std::string>& parts) const {
  const std::vector<std::string> lines = Lines();
  return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return line.find(part) != line.npos; });
  }));
}

}  // namespace broadsheet::test
