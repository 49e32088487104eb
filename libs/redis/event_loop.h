#ifndef BROADSHEET_LIBS_REDIS_EVENT_LOOP_H_
#define BROADSHEET_LIBS_REDIS_EVENT_LOOP_H_

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"

struct event_base;
struct event;

namespace broadsheet::redis {

// A libevent loop: with a thread of its own, or one that somebody else runs.
class EventLoop {
 public:
  // `base`: the loop of the calling thread, which alone makes and destroys this, not from a callback of the
  // loop, and `base` outlives this; what is done here comes before what has a lower priority there. Null: one
  // with a thread of its own.
  explicit EventLoop(event_base* base = nullptr);
  ~EventLoop();  // Stop
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs `work` on the loop's thread, in order. From any thread; does not block. After Stop it is dropped.
  // The loop must live until this returns, which may be after `work` has run. What is posted on somebody
  // else's loop by its own thread is run behind what is ready there, all of it together, or a millisecond
  // later.
  void Post(std::function<void()> work);

  // Runs what has been posted, then `last`, and ends the thread if it is its own. Not from that one; on
  // somebody else's loop only there. Idempotent.
  void Stop(std::function<void()> last = [] {});

  event_base* base() { return base_; }

  // Calls back on the loop's thread; made, set and destroyed there.
  class Timer {
   public:
    Timer(EventLoop& loop, std::function<void()> callback);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    // Once after `delay`, instead of what was set before.
    void Set(absl::Duration delay);
    void Cancel();

   private:
    std::function<void()> callback_;
    event* event_;
  };

 private:
  event* NewCallback(int priority);
  bool IsOfThisThread() const { return adopted_ && std::this_thread::get_id() == made_on_; }
  void RunSoon();
  void RunPosted();
  void StopHere(const std::function<void()>& last);

  const bool adopted_;
  event_base* const base_;
  const std::thread::id made_on_ = std::this_thread::get_id();
  int wake_fd_;
  event* wake_;
  event* behind_ = nullptr;     // of somebody else's loop: runs what was posted there, in turn
  event* at_latest_ = nullptr;  // the same when that takes too long
  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<std::function<void()>> posted_;
  std::thread thread_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_EVENT_LOOP_H_
