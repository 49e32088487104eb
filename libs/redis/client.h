#ifndef BROADSHEET_LIBS_REDIS_CLIENT_H_
#define BROADSHEET_LIBS_REDIS_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/deferred.h"

struct event_base;

namespace broadsheet::redis {

struct ClientOptions {
  // `host:port`, `unix:///path`, `sentinel://host:port,…/master-name` or `cluster://host:port,…`.
  std::string address = "127.0.0.1:8079";
  std::string username = {};                                 // empty: Redis's default user
  std::string password = {};                                 // empty: no authentication
  std::string sentinel_username = {};                        // of sentinels, which have users of their own
  std::string sentinel_password = {};                        // empty: they are asked without
  absl::Duration timeout = absl::Milliseconds(25);           // for an operation
  absl::Duration connect_timeout = absl::Milliseconds(500);  // from connecting to the first answer
  // Bounds on what is under way; operations beyond them fail at once.
  int max_in_flight = 4096;
  std::size_t max_in_flight_bytes = 64U << 20U;
  std::size_t max_value_bytes = 4U << 20U;  // larger ones are refused when set, and an error when got
  // The breaker: after so many failures in a row, operations fail at once until Redis has answered again.
  int failures_to_open = 5;
  // It is asked again after the first of these, then after twice as long each time up to the second, each
  // time a random part of it.
  absl::Duration min_retry = absl::Milliseconds(100);
  absl::Duration max_retry = absl::Seconds(2);
};

// A value of Redis; null if there is none at the key. Shared, as values are large.
using Value = std::shared_ptr<const std::string>;

// What Redis answered to a command.
struct Reply {
  enum class Kind { kNothing, kText, kInteger, kList };
  Kind kind = Kind::kNothing;
  Value text;                // kText
  std::int64_t integer = 0;  // kInteger
  std::vector<Reply> list;   // kList
};

// A client of one Redis, of the master that sentinels name, or of a cluster: asynchronous, pipelined over one
// connection to each server, with a thread of its own or on a loop that somebody else runs. No method blocks,
// and every operation ends within its timeout. Redis being away is normal: operations then fail at once, and
// the client finds it again by itself. Thread-safe.
//
// Each operation comes in two forms: with a callback, which runs on the client's thread (or, when it fails at
// once, on the caller's) and must not block; and as something to `co_await`, which goes on on the queue's
// thread it was awaited on (see rpc::Deferred).
//
// Errors: UNAVAILABLE: Redis is away, or the breaker is open; of a cluster, also if it says that it cannot
// answer now. DEADLINE_EXCEEDED. RESOURCE_EXHAUSTED: too much
// in flight, or the value is too large. FAILED_PRECONDITION: Redis answered with an error, which the message
// quotes.
class Client {
 public:
  template <class T>
  using Callback = std::function<void(absl::StatusOr<T>)>;
  template <class T>
  using Result = rpc::Deferred<absl::StatusOr<T>>;

  // Connects in the background. INVALID_ARGUMENT: the address cannot be understood.
  static absl::StatusOr<std::unique_ptr<Client>> Start(ClientOptions options);

  // The same on the calling thread, which runs `loop`, makes and destroys it, and alone uses it: what it
  // sends is on its way when the loop comes round next, before what has a lower priority there, and is
  // answered by a callback on the same thread. `loop` outlives the client. Says nothing of its state in
  // gauges: that is for the client with a thread, of which there is one beside.
  static absl::StatusOr<std::unique_ptr<Client>> StartHere(event_base* loop, ClientOptions options);

  // Ends all operations with CANCELLED; no callback runs after it has returned. Not from a callback.
  virtual ~Client() = default;

  void Get(std::string key, Callback<Value> done);
  Result<Value> Get(std::string key);

  // Keeps the value for `ttl`, at least a millisecond.
  void Set(std::string key, std::string value, absl::Duration ttl, Callback<bool> done);
  Result<bool> Set(std::string key, std::string value, absl::Duration ttl);

  // How many of the keys were there. Each is deleted by itself: when this fails some may be gone.
  void Delete(std::vector<std::string> keys, Callback<std::int64_t> done);
  Result<std::int64_t> Delete(std::vector<std::string> keys);

  // Any command that answers once; of a cluster, those that CommandSlot knows. `timeout`: zero or less means
  // the client's.
  virtual void Execute(std::vector<std::string> command, absl::Duration timeout, Callback<Reply> done) = 0;
  Result<Reply> Execute(std::vector<std::string> command, absl::Duration timeout = absl::ZeroDuration());

  // Whether Redis answers, of a cluster some node: false while connecting and while the breaker is open.
  virtual bool available() const = 0;

  // For /status.
  struct State {
    bool available = false;
    std::int64_t in_flight = 0;
    int nodes = 0;              // that have keys, as far as is known
    int available_nodes = 0;    // of these
    std::int64_t connects = 0;  // connections that came to an answer
    std::int64_t failures = 0;  // operations that failed, those failed at once included
    std::string last_error;     // why the last connection was given up; empty if none was
  };
  virtual State state() const = 0;

 protected:
  explicit Client(std::size_t max_value_bytes) : max_value_bytes_(max_value_bytes) {}

 private:
  const std::size_t max_value_bytes_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_CLIENT_H_
