#include "libs/testing/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"

namespace broadsheet::test {
namespace {

[[noreturn]] void Exec(const std::vector<char*>& arguments, const char* log_file) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A test program may block signals; what it starts should not.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const int output = open(log_file, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (output >= 0) {
    dup2(output, 1);
    dup2(output, 2);
  }
  execv(arguments[0], arguments.data());
  _exit(127);
}

int ExitStatus(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::string& log_file) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const std::string output = log_file.empty() ? "/dev/null" : log_file;
  if (access(arguments[0], X_OK) != 0) {
    std::fprintf(stderr, "cannot start %s: %s\n", arguments[0], "it is not there or not executable");
    std::abort();
  }
  pid_ = fork();
  if (pid_ < 0) {
    std::perror("fork");
    std::abort();
  }
  if (pid_ == 0) Exec(arguments, output.c_str());
}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Signal(int signal) {
  if (!exit_) kill(pid_, signal);
}

void ChildProcess::Kill() {
  Signal(SIGKILL);
  Wait(absl::InfiniteDuration());
}

std::optional<int> ChildProcess::Wait(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!exit_) {
    int status = 0;
    const bool for_ever = timeout == absl::InfiniteDuration();
    const pid_t ended = waitpid(pid_, &status, for_ever ? 0 : WNOHANG);
    if (ended == pid_) {
      exit_ = ExitStatus(status);
    } else if (ended < 0 && errno != EINTR) {
      exit_ = 127;
    } else if (absl::Now() > deadline) {
      return std::nullopt;
    } else if (!for_ever) {
      absl::SleepFor(absl::Milliseconds(2));
    }
  }
  return exit_;
}

}  // namespace broadsheet::test
