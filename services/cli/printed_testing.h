#ifndef BROADSHEET_SERVICES_CLI_PRINTED_TESTING_H_
#define BROADSHEET_SERVICES_CLI_PRINTED_TESTING_H_

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace broadsheet::cli {

// A file in memory to print to.
class Printed {
 public:
  Printed() : file_(open_memstream(&buffer_, &size_)) {}
  ~Printed() {
    std::fclose(file_);
    std::free(buffer_);
  }
  Printed(const Printed&) = delete;
  Printed& operator=(const Printed&) = delete;

  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return std::string(buffer_, size_);
  }

 private:
  char* buffer_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_PRINTED_TESTING_H_
