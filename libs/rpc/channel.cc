#include "libs/rpc/channel.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "libs/rpc/client_metrics.h"

namespace broadsheet::rpc {

std::string ServiceConfig(const ChannelOptions& options) {
  std::string config = R"({"loadBalancingConfig":[{"round_robin":{}}])";
  if (options.health_check) absl::StrAppend(&config, R"(,"healthCheckConfig":{"serviceName":""})");
  if (!options.retried_services.empty()) {
    const std::string names =
        absl::StrJoin(options.retried_services, ",", [](std::string* out, const std::string& service) {
          absl::StrAppend(out, R"({"service":")", service, R"("})");
        });
    absl::StrAppend(&config, R"(,"methodConfig":[{"name":[)", names, R"(],"retryPolicy":{"maxAttempts":3,)",
                    R"("initialBackoff":"0.010s","maxBackoff":"0.100s","backoffMultiplier":2,)",
                    R"("retryableStatusCodes":["UNAVAILABLE"]}}],)",
                    R"("retryThrottling":{"maxTokens":20,"tokenRatio":0.1})");
  }
  return config + "}";
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& target, const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(options));
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetMaxSendMessageSize(options.max_message_bytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto milliseconds = [](absl::Duration time) {
    return static_cast<int>(absl::ToInt64Milliseconds(time));
  };
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, milliseconds(options.first_retry));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, milliseconds(options.longest_retry));
  // In fact the time an attempt to connect may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  if (options.own_connection) arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto credentials = options.credentials ? options.credentials : grpc::InsecureChannelCredentials();
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, credentials, arguments,
                                                                 ClientMetrics());
}

void ConnectNow(grpc::Channel& channel) { grpc::experimental::ChannelResetConnectionBackoff(&channel); }

}  // namespace broadsheet::rpc
