#ifndef BROADSHEET_LIBS_REDIS_CONNECTION_H_
#define BROADSHEET_LIBS_REDIS_CONNECTION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/redis/address.h"
#include "libs/redis/client.h"

struct event_base;
struct redisAsyncContext;

namespace broadsheet::redis {

// One connection to one Redis, driven by an event loop; everything happens on the loop's thread. The only
// user of hiredis.
class Connection {
 public:
  using Done = std::function<void(absl::StatusOr<Reply>)>;

  // Begins to connect. `lost` is called once if the connection cannot be made or breaks, not if this side
  // closes it; by then every command has been answered with UNAVAILABLE. It may destroy the connection.
  Connection(event_base* loop, const Address& address, std::function<void(const std::string& reason)> lost);
  // Closes; every command is answered with UNAVAILABLE.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends a command; commands are answered in order. FAILED_PRECONDITION: Redis answered with an error.
  // Also before the connection stands.
  void Send(const std::vector<std::string>& command, Done done);

 private:
  struct Callbacks;
  void Lost(const std::string& reason);

  std::function<void(const std::string&)> lost_;
  redisAsyncContext* context_ = nullptr;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_CONNECTION_H_
