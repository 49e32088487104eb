#ifndef BROADSHEET_SERVICES_GATEWAY_GATEWAY_H_
#define BROADSHEET_SERVICES_GATEWAY_GATEWAY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/ops_server.h"
#include "services/gateway/backends.h"
#include "services/gateway/clicks.h"
#include "services/gateway/last_good_keeper.h"
#include "services/gateway/page_server.h"
#include "services/gateway/read_reporter.h"
#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

struct GatewayOptions {
  std::string host = "127.0.0.1";
  int http_port = 0;  // 0: any free one, here and below
  int grpc_port = 0;
  int ops_port = 0;
  std::string port_file;  // where to write the ports to, see rpc::WritePortFile; empty: nowhere
  int threads = 0;        // event loops, and as many queues for pages that have to be made; 0: one per core
  BackendsOptions backends;
  std::string redis_address;   // see redis::ClientOptions; empty: no Redis
  std::string redis_username;  // empty: Redis's default user
  std::string
      redis_password_file;  // whose only line is the password, read at the start; empty: there is none
  std::string redis_sentinel_username;  // the same of the sentinels, which have users of their own
  std::string redis_sentinel_password_file;
  absl::Duration redis_timeout = absl::Milliseconds(25);
  std::string templates;                                      // folder of the page templates and assets
  absl::Duration look_at_templates_every = absl::Seconds(1);  // for changes, see LiveRenderer
  Site site;
  std::string time_zone = "UTC";  // of printed times; INVALID_ARGUMENT if unknown
  PageServerOptions pages;
  LastGoodOptions last_good;
  ClicksOptions clicks;
  ReadReporterOptions reads;
  std::string follower_id;      // what the owners call this gateway; empty: host name and process id
  telemetry::StatusRows flags;  // shown on /status
  // Ready only once article has been followed, or pages of an earlier run can be shown: for a gateway whose
  // being ready takes another one away. Otherwise at once.
  bool ready_once_following = false;
  absl::Duration drain = absl::ZeroDuration();  // time to keep serving after "not ready"
};

// Loads the templates as a start would, checks and trial pages included, and starts nothing: what to say of
// them, "ok, version …", or what is wrong with them, with file and line.
absl::StatusOr<std::string> CheckTemplates(const GatewayOptions& options);

// The whole gateway in one process. It serves as soon as it has started, whatever else runs or does not; when
// it says that it is ready, `ready_once_following` decides.
class Gateway {
 public:
  // Errors: what the templates, the addresses and the ports say, each in one sentence.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(GatewayOptions options);
  virtual ~Gateway() = default;  // Drains without waiting

  virtual int http_port() const = 0;
  virtual int grpc_port() const = 0;
  virtual int ops_port() const = 0;

  // An orderly end: not ready, keeps serving for `drain`, finishes what is in flight. Idempotent.
  virtual void Drain() = 0;

  // For tests: blocks until both change logs are followed, or the time is over; whether they are.
  virtual bool WaitUntilFollowing(absl::Duration timeout) const = 0;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GATEWAY_H_
