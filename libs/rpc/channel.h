#ifndef BROADSHEET_LIBS_RPC_CHANNEL_H_
#define BROADSHEET_LIBS_RPC_CHANNEL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"

namespace broadsheet::rpc {

struct ChannelOptions {
  // Full names of services that only read, such as `broadsheet.article.v1.ArticleService`: a call of theirs
  // that fails with UNAVAILABLE is tried up to three times in all, throttled when many fail. Calls of other
  // services are never repeated.
  std::vector<std::string> retried_services = {};
  // Stop using a backend while its health service says NOT_SERVING; without this a draining server loses
  // calls. Servers without a health service are used all the same.
  bool health_check = true;
  // Keep a connection of its own instead of sharing one with channels to the same target: for a stream that
  // must not queue behind large messages.
  bool own_connection = false;
  // Largest message received or sent.
  int max_message_bytes = 8 * 1024 * 1024;
  // Until it tries to connect again after the first attempt that failed, and at most after later ones. Found
  // again quickly after a restart.
  absl::Duration first_retry = absl::Milliseconds(100);
  absl::Duration longest_retry = absl::Seconds(1);
  // None: no encryption.
  std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr;
};

// A channel to `target` (`127.0.0.1:8082`, or `dns:///article:8082` for all replicas behind a name): spreads
// calls round-robin over healthy backends, keeps idle connections alive, ignores proxies; counts calls
// (broadsheet_rpc_client_*). Connects at the first call. Never null; a malformed target shows as UNAVAILABLE
// calls. Channels are thread-safe.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& target, const ChannelOptions& options = {});

// Has the channel try at once if it waits before it tries to connect again: its target is known to be there.
void ConnectNow(grpc::Channel& channel);

// The service config NewChannel uses, as JSON.
std::string ServiceConfig(const ChannelOptions& options);

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_CHANNEL_H_
