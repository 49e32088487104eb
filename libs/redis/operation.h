#ifndef BROADSHEET_LIBS_REDIS_OPERATION_H_
#define BROADSHEET_LIBS_REDIS_OPERATION_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/redis/client.h"

namespace broadsheet::redis {

using Time = std::chrono::steady_clock::time_point;

// A command on its way to whichever node answers it; the loop's thread only.
struct Operation {
  std::vector<std::string> command;
  Time deadline;
  std::shared_ptr<void> place;  // what it takes of the client's bounds, until the last copy is gone
  std::function<void(absl::StatusOr<Reply>)> done;
  int redirections = 0;

  // Once. Whoever learns the result finds its place free.
  void End(absl::StatusOr<Reply> result) {
    place = nullptr;
    std::exchange(done, nullptr)(std::move(result));
  }
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_OPERATION_H_
