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

// A libevent loop with a thread of its own.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();  // Stop
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs `work` on the loop's thread, in order. From any thread; does not block. After Stop it is dropped.
  // The loop must live until this returns, which may be after `work` has run.
  void Post(std::function<void()> work);

  // Runs what has been posted, then `last`, and ends the thread. Not from the loop's thread. Idempotent.
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
  void RunPosted();

  event_base* base_;
  int wake_fd_;
  event* wake_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<std::function<void()>> posted_;
  std::thread thread_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_EVENT_LOOP_H_
