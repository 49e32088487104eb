#include "libs/http/http1_connection.h"

#include <sys/uio.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "libs/http/http2_connection.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kFirstCapacity = 2 * 1024;  // holds nearly every head; what an idle connection keeps
constexpr std::size_t kPiecesOfResponse = 16;     // of a response; its body's are of 8 KiB
constexpr std::size_t kJoinedBytes = 2 * 1024;    // a head by itself, up to this, is copied into one piece
constexpr std::size_t kBodyCapacity = 16 * 1024;

}  // namespace

Http1Connection::Http1Connection(std::shared_ptr<EventLoop> loop, Socket socket)
    : Connection(loop, std::move(socket)),
      since_(loop->now()),
      reader_(loop->options(), remote_address_),
      buffer_(std::make_unique_for_overwrite<char[]>(kFirstCapacity)),
      capacity_(kFirstCapacity) {}

Http1Connection::~Http1Connection() = default;

void Http1Connection::Enter(State state) {
  state_ = state;
  since_ = loop().now();
}

void Http1Connection::OnReady(bool writable) {
  unpacked_in_turn_ = 0;
  if (state_ == State::kWriting && writable) Write();
  Advance();
}

// Reads and answers for as long as there is something to read and nobody to wait for.
void Http1Connection::Advance() {
  if (std::exchange(advancing_, true)) return;
  for (int reads = 0;; ++reads) {
    if (state_ == State::kReading) Process();
    if (state_ != State::kReading && state_ != State::kLingering) break;
    if (HadItsTurn() || (readable_ && reads == kReadsInTurn)) {
      YieldTurn();
      break;
    }
    if (!readable_ || !ReadSome()) break;
  }
  advancing_ = false;
}

bool Http1Connection::ReadSome() {
  const std::size_t room = capacity_ - end_;
  const Socket::Transfer read = socket_.Read(buffer_.get() + end_, room);
  // Less than there was room for: all there was. What comes later is a new edge.
  readable_ = read.outcome == Socket::Outcome::kDone && (read.bytes == room || peer_finished_);
  // A request that was asked before is answered by now; what is not complete never will be.
  if (read.outcome == Socket::Outcome::kEnded || read.outcome == Socket::Outcome::kFailed) Close();
  if (read.outcome != Socket::Outcome::kDone) return false;
  if (state_ == State::kLingering) {
    NoteDropped(read.bytes);
  } else {
    end_ += read.bytes;
  }
  return true;
}

// Whether the connection's first bytes are those of HTTP/2, as far as they go. Only where nothing was read
// before them: the body of a request may begin like that, too.
bool Http1Connection::SpeaksHttp2() {
  const std::string_view begin(buffer_.get() + begin_, std::min(end_ - begin_, kHttp2Preface.size()));
  return !begin.empty() && kHttp2Preface.starts_with(begin);
}

void Http1Connection::BecomeHttp2() {
  const std::shared_ptr<Connection> self =
      std::exchange(*position_, std::make_shared<Http2Connection>(shared_loop(), TakeSocket()));
  state_ = State::kClosed;
  auto successor = std::static_pointer_cast<Http2Connection>(*position_);
  successor->StartWith({buffer_.get() + begin_, end_ - begin_}, position_);
}

void Http1Connection::Process() {
  if (unread_ && SpeaksHttp2()) {
    if (end_ - begin_ >= kHttp2Preface.size()) return BecomeHttp2();
    // Its time is that of a head.
    if (std::exchange(reading_, RequestReader::State::kHead) == RequestReader::State::kIdle)
      since_ = loop().now();
    return MakeRoom();
  }
  while (state_ == State::kReading) {
    if (begin_ < end_) {
      unread_ = false;
      begin_ += reader_.Feed({buffer_.get() + begin_, end_ - begin_});
    }
    if (reader_.state() != reading_) {
      reading_ = reader_.state();
      since_ = loop().now();
    }
    if (reading_ == RequestReader::State::kComplete) {
      Dispatch();
      if (HadItsTurn()) return;
      continue;
    }
    if (reading_ == RequestReader::State::kFailed) {
      Reject(reader_.error_status(), reader_.error_reason());
      break;
    }
    if (reading_ == RequestReader::State::kBody && reader_.expects_continue()) SendContinue();
    MakeRoom();
    break;
  }
}

void Http1Connection::MakeRoom() {
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

void Http1Connection::SendContinue() {
  if (std::exchange(continue_sent_, true) || begin_ < end_) return;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // Nothing else is being sent, so it fits; a broken connection shows when reading on.
  const iovec piece = {const_cast<char*>(kContinue.data()), kContinue.size()};
  Connection::Write({&piece, 1});
}

void Http1Connection::Dispatch() {
  keep_alive_ = reader_.keep_alive();
  request_ = reader_.Take();
  reading_ = RequestReader::State::kIdle;
  continue_sent_ = false;
  ++exchange_;
  Enter(State::kHandling);
  const ServerOptions& options = loop().options();
  if (options.on_served) started_ = EventLoop::Clock::now();
  if (std::optional<Response> answer = AnsweredByServer(*request_)) return BeginWrite(*std::move(answer));
  EventLoop::Counters::Add(loop().counters().requests);
  try {
    options.handler(request_, Responder(shared_from_this(), exchange_));
  } catch (...) {
    // The responder has answered 500 when it was destroyed.
  }
}

void Http1Connection::Respond(std::uint64_t exchange, Response response) {
  if (loop().InThisThread()) return Deliver(exchange, std::move(response));
  loop().Post([self = std::static_pointer_cast<Http1Connection>(shared_from_this()), exchange,
               response = std::move(response)]() mutable { self->Deliver(exchange, std::move(response)); });
}

void Http1Connection::Deliver(std::uint64_t exchange, Response response) {
  if (state_ != State::kHandling || exchange != exchange_) return;
  BeginWrite(std::move(response));
}

void Http1Connection::Reject(int status, std::string_view reason) {
  EventLoop::Counters::Add(loop().counters().rejected);
  keep_alive_ = false;
  BeginWrite(PlainText(status, reason));
}

void Http1Connection::BeginWrite(Response response) {
  keep_alive_ = keep_alive_ && !response.close_connection && !loop().draining();
  ResponseWriter::Write(request_.get(), std::move(response), loop().date(), !keep_alive_, wire_);
  if (request_ == nullptr && reader_.is_head()) wire_.body = {};
  unpacked_in_turn_ += wire_.unpacked_bytes();
  if (wire_.status == 304) EventLoop::Counters::Add(loop().counters().not_modified);
  written_ = 0;
  pace_.reset();
  Enter(State::kWriting);
  Write();
}

// What comes after `written` bytes of the response, as much of it as there are pieces for.
std::size_t Http1Connection::PiecesFrom(std::size_t written, std::span<iovec> pieces) const {
  std::size_t count = 0;
  const auto add = [&](std::string_view piece) {
    pieces[count++] = {const_cast<char*>(piece.data()), piece.size()};
  };
  const auto add_text = [&](std::string_view text) {
    const std::size_t here = std::min(written, text.size());
    written -= here;
    if (here < text.size()) add(text.substr(here));
  };
  for (const std::string_view text : wire_.head) add_text(text);
  add_text(wire_.lines);
  for (std::size_t sent = written; sent < wire_.body.size() && count < pieces.size();) {
    const std::string_view part = wire_.body.From(sent);
    add(part);
    sent += part.size();
  }
  return count;
}

void Http1Connection::Write() {
  const std::size_t size = wire_.head_bytes() + wire_.body.size();
  while (written_ < size) {
    std::array<iovec, kPiecesOfResponse> pieces;
    std::size_t count = PiecesFrom(written_, pieces);
    std::array<char, kJoinedBytes> joined;
    if (wire_.body.empty() && size - written_ <= joined.size()) {
      char* end = joined.data();
      for (std::size_t i = 0; i < count; ++i)
        end = std::copy_n(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len, end);
      pieces.front() = {joined.data(), size - written_};
      count = 1;
    }
    const Socket::Transfer write = Connection::Write({pieces.data(), count});
    if (write.outcome == Socket::Outcome::kFailed) return Close();
    if (write.outcome == Socket::Outcome::kWouldBlock) return;
    written_ += write.bytes;
  }
  OnWritten();
}

void Http1Connection::OnWritten() {
  const ServerOptions& options = loop().options();
  if (options.on_served && request_ != nullptr) {
    options.on_served({.request = *request_,
                       .status = wire_.status,
                       .body_bytes = wire_.body.size(),
                       .duration = absl::FromChrono(EventLoop::Clock::now() - started_)});
  }
  request_.reset();
  wire_.Release();
  if (!keep_alive_) return Linger();
  // The clock is coarse: among those of one tick the order is not kept.
  if (std::exchange(waiting_since_, loop().now()) != loop().now()) loop().MoveToBack(position_);
  Enter(State::kReading);
  Advance();
}

void Http1Connection::Linger() {
  if (!BeginLingering()) return;
  Enter(State::kLingering);
  begin_ = end_ = 0;
  Advance();
}

void Http1Connection::OnClose() {
  Enter(State::kClosed);
  request_.reset();
  wire_.Release();
}

void Http1Connection::DrainBegins(TimePoint now) {
  if (state_ == State::kReading && reading_ == RequestReader::State::kIdle) since_ = now;
}

absl::Duration Http1Connection::lag() const {
  return state_ == State::kWriting && pace_ ? pace_->lag() : absl::ZeroDuration();
}

void Http1Connection::CheckPace(TimePoint now) {
  const ServerOptions& options = loop().options();
  if (!pace_) pace_.emplace(since_);
  pace_->Update(Acknowledged(), options.min_bytes_per_second, now);
  if (pace_->behind() > options.write_timeout) GiveUpSlowReader();
}

void Http1Connection::CheckTime(TimePoint now) {
  const ServerOptions& options = loop().options();
  const auto waited = [&](absl::Duration timeout) { return Expired(since_, now, timeout); };
  if (state_ == State::kReading && reading_ == RequestReader::State::kIdle) {
    if (waited(IdleTimeout())) Close();
  } else if (state_ == State::kReading) {
    const bool head = reading_ == RequestReader::State::kHead;
    if (!waited(head ? options.header_timeout : options.body_timeout)) return;
    EventLoop::Counters::Add(loop().counters().timed_out);
    Reject(408, "The request took too long to arrive.");
  } else if (state_ == State::kWriting) {
    CheckPace(now);
  } else if (state_ == State::kLingering) {
    CheckLingering(now);
  }
}

}  // namespace broadsheet::http
