#ifndef BROADSHEET_LIBS_HTTP_EVENT_LOOP_H_
#define BROADSHEET_LIBS_HTTP_EVENT_LOOP_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/http/response_writer.h"
#include "libs/http/server.h"
#include "libs/http/socket.h"

struct event;
struct event_base;

namespace broadsheet::http {

class Connection;

// One thread, its listening socket and its connections. Everything but the functions marked so runs on that
// thread.
//
// Owned by the server and by every connection, since a Responder may outlive the server: what it posts then
// is dropped.
class EventLoop : public std::enable_shared_from_this<EventLoop> {
 public:
  using Clock = std::chrono::steady_clock;

  // Counted by this loop alone, read by any thread.
  struct Counters {
    std::atomic<std::uint64_t> accepted{0}, open{0}, requests{0}, rejected{0}, not_modified{0}, timed_out{0},
        slow_readers{0}, evicted{0}, evicted_slow{0}, refused{0}, refused_streams{0};
    // One writer needs no locked instruction.
    static void Add(std::atomic<std::uint64_t>& counter) {
      counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
  };

  // `max_connections` and `max_stream_bytes` are this loop's share.
  EventLoop(std::shared_ptr<const ServerOptions> options, std::size_t max_connections,
            std::size_t max_stream_bytes);
  ~EventLoop();

  // Takes over a listening socket and starts the thread. Any thread, once.
  void Run(Socket listener);
  // Instead of Run, for tests that hand over each byte themselves: the calling thread is the loop's, nothing
  // is accepted, and time stands still.
  void RunHere();
  // After RunHere: does what can be done without waiting. Whether there is more.
  bool Turn();
  // After RunHere: time passes, and there is a sweep.
  void Pass(Clock::duration time);
  // Begins with a connection that has been accepted.
  void Adopt(Socket socket);
  // Any thread. Runs `work` on the loop's thread, later; drops it once the loop has stopped. The loop must
  // live until this returns, which may be after `work` has run.
  void Post(std::function<void()> work);
  // Any thread.
  bool InThisThread() const {
    return std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed);
  }
  // Any thread. Stops accepting; connections end with their next response. `on_empty` is called when none is
  // left.
  void BeginDrain(std::function<void()> on_empty);
  // Any thread but the loop's, or after RunHere that one: closes what is left and joins the thread.
  // Idempotent.
  void Stop();

  bool draining() const { return draining_; }
  // Coarse: as of the last sweep, at most a quarter of a second old.
  Clock::time_point now() const { return now_; }
  // That answers bear; as coarse.
  const MessageDate& date() const { return date_; }
  const ServerOptions& options() const { return *options_; }
  Counters& counters() { return counters_; }
  // What all streams hold of requests, see ServerOptions::max_stream_bytes. Kept by their connections.
  std::size_t& stream_bytes() { return stream_bytes_; }
  bool has_room_for_streams() const { return stream_bytes_ <= max_stream_bytes_; }
  event_base* base() { return base_; }

  using Connections = std::list<std::shared_ptr<Connection>>;
  // Moves a connection that begins to wait for a request behind those that have waited longer.
  void MoveToBack(Connections::iterator position) {
    connections_.splice(connections_.end(), connections_, position);
  }
  // One that lingers is the first to make room.
  void BeginsToLinger(Connections::iterator position) {
    lingering_.splice(lingering_.end(), connections_, position);
  }
  void Remove(Connections::iterator position, bool lingering);
  // Counts it, and tells the server's user.
  void NoteGivenUp(GivenUp why);
  // Has the connection resume once whoever has become ready meanwhile has had his turn.
  void ResumeLater(std::weak_ptr<Connection> connection);

 private:
  void RunPosted();
  void ResumeYielded();
  void Accept();
  std::shared_ptr<Connection> FindDispensable();
  bool MakeRoom();
  void Sweep();
  void CheckConnections();
  std::size_t open() const { return connections_.size() + lingering_.size(); }
  void CountOpen() { counters_.open.store(open(), std::memory_order_relaxed); }
  void UpdateTime();
  void CloseAll();
  void StopAccepting();
  void AcceptBacklog();

  const std::shared_ptr<const ServerOptions> options_;
  const std::size_t max_connections_;
  const std::size_t max_stream_bytes_;
  std::size_t stream_bytes_ = 0;
  event_base* const base_;
  const int wake_fd_;
  event* wake_ = nullptr;
  event* sweep_ = nullptr;
  event* accept_ = nullptr;
  event* resume_ = nullptr;
  Socket listener_;
  Connections connections_;  // the longest waiting first; none of those that linger
  Connections lingering_;    // the longest lingering first
  std::vector<std::weak_ptr<Connection>> yielded_;
  std::size_t looks_left_;  // for somebody to send away, until the next sweep
  Clock::time_point now_;
  std::int64_t date_second_ = -1;
  MessageDate date_;
  bool accept_failed_ = false;  // out of descriptors: the sweep tries again
  bool draining_ = false;
  std::function<void()> on_empty_;
  Counters counters_;

  std::mutex mutex_;
  bool stopped_ = false;                       // guarded by mutex_: nothing may be posted any more
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_EVENT_LOOP_H_
