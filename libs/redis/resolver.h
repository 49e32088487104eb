#ifndef BROADSHEET_LIBS_REDIS_RESOLVER_H_
#define BROADSHEET_LIBS_REDIS_RESOLVER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "libs/redis/event_loop.h"

namespace broadsheet::redis {

// Finds the addresses of host names, on a thread of its own because the C library blocks, for seconds when a
// name server does not answer.
class Resolver {
 public:
  using Done = std::function<void(absl::StatusOr<std::string> address)>;

  explicit Resolver(EventLoop& loop) : loop_(loop) {}
  // Waits for the name that is being asked for. After the loop has stopped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Whether the host is a name, not an address already.
  static bool IsName(const std::string& host);

  // Calls back on the loop's thread, with an address in digits, IPv4 if there is one. UNAVAILABLE: there is
  // none, or too many names are being asked for. On the loop's thread.
  void Resolve(std::string host, Done done);

 private:
  struct Question {
    std::string host;
    Done done;
  };
  void Run();

  EventLoop& loop_;
  std::mutex mutex_;
  std::condition_variable asked_;
  bool stopped_ = false;
  std::deque<Question> questions_;
  std::thread thread_;  // begins with the first name
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_RESOLVER_H_
