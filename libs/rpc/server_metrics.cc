#include "libs/rpc/server_metrics.h"

#include <chrono>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
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

constexpr grpc::StatusCode kFailures[] = {grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL,
                                          grpc::StatusCode::DATA_LOSS, grpc::StatusCode::UNAVAILABLE,
                                          grpc::StatusCode::RESOURCE_EXHAUSTED};

// One of each for the process: never destroyed, as calls may outlive static objects.
CallMetrics& Metrics() {
  static auto& metrics = *new CallMetrics("server");
  return metrics;
}

void LogFault(const char* method, const grpc::ServerContextBase& call, const grpc::Status& status) {
  static auto& log = *new telemetry::LimitedLog();
  log.Log(method, telemetry::Severity::kError, "call failed",
          {{"method", method},
           {"code", StatusCodeName(status.error_code())},
           {"error", status.error_message()},
           {"trace_id", TraceOf(call).trace_id()}});
}

// Lives as long as the call; what has no status by then was cancelled.
class ServerCountingInterceptor final : public grpc::experimental::Interceptor {
 public:
  ServerCountingInterceptor(ServerRpcInfo& call, MethodMetrics& metrics) : call_(call), metrics_(metrics) {}

  ~ServerCountingInterceptor() override {
    metrics_.Record(code_, absl::FromChrono(std::chrono::steady_clock::now() - started_));
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      // None: it is no such message, or its caller took it back before it was here. gRPC answers INTERNAL.
      unreadable_ = methods->GetRecvMessage() == nullptr;
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      code_ = status.error_code();
      if (IsServersFault(code_) && !unreadable_ && !IsGrpcsOwn())
        LogFault(call_.method(), *call_.server_context(), status);
    }
    methods->Proceed();
  }

 private:
  // Reflection, and health, whose watches end with UNAVAILABLE at a shutdown.
  bool IsGrpcsOwn() const { return std::string_view(call_.method()).starts_with("/grpc."); }

  ServerRpcInfo& call_;
  MethodMetrics& metrics_;
  grpc::StatusCode code_ = grpc::StatusCode::CANCELLED;
  bool unreadable_ = false;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

class ServerCountingFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    MethodMetrics& metrics = Metrics().Method(call->method());
    if (metrics.counted_by_handler.load(std::memory_order_relaxed)) return nullptr;
    return new ServerCountingInterceptor(*call, metrics);
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ServerMetrics() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ServerCountingFactory>());
  return factories;
}

void TellOfNoFailures(const std::string& service) {
  const google::protobuf::ServiceDescriptor* known =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  if (known == nullptr) return;
  for (int i = 0; i < known->method_count(); ++i) {
    for (const grpc::StatusCode code : kFailures)
      CallCounter("server", service + "/" + known->method(i)->name(), code);
  }
}

ServerCallCounter::ServerCallCounter(const std::string& method)
    : path_("/" + method), metrics_(Metrics().Method(path_)) {
  metrics_.counted_by_handler.store(true, std::memory_order_relaxed);
}

void ServerCallCounter::Record(const grpc::ServerContext& call, const grpc::Status& status,
                               absl::Duration duration) const {
  metrics_.Record(status.error_code(), duration);
  if (IsServersFault(status.error_code())) LogFault(path_.c_str(), call, status);
}

}  // namespace broadsheet::rpc
