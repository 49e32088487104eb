#ifndef BROADSHEET_LIBS_HTTP_SERVER_H_
#define BROADSHEET_LIBS_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

struct event_base;

namespace broadsheet::http {

// Where a response goes: one request of one connection. Implemented by the connection; handlers see Responder
// only.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Thread-safe. A response to an exchange that is already answered, or whose client has gone, is discarded.
  virtual void Respond(std::uint64_t exchange, Response response) = 0;
};

// The right to answer one request, once. Movable, may be kept and used later from any thread; used on the
// thread that called the handler, the answer is written before Send returns. Destroyed unused, it answers
// 500.
class Responder {
 public:
  Responder(std::shared_ptr<Exchange> connection, std::uint64_t exchange);
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // Calls after the first do nothing. Harmless when the client or the server has gone.
  void Send(Response response);
  void Send(std::shared_ptr<const Content> content);

 private:
  std::shared_ptr<Exchange> connection_;
  std::uint64_t exchange_;
};

// Called on an event loop's thread for every well-formed request; must not block. Dispatching on the path is
// the handler's business. HEAD arrives as HEAD and is answered like GET; the server leaves the body out.
using Handler = std::function<void(std::shared_ptr<const Request>, Responder)>;

// One answered request, for metrics and access logs.
struct Served {
  const Request& request;
  int status;
  std::size_t body_bytes;
  absl::Duration duration;  // from the complete head to the response handed to the kernel
};

// For whose sake, or for what, a client is given up that could not be served to the end.
enum class GivenUp {
  kSlowReader,         // it was behind for too long
  kSlowClientEvicted,  // it was behind, and another needed its place
  kRefused,            // a newcomer: nobody could make room
  kRefusedStream,      // HTTP/2: its other streams, or those of all, hold too much of requests
  kNoRoom,             // HTTP/2: others held the room for its body, which has to be unpacked, for too long
};

struct ServerOptions {
  std::string address = "0.0.0.0";  // IPv4 or IPv6; "::" also accepts IPv4
  int port = 0;                     // 0: any free one, see Server::port()
  int threads = 1;                  // event loops, 1..64; 0: one per core
  Handler handler;                  // required
  // Called on each loop's thread before it accepts anybody; the result is destroyed there when nobody is
  // served any more. For what shares the thread with the connections: they have the lower of libevent's two
  // priorities there, and a turn of theirs is short. Unset: nothing does.
  std::function<std::shared_ptr<void>(event_base* loop)> on_loop = {};
  // Others are answered 405 with Allow, methods the server does not know 501. OPTIONS is answered by the
  // server.
  std::vector<Method> methods = {Method::kGet, Method::kHead};
  // What Allow says for a path (decoded), where not every path takes every one of `methods`; unset: these.
  // Called on every thread; must be quick.
  std::function<std::string(std::string_view path)> allow = nullptr;
  // Called after every response to a well-formed request, on the loop's thread; must be quick. Optional.
  std::function<void(const Served&)> on_served;
  // Called for every client given up so, on the loop's thread; must be quick. Optional.
  std::function<void(GivenUp)> on_given_up = nullptr;

  // Beyond: a connection on which all is said makes room, or else the one waiting longest for a request, or
  // the slowest reader.
  std::size_t max_connections = 10'000;
  std::size_t max_target_bytes = 8 * 1024;   // beyond: 414
  std::size_t max_header_bytes = 16 * 1024;  // request line and all fields; beyond: 431
  std::size_t max_header_fields = 100;       // beyond: 431
  std::size_t max_body_bytes = 64 * 1024;    // beyond: 413
  // Of requests, with their bodies, that streams of HTTP/2 hold until they are answered, where their
  // connections hold more than one may take: a byte on the wire may stand for 4 KiB of it. Beyond:
  // REFUSED_STREAM.
  std::size_t max_stream_bytes = 128 * 1024 * 1024;
  // Checked by a sweep four times a second, so each is kept to within a quarter of a second.
  absl::Duration header_timeout = absl::Seconds(10);     // first byte of a head to its end; then 408
  absl::Duration body_timeout = absl::Seconds(30);       // end of the head to the end of the body; then 408
  absl::Duration idle_timeout = absl::Seconds(60);       // a kept-alive connection without a request
  absl::Duration drain_idle_timeout = absl::Seconds(1);  // the same while draining, if it is less
  absl::Duration write_timeout = absl::Seconds(20);      // how far a client may be behind with a response
  // What a client must take of a response, or else it falls behind; each byte makes up for its time. Who
  // takes nothing is given up after write_timeout, who takes half of this after twice that; a line of two
  // kilobits a second keeps up. 0: any byte makes up for all the time before.
  std::size_t min_bytes_per_second = 240;
};

struct ServerStatistics {
  std::uint64_t accepted = 0;  // connections, ever
  std::uint64_t open = 0;      // connections, now
  std::uint64_t requests = 0;  // handed to the handler
  std::uint64_t rejected = 0;  // answered 4xx or 5xx by the server itself
  std::uint64_t not_modified = 0;
  std::uint64_t timed_out = 0;        // connections, and streams of HTTP/2, given up by the sweep
  std::uint64_t slow_readers = 0;     // of these, those that did not take a response, or too slowly
  std::uint64_t evicted = 0;          // connections closed to make room
  std::uint64_t evicted_slow = 0;     // of these, those that read, or sent, too slowly
  std::uint64_t refused = 0;          // connections closed at once, since nobody could make room
  std::uint64_t refused_streams = 0;  // of HTTP/2, since others hold too much
};

// An HTTP server: event loops on threads of its own, all accepting on one port. Speaks HTTP/1.1, and HTTP/2
// to clients that begin with it. Thread-safe.
class Server {
 public:
  // Listening when it returns. INVALID_ARGUMENT for options out of range, ALREADY_EXISTS ("port 8080 is in
  // use"), PERMISSION_DENIED, or UNAVAILABLE with the reason.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // Drains with no time allowed.
  virtual ~Server() = default;

  virtual int port() const = 0;
  virtual ServerStatistics statistics() const = 0;

  // Stops accepting, tells each client with its next response that the connection ends, and returns when all
  // connections have ended or `timeout` has passed, whatever is left then is closed. Connections that stay
  // idle are closed after `drain_idle_timeout`, so that a request already on its way is still answered. Call
  // it once load balancers no longer send new connections. Blocking; not from a handler. Later calls return
  // at once.
  virtual void Drain(absl::Duration timeout) = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_SERVER_H_
