#include "tests/faults/fault_proxy.h"

#include <sys/socket.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace broadsheet::faults {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kLookAgain = std::chrono::milliseconds(2);
constexpr std::size_t kMaxHeld = 256 << 10;

// One passed connection: two sockets, closed together.
struct Passage {
  explicit Passage(tcp::socket from_client) : client(std::move(from_client)), server(client.get_executor()) {}

  void Close(bool reset) {
    for (tcp::socket* socket : {&client, &server}) {
      error_code ignored;
      if (reset && socket->is_open()) socket->set_option(tcp::socket::linger(true, 0), ignored);
      socket->close(ignored);
    }
  }

  tcp::socket client;
  tcp::socket server;
};
using PassagePtr = std::shared_ptr<Passage>;

// What has been read in one direction and not been passed on. A delay is each part's own, as on a long line:
// the next one does not have to wait until the last one has arrived.
struct Part {
  std::string bytes;
  std::chrono::steady_clock::time_point due;
};
struct Held {
  explicit Held(asio::io_context& io_context) : changed(io_context) {}

  std::deque<Part> parts;
  std::size_t bytes = 0;  // of these, and of the one that is being passed on
  bool ended = false;     // nothing is added any more
  asio::steady_timer changed;
};

tcp::endpoint Loopback(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)};
}

}  // namespace

struct FaultProxy::Parts {
  explicit Parts(int upstream) : upstream_port(upstream), acceptor(io_context, Loopback(0)) {
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
      if (error) continue;
      auto passage = std::make_shared<Passage>(std::move(socket));
      if (mode == Mode::kReset) {
        passage->Close(true);
        continue;
      }
      passages.insert(passage);
      asio::co_spawn(io_context, Serve(passage), asio::detached);
    }
  }

  asio::awaitable<void> Serve(PassagePtr passage) {
    asio::steady_timer timer(io_context);
    while (mode == Mode::kBlackHole) co_await Wait(timer, kLookAgain);
    error_code error;
    co_await passage->server.async_connect(Loopback(upstream_port),
                                           asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      passage->Close(true);
      passages.erase(passage);
      co_return;
    }
    passage->client.set_option(tcp::no_delay(true), error);
    passage->server.set_option(tcp::no_delay(true), error);
    asio::co_spawn(io_context, Pump(passage, false), asio::detached);
    co_await Pump(passage, true);
  }

  // Reads what goes in one direction until that side ends, and has it passed on.
  asio::awaitable<void> Pump(PassagePtr passage, bool answers) {
    tcp::socket& from = answers ? passage->server : passage->client;
    const auto held = std::make_shared<Held>(io_context);
    asio::co_spawn(io_context, PassOn(passage, held, answers), asio::detached);
    std::string block(65536, '\0');
    for (;;) {
      error_code error;
      const std::size_t size = co_await from.async_read_some(
          asio::buffer(block), asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      const auto now = std::chrono::steady_clock::now();
      held->bytes += size;
      held->parts.push_back({block.substr(0, size), mode == Mode::kDelay ? now + delay : now});
      held->changed.cancel();
      while (held->bytes > kMaxHeld) co_await Change(*held);
    }
    held->ended = true;
    held->changed.cancel();
  }

  // Passes on what is held, each part when it is due, until either side ends.
  asio::awaitable<void> PassOn(PassagePtr passage, std::shared_ptr<Held> held, bool answers) {
    tcp::socket& to = answers ? passage->client : passage->server;
    asio::steady_timer timer(io_context);
    for (;;) {
      while (held->parts.empty() && !held->ended) co_await Change(*held);
      if (!held->parts.empty()) co_await WaitUntil(timer, held->parts.front().due);
      while (Swallows(answers)) co_await Wait(timer, kLookAgain);
      if (held->parts.empty()) break;
      Part part = std::move(held->parts.front());
      held->parts.pop_front();
      if (mode == Mode::kGarbage && answers) {
        for (std::size_t i = 0; i < part.bytes.size(); i += 7)
          part.bytes[i] = static_cast<char>(part.bytes[i] ^ 0x55);
      }
      error_code error;
      co_await asio::async_write(to, asio::buffer(part.bytes),
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      held->bytes -= part.bytes.size();
      held->changed.cancel();
    }
    passage->Close(false);
    passages.erase(passage);
    held->bytes = 0;  // so that whoever waits for room finds that the connection has ended
    held->changed.cancel();
  }

  // Until somebody has taken from what is held, or added to it.
  static asio::awaitable<void> Change(Held& held) {
    error_code ignored;
    held.changed.expires_at(asio::steady_timer::time_point::max());
    co_await held.changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  bool Swallows(bool answers) const {
    return mode == Mode::kBlackHole || mode == (answers ? Mode::kBlackHoleAnswers : Mode::kBlackHoleRequests);
  }

  asio::awaitable<void> Wait(asio::steady_timer& timer, std::chrono::nanoseconds time) {
    error_code ignored;
    timer.expires_after(time);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::awaitable<void> WaitUntil(asio::steady_timer& timer, std::chrono::steady_clock::time_point due) {
    const auto now = std::chrono::steady_clock::now();
    if (due > now) co_await Wait(timer, due - now);
  }

  void Enter(Mode new_mode, std::chrono::nanoseconds new_delay) {
    mode = new_mode;
    delay = new_delay;
    if (mode != Mode::kReset) return;
    for (const PassagePtr& passage : passages) passage->Close(true);
  }

  const int upstream_port;
  // Of the proxy's thread.
  asio::io_context io_context{1};
  tcp::acceptor acceptor;
  std::set<PassagePtr> passages;
  Mode mode = Mode::kPass;
  std::chrono::nanoseconds delay{0};
  std::thread thread;
};

std::optional<FaultProxy::Mode> FaultProxy::ParseMode(std::string_view name) {
  if (name == "pass") return Mode::kPass;
  if (name == "reset") return Mode::kReset;
  if (name == "black_hole") return Mode::kBlackHole;
  if (name == "black_hole_requests") return Mode::kBlackHoleRequests;
  if (name == "black_hole_answers") return Mode::kBlackHoleAnswers;
  if (name == "delay") return Mode::kDelay;
  if (name == "garbage") return Mode::kGarbage;
  return std::nullopt;
}

FaultProxy::FaultProxy(int port) : parts_(std::make_unique<Parts>(port)) {}
FaultProxy::~FaultProxy() = default;

int FaultProxy::port() const { return parts_->acceptor.local_endpoint().port(); }

void FaultProxy::SetMode(Mode mode, absl::Duration delay) {
  std::promise<void> entered;
  asio::post(parts_->io_context, [&] {
    parts_->Enter(mode, absl::ToChronoNanoseconds(delay));
    entered.set_value();
  });
  entered.get_future().wait();
}

}  // namespace broadsheet::faults
