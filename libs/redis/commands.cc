// The commands of Client, in terms of Execute.
#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "libs/redis/client.h"

namespace broadsheet::redis {
namespace {

absl::Status Unexpected() {
  return absl::FailedPreconditionError("Redis answered with something unexpected");
}

// A callback that sets a value to be awaited.
template <class T>
Client::Callback<T> Setter(const Client::Result<T>& result) {
  return [result](absl::StatusOr<T> value) { result.Set(std::move(value)); };
}

absl::StatusOr<Value> ToValue(absl::StatusOr<Reply> reply, std::size_t max_bytes) {
  if (!reply.ok()) return reply.status();
  if (reply->kind == Reply::Kind::kNothing) return Value();
  if (reply->kind != Reply::Kind::kText) return Unexpected();
  if (reply->text->size() > max_bytes) return absl::ResourceExhaustedError("the value in Redis is too large");
  return std::move(reply->text);
}

// Adds up the answers of several commands. Thread-safe, as those that fail at once do so on the caller's
// thread.
class Sum {
 public:
  Sum(std::size_t missing, Client::Callback<std::int64_t> done) : missing_(missing), done_(std::move(done)) {}

  void Add(const absl::StatusOr<Reply>& reply) {
    std::unique_lock lock(mutex_);
    if (!reply.ok()) {
      total_ = reply.status();
    } else if (reply->kind != Reply::Kind::kInteger) {
      total_ = Unexpected();
    } else if (total_.ok()) {
      *total_ += reply->integer;
    }
    if (--missing_ > 0) return;
    lock.unlock();
    done_(total_);
  }

 private:
  std::mutex mutex_;
  std::size_t missing_;
  absl::StatusOr<std::int64_t> total_ = 0;
  const Client::Callback<std::int64_t> done_;
};

}  // namespace

void Client::Get(std::string key, Callback<Value> done) {
  Execute({"GET", std::move(key)}, absl::ZeroDuration(),
          [max_bytes = max_value_bytes_, done = std::move(done)](absl::StatusOr<Reply> reply) {
            done(ToValue(std::move(reply), max_bytes));
          });
}

Client::Result<Value> Client::Get(std::string key) {
  Result<Value> result;
  Get(std::move(key), Setter<Value>(result));
  return result;
}

void Client::Set(std::string key, std::string value, absl::Duration ttl, Callback<bool> done) {
  if (value.size() > max_value_bytes_) {
    return done(absl::ResourceExhaustedError("the value is too large for Redis"));
  }
  const std::int64_t milliseconds = std::max<std::int64_t>(absl::ToInt64Milliseconds(ttl), 1);
  std::vector<std::string> command(5);  // a list in braces would copy the value
  command[0] = "SET";
  command[1] = std::move(key);
  command[2] = std::move(value);
  command[3] = "PX";
  command[4] = std::to_string(milliseconds);
  Execute(std::move(command), absl::ZeroDuration(), [done = std::move(done)](absl::StatusOr<Reply> reply) {
    reply.ok() ? done(true) : done(reply.status());
  });
}

Client::Result<bool> Client::Set(std::string key, std::string value, absl::Duration ttl) {
  Result<bool> result;
  Set(std::move(key), std::move(value), ttl, Setter<bool>(result));
  return result;
}

// One key a command, because keys of different slots of a cluster cannot share one.
void Client::Delete(std::vector<std::string> keys, Callback<std::int64_t> done) {
  if (keys.empty()) return done(0);
  const auto sum = std::make_shared<Sum>(keys.size(), std::move(done));
  for (std::string& key : keys) {
    Execute({"UNLINK", std::move(key)}, absl::ZeroDuration(),
            [sum](const absl::StatusOr<Reply>& reply) { sum->Add(reply); });
  }
}

Client::Result<std::int64_t> Client::Delete(std::vector<std::string> keys) {
  Result<std::int64_t> result;
  Delete(std::move(keys), Setter<std::int64_t>(result));
  return result;
}

Client::Result<Reply> Client::Execute(std::vector<std::string> command, absl::Duration timeout) {
  Result<Reply> result;
  Execute(std::move(command), timeout, Setter<Reply>(result));
  return result;
}

}  // namespace broadsheet::redis
