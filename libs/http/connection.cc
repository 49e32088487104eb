#include "libs/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstring>
#include <utility>

namespace broadsheet::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kFirstCapacity = 2 * 1024;  // holds nearly every head; what an idle connection keeps
constexpr std::size_t kBodyCapacity = 16 * 1024;
constexpr std::size_t kMaxLingeredBytes = 256 * 1024;
constexpr std::chrono::seconds kLingerTimeout(2);
constexpr std::chrono::seconds kDrainIdleTimeout(1);

std::string AddressText(const Socket& socket) {
  error_code error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const boost::asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

std::string AllowedMethods(const ServerOptions& options) {
  std::string text;
  for (const Method method : options.methods) text.append(MethodName(method)).append(", ");
  return text.append("OPTIONS");
}

bool IsAllowed(const ServerOptions& options, Method method) {
  return std::find(options.methods.begin(), options.methods.end(), method) != options.methods.end();
}

// Whether `since` lies longer back than `timeout`.
bool Expired(EventLoop::Clock::time_point since, EventLoop::Clock::time_point now, absl::Duration timeout) {
  return absl::FromChrono(now - since) > timeout;
}

}  // namespace

Connection::Connection(std::shared_ptr<EventLoop> loop, Socket socket)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      since_(loop_->now()),
      remote_address_(AddressText(socket_)),
      reader_(loop_->options(), remote_address_),
      buffer_(std::make_unique_for_overwrite<char[]>(kFirstCapacity)),
      capacity_(kFirstCapacity) {}

Connection::~Connection() = default;

void Connection::Start(EventLoop::Connections::iterator position) {
  position_ = position;
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  Read();
}

void Connection::Enter(State state) {
  state_ = state;
  since_ = loop_->now();
}

void Connection::Read() {
  if (read_outstanding_) return;
  read_outstanding_ = true;
  socket_.async_read_some(boost::asio::buffer(buffer_.get() + end_, capacity_ - end_),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->read_outstanding_ = false;
                            self->OnRead(error, bytes);
                          });
}

void Connection::OnRead(error_code error, std::size_t bytes) {
  if (state_ == State::kWriting) return;  // a request is being refused: what else it says does not matter
  if (error) return Close();
  if (state_ == State::kReading) {
    end_ += bytes;
    Process();
  } else if (state_ == State::kLingering) {
    lingered_ += bytes;
    if (lingered_ > kMaxLingeredBytes) return Close();
    Read();
  }
}

void Connection::Process() {
  processing_ = true;
  while (state_ == State::kReading) {
    if (begin_ < end_) begin_ += reader_.Feed({buffer_.get() + begin_, end_ - begin_});
    if (reader_.state() != reading_) {
      reading_ = reader_.state();
      since_ = loop_->now();
    }
    if (reading_ == RequestReader::State::kComplete) {
      Dispatch();
      continue;
    }
    if (reading_ == RequestReader::State::kFailed) {
      Reject(reader_.error_status(), reader_.error_reason());
      break;
    }
    if (reading_ == RequestReader::State::kBody && reader_.expects_continue()) SendContinue();
    MakeRoom();
    Read();
    break;
  }
  processing_ = false;
}

void Connection::MakeRoom() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  std::size_t wanted = end_ == capacity_ ? capacity_ * 2 : capacity_;
  if (reading_ == RequestReader::State::kBody) wanted = std::max(wanted, kBodyCapacity);
  if (wanted == capacity_) return;
  // The reader refuses what does not fit a head or the framing of a chunk, so this stays within twice
  // max_header_bytes.
  auto larger = std::make_unique_for_overwrite<char[]>(wanted);
  std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ = wanted;
}

void Connection::SendContinue() {
  if (std::exchange(continue_sent_, true) || begin_ < end_) return;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code ignored;  // nothing else is being sent, so it fits; a broken connection shows when reading on
  socket_.write_some(boost::asio::buffer(kContinue.data(), kContinue.size()), ignored);
}

void Connection::Dispatch() {
  keep_alive_ = reader_.keep_alive();
  request_ = reader_.Take();
  reading_ = RequestReader::State::kIdle;
  continue_sent_ = false;
  ++exchange_;
  Enter(State::kHandling);
  const ServerOptions& options = loop_->options();
  if (options.on_served) started_ = absl::Now();
  if (AnsweredByServer()) return;
  loop_->counters().requests.fetch_add(1, std::memory_order_relaxed);
  try {
    options.handler(request_, Responder(shared_from_this(), exchange_));
  } catch (...) {
    // The responder has answered 500 when it was destroyed.
  }
}

bool Connection::AnsweredByServer() {
  const ServerOptions& options = loop_->options();
  if (IsAllowed(options, request_->method())) return false;
  const bool asked = request_->method() == Method::kOptions;
  Response response = asked ? PlainText(204, "") : PlainText(405, "This method is not allowed here.");
  response.headers.Add("Allow", AllowedMethods(options));
  if (!asked) loop_->counters().rejected.fetch_add(1, std::memory_order_relaxed);
  BeginWrite(std::move(response));
  return true;
}

void Connection::Respond(std::uint64_t exchange, Response response) {
  if (loop_->InThisThread()) return Deliver(exchange, std::move(response));
  loop_->Post([self = shared_from_this(), exchange, response = std::move(response)]() mutable {
    self->Deliver(exchange, std::move(response));
  });
}

void Connection::Deliver(std::uint64_t exchange, Response response) {
  if (state_ != State::kHandling || exchange != exchange_) return;
  BeginWrite(std::move(response));
}

void Connection::Reject(int status, std::string_view reason) {
  loop_->counters().rejected.fetch_add(1, std::memory_order_relaxed);
  keep_alive_ = false;
  BeginWrite(PlainText(status, reason));
}

void Connection::BeginWrite(Response response) {
  keep_alive_ = keep_alive_ && !response.close_connection && !loop_->draining();
  ResponseWriter::Write(request_.get(), std::move(response), loop_->date_line(), !keep_alive_, wire_);
  if (wire_.status == 304) loop_->counters().not_modified.fetch_add(1, std::memory_order_relaxed);
  written_ = 0;
  Enter(State::kWriting);
  Write();
}

std::array<boost::asio::const_buffer, 3> Connection::Unwritten() const {
  std::array<boost::asio::const_buffer, 3> pieces = {
      boost::asio::const_buffer(wire_.head.data(), wire_.head.size()),
      boost::asio::const_buffer(wire_.lines.data(), wire_.lines.size()),
      boost::asio::const_buffer(wire_.body.data(), wire_.body.size())};
  std::size_t skip = written_;
  for (boost::asio::const_buffer& piece : pieces) {
    const std::size_t here = std::min(skip, piece.size());
    piece += here;
    skip -= here;
  }
  return pieces;
}

void Connection::Write() {
  error_code error;
  written_ += socket_.write_some(Unwritten(), error);
  if (error && error != boost::asio::error::would_block) return Close();
  WriteRest();
}

void Connection::WriteRest() {
  if (written_ == wire_.head.size() + wire_.lines.size() + wire_.body.size()) return OnWritten();
  socket_.async_write_some(Unwritten(), [self = shared_from_this()](error_code error, std::size_t bytes) {
    if (self->state_ != State::kWriting) return;
    if (error) return self->Close();
    self->written_ += bytes;
    self->since_ = self->loop_->now();
    self->WriteRest();
  });
}

void Connection::OnWritten() {
  const ServerOptions& options = loop_->options();
  if (options.on_served && request_ != nullptr) {
    options.on_served({.request = *request_,
                       .status = wire_.status,
                       .body_bytes = wire_.body.size(),
                       .duration = absl::Now() - started_});
  }
  request_.reset();
  wire_.content.reset();
  if (!keep_alive_) return Linger();
  Enter(State::kReading);
  loop_->MoveToBack(position_);
  if (!processing_) Process();
}

void Connection::Linger() {
  error_code error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  if (error) return Close();
  Enter(State::kLingering);
  begin_ = end_ = 0;
  Read();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  Enter(State::kClosed);
  error_code ignored;
  socket_.close(ignored);
  request_.reset();
  wire_.content.reset();
  loop_->Remove(position_);
}

void Connection::DrainBegins(EventLoop::Clock::time_point now) {
  if (state_ == State::kReading && reading_ == RequestReader::State::kIdle) since_ = now;
}

void Connection::CheckTime(EventLoop::Clock::time_point now) {
  const ServerOptions& options = loop_->options();
  const auto waited = [&](absl::Duration timeout) { return Expired(since_, now, timeout); };
  if (state_ == State::kReading && reading_ == RequestReader::State::kIdle) {
    const absl::Duration drain_timeout = absl::FromChrono(kDrainIdleTimeout);
    if (waited(loop_->draining() ? std::min(options.idle_timeout, drain_timeout) : options.idle_timeout))
      Close();
  } else if (state_ == State::kReading) {
    const bool head = reading_ == RequestReader::State::kHead;
    if (!waited(head ? options.header_timeout : options.body_timeout)) return;
    loop_->counters().timed_out.fetch_add(1, std::memory_order_relaxed);
    Reject(408, "The request took too long to arrive.");
  } else if (state_ == State::kWriting && waited(options.write_timeout)) {
    loop_->counters().timed_out.fetch_add(1, std::memory_order_relaxed);
    Close();
  } else if (state_ == State::kLingering && waited(absl::FromChrono(kLingerTimeout))) {
    Close();
  }
}

}  // namespace broadsheet::http
