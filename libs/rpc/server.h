#ifndef BROADSHEET_LIBS_RPC_SERVER_H_
#define BROADSHEET_LIBS_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "libs/rpc/completion_queues.h"

namespace broadsheet::rpc {

class HealthService;

struct ServerOptions {
  std::string host = "127.0.0.1";  // address or name of the interface to listen on
  int port = 0;                    // 0: any free one
  // Most threads for synchronous handlers, gRPC's own pollers included; calls beyond it fail with
  // RESOURCE_EXHAUSTED.
  int max_threads = 256;
  // Threads, each with its completion queue, for asynchronous services; 0 if there are none:
  // health then has one for itself.
  int queue_threads = 1;
  static constexpr int kMaxMessageBytes = 8 * 1024 * 1024;
  int max_message_bytes = kMaxMessageBytes;  // of a request and of an answer
  int max_concurrent_streams = 1000;         // calls at a time on one connection
  // Connections end after this, give or take a tenth, so that new replicas get traffic; calls in flight have
  // `connection_grace` to finish.
  absl::Duration max_connection_age = absl::Minutes(5);
  absl::Duration connection_grace = absl::Seconds(30);
  // Drain: how long to keep serving after NOT_SERVING, and how long calls in flight may then take.
  absl::Duration drain = absl::ZeroDuration();
  absl::Duration shutdown_grace = absl::Seconds(10);
  // What health says after Start. Its owner calls SetServing(true) later if it is not to be sent calls yet.
  bool serving_at_start = true;
  // None: no encryption.
  std::shared_ptr<grpc::ServerCredentials> credentials = nullptr;
};

// A service whose calls are handled on the server's completion queues. It must handle every RPC of its gRPC
// service: a server with an unhandled one does not start.
class AsyncService {
 public:
  virtual ~AsyncService() = default;
  // Registered with the server; lives as long as this.
  virtual grpc::Service* service() = 0;
  // Called once the server runs: asks for the first calls. `queues` are closed after the server has shut
  // down.
  virtual void Serve(CompletionQueues& queues) = 0;
  // Called once at shutdown, before the server refuses calls: ends streams that would not end by themselves.
  virtual void Stop() {}
};

// A gRPC server, assembled the same way in every program: limits, health (overall and per service),
// reflection, keepalive, connection age, metrics per method (broadsheet_rpc_server_*), drain.
//
//   rpc::Server server(options);
//   server.Register(&article_service);   // synchronous
//   server.Register(&publisher);         // asynchronous
//   absl::Status started = server.Start();
//
// Methods are called from one thread, except the accessors.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // Shutdown without drain
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before Start; the service must outlive this server.
  void Register(grpc::Service* service);
  void Register(AsyncService* service);

  // Serves from here on. UNAVAILABLE: the address cannot be listened on, the message says why ("port 8082 on
  // 127.0.0.1 is in use"). INTERNAL: gRPC refused the services, or there are no queue threads for them.
  absl::Status Start();

  // Valid after Start.
  int port() const { return port_; }
  // `host:port` for clients on this machine.
  std::string address() const;

  // The queues asynchronous services are served from; also good for calling others: then a request stays on
  // its thread. Usable before Start.
  CompletionQueues& queues() { return *queues_; }

  // What the health service says for the server as a whole and each service; SERVING after Start unless
  // `serving_at_start` is false. Thread-safe.
  void SetServing(bool serving);

  // An orderly end: says NOT_SERVING, keeps serving for `drain` so that clients turn elsewhere, refuses new
  // calls, gives those in flight `shutdown_grace`, cancels the rest. Idempotent. Returns when nothing runs
  // any more.
  void Drain();

  // A channel without a network, for the server's own process.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  void Shutdown();

  const ServerOptions options_;
  grpc::ServerBuilder builder_;
  std::vector<AsyncService*> async_services_;
  const std::unique_ptr<HealthService> health_;
  std::unique_ptr<CompletionQueues> queues_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::string> service_names_;
  int port_ = 0;
  bool stopped_ = false;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_SERVER_H_
