#include "libs/rpc/server_metrics.h"

#include <chrono>
#include <string>
#include <string_view>

#include "grpcpp/server_context.h"
#include "libs/rpc/call_metrics.h"
#include "libs/rpc/context.h"
#include "libs/telemetry/log.h"

namespace broadsheet::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

bool IsServersFault(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNKNOWN || code == grpc::StatusCode::INTERNAL ||
         code == grpc::StatusCode::DATA_LOSS;
}

// Lives as long as the call; what has no status by then was cancelled.
class ServerCountingInterceptor final : public grpc::experimental::Interceptor {
 public:
  ServerCountingInterceptor(ServerRpcInfo& call, MethodMetrics& metrics, telemetry::LimitedLog& log)
      : call_(call), metrics_(metrics), log_(log) {}

  ~ServerCountingInterceptor() override {
    metrics_.Record(code_, absl::FromChrono(std::chrono::steady_clock::now() - started_));
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      code_ = status.error_code();
      if (IsServersFault(code_) && !IsGrpcsOwn()) LogFault(status);
    }
    methods->Proceed();
  }

 private:
  // Health and reflection; a watch of one's health that ends, ends with UNKNOWN.
  bool IsGrpcsOwn() const { return std::string_view(call_.method()).starts_with("/grpc."); }

  void LogFault(const grpc::Status& status) {
    log_.Log(call_.method(), telemetry::Severity::kError, "call failed",
             {{"method", call_.method()},
              {"code", StatusCodeName(status.error_code())},
              {"error", status.error_message()},
              {"trace_id", TraceOf(*call_.server_context()).trace_id()}});
  }

  ServerRpcInfo& call_;
  MethodMetrics& metrics_;
  telemetry::LimitedLog& log_;
  grpc::StatusCode code_ = grpc::StatusCode::CANCELLED;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

class ServerCountingFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    // One for the process: never destroyed, as calls may outlive static objects.
    static auto& metrics = *new CallMetrics("server");
    static auto& log = *new telemetry::LimitedLog();
    return new ServerCountingInterceptor(*call, metrics.Method(call->method()), log);
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ServerMetrics() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ServerCountingFactory>());
  return factories;
}

}  // namespace broadsheet::rpc
