#ifndef BROADSHEET_TESTS_HISTORIES_RECORDER_H_
#define BROADSHEET_TESTS_HISTORIES_RECORDER_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "tests/histories/history.h"

namespace broadsheet::histories {

// Nanoseconds of the clients' monotonic clock.
std::int64_t NowNanos();

// Collects a history from many clients. Thread-safe.
class Recorder {
 public:
  void Add(Write write);
  void Add(DraftRead read);
  void Add(Read read);
  void Add(Stream stream);
  void Add(LeaseHeld held);
  // An answer that no fault explains, such as INVALID_ARGUMENT.
  void AddUnexpected(const std::string& what);

  void Count(const std::string& name);
  std::int64_t count(const std::string& name) const;
  std::map<std::string, std::int64_t> counts() const;

  // What was recorded; call it once, when the clients are gone.
  History Take();
  const Violations& unexpected() const { return unexpected_; }

 private:
  mutable std::mutex mutex_;
  History history_;
  Violations unexpected_;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_RECORDER_H_
