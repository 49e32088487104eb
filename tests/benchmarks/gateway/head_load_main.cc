// head_load PORT PATH CONNECTIONS SECONDS [FIELD LINE]…: asks for HEAD on kept-alive connections, one request
// at a time on each, and prints how many answers came. wrk and h2load wait for bodies that such answers do
// not have.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "head_load: %s\n", what);
  std::exit(1);
}

int Connect(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Fail("cannot connect");
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

struct Connection {
  int socket;
  std::string received;
};

void Ask(const Connection& connection, const std::string& request) {
  if (send(connection.socket, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) {
    Fail("cannot send");
  }
}

// Whether the answer is complete.
bool Receive(Connection& connection) {
  char block[16 * 1024];
  const ssize_t size = recv(connection.socket, block, sizeof(block), 0);
  if (size <= 0) Fail("the connection has ended");
  connection.received.append(block, static_cast<std::size_t>(size));
  if (!connection.received.ends_with("\r\n\r\n")) return false;
  if (!connection.received.starts_with("HTTP/1.1 200 ")) Fail("not 200");
  connection.received.clear();
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) Fail("usage: head_load PORT PATH CONNECTIONS SECONDS [FIELD LINE]...");
  std::string request = std::string("HEAD ") + argv[2] + " HTTP/1.1\r\nHost: 127.0.0.1:" + argv[1] + "\r\n";
  for (int i = 5; i < argc; ++i) request.append(argv[i]).append("\r\n");
  request += "\r\n";

  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections(static_cast<std::size_t>(std::atoi(argv[3])));
  for (Connection& connection : connections) {
    connection.socket = Connect(std::atoi(argv[1]));
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection.socket, &event);
    Ask(connection, request);
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[4]));
  long answers = 0;
  std::vector<epoll_event> events(connections.size());
  while (std::chrono::steady_clock::now() < end) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 1000);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!Receive(connection)) continue;
      ++answers;
      Ask(connection, request);
    }
  }
  std::printf("%ld\n", answers);
}
