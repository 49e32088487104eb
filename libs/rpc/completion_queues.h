#ifndef BROADSHEET_LIBS_RPC_COMPLETION_QUEUES_H_
#define BROADSHEET_LIBS_RPC_COMPLETION_QUEUES_H_

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/completion_queue.h"

namespace broadsheet::rpc {

// What a completion queue calls when an operation has ended.
class Completion {
 public:
  // `ok` as gRPC defines it for the operation. Runs on the queue's thread, must not block; may delete this.
  virtual void Complete(bool ok) = 0;

 protected:
  ~Completion() = default;
};

// The tag to give to gRPC for `completion`. What was written before is visible to Complete; ThreadSanitizer,
// which does not see into gRPC, is told so.
void* AsTag(Completion* completion);

// Who leaves it to the queues' threads to look whether there is something for him.
class Guest {
 public:
  // Called by one thread at a time, between two pieces of its own work; must not block.
  virtual void LookIn() = 0;

 protected:
  ~Guest() = default;
};

// The guests of some queues. Thread-safe.
class Guests {
 public:
  void Add(Guest& guest);
  // No call of its LookIn is under way, and none comes, once this has returned.
  void Remove(Guest& guest);
  // Looks in for each, unless that was done within the last millisecond, or is being done by another thread.
  void LookIn();

 private:
  using Clock = std::chrono::steady_clock;

  std::atomic<bool> any_ = false;
  std::atomic<Clock::rep> next_ = 0;  // when to look in again
  std::mutex mutex_;
  std::vector<Guest*> guests_;  // guarded by mutex_
};

// One completion queue and its thread. Shared, so that whoever is to resume a coroutine on it may come late.
class CompletionQueue : public std::enable_shared_from_this<CompletionQueue> {
 public:
  // `guests` may be null.
  CompletionQueue(std::unique_ptr<grpc::CompletionQueue> queue, std::shared_ptr<Guests> guests);
  ~CompletionQueue();  // Close

  // Announces one operation; true: start exactly one, its tag from AsTag. False: the queue is closed, start
  // none.
  [[nodiscard]] bool Begin();

  // Takes back the announcement of an operation that never ends: gRPC says nothing of the end of a call that
  // never began.
  void Retract() { End(); }

  // How many operations have ended on it.
  std::uint64_t events() const { return events_.load(std::memory_order_relaxed); }

  grpc::CompletionQueue* grpc_queue() { return queue_.get(); }
  // Only for a queue that belongs to a server.
  grpc::ServerCompletionQueue* server_queue() {
    return static_cast<grpc::ServerCompletionQueue*>(queue_.get());
  }

  // Refuses new operations.
  void Refuse();
  // Refuse; then waits until those in flight have ended, and ends the thread. Not from its own thread.
  void Close();

 private:
  void Run();
  void End();

  // Operations in flight times two, plus one when closed.
  std::atomic<std::uint64_t> state_ = 0;
  std::atomic<std::uint64_t> events_ = 0;  // written by its thread alone
  std::unique_ptr<grpc::CompletionQueue> queue_;
  const std::shared_ptr<Guests> guests_;
  std::thread thread_;
};

// The threads that asynchronous work runs on: each has a queue of its own, so that a request whose calls are
// all made from one thread stays on it. Thread-safe.
class CompletionQueues {
 public:
  // For clients; `threads` is at least 1.
  explicit CompletionQueues(int threads);
  // For the queues of a server.
  explicit CompletionQueues(std::vector<std::unique_ptr<grpc::CompletionQueue>> queues);
  ~CompletionQueues() { Close(); }

  // The calling thread's own queue if it is one of these, otherwise one of them by turns.
  CompletionQueue& Local();

  const std::vector<std::shared_ptr<CompletionQueue>>& all() const { return queues_; }

  // `auto hop = queues.Hop(); co_await hop;` goes on on a queue's thread; at once if it is on one, or if the
  // queues are closed. A hop costs a thread switch: only for work that comes from elsewhere.
  auto Hop();

  // `auto pause = queues.Sleep(d); co_await pause;` goes on after `d` on a queue's thread; at once if the
  // queues are closed.
  auto Sleep(absl::Duration duration);

  // Those whom the queues' threads look in for.
  Guests& guests() { return *guests_; }

  // Resumes `coroutine` on `queue`'s thread; on this one if the queue is closed.
  static void Resume(CompletionQueue& queue, std::coroutine_handle<> coroutine);

  // Closes every queue: waits until all operations in flight have ended, so cancel their contexts first. Not
  // from a queue's thread. Idempotent; the destructor does it too.
  void Close();

  // The queue whose thread this is; null on other threads.
  static CompletionQueue* Current();

 private:
  bool OnOwnThread() const;
  static bool ResumeAfter(CompletionQueue& queue, absl::Duration delay, std::coroutine_handle<> coroutine);

  const std::shared_ptr<Guests> guests_ = std::make_shared<Guests>();
  std::vector<std::shared_ptr<CompletionQueue>> queues_;
  std::atomic<std::uint32_t> turn_ = 0;
};

inline auto CompletionQueues::Hop() {
  struct Awaiter {
    CompletionQueues* queues;
    bool await_ready() const { return queues->OnOwnThread(); }
    bool await_suspend(std::coroutine_handle<> coroutine) const {
      return ResumeAfter(queues->Local(), absl::ZeroDuration(), coroutine);
    }
    void await_resume() const {}
  };
  return Awaiter{this};
}

inline auto CompletionQueues::Sleep(absl::Duration duration) {
  struct Awaiter {
    CompletionQueues* queues;
    absl::Duration duration;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) const {
      return ResumeAfter(queues->Local(), duration, coroutine);
    }
    void await_resume() const {}
  };
  return Awaiter{this, duration};
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_COMPLETION_QUEUES_H_
