#ifndef BROADSHEET_LIBS_HTTP_SOCKET_H_
#define BROADSHEET_LIBS_HTTP_SOCKET_H_

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace broadsheet::http {

// A TCP socket that never blocks, or none; owns its descriptor. Not thread-safe.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { Close(); }

  // Bound to `address` (IPv4 or IPv6; "::" also accepts IPv4) and `port` (0: any free one), not listening
  // yet. The first socket of a port binds alone, so that a port another server shares with its own sockets
  // is in use all the same; only then does it allow others beside it.
  static absl::StatusOr<Socket> Bind(const std::string& address, int port, bool first);

  // kEnded, of a read: the peer sends no more, but may still read.
  enum class Outcome { kDone, kWouldBlock, kEnded, kFailed };
  struct Transfer {
    Outcome outcome = Outcome::kFailed;
    std::size_t bytes = 0;
  };
  Transfer Read(char* into, std::size_t size);
  Transfer Write(std::span<const iovec> pieces);

  // What an accepted connection's peer does not acknowledge for `patience`, or gives no room for, the kernel
  // drops with the connection, also after it was closed here.
  absl::Status Listen(absl::Duration patience);
  // The next connection; kDone: it is in `accepted`.
  Outcome Accept(Socket& accepted);
  bool ShutdownSending();
  // Of what was written, the bytes that the peer has not acknowledged.
  std::size_t Unacknowledged() const;
  // Closing will drop what is unacknowledged, rather than leave it to the kernel to deliver.
  void DropOnClose();
  int LocalPort() const;
  // The peer's IP address without the port; "unknown" if it has gone.
  std::string RemoteAddress() const;

  int descriptor() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }
  void Close();

 private:
  int descriptor_ = -1;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_SOCKET_H_
