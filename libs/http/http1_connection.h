#ifndef BROADSHEET_LIBS_HTTP_HTTP1_CONNECTION_H_
#define BROADSHEET_LIBS_HTTP_HTTP1_CONNECTION_H_

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/http/connection.h"
#include "libs/http/event_loop.h"
#include "libs/http/pace.h"
#include "libs/http/request_reader.h"
#include "libs/http/response_writer.h"
#include "libs/http/server.h"

namespace broadsheet::http {

// One HTTP/1.1 connection; it begins as such whatever the client speaks, and becomes an Http2Connection if
// its first bytes say so. Requests are answered one at a time: a pipelined request is not even parsed before
// the response to the one before it has been taken by the kernel, so order and bounds need no further
// bookkeeping.
class Http1Connection final : public Connection {
 public:
  Http1Connection(std::shared_ptr<EventLoop> loop, Socket socket);
  ~Http1Connection() override;

  void Respond(std::uint64_t exchange, Response response) override;

  void CheckTime(TimePoint now) override;
  void DrainBegins(TimePoint now) override;
  bool waiting_for_request() const override { return state_ == State::kReading; }
  absl::Duration lag() const override;

 private:
  enum class State {
    kReading,    // waits for a request or the rest of one
    kHandling,   // a handler owes an answer
    kWriting,    // the kernel did not take the whole answer yet
    kLingering,  // all is said
    kClosed,
  };

  void OnReady(bool writable) override;
  void OnClose() override;
  void Advance();
  bool HadItsTurn() const { return unpacked_in_turn_ >= kUnpackedInTurn; }
  bool ReadSome();
  bool SpeaksHttp2();
  void BecomeHttp2();
  void Process();
  void MakeRoom();
  void SendContinue();
  void Dispatch();
  void Deliver(std::uint64_t exchange, Response response);
  void Reject(int status, std::string_view reason);
  void BeginWrite(Response response);
  std::size_t PiecesFrom(std::size_t written, std::span<iovec> pieces) const;
  void Write();
  void OnWritten();
  void CheckPace(TimePoint now);
  void Linger();
  void Enter(State state);

  State state_ = State::kReading;
  TimePoint since_;  // when the state, or the part of a request that is being read, began
  RequestReader::State reading_ = RequestReader::State::kIdle;  // which part `since_` is about
  TimePoint waiting_since_;           // when it was put behind the others in the loop's list
  std::size_t unpacked_in_turn_ = 0;  // bytes of the bodies that were unpacked for it
  bool advancing_ = false;            // Advance is on the stack: what it calls need not call it again
  bool unread_ = true;                // the reader has not had a byte yet

  RequestReader reader_;
  std::unique_ptr<char[]> buffer_;  // bytes [begin_, end_) are unread
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  std::uint64_t exchange_ = 0;  // number of the request being handled
  std::shared_ptr<const Request> request_;
  TimePoint started_;
  bool keep_alive_ = true;
  bool continue_sent_ = false;
  WireResponse wire_;
  std::size_t written_ = 0;
  std::optional<Pace> pace_;  // of a response that a sweep has found being written
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP1_CONNECTION_H_
