#ifndef BROADSHEET_LIBS_TESTING_CHILD_PROCESS_H_
#define BROADSHEET_LIBS_TESTING_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::test {

// A program started by a test. It is killed with the test, also when the test crashes.
class ChildProcess {
 public:
  // `command[0]` is the program's path. Its output goes to `log_file`, or nowhere. Ends the test program if
  // it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command, const std::string& log_file = "");
  ~ChildProcess();  // Kill
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // SIGKILL, and waits for its end. Idempotent.
  void Kill();
  // Waits for its end: the exit status, or 128 + the signal that ended it; nothing when the time is over.
  std::optional<int> Wait(absl::Duration timeout);

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_CHILD_PROCESS_H_
