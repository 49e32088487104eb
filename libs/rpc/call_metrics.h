#ifndef BROADSHEET_LIBS_RPC_CALL_METRICS_H_
#define BROADSHEET_LIBS_RPC_CALL_METRICS_H_

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "grpcpp/support/status_code_enum.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::rpc {

// The name of a status code as in gRPC's documentation, such as NOT_FOUND; UNKNOWN for an unknown number.
std::string_view StatusCodeName(grpc::StatusCode code);

// Of "server" or "client" calls of a method, "broadsheet.article.v1.ArticleService/GetArticle", that ended
// so.
telemetry::Counter CallCounter(std::string_view side, const std::string& method, grpc::StatusCode code);

// Counts and times of one method's calls. Thread-safe.
class MethodMetrics {
 public:
  // `side`: "server" or "client"; `method`: "broadsheet.article.v1.ArticleService/GetArticle".
  MethodMetrics(std::string_view side, const std::string& method);

  void Record(grpc::StatusCode code, absl::Duration duration);

  // Set where the calls are answered: what sees every call leaves these alone.
  std::atomic<bool> counted_by_handler = false;

 private:
  static constexpr std::size_t kCodes = 17;
  telemetry::Counter& Calls(std::size_t code);

  const std::string side_;
  const std::string method_;
  telemetry::Histogram duration_;
  std::mutex mutex_;  // for making counters
  std::array<std::atomic<telemetry::Counter*>, kCodes> calls_{};
  std::array<std::unique_ptr<telemetry::Counter>, kCodes> owned_;
};

// The metrics of every method called. At most 500 methods; further ones share one named "other". Thread-safe.
class CallMetrics {
 public:
  explicit CallMetrics(std::string_view side) : side_(side) {}
  // `path` as gRPC has it, with a leading slash. Valid as long as this.
  MethodMetrics& Method(std::string_view path);

 private:
  const std::string side_;
  std::mutex mutex_;
  std::map<std::string, MethodMetrics, std::less<>> methods_;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_CALL_METRICS_H_
