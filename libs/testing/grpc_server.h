#ifndef BROADSHEET_LIBS_TESTING_GRPC_SERVER_H_
#define BROADSHEET_LIBS_TESTING_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"

namespace broadsheet::test {

// A real gRPC server on a free port of the loopback, to which another may come back (free_port.h), assembled
// as in production. Ends the test program if it does not start.
class GrpcServer {
 public:
  // Synchronous and asynchronous services; they must outlive this. `options.host` is 127.0.0.1.
  explicit GrpcServer(const std::vector<grpc::Service*>& services,
                      const std::vector<rpc::AsyncService*>& async_services = {},
                      rpc::ServerOptions options = {});

  rpc::Server& server() { return server_; }
  int port() const { return server_.port(); }
  std::string address() const { return server_.address(); }
  // A new channel to it, over TCP, with a connection of its own, which is there.
  std::shared_ptr<grpc::Channel> channel() const;
  // Ends the server; the port is free again.
  void Stop() { server_.Drain(); }

 private:
  rpc::Server server_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_GRPC_SERVER_H_
