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
// Of a Unix socket, or of the only replica that has answered of late, nothing is left alone. Thread-safe;
// outlives its calls.
class ReplicaChannels final : public rpc::CallObserver {
 public:
  ReplicaChannels(std::string service, const std::string& target, rpc::ChannelOptions options,
                  OutlierDetector::Options rules);

  // For calls that begin now.
  std::shared_ptr<grpc::Channel> Current(absl::Time now);

  // Some replica is known to be there: connects at once where it waits before it tries again.
  void ConnectNow();

  void OnEnd(std::string_view peer, const grpc::Status& status) override;

 private:
  bool Count(std::string_view peer, grpc::StatusCode code, absl::Time now);  // these under mutex_
  bool IsOfCurrent(std::string_view target) const;
  void Switch(absl::Time now);

  const std::string service_;
  const rpc::ChannelOptions options_;
  const std::shared_ptr<grpc::Channel> all_;
  telemetry::Counter ejections_;
  telemetry::Gauge ejected_;
  telemetry::LimitedLog log_;
  std::mutex mutex_;
  OutlierDetector detector_;  // guarded by mutex_, as what follows
  std::shared_ptr<grpc::Channel> current_;
  std::string others_;  // the target of the last channel that was not to all
  std::size_t ejected_count_ = 0;
};

// How a call that ended like this speaks of the replica. What it says of the request tells nothing against
// it, and RESOURCE_EXHAUSTED neither: the others would be next.
CallOutcome OutcomeOf(grpc::StatusCode code);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_REPLICA_CHANNELS_H_
