#ifndef BROADSHEET_LIBS_REDIS_CLIENT_TESTING_H_
#define BROADSHEET_LIBS_REDIS_CLIENT_TESTING_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/redis/client.h"
#include "libs/rpc/task.h"

// What the tests of clients have in common.
namespace broadsheet::redis {

// Polls for at most half a minute.
inline bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (absl::Now() < deadline) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return false;
}

inline ClientOptions Options(const std::string& address) {
  ClientOptions options;
  options.address = address;
  options.timeout = absl::Seconds(5);  // only the tests about time have short ones
  options.connect_timeout = absl::Seconds(2);
  options.min_retry = absl::Milliseconds(10);
  options.max_retry = absl::Milliseconds(100);
  return options;
}

// Of every node that has keys.
inline std::unique_ptr<Client> Start(const ClientOptions& options) {
  auto client = Client::Start(options).value();
  EXPECT_TRUE(Eventually([&] {
    const Client::State state = client->state();
    return state.available && state.available_nodes == state.nodes;
  })) << client->state().last_error;
  return client;
}

template <class T>
absl::StatusOr<T> Await(Client::Result<T> result) {
  return rpc::Wait([](Client::Result<T> awaited) -> rpc::Task<absl::StatusOr<T>> {
    co_return co_await awaited;
  }(std::move(result)));
}

// The value at the key; empty: there is none, or the client does not say.
inline std::string Read(Client& client, const std::string& key) {
  const absl::StatusOr<Value> value = Await(client.Get(key));
  return value.ok() && *value != nullptr ? **value : "";
}

inline absl::Status Write(Client& client, const std::string& key, const std::string& value) {
  return Await(client.Set(key, value, absl::Minutes(1))).status();
}

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_CLIENT_TESTING_H_
