// The media service: pictures in, renditions out.

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "libs/rpc/process.h"
#include "libs/telemetry/log.h"
#include "services/media/decoder_process.h"
#include "services/media/media_server.h"
#include "services/media/upkeep.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "Address to listen on; 0.0.0.0 for every network.");
ABSL_FLAG(std::uint16_t, grpc_port, 8083, "Port for gRPC; 0 takes any free one.");
ABSL_FLAG(std::uint16_t, http_port, 8093, "Port for renditions over HTTP; 0 takes any free one.");
ABSL_FLAG(std::uint16_t, ops_port, 9083, "Port for operators: /healthz /readyz /metrics /status; 0: any.");
ABSL_FLAG(std::string, port_file, "", "File to write the open ports to, as lines `name=port`.");
ABSL_FLAG(std::string, data, "data/media", "Folder for pictures and their records; made if absent.");
ABSL_FLAG(std::string, backup, "", "Only copies the records of --data, in use or not, to this file.");
ABSL_FLAG(bool, new_log_id, false, "Only gives the log of --data a new id, for after a restore.");
ABSL_FLAG(absl::Duration, lease, absl::Milliseconds(500),
          "How long a follower of the change log may use what it remembers without asking; 50ms to 10s.");
ABSL_FLAG(absl::Duration, restart_grace, absl::ZeroDuration(),
          "The --lease of the run before, where this one's is shorter: writes wait for its followers.");
ABSL_FLAG(int, drain_seconds, 0, "How long to keep serving after SIGTERM, while clients turn elsewhere.");
ABSL_FLAG(int, max_uploads, 16, "Uploads at a time, at least 1; further ones are refused.");
ABSL_FLAG(int, decoders, 2, "Pictures decoded at a time, at least 1; each takes a core and up to 1 GB.");
ABSL_FLAG(bool, decode, false, "For the service itself: decodes the picture on standard input, limited.");
ABSL_FLAG(std::string, decode_language, "", "With --decode: of the texts in the picture, as a BCP 47 tag.");

namespace {

broadsheet::media::MediaServerOptions OptionsFromFlags() {
  broadsheet::media::MediaServerOptions options;
  options.host = absl::GetFlag(FLAGS_host);
  options.grpc_port = absl::GetFlag(FLAGS_grpc_port);
  options.http_port = absl::GetFlag(FLAGS_http_port);
  options.ops_port = absl::GetFlag(FLAGS_ops_port);
  options.data = absl::GetFlag(FLAGS_data);
  options.lease = absl::GetFlag(FLAGS_lease);
  options.restart_grace = absl::GetFlag(FLAGS_restart_grace);
  options.drain = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  options.max_uploads = absl::GetFlag(FLAGS_max_uploads);
  options.decoder.at_work = absl::GetFlag(FLAGS_decoders);
  options.flags = broadsheet::rpc::FlagsInForce();
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  namespace media = broadsheet::media;
  namespace rpc = broadsheet::rpc;
  namespace telemetry = broadsheet::telemetry;
  rpc::Process process(argc, argv, "Stores pictures, says what they show, and serves them at several sizes.");
  if (absl::GetFlag(FLAGS_decode)) return media::RunDecoder(argv[0], absl::GetFlag(FLAGS_decode_language));
  telemetry::ConfigureLog({.service = "media"});
  const media::MediaServerOptions options = OptionsFromFlags();
  if (const auto done =
          media::RunUpkeep({options.data, absl::GetFlag(FLAGS_backup), absl::GetFlag(FLAGS_new_log_id)}))
    return process.Tell(*done);
  absl::StatusOr<std::unique_ptr<media::MediaServer>> server = media::MediaServer::Start(options);
  if (!server.ok()) return process.Fail(server.status());
  const absl::Status written = rpc::WritePortFile(
      absl::GetFlag(FLAGS_port_file),
      {{"grpc", (*server)->grpc_port()}, {"http", (*server)->http_port()}, {"ops", (*server)->ops_port()}});
  if (!written.ok()) return process.Fail(written);
  telemetry::Log(telemetry::Severity::kInfo, "serving",
                 {{"grpc_port", (*server)->grpc_port()},
                  {"http_port", (*server)->http_port()},
                  {"ops_port", (*server)->ops_port()}});
  process.WaitForShutdown();
  (*server)->Drain();
  telemetry::Log(telemetry::Severity::kInfo, "stopped");
  return 0;
}
