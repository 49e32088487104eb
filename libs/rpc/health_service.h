#ifndef BROADSHEET_LIBS_RPC_HEALTH_SERVICE_H_
#define BROADSHEET_LIBS_RPC_HEALTH_SERVICE_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "libs/rpc/server.h"

namespace broadsheet::rpc {

// grpc.health.v1: what Kubernetes' probes and the channels of clients ask. Thread-safe once it serves.
class HealthService final : public AsyncService {
 public:
  HealthService();
  ~HealthService() override;

  // Before it serves: whose health is known, besides that of the server as a whole, the empty name.
  void SetNames(const std::vector<std::string>& names);
  // What is said from now on, to those who watch at once.
  void SetServing(bool serving);

  grpc::Service* service() override { return &service_; }
  void Serve(CompletionQueues& queues) override;
  // Ends the streams of those who watch with UNAVAILABLE.
  void Stop() override;

  // How many watch.
  std::size_t watches() const;

 private:
  class Watch;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  absl::StatusOr<grpc::health::v1::HealthCheckResponse> Check(const std::string& name);
  // SERVICE_UNKNOWN: not one of the names. Under the mutex.
  Status StatusOf(const std::string& name) const;

  mutable std::mutex mutex_;
  std::set<std::string> names_ = {""};
  bool serving_ = false;
  bool stopped_ = false;
  std::set<std::shared_ptr<Watch>> watches_;  // as many as connections may have streams
  grpc::health::v1::Health::AsyncService service_;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_HEALTH_SERVICE_H_
