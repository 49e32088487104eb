#include "libs/http/event_loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"
#include "libs/http/http1_connection.h"
#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

constexpr timeval kSweepInterval = {.tv_sec = 0, .tv_usec = 250'000};
constexpr std::size_t kLooksForRoom = 16;  // for each newcomer; more for as long as there are looks left
constexpr int kLagsInTimeout = 20;         // who is this part of write_timeout behind may be sent away
constexpr int kAcceptedAtOnce = 64;        // then those who are here already have their turn
constexpr int kPriorities = 2;             // of which events have the lower one if nothing is said
constexpr int kCallbacksInTurn = 32;       // then whoever has become ready meanwhile, and time, are looked at

// Without a loop there is no server; it fails only when the process is out of memory or descriptors at its
// start.
template <class T>
T* Checked(T* made) {
  if (made == nullptr) {
    std::fprintf(stderr, "cannot make an event loop\n");
    std::abort();
  }
  return made;
}

// Left to itself libevent goes on for as long as any event is active.
event_base* MakeBase() {
  event_config* config = Checked(event_config_new());
  event_config_set_max_dispatch_interval(config, nullptr, kCallbacksInTurn, 0);
  event_base* base = Checked(event_base_new_with_config(config));
  event_config_free(config);
  event_base_priority_init(base, kPriorities);
  return base;
}

void Free(event*& event) {
  if (event != nullptr) event_free(std::exchange(event, nullptr));
}

}  // namespace

EventLoop::EventLoop(std::shared_ptr<const ServerOptions> options, std::size_t max_connections,
                     std::size_t max_stream_bytes)
    : options_(std::move(options)),
      max_connections_(max_connections),
      max_stream_bytes_(max_stream_bytes),
      base_(MakeBase()),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      looks_left_(max_connections) {
  wake_ = Checked(event_new(
      base_, wake_fd_, EV_READ | EV_PERSIST,
      [](evutil_socket_t fd, short, void* self) {
        std::uint64_t count = 0;
        static_cast<void>(read(fd, &count, sizeof(count)) == sizeof(count));
        static_cast<EventLoop*>(self)->RunPosted();
      },
      this));
  sweep_ = Checked(event_new(
      base_, -1, EV_PERSIST,
      [](evutil_socket_t, short, void* self) { static_cast<EventLoop*>(self)->Sweep(); }, this));
  resume_ = Checked(event_new(
      base_, -1, 0,
      [](evutil_socket_t, short, void* self) { static_cast<EventLoop*>(self)->ResumeYielded(); }, this));
  UpdateTime();
}

EventLoop::~EventLoop() {
  Free(accept_);
  Free(resume_);
  Free(sweep_);
  Free(wake_);
  event_base_free(base_);
  close(wake_fd_);
}

void EventLoop::Run(Socket listener) {
  listener_ = std::move(listener);
  accept_ = Checked(event_new(
      base_, listener_.descriptor(), EV_READ | EV_PERSIST,
      [](evutil_socket_t, short, void* self) { static_cast<EventLoop*>(self)->Accept(); }, this));
  event_add(wake_, nullptr);
  event_add(sweep_, &kSweepInterval);
  event_add(accept_, nullptr);
  thread_ = std::thread([this] {
    thread_id_ = std::this_thread::get_id();
    const std::shared_ptr<void> beside = options_->on_loop ? options_->on_loop(base_) : nullptr;
    event_base_dispatch(base_);
  });
}

void EventLoop::RunHere() {
  thread_id_ = std::this_thread::get_id();
  event_add(wake_, nullptr);
}

bool EventLoop::Turn() {
  event_base_loop(base_, EVLOOP_NONBLOCK);
  return event_base_get_num_events(base_, EVENT_BASE_COUNT_ACTIVE) > 0 || !yielded_.empty();
}

void EventLoop::Pass(Clock::duration time) {
  now_ += time;
  CheckConnections();
}

// The loop is woken once the mutex is free: it would only wake to wait for that.
void EventLoop::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // who posted the first wakes it
  }
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof(one)) == sizeof(one));  // full: it is awake already
}

void EventLoop::RunPosted() {
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const std::function<void()>& work : posted) work();
}

// A timer that has run out comes behind what the kernel has to tell by then. An event that is made active
// comes behind what was told before only: a connection that is busy alone would have its turn back many times
// until somebody new is heard.
void EventLoop::ResumeLater(std::weak_ptr<Connection> connection) {
  constexpr timeval kAtOnce = {};
  if (yielded_.empty()) event_add(resume_, &kAtOnce);
  yielded_.push_back(std::move(connection));
}

void EventLoop::ResumeYielded() {
  for (const std::weak_ptr<Connection>& yielded : std::exchange(yielded_, {})) {
    if (const std::shared_ptr<Connection> connection = yielded.lock()) connection->Resume();
  }
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return CloseAll();
  Post([this] {
    StopAccepting();
    CloseAll();
    event_base_loopbreak(base_);
  });
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  // What was posted while the thread ended is run here, so that it holds nothing alive.
  RunPosted();
}

void EventLoop::CloseAll() {
  for (const Connections& connections : {connections_, lingering_}) {
    for (const std::shared_ptr<Connection>& connection : connections) connection->Close();
  }
}

void EventLoop::StopAccepting() {
  Free(accept_);
  listener_.Close();
}

void EventLoop::Accept() {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    Socket socket;
    switch (listener_.Accept(socket)) {
      case Socket::Outcome::kDone:
        Adopt(std::move(socket));
        break;
      case Socket::Outcome::kWouldBlock:
        return;
      case Socket::Outcome::kEnded:
      case Socket::Outcome::kFailed:
        accept_failed_ = true;
        event_del(accept_);
        return;
    }
  }
}

void EventLoop::Adopt(Socket socket) {
  Counters::Add(counters_.accepted);
  if (open() >= max_connections_ && !MakeRoom()) return;
  auto connection = std::make_shared<Http1Connection>(shared_from_this(), std::move(socket));
  connections_.push_back(connection);
  CountOpen();
  connection->Start(std::prev(connections_.end()));
}

// One to whom all is said, or the one that waits longest for a request, or else the slowest reader; none: all
// that were looked at are being served, and take it. Who is passed by goes to the back: the next newcomer
// finds others in front.
std::shared_ptr<Connection> EventLoop::FindDispensable() {
  if (!lingering_.empty()) return lingering_.front();
  std::shared_ptr<Connection> slowest;
  absl::Duration lag = options_->write_timeout / kLagsInTimeout;
  for (std::size_t looks = 0, all = connections_.size(); looks < all; ++looks) {
    if (looks >= kLooksForRoom && looks_left_ == 0) break;
    if (looks >= kLooksForRoom) --looks_left_;
    const std::shared_ptr<Connection>& first = connections_.front();
    if (first->waiting_for_request()) return first;
    if (first->lag() > lag) {
      lag = first->lag();
      slowest = first;
    }
    MoveToBack(connections_.begin());
  }
  return slowest;
}

bool EventLoop::MakeRoom() {
  const std::shared_ptr<Connection> dispensable = FindDispensable();
  if (!dispensable) {
    NoteGivenUp(GivenUp::kRefused);
    return false;
  }
  Counters::Add(counters_.evicted);
  if (dispensable->lingering() || dispensable->waiting_for_request()) {
    dispensable->Close();
  } else {
    NoteGivenUp(GivenUp::kSlowClientEvicted);
    dispensable->Abort();
  }
  return true;
}

void EventLoop::NoteGivenUp(GivenUp why) {
  switch (why) {
    case GivenUp::kSlowReader:
      Counters::Add(counters_.slow_readers);
      break;
    case GivenUp::kSlowClientEvicted:
      Counters::Add(counters_.evicted_slow);
      break;
    case GivenUp::kRefused:
      Counters::Add(counters_.refused);
      break;
    case GivenUp::kRefusedStream:
      Counters::Add(counters_.refused_streams);
      break;
    case GivenUp::kNoRoom:
      break;
  }
  if (options_->on_given_up) options_->on_given_up(why);
}

void EventLoop::Remove(Connections::iterator position, bool lingering) {
  (lingering ? lingering_ : connections_).erase(position);
  CountOpen();
  if (draining_ && open() == 0 && on_empty_) std::exchange(on_empty_, nullptr)();
}

void EventLoop::UpdateTime() {
  now_ = Clock::now();
  const absl::Time wall = absl::Now();
  if (const std::int64_t second = absl::ToUnixSeconds(wall); second != date_second_) {
    date_second_ = second;
    date_ = {.time = absl::FromUnixSeconds(second), .line = "Date: " + HttpDate(wall) + "\r\n"};
  }
}

void EventLoop::Sweep() {
  UpdateTime();
  CheckConnections();
  if (std::exchange(accept_failed_, false) && accept_ != nullptr) event_add(accept_, nullptr);
}

void EventLoop::CheckConnections() {
  looks_left_ = max_connections_;  // all of them together cost no more than this sweep does
  for (Connections* connections : {&connections_, &lingering_}) {
    for (auto it = connections->begin(); it != connections->end();) {
      const std::shared_ptr<Connection> connection = *it++;  // checking may remove it
      connection->CheckTime(now_);
    }
  }
}

void EventLoop::BeginDrain(std::function<void()> on_empty) {
  Post([this, on_empty = std::move(on_empty)]() mutable {
    AcceptBacklog();
    draining_ = true;
    on_empty_ = std::move(on_empty);
    UpdateTime();
    const Connections connections = connections_;
    for (const std::shared_ptr<Connection>& connection : connections) connection->DrainBegins(now_);
    if (open() == 0 && on_empty_) std::exchange(on_empty_, nullptr)();
  });
}

// Connections the kernel has completed already would be reset by closing the socket: they are served. No more
// than its queue holds: whoever comes as fast as this accepts must not take the place of those who are idle.
void EventLoop::AcceptBacklog() {
  Socket socket;
  for (int i = 0; i < SOMAXCONN; ++i) {
    if (listener_.Accept(socket) != Socket::Outcome::kDone) break;
    Adopt(std::move(socket));
  }
  StopAccepting();
}

}  // namespace broadsheet::http
