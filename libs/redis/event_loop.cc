#include "libs/redis/event_loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace broadsheet::redis {
namespace {

// Without a loop there is no client; it fails only when the process is out of memory or descriptors at its
// start.
template <class T>
T* Checked(T* made) {
  if (made == nullptr) {
    std::fprintf(stderr, "cannot make an event loop\n");
    std::abort();
  }
  return made;
}

// hiredis writes with write(2): a broken connection must not end the process.
void BlockPipeSignal() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

EventLoop::EventLoop(event_base* base)
    : adopted_(base != nullptr),
      base_(adopted_ ? base : Checked(event_base_new())),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  wake_ = Checked(event_new(
      base_, wake_fd_, EV_READ | EV_PERSIST,
      [](evutil_socket_t fd, short, void* self) {
        std::uint64_t count = 0;
        static_cast<void>(read(fd, &count, sizeof(count)) == sizeof(count));
        static_cast<EventLoop*>(self)->RunPosted();
      },
      this));
  event_priority_set(wake_, 0);
  event_add(wake_, nullptr);
  if (adopted_) {
    behind_ = NewCallback(event_base_get_npriorities(base_) - 1);
    at_latest_ = NewCallback(0);
    BlockPipeSignal();
    return;
  }
  thread_ = std::thread([this] {
    BlockPipeSignal();
    event_base_dispatch(base_);
  });
}

EventLoop::~EventLoop() {
  Stop();
  for (event* each : {wake_, behind_, at_latest_}) {
    if (each != nullptr) event_free(each);
  }
  if (!adopted_) event_base_free(base_);
  close(wake_fd_);
}

// The loop is woken once the mutex is free: it would only wake to wait for that.
void EventLoop::Post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // who posted the first wakes it
  }
  if (IsOfThisThread()) return RunSoon();
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof(one)) == sizeof(one));
}

event* EventLoop::NewCallback(int priority) {
  event* made = Checked(evtimer_new(
      base_, [](evutil_socket_t, short, void* self) { static_cast<EventLoop*>(self)->RunPosted(); }, this));
  event_priority_set(made, priority);
  return made;
}

// No call of the kernel: the loop need not be woken.
void EventLoop::RunSoon() {
  constexpr timeval kAtLatest = {.tv_sec = 0, .tv_usec = 1'000};
  event_active(behind_, EV_TIMEOUT, 0);
  event_add(at_latest_, &kAtLatest);
}

void EventLoop::RunPosted() {
  if (adopted_) event_del(at_latest_);
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& item : work) item();
}

void EventLoop::Stop(std::function<void()> last) {
  if (adopted_) return StopHere(last);
  Post([this, last = std::move(last)] {
    last();
    event_base_loopbreak(base_);
  });
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void EventLoop::StopHere(const std::function<void()>& last) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
  }
  RunPosted();
  last();
  std::vector<std::function<void()>> dropped;
  std::lock_guard lock(mutex_);
  stopped_ = true;
  dropped.swap(posted_);
}

EventLoop::Timer::Timer(EventLoop& loop, std::function<void()> callback) : callback_(std::move(callback)) {
  event_ = Checked(evtimer_new(
      loop.base(), [](evutil_socket_t, short, void* self) { static_cast<Timer*>(self)->callback_(); }, this));
  event_priority_set(event_, 0);
}

EventLoop::Timer::~Timer() { event_free(event_); }

void EventLoop::Timer::Set(absl::Duration delay) {
  const timeval interval = absl::ToTimeval(std::max(delay, absl::ZeroDuration()));
  evtimer_add(event_, &interval);
}

void EventLoop::Timer::Cancel() { evtimer_del(event_); }

}  // namespace broadsheet::redis
