#include "libs/http/http2_connection.h"

#include <nghttp2/nghttp2.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "libs/http/http2_session.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kReadBytes = 32 * 1024;
constexpr std::size_t kPiecesAtOnce = 64;
// Handlers may still work for streams that the client has given up, and it may open others meanwhile; this
// many.
constexpr std::size_t kMaxInFlight = 2 * kMaxHttp2Streams;
// What a client may say without asking for anything: this much at once, this much in each sweep (1,000 a
// second), and what goes with a request and with each part of a body.
constexpr int kMaxChatter = 2'000;
constexpr int kChatterOfRequest = 32;

}  // namespace

Http2Connection::Http2Connection(std::shared_ptr<EventLoop> loop, Socket socket)
    : Connection(loop, std::move(socket)), since_(loop->now()), output_since_(loop->now()) {}

Http2Connection::~Http2Connection() { nghttp2_session_del(session_); }

void Http2Connection::StartWith(std::string_view bytes, EventLoop::Connections::iterator position) {
  const std::shared_ptr<Connection> self = shared_from_this();
  session_ = NewHttp2Session(*this, loop().options().max_header_bytes);
  Start(position);
  if (closed()) return;
  readable_ = true;  // whether there is more is not known
  if (loop().draining()) BeginGracefulEnd();
  Receive(bytes);
  OnReady(true);
}

void Http2Connection::OnReady(bool writable) {
  unpacked_in_turn_ = 0;
  if (writable && !output_.empty()) Flush();
  // Who does not read is not listened to either: answers, and what the library says by itself, would pile up.
  for (int reads = 0; readable_ && output_.empty() && !closed(); ++reads) {
    if (reads == kReadsInTurn) {
      YieldTurn();
      break;
    }
    static thread_local char buffer[kReadBytes];
    const Socket::Transfer read = socket_.Read(buffer, sizeof(buffer));
    readable_ = read.outcome == Socket::Outcome::kDone && (read.bytes == sizeof(buffer) || peer_finished_);
    if (read.outcome == Socket::Outcome::kFailed) return Close();
    if (read.outcome == Socket::Outcome::kEnded) OnClientEnds();
    if (read.outcome != Socket::Outcome::kDone) continue;
    if (lingering()) {
      NoteDropped(read.bytes);
    } else {
      Receive({buffer, read.bytes});
    }
  }
  Flush();
}

// What it has asked for is answered; what it has not asked completely never will be.
void Http2Connection::OnClientEnds() {
  if (lingering()) return Close();
  client_ended_ = true;
  const bool expects_answers = std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    return stream.second.phase == Phase::kHandling || stream.second.phase == Phase::kSending;
  });
  if (!expects_answers) return Close();
  for (const auto& [id, stream] : streams_) {
    if (stream.phase == Phase::kHead || stream.phase == Phase::kBody) Reset(id, NGHTTP2_CANCEL);
  }
}

void Http2Connection::Receive(std::string_view bytes) {
  inside_ = true;
  const ssize_t used =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  inside_ = false;
  // Of what it breaks off by itself, the library tells the client nothing.
  if (used < 0 && !closed()) Goaway(NGHTTP2_ENHANCE_YOUR_CALM);
  Flush();  // if the bytes made no sense: what the library has to say of it
  if (used >= 0 || closed()) return;
  return output_.empty() ? Linger() : Close();
}

void Http2Connection::Flush() {
  if (inside_ || lingering()) return;
  while (!closed()) {
    if (output_.empty() && !FillOutput()) break;
    std::array<iovec, kPiecesAtOnce> pieces;
    const Socket::Transfer write = Write(output_.Next(pieces));
    if (write.outcome == Socket::Outcome::kFailed) return Close();
    if (write.outcome == Socket::Outcome::kWouldBlock) return;
    output_.Written(write.bytes);
  }
  EndIfDone();
}

// Whether there is anything to write.
bool Http2Connection::FillOutput() {
  unpacked_bytes_ -= std::exchange(written_later_, 0);
  ResumeBodies();
  output_since_ = loop().now();
  inside_ = true;
  ssize_t size = 0;
  const std::uint8_t* bytes = nullptr;
  while (output_.size() < kMaxHttp2Output && (size = nghttp2_session_mem_send(session_, &bytes)) > 0) {
    AppendFrame({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  }
  inside_ = false;
  if (size < 0) Close();
  return size >= 0 && !output_.empty();
}

// A frame, as the library gives them out one at a time. What is prepared of a response's head goes behind
// what the library has written of it.
void Http2Connection::AppendFrame(std::string_view frame) {
  const PreparedHead prepared = std::exchange(prepared_, {});
  if (!prepared.content) return output_.Append(frame);
  output_.AppendHead(frame, prepared.fragments);
}

void Http2Connection::EndIfDone() {
  if (closed() || !output_.empty()) return;
  // There is nothing to write, so what is left of an answer waits for room that its client cannot give any
  // more.
  const auto is_handled = [](const auto& stream) { return stream.second.phase == Phase::kHandling; };
  if (client_ended_ && !has_more_next_turn() && std::none_of(streams_.begin(), streams_.end(), is_handled))
    return Close();
  const bool over = nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (over || (ending_ && waiting_for_request())) Linger();
}

void Http2Connection::Linger() {
  if (lingering()) return;
  if (client_ended_) return Close();
  ForgetAll();
  BeginLingering();
}

Http2Connection::Stream* Http2Connection::Find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

void Http2Connection::OnFieldsBegin() { field_bytes_ = 0; }

// The library looks at each byte of a field, and one byte on the wire may stand for 4 KiB of them.
bool Http2Connection::MayBring(std::size_t bytes) {
  constexpr std::size_t kPatience = 4;  // up to there a head that is too large is answered
  field_bytes_ += bytes;
  if (field_bytes_ <= kPatience * loop().options().max_header_bytes) return true;
  Goaway(NGHTTP2_ENHANCE_YOUR_CALM);
  return false;
}

void Http2Connection::OnHeadBegins(std::int32_t id) {
  if (in_flight_ >= kMaxInFlight) return Reset(id, NGHTTP2_REFUSED_STREAM);
  Stream& stream = streams_[id];
  stream.since = loop().now();
  stream.incoming.emplace(loop().options(), remote_address_);
}

void Http2Connection::OnField(std::int32_t id, std::string_view name, std::string_view value) {
  if (Stream* stream = Find(id); stream != nullptr) stream->incoming->AddField(name, value);
}

void Http2Connection::OnHeadEnds(std::int32_t id) {
  Stream* stream = Find(id);
  if (stream == nullptr) return;
  const auto refusal = stream->incoming->FinishHead();
  stream->since = loop().now();
  stream->phase = Phase::kBody;
  if (!MakeRoom(id, *stream)) return RefuseStream(id);
  if (refusal) return Refuse(id, *stream, refusal->status, refusal->reason);
  if (!stream->incoming->expects_continue()) return;
  SubmitContinue(session_, id);
  stream->continue_pending = true;
}

void Http2Connection::OnBody(std::int32_t id, std::string_view bytes) {
  Stream* stream = Find(id);
  if (stream == nullptr || stream->phase != Phase::kBody) return;
  if (!stream->incoming->AddBody(bytes)) return Refuse(id, *stream, 413, "The body is too large.");
  if (!MakeRoom(id, *stream)) RefuseStream(id);
}

// Counts what the stream's request takes by now; whether there is room for it, or has been made. A proxy
// brings the requests of many on one connection: the one that takes most makes room, not who comes next.
bool Http2Connection::MakeRoom(std::int32_t id, Stream& stream) {
  const std::size_t bytes = stream.incoming->bytes();
  const std::size_t more = bytes - std::exchange(stream.held_bytes, bytes);
  held_bytes_ += more;
  loop().stream_bytes() += more;
  while (!MayHold()) {
    const std::int32_t largest = LargestIncoming();
    if (largest == id || largest == 0) return false;
    RefuseStream(largest);
  }
  return true;
}

// What one request may take a connection may always hold, as those of HTTP/1.1 do.
bool Http2Connection::MayHold() const {
  const ServerOptions& options = loop().options();
  return held_bytes_ <= 2 * options.max_header_bytes + options.max_body_bytes ||
         (held_bytes_ <= kMaxHeldBytes && loop().has_room_for_streams());
}

// The stream whose request takes most among those that no handler has seen; 0: there is none.
std::int32_t Http2Connection::LargestIncoming() const {
  std::int32_t largest = 0;
  std::size_t most = 0;
  for (const auto& [id, stream] : streams_) {
    if (stream.phase != Phase::kBody || stream.held_bytes <= most) continue;
    largest = id;
    most = stream.held_bytes;
  }
  return largest;
}

void Http2Connection::Release(std::size_t bytes) {
  held_bytes_ -= bytes;
  loop().stream_bytes() -= bytes;
}

// Nothing has been done for it, so the client may ask again (RFC 9113, section 8.7).
void Http2Connection::RefuseStream(std::int32_t id) {
  loop().NoteGivenUp(GivenUp::kRefusedStream);
  Reset(id, NGHTTP2_REFUSED_STREAM);
  Forget(id);
}

void Http2Connection::OnRequestEnds(std::int32_t id) {
  Stream* stream = Find(id);
  if (stream == nullptr) return;
  stream->request_ended = true;
  if (stream->phase != Phase::kBody) return;  // refused already
  stream->request = stream->incoming->Take();
  stream->incoming.reset();
  stream->phase = Phase::kHandling;
  stream->since = loop().now();
  chatter_ = std::max(0, chatter_ - kChatterOfRequest);
  const ServerOptions& options = loop().options();
  if (options.on_served) stream->started = EventLoop::Clock::now();
  if (std::optional<Response> answer = AnsweredByServer(*stream->request)) {
    return Submit(id, *stream, *std::move(answer));
  }
  EventLoop::Counters::Add(loop().counters().requests);
  ++in_flight_;
  try {
    options.handler(stream->request, Responder(shared_from_this(), static_cast<std::uint64_t>(id)));
  } catch (...) {
    // The responder has answered 500 when it was destroyed.
  }
}

void Http2Connection::Respond(std::uint64_t exchange, Response response) {
  if (loop().InThisThread()) return Deliver(static_cast<std::int32_t>(exchange), std::move(response));
  loop().Post([self = std::static_pointer_cast<Http2Connection>(shared_from_this()), exchange,
               response = std::move(response)]() mutable {
    self->Deliver(static_cast<std::int32_t>(exchange), std::move(response));
  });
}

void Http2Connection::Deliver(std::int32_t id, Response response) {
  --in_flight_;
  if (const auto held = given_up_.find(id); held != given_up_.end()) {
    Release(held->second);
    given_up_.erase(held);
  }
  if (closed()) return;
  if (Stream* stream = Find(id); stream != nullptr && stream->phase == Phase::kHandling) {
    Submit(id, *stream, std::move(response));
  }
  Flush();
}

void Http2Connection::Refuse(std::int32_t id, Stream& stream, int status, std::string_view reason) {
  EventLoop::Counters::Add(loop().counters().rejected);
  Submit(id, stream, PlainText(status, reason));
}

void Http2Connection::Submit(std::int32_t id, Stream& stream, Response response) {
  stream.phase = Phase::kSending;
  stream.since = loop().now();
  if (response.close_connection) BeginGracefulEnd();
  const auto unpacking =
      MayUnpack(response.content.get()) ? ResponseWriter::Unpacking::kNow : ResponseWriter::Unpacking::kLater;
  ResponseWriter::Write(stream.request.get(), std::move(response), loop().date(), /*close=*/false,
                        stream.wire, unpacking);
  NoteUnpacked(stream.wire);
  if (stream.request == nullptr && stream.incoming && stream.incoming->is_head()) stream.wire.body = {};
  if (stream.wire.status == 304) EventLoop::Counters::Add(loop().counters().not_modified);
  if (!SubmitResponse(session_, id, stream.wire)) Reset(id, NGHTTP2_INTERNAL_ERROR);
}

void Http2Connection::OnHeadSent(std::int32_t id) {
  Stream* stream = Find(id);
  if (stream == nullptr || std::exchange(stream->continue_pending, false)) return;
  // The stream may end before the frame is given out.
  prepared_ = {.content = stream->wire.content, .fragments = stream->wire.http2_head()};
}

void Http2Connection::OnResponseEnds(std::int32_t id) {
  Stream* stream = Find(id);
  if (stream == nullptr) return;
  const ServerOptions& options = loop().options();
  if (options.on_served && stream->request != nullptr) {
    options.on_served({.request = *stream->request,
                       .status = stream->wire.status,
                       .body_bytes = stream->wire.body.size(),
                       .duration = absl::FromChrono(EventLoop::Clock::now() - stream->started)});
  }
  // What else the request says does not matter (RFC 9113, section 8.1).
  if (!stream->request_ended) Reset(id, NGHTTP2_NO_ERROR);
}

void Http2Connection::Forget(std::int32_t id) {
  const Stream* stream = Find(id);
  if (stream == nullptr) return;
  ReleaseBody(id, *stream);
  if (stream->phase == Phase::kHandling) {
    given_up_[id] = stream->held_bytes;
  } else {
    Release(stream->held_bytes);
  }
  streams_.erase(id);
}

// What handlers hold counts until they have answered.
void Http2Connection::ForgetAll() {
  while (!streams_.empty()) Forget(streams_.begin()->first);
}

void Http2Connection::OnStreamEnds(std::int32_t id) {
  Forget(id);
  if (!streams_.empty()) return;
  since_ = loop().now();
  loop().MoveToBack(position_);
}

void Http2Connection::OnChatter() {
  if (++chatter_ > kMaxChatter && !ending_) Goaway(NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Connection::Reset(std::int32_t id, std::uint32_t error) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error);
}

// No stream after those that are there; with an error, none at all.
void Http2Connection::Goaway(std::uint32_t error) {
  ending_ = true;
  if (error != NGHTTP2_NO_ERROR) {
    nghttp2_session_terminate_session(session_, error);
    return;
  }
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_), error,
                        nullptr, 0);
}

// The first of two steps (RFC 9113, section 6.8): requests on their way are still served.
void Http2Connection::BeginGracefulEnd() {
  if (std::exchange(notice_given_, true)) return;
  notice_since_ = loop().now();
  nghttp2_submit_shutdown_notice(session_);
}

void Http2Connection::DrainBegins(TimePoint now) {
  since_ = now;
  BeginGracefulEnd();
  Flush();
}

void Http2Connection::OnClose() {
  ForgetAll();
  output_.Clear();
}

}  // namespace broadsheet::http
