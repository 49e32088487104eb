#ifndef BROADSHEET_SERVICES_GATEWAY_STUCK_PAGES_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_STUCK_PAGES_TESTING_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

namespace broadsheet::gateway {

// A disk that takes the first bytes of the pages and then no more: a pipe in the place of the file. To be
// made while nobody writes.
class StuckPages {
 public:
  explicit StuckPages(const std::string& folder) : path_(folder + "/pages.new") {
    std::filesystem::remove(path_);
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
    pipe_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GT(fcntl(pipe_, F_SETPIPE_SZ, 4096), 0);
  }
  ~StuckPages() { LetGo(); }

  bool holds_somebody_up() const {
    int bytes = 0;
    return ioctl(pipe_, FIONREAD, &bytes) == 0 && bytes > 0;
  }
  // Whoever comes next finds no pipe.
  void TakeAway() const { std::filesystem::remove(path_); }
  // The writing ends, and fails.
  void LetGo() {
    if (pipe_ < 0) return;
    TakeAway();
    fcntl(pipe_, F_SETFL, 0);
    char dropped[4096];
    while (read(pipe_, dropped, sizeof(dropped)) > 0) {
    }
    close(std::exchange(pipe_, -1));
  }

 private:
  const std::string path_;
  int pipe_ = -1;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_STUCK_PAGES_TESTING_H_
