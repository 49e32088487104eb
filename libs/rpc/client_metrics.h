#ifndef BROADSHEET_LIBS_RPC_CLIENT_METRICS_H_
#define BROADSHEET_LIBS_RPC_CLIENT_METRICS_H_

#include <memory>
#include <vector>

#include "grpcpp/support/client_interceptor.h"

namespace broadsheet::rpc {

// Interceptors that count every call of a channel:
//   broadsheet_rpc_client_calls_total{method,code}  and  broadsheet_rpc_client_duration_seconds{method}
std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> ClientMetrics();

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_CLIENT_METRICS_H_
