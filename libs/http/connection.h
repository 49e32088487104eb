#ifndef BROADSHEET_LIBS_HTTP_CONNECTION_H_
#define BROADSHEET_LIBS_HTTP_CONNECTION_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/time/time.h"
#include "libs/http/event_loop.h"
#include "libs/http/pace.h"
#include "libs/http/server.h"
#include "libs/http/socket.h"

struct event;

namespace broadsheet::http {

// One client's connection, whatever it speaks. Lives on its loop's thread; only Respond may be called from
// others.
//
// The loop tells of changes only: after OnReady the socket must be read until it is empty, or `readable_`
// kept as it is, before the loop says anything of it again.
class Connection : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  using TimePoint = EventLoop::Clock::time_point;

  ~Connection() override;

  // To be called once, when the loop has it at `position`.
  virtual void Start(EventLoop::Connections::iterator position);
  // Ends the connection at once. Idempotent.
  void Close();
  // The same, and drops what the kernel holds for a client that does not take it.
  void Abort();
  // Goes on where it yielded.
  void Resume();
  // Ends it, or what it does, if that has taken too long.
  virtual void CheckTime(TimePoint now) = 0;
  virtual void DrainBegins(TimePoint now) = 0;
  virtual bool waiting_for_request() const = 0;
  // All is said: what the client still sends is read and dropped until it has seen that, since closing at
  // once could destroy what it has not read.
  bool lingering() const { return lingering_since_.has_value(); }
  // How far the client is behind with what it is sent, as of the last sweep, if it may be sent away for that
  // where there is no room.
  virtual absl::Duration lag() const = 0;

 protected:
  // Then the loop's other connections have their turn: who takes no coding has bodies unpacked, a millisecond
  // for each MiB, however little of them he asks for.
  static constexpr int kReadsInTurn = 4;
  static constexpr std::size_t kUnpackedInTurn = 1024 * 1024;

  Connection(std::shared_ptr<EventLoop> loop, Socket socket);

  // The socket may be read (until it is empty) or written to.
  virtual void OnReady(bool writable) = 0;
  virtual void OnClose() = 0;

  // The answer to a method that is not for the handler.
  std::optional<Response> AnsweredByServer(const Request& request);

  // Begins to linger; false: the connection is closed instead.
  bool BeginLingering();
  // So many bytes have been dropped; more than a few are the end.
  void NoteDropped(std::size_t bytes);
  // Ends the connection some time after its client has acknowledged everything, or if it is too slow with
  // that.
  void CheckLingering(TimePoint now);
  void GiveUpSlowReader();

  // A gather write on the socket.
  Socket::Transfer Write(std::span<const iovec> pieces);
  // The bytes that the client has acknowledged since this was asked last. Asks the kernel; what the kernel
  // has taken says little, it takes much at once and then nothing for long.
  std::size_t Acknowledged();
  bool all_acknowledged() const { return acknowledged_bytes_ == written_bytes_; }  // when that was asked

  // Calls OnReady again, after the other connections had their turn, also those that have just become ready.
  void YieldTurn();
  bool closed() const { return !socket_.open(); }
  // Gives the socket to a successor; what is left is closed.
  Socket TakeSocket();
  EventLoop& loop() const { return *loop_; }
  const std::shared_ptr<EventLoop>& shared_loop() const { return loop_; }

  // How long a connection may wait for a request; while the server drains only for one that is on its way.
  absl::Duration IdleTimeout() const;
  // Whether `since` lies longer back than `timeout`.
  static bool Expired(TimePoint since, TimePoint now, absl::Duration timeout);

  Socket socket_;
  bool readable_ = false;  // there may be something to read
  bool peer_finished_ =
      false;  // the client sends no more: after its bytes comes the end, and no further edge
  EventLoop::Connections::iterator position_;
  const std::string remote_address_;

 private:
  void StopWatching();

  const std::shared_ptr<EventLoop> loop_;
  event* event_ = nullptr;
  bool yielded_ = false;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t acknowledged_bytes_ = 0;      // when that was asked last
  std::optional<TimePoint> lingering_since_;  // or since the client had not acknowledged everything
  std::size_t dropped_ = 0;
  std::optional<Pace> lingering_pace_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_CONNECTION_H_
