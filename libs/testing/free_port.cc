#include "libs/testing/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace broadsheet::test {
namespace {

constexpr std::uint16_t kFirst = 10000, kLast = 19999;
constexpr int kTries = 1000;

bool IsFree(std::uint16_t port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool is_free = bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(socket_fd);
  return is_free;
}

}  // namespace

int FreePort() {
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> any(kFirst, kLast);
  for (int i = 0; i < kTries; ++i) {
    if (const std::uint16_t port = any(random); IsFree(port)) return port;
  }
  std::fprintf(stderr, "no free port from %d to %d\n", kFirst, kLast);
  std::abort();
}

}  // namespace broadsheet::test
