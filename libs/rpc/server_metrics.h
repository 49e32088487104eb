#ifndef BROADSHEET_LIBS_RPC_SERVER_METRICS_H_
#define BROADSHEET_LIBS_RPC_SERVER_METRICS_H_

#include <memory>
#include <vector>

#include "grpcpp/support/server_interceptor.h"

namespace broadsheet::rpc {

// Interceptors that count every call of a server, synchronous or not:
//   broadsheet_rpc_server_calls_total{method,code}  and  broadsheet_rpc_server_duration_seconds{method}
// and log, at most every ten seconds per method, calls that failed by the server's own fault.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ServerMetrics();

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_SERVER_METRICS_H_
