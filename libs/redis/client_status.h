#ifndef BROADSHEET_LIBS_REDIS_CLIENT_STATUS_H_
#define BROADSHEET_LIBS_REDIS_CLIENT_STATUS_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/redis/address.h"
#include "libs/redis/client.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::redis {

// What a client tells of itself: metrics, log and /status. Thread-safe.
class ClientStatus {
 public:
  // `shown`: whether its state is what the gauges show.
  explicit ClientStatus(bool shown);

  void OperationEnded(const absl::Status& status, absl::Duration duration);

  void NodeConnected(const Address& address);
  // Becomes the last error.
  void Problem(const std::string& message, const Address& address, const std::string& reason);

  // Whether operations are admitted; of how many nodes that have keys, how many answer.
  void SetAvailable(bool available, int nodes, int available_nodes);

  bool available() const { return available_; }
  Client::State state() const;  // but for what is in flight

 private:
  telemetry::Counter& Outcome(absl::StatusCode code);

  const bool shown_;
  std::atomic<bool> available_ = false;
  std::atomic<int> nodes_ = 0;
  std::atomic<int> available_nodes_ = 0;
  std::atomic<std::int64_t> connects_ = 0;
  std::atomic<std::int64_t> failures_ = 0;
  mutable std::mutex mutex_;
  std::string last_error_;

  telemetry::LimitedLog limited_log_;
  telemetry::Gauge available_gauge_{"broadsheet_redis_available", "1 while Redis answers."};
  telemetry::Gauge nodes_gauge_{"broadsheet_redis_nodes", "Redis servers that have keys."};
  telemetry::Gauge available_nodes_gauge_{"broadsheet_redis_available_nodes",
                                          "Of the Redis servers that have keys, those that answer."};
  telemetry::Counter connects_counter_{"broadsheet_redis_connects_total",
                                       "Connections to Redis that came to an answer."};
  telemetry::Histogram seconds_{"broadsheet_redis_operation_seconds",
                                "Duration of Redis operations that succeeded."};
  telemetry::Counter ok_, timeout_, unavailable_, rejected_, error_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_CLIENT_STATUS_H_
