#include "libs/http/connection.h"

#include <event2/event.h>

#include <algorithm>
#include <utility>

namespace broadsheet::http {
namespace {

constexpr std::size_t kMaxDroppedBytes = 256 * 1024;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

std::string AllowedMethods(const ServerOptions& options) {
  std::string text;
  for (const Method method : options.methods) text.append(MethodName(method)).append(", ");
  return text.append("OPTIONS");
}

bool IsAllowed(const ServerOptions& options, Method method) {
  return std::find(options.methods.begin(), options.methods.end(), method) != options.methods.end();
}

}  // namespace

Connection::Connection(std::shared_ptr<EventLoop> loop, Socket socket)
    : socket_(std::move(socket)), remote_address_(socket_.RemoteAddress()), loop_(std::move(loop)) {}

Connection::~Connection() { StopWatching(); }

void Connection::Start(EventLoop::Connections::iterator position) {
  position_ = position;
  const auto on_ready = [](evutil_socket_t, short what, void* connection) {
    const std::shared_ptr<Connection> self = static_cast<Connection*>(connection)->shared_from_this();
    if ((what & (EV_READ | EV_CLOSED)) != 0) self->readable_ = true;
    if ((what & EV_CLOSED) != 0) self->peer_finished_ = true;
    self->OnReady((what & EV_WRITE) != 0);
  };
  // Edges, for both directions, set once: no operation needs a system call of its own to be waited for.
  event_ = event_new(loop_->base(), socket_.descriptor(), EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST,
                     on_ready, this);
  if (event_ == nullptr || event_add(event_, nullptr) != 0) Close();
}

void Connection::StopWatching() {
  if (event_ != nullptr) event_free(std::exchange(event_, nullptr));
}

void Connection::Close() {
  if (closed()) return;
  StopWatching();
  socket_.Close();
  OnClose();
  loop_->Remove(position_, lingering());
}

void Connection::Abort() {
  if (closed()) return;
  socket_.DropOnClose();
  Close();
}

bool Connection::BeginLingering() {
  if (!socket_.ShutdownSending()) {
    Close();
    return false;
  }
  lingering_since_ = loop_->now();
  lingering_pace_.emplace(loop_->now());
  loop_->BeginsToLinger(position_);
  return true;
}

void Connection::NoteDropped(std::size_t bytes) {
  dropped_ += bytes;
  if (dropped_ > kMaxDroppedBytes) Close();
}

// A socket that is closed answers what its client says, an HTTP/2 client's WINDOW_UPDATE for example, with a
// reset, and drops what is not delivered.
void Connection::CheckLingering(TimePoint now) {
  const ServerOptions& options = loop_->options();
  lingering_pace_->Update(Acknowledged(), options.min_bytes_per_second, now);
  if (all_acknowledged()) {
    if (Expired(*lingering_since_, now, kLingerTime)) Close();
    return;
  }
  lingering_since_ = now;
  if (lingering_pace_->behind() > options.write_timeout) GiveUpSlowReader();
}

void Connection::GiveUpSlowReader() {
  EventLoop::Counters::Add(loop_->counters().timed_out);
  loop_->NoteGivenUp(GivenUp::kSlowReader);
  Abort();
}

Socket::Transfer Connection::Write(std::span<const iovec> pieces) {
  const Socket::Transfer write = socket_.Write(pieces);
  written_bytes_ += write.bytes;
  return write;
}

std::size_t Connection::Acknowledged() {
  const std::uint64_t before = acknowledged_bytes_;
  acknowledged_bytes_ =
      std::max(before, written_bytes_ - std::min<std::uint64_t>(written_bytes_, socket_.Unacknowledged()));
  return acknowledged_bytes_ - before;
}

Socket Connection::TakeSocket() {
  StopWatching();
  return std::move(socket_);
}

std::optional<Response> Connection::AnsweredByServer(const Request& request) {
  const ServerOptions& options = loop_->options();
  if (IsAllowed(options, request.method())) return std::nullopt;
  const bool asked = request.method() == Method::kOptions;
  Response response = asked ? PlainText(204, "") : PlainText(405, "This method is not allowed here.");
  const bool of_path = options.allow && request.path() != "*";
  response.headers.Add("Allow", of_path ? options.allow(request.path()) : AllowedMethods(options));
  if (!asked) EventLoop::Counters::Add(loop_->counters().rejected);
  return response;
}

void Connection::YieldTurn() {
  if (!std::exchange(yielded_, true)) loop_->ResumeLater(weak_from_this());
}

void Connection::Resume() {
  yielded_ = false;
  if (event_ != nullptr) event_active(event_, EV_READ, 0);
}

absl::Duration Connection::IdleTimeout() const {
  const ServerOptions& options = loop_->options();
  return loop_->draining() ? std::min(options.idle_timeout, options.drain_idle_timeout)
                           : options.idle_timeout;
}

bool Connection::Expired(TimePoint since, TimePoint now, absl::Duration timeout) {
  return absl::FromChrono(now - since) > timeout;
}

}  // namespace broadsheet::http
