// The article service: the newsroom's system of record.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "libs/rpc/process.h"
#include "libs/telemetry/log.h"
#include "services/article/article_server.h"
#include "services/article/upkeep.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "Address to listen on; 0.0.0.0 for every network.");
ABSL_FLAG(std::uint16_t, grpc_port, 8082, "Port for gRPC; 0 takes any free one.");
ABSL_FLAG(std::uint16_t, ops_port, 9082, "Port for operators: /healthz /readyz /metrics /status; 0: any.");
ABSL_FLAG(std::string, port_file, "", "File to write the open ports to, as lines `name=port`.");
ABSL_FLAG(std::string, data, "data/article", "Folder of the database; made if absent.");
ABSL_FLAG(std::string, database, "",
          "PostgreSQL database instead of --data, as in postgresql://article@db/article?passfile=FILE.");
ABSL_FLAG(std::string, backup, "", "Only copies the SQLite database of --data, in use or not, to this file.");
ABSL_FLAG(bool, new_log_id, false, "Only gives the log of --data a new id, for after a restore.");
ABSL_FLAG(absl::Duration, replica_timeout, absl::Milliseconds(1500),
          "With --database: how long others that serve it wait for a silent one; 500ms to 1m, at least two "
          "leases.");
ABSL_RETIRED_FLAG(absl::Duration, serving_lock_timeout, absl::Seconds(3), "Use --replica_timeout.");
ABSL_FLAG(absl::Duration, lease, absl::Milliseconds(500),
          "How long a follower of the change log may use what it remembers without asking; 50ms to 10s.");
ABSL_FLAG(absl::Duration, restart_grace, absl::ZeroDuration(),
          "The --lease of the run before, where this one's is shorter: writes wait for its followers.");
ABSL_FLAG(std::int32_t, drain_seconds, 0, "How long to serve after SIGTERM, while clients turn elsewhere.");
ABSL_FLAG(std::uint32_t, cache_mib, 64, "Memory for the stories that are read most, in MiB; 0 keeps none.");
ABSL_FLAG(std::uint16_t, max_readers, 16, "Reads of the database at a time, at least 1; further ones wait.");

namespace {

broadsheet::article::ArticleServerOptions OptionsFromFlags() {
  broadsheet::article::ArticleServerOptions options;
  options.host = absl::GetFlag(FLAGS_host);
  options.grpc_port = absl::GetFlag(FLAGS_grpc_port);
  options.ops_port = absl::GetFlag(FLAGS_ops_port);
  options.data = absl::GetFlag(FLAGS_data);
  options.lease = absl::GetFlag(FLAGS_lease);
  options.restart_grace = absl::GetFlag(FLAGS_restart_grace);
  options.drain = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  options.cache_bytes = std::size_t{absl::GetFlag(FLAGS_cache_mib)} << 20;
  options.max_readers = absl::GetFlag(FLAGS_max_readers);
  options.database = absl::GetFlag(FLAGS_database);
  options.replica_timeout = absl::GetFlag(FLAGS_replica_timeout);
  options.flags = broadsheet::rpc::FlagsInForce({"database"});  // which of it may be shown a section shows
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Keeps the newsroom's stories and serves the published ones.");
  broadsheet::telemetry::ConfigureLog({.service = "article"});
  broadsheet::article::ArticleServerOptions options = OptionsFromFlags();
  if (const auto done = broadsheet::article::RunUpkeep(
          {options.data, options.database, absl::GetFlag(FLAGS_backup), absl::GetFlag(FLAGS_new_log_id)}))
    return process.Tell(*done);
  options.give_up = [&process] { return process.ShutdownRequested(); };
  auto server = broadsheet::article::ArticleServer::Start(std::move(options));
  if (absl::IsCancelled(server.status())) return 0;
  if (!server.ok()) return process.Fail(server.status());
  const absl::Status written = broadsheet::rpc::WritePortFile(
      absl::GetFlag(FLAGS_port_file), {{"grpc", (*server)->grpc_port()}, {"ops", (*server)->ops_port()}});
  if (!written.ok()) return process.Fail(written);
  broadsheet::telemetry::Log(broadsheet::telemetry::Severity::kInfo, "serving",
                             {{"grpc_port", (*server)->grpc_port()}, {"ops_port", (*server)->ops_port()}});
  process.WaitForShutdown();
  (*server)->Drain();
  broadsheet::telemetry::Log(broadsheet::telemetry::Severity::kInfo, "stopped");
  return 0;
}
