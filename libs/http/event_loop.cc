#include "libs/http/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "libs/http/connection.h"
#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kSweepInterval(250);
constexpr int kEvictionCandidates = 16;

}  // namespace

EventLoop::EventLoop(std::shared_ptr<const ServerOptions> options, std::size_t max_connections)
    : options_(std::move(options)),
      max_connections_(max_connections),
      work_(io_context_.get_executor()),
      acceptor_(io_context_),
      sweep_timer_(io_context_) {
  UpdateTime();
}

EventLoop::~EventLoop() = default;

void EventLoop::Adopt(tcp::acceptor acceptor) { acceptor_ = std::move(acceptor); }

void EventLoop::Run() {
  thread_ = std::thread([this] {
    thread_id_ = std::this_thread::get_id();
    Accept();
    ScheduleSweep();
    io_context_.run();
  });
}

void EventLoop::Post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!stopped_) boost::asio::post(io_context_, std::move(work));
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  Post([this] {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    sweep_timer_.cancel();
    const Connections connections = connections_;
    for (const std::shared_ptr<Connection>& connection : connections) connection->Close();
    work_.reset();
  });
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  // What was posted while the thread ended is run here, so that it holds nothing alive.
  io_context_.restart();
  io_context_.poll();
}

void EventLoop::Accept() {
  acceptor_.async_accept(io_context_, [this](boost::system::error_code error, Socket socket) {
    if (stopping_ || draining_ || error == boost::asio::error::operation_aborted) return;
    if (error) {
      accept_failed_ = true;
      return;
    }
    OnAccept(std::move(socket));
    Accept();
  });
}

void EventLoop::OnAccept(Socket socket) {
  counters_.accepted.fetch_add(1, std::memory_order_relaxed);
  if (connections_.size() >= max_connections_ && !MakeRoom()) return;
  auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket));
  connections_.push_back(connection);
  counters_.open.store(connections_.size(), std::memory_order_relaxed);
  connection->Start(std::prev(connections_.end()));
}

bool EventLoop::MakeRoom() {
  int candidates = kEvictionCandidates;
  for (auto it = connections_.begin(); it != connections_.end() && candidates > 0; ++it, --candidates) {
    if (!(*it)->waiting_for_request()) continue;
    counters_.evicted.fetch_add(1, std::memory_order_relaxed);
    const std::shared_ptr<Connection> longest_waiting = *it;
    longest_waiting->Close();
    return true;
  }
  return false;
}

void EventLoop::Remove(Connections::iterator position) {
  connections_.erase(position);
  counters_.open.store(connections_.size(), std::memory_order_relaxed);
  if (draining_ && connections_.empty() && on_empty_) std::exchange(on_empty_, nullptr)();
}

void EventLoop::UpdateTime() {
  now_ = Clock::now();
  const absl::Time wall = absl::Now();
  if (const std::int64_t second = absl::ToUnixSeconds(wall); second != date_second_) {
    date_second_ = second;
    date_line_ = "Date: " + HttpDate(wall) + "\r\n";
  }
}

void EventLoop::ScheduleSweep() {
  sweep_timer_.expires_after(kSweepInterval);
  sweep_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_) return;
    Sweep();
    ScheduleSweep();
  });
}

void EventLoop::Sweep() {
  UpdateTime();
  for (auto it = connections_.begin(); it != connections_.end();) {
    const std::shared_ptr<Connection> connection = *it++;  // checking may remove it
    connection->CheckTime(now_);
  }
  if (std::exchange(accept_failed_, false) && !draining_) Accept();
}

void EventLoop::BeginDrain(std::function<void()> on_empty) {
  Post([this, on_empty = std::move(on_empty)]() mutable {
    AcceptBacklog();
    draining_ = true;
    on_empty_ = std::move(on_empty);
    UpdateTime();
    for (const std::shared_ptr<Connection>& connection : connections_) connection->DrainBegins(now_);
    if (connections_.empty()) std::exchange(on_empty_, nullptr)();
  });
}

// Connections the kernel has completed already would be reset by closing the socket: they are served.
void EventLoop::AcceptBacklog() {
  boost::system::error_code error;
  acceptor_.cancel(error);
  acceptor_.non_blocking(true, error);
  for (std::size_t i = 0; i < max_connections_ && !error; ++i) {
    Socket socket(io_context_);
    acceptor_.accept(socket, error);
    if (!error) OnAccept(std::move(socket));
  }
  acceptor_.close(error);
}

}  // namespace broadsheet::http
