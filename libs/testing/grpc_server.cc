#include "libs/testing/grpc_server.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "libs/testing/free_port.h"

namespace broadsheet::test {
namespace {

rpc::ServerOptions OnFreePort(rpc::ServerOptions options) {
  if (options.port == 0) options.port = FreePort();
  return options;
}

}  // namespace

GrpcServer::GrpcServer(const std::vector<grpc::Service*>& services,
                       const std::vector<rpc::AsyncService*>& async_services, rpc::ServerOptions options)
    : server_(OnFreePort(std::move(options))) {
  for (grpc::Service* service : services) server_.Register(service);
  for (rpc::AsyncService* service : async_services) server_.Register(service);
  if (const absl::Status started = server_.Start(); !started.ok()) {
    std::fprintf(stderr, "the server does not start: %s\n", started.ToString().c_str());
    std::abort();
  }
}

std::shared_ptr<grpc::Channel> GrpcServer::channel() const {
  rpc::ChannelOptions options;
  options.own_connection = true;
  std::shared_ptr<grpc::Channel> channel = rpc::NewChannel(address(), options);
  // On a machine that is busy the first attempt may take longer than a call waits for it.
  channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
  return channel;
}

}  // namespace broadsheet::test
