#ifndef BROADSHEET_SERVICES_GATEWAY_FAKE_SERVER_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_FAKE_SERVER_TESTING_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grpcpp/server_context.h"
#include "libs/change/publisher.h"
#include "libs/testing/grpc_server.h"

// The services behind the gateway, in this process but served over real gRPC and followed over real change
// streams, so that a test can let them fail in every way.
namespace broadsheet::gateway {

enum class Fault {
  kNone,
  kUnavailable,  // every call fails at once
  kHang,         // no call is answered until the fault is over
  kGarbage,      // calls are answered with nonsense
};

// Lets calls fail, and counts them. Thread-safe.
class Faults {
 public:
  void Set(Fault fault);
  // Of calls of this method alone, whatever holds for the others.
  void SetOf(const std::string& method, Fault fault);
  Fault current() const;
  // At the begin of each handler: what to answer instead, or OK to go on.
  grpc::Status Enter(grpc::ServerContext& context, const std::string& method);
  int calls(const std::string& method) const;
  // Of those that hung, how many the caller gave up.
  int cancelled(const std::string& method) const;

 private:
  Fault Of(const std::string& method) const;  // with mutex_ held

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Fault fault_ = Fault::kNone;
  std::map<std::string, Fault> by_method_;
  std::map<std::string, int> calls_;
  std::map<std::string, int> cancelled_;
};

// A server that can be stopped and started again at the same port, with its change log if it has one.
class RestartableServer {
 public:
  RestartableServer(std::vector<grpc::Service*> services, std::string source, const change::ChangeLog* log);
  ~RestartableServer();

  void Start();
  void StartWith(const change::ChangeLog& log) {
    log_ = &log;
    Start();
  }
  void Stop();  // like a kill: streams end, connections are refused, leases are not given back
  std::string address() const;
  // Waits for the followers, as a write does.
  change::v1::Propagation Announce(std::int64_t position);

 private:
  const std::vector<grpc::Service*> services_;
  const std::string source_;
  const change::ChangeLog* log_;
  const int port_;
  std::unique_ptr<change::Publisher> publisher_;
  std::unique_ptr<test::GrpcServer> server_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FAKE_SERVER_TESTING_H_
