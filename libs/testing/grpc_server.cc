#include "libs/testing/grpc_server.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace broadsheet::test {

GrpcServer::GrpcServer(const std::vector<grpc::Service*>& services,
                       const std::vector<rpc::AsyncService*>& async_services, rpc::ServerOptions options)
    : server_(std::move(options)) {
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
  return rpc::NewChannel(address(), options);
}

}  // namespace broadsheet::test
