#ifndef BROADSHEET_LIBS_HTTP_CONNECTION_H_
#define BROADSHEET_LIBS_HTTP_CONNECTION_H_

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/http/event_loop.h"
#include "libs/http/request_reader.h"
#include "libs/http/response_writer.h"
#include "libs/http/server.h"

namespace broadsheet::http {

// One HTTP/1.1 connection. Requests are answered one at a time: a pipelined request is not even parsed before
// the response to the one before it has been taken by the kernel, so order and bounds need no further
// bookkeeping. Lives on its loop's thread; only Respond may be called from others.
class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<EventLoop> loop, Socket socket);
  ~Connection() override;

  void Start(EventLoop::Connections::iterator position);
  void Respond(std::uint64_t exchange, Response response) override;

  // Ends the connection at once. Idempotent.
  void Close();
  // Ends it if it has been in its state for too long.
  void CheckTime(EventLoop::Clock::time_point now);
  void DrainBegins(EventLoop::Clock::time_point now);
  bool waiting_for_request() const { return state_ == State::kReading; }

 private:
  enum class State {
    kReading,    // waits for a request or the rest of one
    kHandling,   // a handler owes an answer
    kWriting,    // the kernel did not take the whole answer yet
    kLingering,  // all is said; reads until the client has seen it, since closing at once could destroy what
                 // it has not read
    kClosed,
  };

  void Read();
  void OnRead(boost::system::error_code error, std::size_t bytes);
  void Process();
  void MakeRoom();
  void SendContinue();
  void Dispatch();
  bool AnsweredByServer();
  void Deliver(std::uint64_t exchange, Response response);
  void Reject(int status, std::string_view reason);
  void BeginWrite(Response response);
  void Write();
  void WriteRest();
  std::array<boost::asio::const_buffer, 3> Unwritten() const;
  void OnWritten();
  void Linger();
  void Enter(State state);

  const std::shared_ptr<EventLoop> loop_;
  Socket socket_;
  EventLoop::Connections::iterator position_;
  State state_ = State::kReading;
  EventLoop::Clock::time_point since_;  // when the state, or the part of a request that is being read, began
  RequestReader::State reading_ = RequestReader::State::kIdle;  // which part `since_` is about
  bool processing_ = false;  // Process is on the stack: what it calls need not call it again
  bool read_outstanding_ = false;

  std::string remote_address_;
  RequestReader reader_;
  std::unique_ptr<char[]> buffer_;  // bytes [begin_, end_) are unread
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t lingered_ = 0;

  std::uint64_t exchange_ = 0;  // number of the request being handled
  std::shared_ptr<const Request> request_;
  absl::Time started_;
  bool keep_alive_ = true;
  bool continue_sent_ = false;
  WireResponse wire_;
  std::size_t written_ = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_CONNECTION_H_
