#ifndef BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVER_H_
#define BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/ops_server.h"
#include "services/article/clock.h"

namespace broadsheet::article {

struct ArticleServerOptions {
  std::string host = "127.0.0.1";
  int grpc_port = 0;  // 0: any free one; so is the next
  int ops_port = 0;
  std::string data;  // folder of the database; made if it is not there
  // Instead of `data`: a PostgreSQL database, as libpq reads it. May hold a password, so it is shown nowhere.
  std::string database;
  // Of PostgreSQL: how long the other processes that serve it wait for this one when it gives no sign of
  // life; 500 milliseconds to a minute, at least two leases.
  absl::Duration replica_timeout = absl::Milliseconds(1500);
  // Asked several times a second while Start waits for PostgreSQL: whether to give up.
  std::function<bool()> give_up = [] { return false; };
  absl::Duration lease = absl::Milliseconds(500);
  // How long the first write waits for followers of the run before; a lease at least.
  absl::Duration restart_grace = absl::ZeroDuration();
  absl::Duration drain = absl::ZeroDuration();
  std::size_t cache_bytes = 64 << 20;  // of stories in memory
  int max_readers = 16;                // reads of the database at a time, at least 1
  telemetry::StatusRows flags;         // shown on /status
  Clock clock = absl::Now;
};

// The whole service, assembled: the store, its three gRPC services, the scheduler, the operators' port.
class ArticleServer {
 public:
  // Serves when it returns. INVALID_ARGUMENT: an option is out of range, by its flag's name.
  // FAILED_PRECONDITION: another process uses the folder, or the database is not ours or of a newer program;
  // UNAVAILABLE: a port is taken, the folder cannot be used.
  //
  // With PostgreSQL any number of processes serve one database together. Each waits, alive but not ready,
  // until the database is there (CANCELLED: `give_up` said so), and ends itself with exit status 1 if it
  // turns out later that the database has been replaced by another.
  static absl::StatusOr<std::unique_ptr<ArticleServer>> Start(ArticleServerOptions options);
  virtual ~ArticleServer() = default;

  virtual int grpc_port() const = 0;
  virtual int ops_port() const = 0;
  // Not ready at once, then an orderly end of the gRPC server, see rpc::Server::Drain, and of the leases that
  // its followers hold.
  virtual void Drain() = 0;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ARTICLE_SERVER_H_
