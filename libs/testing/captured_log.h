#ifndef BROADSHEET_LIBS_TESTING_CAPTURED_LOG_H_
#define BROADSHEET_LIBS_TESTING_CAPTURED_LOG_H_

#include <string>
#include <vector>

#include "libs/telemetry/log.h"

namespace broadsheet::test {

// What the process logs while this lives, instead of standard error. One at a time. Thread-safe.
class CapturedLog {
 public:
  explicit CapturedLog(telemetry::Severity minimum = telemetry::Severity::kInfo);
  ~CapturedLog();
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // So far, without their line ends.
  std::vector<std::string> Lines() const;
  // How many of them contain all of that.
  int Count(const std::vector<std::string>& parts) const;

 private:
  int file_ = -1;  // stays open: a thread may be about to write to it
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_CAPTURED_LOG_H_
