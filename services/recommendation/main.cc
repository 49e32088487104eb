// The recommendation service: which stories belong together, and which are read most.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "libs/rpc/process.h"
#include "libs/telemetry/log.h"
#include "services/recommendation/recommendation_server.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "Address to listen on; 0.0.0.0 for every network.");
ABSL_FLAG(std::uint16_t, grpc_port, 8084, "Port for gRPC; 0 takes any free one.");
ABSL_FLAG(std::uint16_t, ops_port, 9084,
          "Port for operators: /healthz /readyz /metrics /status; 0 takes any free one.");
ABSL_FLAG(std::string, port_file, "",
          "File to write the ports to, as lines `name=port`, once they are open.");
ABSL_FLAG(std::string, data, "data/recommendation", "Folder of the reading log; made if absent.");
ABSL_FLAG(std::string, article_address, "127.0.0.1:8082",
          "gRPC target of the article service, for example dns:///article:8082. It need not be there yet.");
ABSL_FLAG(std::int32_t, drain_seconds, 0,
          "How long to keep serving after SIGTERM, while clients turn elsewhere.");
ABSL_FLAG(std::uint32_t, max_stories, 100'000,
          "Stories in the index, at least 1, about 8 KB each; with more, the oldest are left out.");

namespace {

broadsheet::recommendation::RecommendationServerOptions OptionsFromFlags() {
  broadsheet::recommendation::RecommendationServerOptions options;
  options.host = absl::GetFlag(FLAGS_host);
  options.grpc_port = absl::GetFlag(FLAGS_grpc_port);
  options.ops_port = absl::GetFlag(FLAGS_ops_port);
  options.data = absl::GetFlag(FLAGS_data);
  options.article_address = absl::GetFlag(FLAGS_article_address);
  options.drain = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  options.max_stories = absl::GetFlag(FLAGS_max_stories);
  options.flags = broadsheet::rpc::FlagsInForce();
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  namespace recommendation = broadsheet::recommendation;
  namespace rpc = broadsheet::rpc;
  namespace telemetry = broadsheet::telemetry;
  rpc::Process process(argc, argv, "Says which stories belong together and which are read most.");
  telemetry::ConfigureLog({.service = "recommendation"});
  absl::StatusOr<std::unique_ptr<recommendation::RecommendationServer>> server =
      recommendation::RecommendationServer::Start(OptionsFromFlags());
  if (!server.ok()) return process.Fail(server.status());
  const absl::Status written = rpc::WritePortFile(
      absl::GetFlag(FLAGS_port_file), {{"grpc", (*server)->grpc_port()}, {"ops", (*server)->ops_port()}});
  if (!written.ok()) return process.Fail(written);
  telemetry::Log(telemetry::Severity::kInfo, "serving",
                 {{"grpc_port", (*server)->grpc_port()}, {"ops_port", (*server)->ops_port()}});
  process.WaitForShutdown();
  (*server)->Drain();
  telemetry::Log(telemetry::Severity::kInfo, "stopped");
  return 0;
}
