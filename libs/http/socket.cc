#include "libs/http/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::http {
namespace {

// What the kernel holds of a response beyond what is under way. Left to itself it takes megabytes, and says
// that there is room again only when a third of them is gone, so that a slow reader would seem to take
// nothing.
constexpr int kUnsentBytes = 128 * 1024;

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool ParseEndpoint(const std::string& address, int port, Endpoint& endpoint) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&endpoint.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
    endpoint.size = sizeof(*v4);
    return true;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&endpoint.storage);
  if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) != 1) return false;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(static_cast<std::uint16_t>(port));
  endpoint.size = sizeof(*v6);
  return true;
}

absl::Status ListenError(int error, const std::string& address, int port) {
  switch (error) {
    case EADDRINUSE:
      return absl::AlreadyExistsError(absl::StrCat("port ", port, " is in use"));
    case EACCES:
      return absl::PermissionDeniedError(absl::StrCat("not permitted to listen on port ", port));
    case EADDRNOTAVAIL:
      return absl::UnavailableError(absl::StrCat(address, " is not an address of this machine"));
    default:
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address, " port ", port, ": ",
                                                 std::system_category().message(error)));
  }
}

bool SetOption(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof(value)) == 0;
}

// Calls `move` again when a signal came first: the loop, which tells of changes only, would not say anew that
// the socket is ready.
template <class Move>
Socket::Transfer Transferred(Socket::Outcome of_nothing, Move move) {
  ssize_t bytes = 0;
  do {
    bytes = move();
  } while (bytes < 0 && errno == EINTR);
  if (bytes > 0) return {Socket::Outcome::kDone, static_cast<std::size_t>(bytes)};
  if (bytes == 0) return {of_nothing, 0};
  const bool wait = (errno == EAGAIN || errno == EWOULDBLOCK);
  return {wait ? Socket::Outcome::kWouldBlock : Socket::Outcome::kFailed, 0};
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    Close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::Close() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

absl::StatusOr<Socket> Socket::Bind(const std::string& address, int port, bool first) {
  Endpoint endpoint;
  if (!ParseEndpoint(address, port, endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is not an IP address"));
  }
  const int family = endpoint.storage.ss_family;
  Socket socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int descriptor = socket.descriptor();
  const bool bound = socket.open() && SetOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
                     (family != AF_INET6 || SetOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0)) &&
                     (first || SetOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
                     bind(descriptor, endpoint.get(), endpoint.size) == 0 &&
                     SetOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  if (!bound) return ListenError(errno, address, port);
  return socket;
}

absl::Status Socket::Listen(absl::Duration patience) {
  // Accepted sockets inherit it.
  const std::int64_t milliseconds =
      std::clamp<std::int64_t>(absl::ToInt64Milliseconds(patience), 1, std::numeric_limits<int>::max());
  SetOption(descriptor_, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(milliseconds));
  if (listen(descriptor_, SOMAXCONN) == 0) return absl::OkStatus();
  return ListenError(errno, "this address", LocalPort());
}

Socket::Outcome Socket::Accept(Socket& accepted) {
  for (;;) {
    const int descriptor = accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 && (errno == ECONNABORTED || errno == EINTR)) continue;
    if (descriptor < 0) return errno == EAGAIN ? Outcome::kWouldBlock : Outcome::kFailed;
    SetOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    SetOption(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
    accepted = Socket(descriptor);
    return Outcome::kDone;
  }
}

Socket::Transfer Socket::Read(char* into, std::size_t size) {
  return Transferred(Outcome::kEnded, [&] { return recv(descriptor_, into, size, 0); });
}

Socket::Transfer Socket::Write(std::span<const iovec> pieces) {
  if (pieces.size() == 1) {  // which takes the kernel less
    const iovec piece = pieces.front();
    return Transferred(Outcome::kFailed,
                       [&] { return send(descriptor_, piece.iov_base, piece.iov_len, MSG_NOSIGNAL); });
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return Transferred(Outcome::kFailed, [&] { return sendmsg(descriptor_, &message, MSG_NOSIGNAL); });
}

bool Socket::ShutdownSending() { return shutdown(descriptor_, SHUT_WR) == 0; }

std::size_t Socket::Unacknowledged() const {
  int bytes = 0;
  return ioctl(descriptor_, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Socket::DropOnClose() {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int Socket::LocalPort() const {
  Endpoint endpoint;
  endpoint.size = sizeof(endpoint.storage);
  if (getsockname(descriptor_, endpoint.get(), &endpoint.size) != 0) return 0;
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&endpoint.storage)->sin_port);
}

std::string Socket::RemoteAddress() const {
  Endpoint endpoint;
  endpoint.size = sizeof(endpoint.storage);
  if (getpeername(descriptor_, endpoint.get(), &endpoint.size) != 0) return "unknown";
  char text[INET6_ADDRSTRLEN] = "unknown";
  if (endpoint.storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&endpoint.storage)->sin_addr, text,
              sizeof(text));
    return text;
  }
  const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&endpoint.storage)->sin6_addr;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
  inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address.s6_addr + 12 : address.s6_addr, text, sizeof(text));
  return text;
}

}  // namespace broadsheet::http
