#ifndef BROADSHEET_LIBS_HTTP_HTTP2_CONNECTION_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/http/connection.h"
#include "libs/http/http2_output.h"
#include "libs/http/http2_request.h"
#include "libs/http/http2_session.h"
#include "libs/http/pace.h"
#include "libs/http/response_writer.h"

namespace broadsheet::http {

// What a client that speaks HTTP/2 says first.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// One cleartext HTTP/2 connection with prior knowledge (RFC 9113): what proxies and meshes speak to a
// backend. Framing, field compression, flow control and the state of streams are libnghttp2's; requests and
// responses are the same as HTTP/1.1's. An exchange is a stream.
//
// Bounded: streams, also those that the client has given up while a handler still works for them; a stream's
// head and body; what waits to be written; and how much a client may say without asking for anything.
class Http2Connection final : public Connection, private Http2Events {
 public:
  Http2Connection(std::shared_ptr<EventLoop> loop, Socket socket);
  ~Http2Connection() override;

  // Start, with the bytes that have been read already.
  void StartWith(std::string_view bytes, EventLoop::Connections::iterator position);
  void Respond(std::uint64_t exchange, Response response) override;

  void CheckTime(TimePoint now) override;
  void DrainBegins(TimePoint now) override;
  // A stream ends when all of its answer has been put into output_, not when it has been written.
  bool waiting_for_request() const override {
    return streams_.empty() && in_flight_ == 0 && output_.empty() && !lingering();
  }
  absl::Duration lag() const override;

 private:
  enum class Phase { kHead, kBody, kHandling, kSending };
  struct Stream {
    Phase phase = Phase::kHead;
    TimePoint since;  // when the phase began
    std::optional<Http2Request> incoming;
    std::shared_ptr<const Request> request;
    std::size_t held_bytes = 0;  // of either
    TimePoint started;
    WireResponse wire;
    std::size_t sent = 0;                    // of wire.body
    std::size_t sent_at_sweep = 0;           // the last one
    std::optional<Pace> pace;                // once a sweep has found it being sent
    bool waits_for_others = false;           // with the unpacking of its body, see waiting_bodies_
    std::optional<TimePoint> waiting_since;  // for that
    bool request_ended = false;
    bool continue_pending = false;  // 100 (Continue) goes out before the response's head
  };

  // Of requests that a connection's streams hold beside one that always may, with what 100 of them take by
  // themselves: a proxy's have 2 or 3 KiB each.
  static constexpr std::size_t kMaxHeldBytes = 512 * 1024;
  static constexpr std::size_t kUnpackedAtOnce = 1024 * 1024;  // held by streams, and one body more

  // What is prepared of a response's head.
  struct PreparedHead {
    std::shared_ptr<const Content> content;
    Content::Http2Head fragments;
  };

  void OnReady(bool writable) override;
  void OnClose() override;
  void OnClientEnds();
  void Receive(std::string_view bytes);
  void Flush();
  bool FillOutput();
  void AppendFrame(std::string_view frame);
  void Goaway(std::uint32_t error);
  void BeginGracefulEnd();
  void EndIfDone();
  void Linger();
  void CheckStreams(TimePoint now, std::size_t taken);
  // Updates the connection's paces with what was `taken` of it; whether its client has been behind too long.
  bool IsTooSlow(TimePoint now, std::size_t taken);
  // The same of a stream.
  bool IsTooSlow(std::int32_t id, Stream& stream, TimePoint now, std::size_t taken);

  void OnFieldsBegin() override;
  bool MayBring(std::size_t bytes) override;
  void OnHeadBegins(std::int32_t id) override;
  void OnField(std::int32_t id, std::string_view name, std::string_view value) override;
  void OnHeadEnds(std::int32_t id) override;
  void OnBody(std::int32_t id, std::string_view part) override;
  void OnRequestEnds(std::int32_t id) override;
  void OnHeadSent(std::int32_t id) override;
  void OnResponseEnds(std::int32_t id) override;
  void OnStreamEnds(std::int32_t id) override;
  void OnChatter() override;
  Body PrepareBody(std::int32_t id) override;
  std::size_t BodyLeft(std::int32_t id) override;
  bool SendBody(std::int32_t id, std::string_view frame_head, std::size_t size) override;

  bool MakeRoom(std::int32_t id, Stream& stream);
  bool MayHold() const;
  std::int32_t LargestIncoming() const;
  void Release(std::size_t bytes);
  void RefuseStream(std::int32_t id);
  void Forget(std::int32_t id);
  void ForgetAll();
  void Refuse(std::int32_t id, Stream& stream, int status, std::string_view reason);
  void Deliver(std::int32_t id, Response response);
  void Submit(std::int32_t id, Stream& stream, Response response);
  bool MayUnpack(const Content* content) const;
  void NoteUnpacked(const WireResponse& wire);
  void ReleaseBody(std::int32_t id, const Stream& stream);
  bool has_more_next_turn() const;
  void ResumeBodies();
  void Reset(std::int32_t id, std::uint32_t error);
  Stream* Find(std::int32_t id);

  nghttp2_session* session_ = nullptr;
  std::unordered_map<std::int32_t, Stream> streams_;
  std::size_t held_bytes_ = 0;  // of requests, by streams and by handlers that still work for them
  std::unordered_map<std::int32_t, std::size_t> given_up_;  // what handlers hold of streams that have ended
  // The client decides how long its streams hold their bodies, so where all clients hold much it gets those
  // that have to be unpacked one after the other: these are left out until others are sent, or until the
  // connection's next turn.
  std::vector<std::int32_t> waiting_bodies_;
  std::size_t unpacked_bytes_ = 0;    // of bodies that were unpacked for streams
  std::size_t written_later_ = 0;     // those of them whose last bytes are in output_
  std::size_t unpacked_in_turn_ = 0;  // the same, whatever has become of them since the turn began
  std::size_t in_flight_ = 0;         // exchanges that a handler owes an answer
  std::size_t field_bytes_ = 0;       // of the head or the trailers that come
  int chatter_ = 0;                   // frames that asked for nothing, less what is usual
  TimePoint since_;  // when the last answer had been written, give or take a sweep, or the connection began
  PreparedHead prepared_;  // for the frame that the library gives out next
  Http2Output output_;
  TimePoint output_since_;           // when there was last nothing to write
  std::optional<Pace> output_pace_;  // of what waits to be written, once a sweep has found it waiting
  std::optional<Pace> pace_;         // of all it does, once a sweep has found it with streams or output
  bool inside_ = false;              // the library is on the stack: it must not be asked to write
  bool client_ended_ = false;        // it sends no more, but reads what it has asked for
  bool ending_ = false;              // GOAWAY is said
  bool notice_given_ = false;        // the first GOAWAY of two is said
  TimePoint notice_since_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_CONNECTION_H_
