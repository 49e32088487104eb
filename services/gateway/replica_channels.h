#ifndef BROADSHEET_SERVICES_GATEWAY_REPLICA_CHANNELS_H_
#define BROADSHEET_SERVICES_GATEWAY_REPLICA_CHANNELS_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/unary_call.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/outlier_detector.h"

namespace broadsheet::gateway {

// The channel to a service's replicas without those that fail. gRPC says of each call which replica it went
// to; while one is left alone calls go to a channel of the others, which round-robins as the usual one does.
// Where there is one address, or a Unix socket, nothing is ever left alone. Thread-safe; outlives its calls.
class ReplicaChannels final : public rpc::CallObserver {
 public:
  ReplicaChannels(std::string service, const std::string& target, rpc::ChannelOptions options);

  // For calls that begin now.
  std::shared_ptr<grpc::Channel> Current(absl::Time now);

  void OnEnd(std::string_view peer, const grpc::Status& status) override;

 private:
  void Switch();  // under mutex_

  const std::string service_;
  const rpc::ChannelOptions options_;
  const std::shared_ptr<grpc::Channel> all_;
  telemetry::Counter ejections_;
  telemetry::Gauge ejected_;
  telemetry::LimitedLog log_;
  std::mutex mutex_;
  OutlierDetector detector_{OutlierDetector::Options()};  // guarded by mutex_
  std::shared_ptr<grpc::Channel> current_;                // guarded by mutex_
  std::size_t ejected_count_ = 0;                         // guarded by mutex_
};

// Whether a call that ended like this tells against the replica. What it says of the request does not, and of
// its load neither: the others would be next.
bool IsReplicasFault(grpc::StatusCode code);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_REPLICA_CHANNELS_H_
