// The gateway: what readers meet.

#include "libs/rpc/process.h"
#include "libs/telemetry/log.h"
#include "services/gateway/gateway.h"
#include "services/gateway/gateway_flags.h"

int main(int argc, char** argv) {
  namespace gateway = broadsheet::gateway;
  broadsheet::rpc::Process process(argc, argv, "Makes pages of what the services know, and serves them.");
  broadsheet::telemetry::ConfigureLog({.service = "gateway"});
  if (gateway::OnlyChecksTemplates())
    return process.Tell(gateway::CheckTemplates(gateway::OptionsFromFlags()));
  auto server = gateway::Gateway::Start(gateway::OptionsFromFlags());
  if (!server.ok()) return process.Fail(server.status());
  process.WaitForShutdown();
  (*server)->Drain();
  return 0;
}
