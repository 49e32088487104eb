#include "libs/rpc/client_metrics.h"

#include <chrono>

#include "libs/rpc/call_metrics.h"

namespace broadsheet::rpc {
namespace {

using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

class ClientCountingInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit ClientCountingInterceptor(MethodMetrics& metrics) : metrics_(metrics) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS)) {
      const grpc::Status* status = methods->GetRecvStatus();
      metrics_.Record(status == nullptr ? grpc::StatusCode::UNKNOWN : status->error_code(),
                      absl::FromChrono(std::chrono::steady_clock::now() - started_));
    }
    methods->Proceed();
  }

 private:
  MethodMetrics& metrics_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

class ClientCountingFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateClientInterceptor(ClientRpcInfo* info) override {
    // One for the process: never destroyed, as channels may outlive static objects.
    static auto& metrics = *new CallMetrics("client");
    return new ClientCountingInterceptor(metrics.Method(info->method()));
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> ClientMetrics() {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ClientCountingFactory>());
  return factories;
}

}  // namespace broadsheet::rpc
