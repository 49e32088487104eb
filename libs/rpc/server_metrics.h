#ifndef BROADSHEET_LIBS_RPC_SERVER_METRICS_H_
#define BROADSHEET_LIBS_RPC_SERVER_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/status.h"

namespace broadsheet::rpc {

// Interceptors that count every call of a server, synchronous or not:
//   broadsheet_rpc_server_calls_total{method,code}  and  broadsheet_rpc_server_duration_seconds{method}
// and log, at most every ten seconds per method, calls that failed by the server's own fault. Not those of
// methods that count for themselves.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ServerMetrics();

// Tells of each method of a service that this program knows, by its full name, that no call has failed by the
// server's own fault or for want of something: rate() does not see the first of a series that was not there.
void TellOfNoFailures(const std::string& service);

class MethodMetrics;

// Does the same for one method where its calls are answered, for all servers of the process: an interceptor
// costs a call one more turn through its completion queue. Thread-safe.
class ServerCallCounter {
 public:
  // `method`: "broadsheet.page.v1.PageService/GetPage".
  explicit ServerCallCounter(const std::string& method);

  void Record(const grpc::ServerContext& call, const grpc::Status& status, absl::Duration duration) const;

 private:
  const std::string path_;
  MethodMetrics& metrics_;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_SERVER_METRICS_H_
