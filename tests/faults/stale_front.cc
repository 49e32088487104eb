#include "tests/faults/stale_front.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace broadsheet::faults {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Message {
  bool complete = false;
  std::string bytes;
};

std::size_t LengthOf(std::string_view head) {
  const std::string lower = absl::AsciiStrToLower(absl::string_view(head.data(), head.size()));
  const std::size_t at = lower.find("content-length:");
  std::size_t length = 0;
  if (at == lower.npos) return 0;
  const std::string value = lower.substr(at + 15, lower.find('\r', at) - at - 15);
  return absl::SimpleAtoi(value, &length) ? length : 0;
}

// The next message with its body; `received` keeps what comes after it.
asio::awaitable<Message> Receive(tcp::socket& socket, std::string& received) {
  error_code error;
  const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n",
                                                           asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Message{};
  const std::size_t size = head + LengthOf(std::string_view(received).substr(0, head));
  if (received.size() < size) {
    co_await asio::async_read(socket, asio::dynamic_buffer(received),
                              asio::transfer_exactly(size - received.size()),
                              asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) co_return Message{};
  Message message = {true, received.substr(0, size)};
  received.erase(0, size);
  co_return message;
}

tcp::endpoint LoopbackEndpoint(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)};
}

}  // namespace

struct StaleFront::Parts {
  struct Kept {
    std::string bytes;
    absl::Time until;
  };

  Parts(int upstream, absl::Duration keeps)
      : upstream_port(upstream), keeps(keeps), acceptor(io_context, LoopbackEndpoint(0)) {
    asio::co_spawn(io_context, Accept(), asio::detached);
    thread = std::thread([this] { io_context.run(); });
  }
  ~Parts() {
    io_context.stop();
    thread.join();
  }

  asio::awaitable<void> Accept() {
    for (;;) {
      error_code error;
      tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) asio::co_spawn(io_context, Serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> Serve(tcp::socket client) {
    tcp::socket server(io_context);
    std::string from_client, from_server;
    for (;;) {
      const Message request = co_await Receive(client, from_client);
      if (!request.complete) co_return;
      const std::string path = request.bytes.substr(4, request.bytes.find(' ', 4) - 4);
      std::string answer;
      if (const auto found = kept.find(path); found != kept.end() && absl::Now() < found->second.until) {
        answer = found->second.bytes;
      } else {
        const Message fetched = co_await Fetch(path, server, from_server);
        if (!fetched.complete) co_return;
        answer = fetched.bytes;
        kept[path] = {answer, absl::Now() + keeps};
      }
      error_code error;
      co_await asio::async_write(client, asio::buffer(answer),
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
    }
  }

  asio::awaitable<Message> Fetch(std::string path, tcp::socket& server, std::string& received) {
    error_code error;
    if (!server.is_open()) {
      received.clear();
      co_await server.async_connect(LoopbackEndpoint(upstream_port),
                                    asio::redirect_error(asio::use_awaitable, error));
    }
    const std::string request = absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    if (!error) {
      co_await asio::async_write(server, asio::buffer(request),
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) co_return Message{};
    co_return co_await Receive(server, received);
  }

  const int upstream_port;
  const absl::Duration keeps;
  asio::io_context io_context{1};
  tcp::acceptor acceptor;
  std::map<std::string, Kept> kept;
  std::thread thread;
};

StaleFront::StaleFront(int port, absl::Duration keeps) : parts_(std::make_unique<Parts>(port, keeps)) {}
StaleFront::~StaleFront() = default;

int StaleFront::port() const { return parts_->acceptor.local_endpoint().port(); }

}  // namespace broadsheet::faults
