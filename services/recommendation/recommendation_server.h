#ifndef BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVER_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/ops_server.h"

namespace broadsheet::recommendation {

struct RecommendationServerOptions {
  std::string host = "127.0.0.1";
  int grpc_port = 0;  // 0: any free one; so is the next
  int ops_port = 0;
  std::string data;             // folder of the reading log; made if it is not there
  std::string article_address;  // gRPC target
  absl::Duration drain = absl::ZeroDuration();
  std::size_t max_stories = 100'000;  // at least 1
  telemetry::StatusRows flags;        // shown on /status
  std::function<absl::Time()> clock = absl::Now;
};

// The whole service, assembled: the index and what keeps it true, the reading log, gRPC, the operators' port.
class RecommendationServer {
 public:
  // Serves when it returns, whether article is there or not: until the index has caught up, calls fail with
  // UNAVAILABLE. FAILED_PRECONDITION: another process uses the folder, or the reading log is not ours.
  // UNAVAILABLE: a port is taken, the folder cannot be used. INVALID_ARGUMENT: an option is out of range, by
  // its flag's name. The operators' port answers first, so that one that reads a long log is seen to live.
  static absl::StatusOr<std::unique_ptr<RecommendationServer>> Start(RecommendationServerOptions options);
  virtual ~RecommendationServer() = default;

  virtual int grpc_port() const = 0;
  virtual int ops_port() const = 0;
  // Not ready at once, then an orderly end of the gRPC server; see rpc::Server::Drain.
  virtual void Drain() = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVER_H_
