#ifndef BROADSHEET_LIBS_TESTING_MEMORY_CHANGE_LOG_H_
#define BROADSHEET_LIBS_TESTING_MEMORY_CHANGE_LOG_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "libs/change/change_log.h"

namespace broadsheet::test {

// A change log in memory. Thread-safe.
class MemoryChangeLog : public change::ChangeLog {
 public:
  explicit MemoryChangeLog(std::string log_id = "log-1") : log_id_(std::move(log_id)) {}

  // Appends a change of `tags`, the first of them its subject; returns its position.
  std::int64_t Append(const std::vector<std::string>& tags,
                      change::v1::ChangeKind kind = change::v1::CHANGE_KIND_PUBLISHED);
  // Appends a change, with its tags; position and time are set here.
  std::int64_t Append(change::v1::Change change);
  // Deletes the changes up to and including `position`.
  void Trim(std::int64_t position);
  // From now on every method that can fail does, with UNAVAILABLE, until told otherwise.
  void Fail(bool failing);
  // The same, but that it still tells its head: who writes goes on, nobody can follow.
  void FailFollowers(bool failing);
  // How often Read was called.
  int reads() const;

  std::string log_id() const override { return log_id_; }
  absl::StatusOr<std::int64_t> Head() const override;
  absl::StatusOr<std::int64_t> Floor() const override;
  absl::StatusOr<std::vector<change::v1::Change>> Read(std::int64_t after, int limit) const override;

 private:
  const std::string log_id_;
  mutable std::mutex mutex_;
  mutable int reads_ = 0;
  bool failing_ = false;
  bool failing_followers_ = false;
  std::int64_t floor_ = 0;
  std::vector<change::v1::Change> changes_;  // those after floor_
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_MEMORY_CHANGE_LOG_H_
