#ifndef BROADSHEET_LIBS_RPC_TASK_H_
#define BROADSHEET_LIBS_RPC_TASK_H_

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/rpc/rendezvous.h"

namespace broadsheet::rpc {

// An asynchronous computation of a T, written as a coroutine.
//
// It starts when it is called, runs on the caller's thread up to its first wait, and goes on on the thread
// that ends the wait (a completion queue's). So: start everything, then await in the order of need:
//
//   Task<Page> Assemble(Context context, std::string id) {
//     auto images = backends_.Images(context, id);     // in flight
//     auto related = backends_.Related(context, id);   // in flight as well
//     page.images = co_await images;
//     page.related = co_await related;
//     co_return page;
//   }
//
// Await a task once, from one coroutine; the result is moved out. A task that is destroyed unawaited runs on
// to its end and its result is dropped: cancel its Context to end it early.
//
// Rules, all of them learned the hard way: take parameters by value; keep what is awaited in a named local;
// never `co_await` in a lambda that captures; never block a queue's thread. Exceptions end the process.
template <class T = void>
class [[nodiscard]] Task;

namespace internal {

struct TaskPromiseBase {
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      const Rendezvous::Outcome outcome = self.promise().rendezvous.Finish();
      if (outcome.abandoned) self.destroy();
      return outcome.waiter ? outcome.waiter : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_never initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

  Rendezvous rendezvous;
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T Take() { return *std::move(value); }

  std::optional<T> value;
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_ && handle_.promise().rendezvous.Abandon()) handle_.destroy();
  }

  // Whether awaiting it would not wait.
  bool finished() const { return handle_.promise().rendezvous.finished(); }

  auto operator co_await() const noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> task;
      bool await_ready() const noexcept { return task.promise().rendezvous.finished(); }
      bool await_suspend(std::coroutine_handle<> waiter) const noexcept {
        return task.promise().rendezvous.Await(waiter);
      }
      T await_resume() const { return task.promise().Take(); }
    };
    return Awaiter{handle_};
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace internal {

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

}  // namespace internal

// Lets the task run on by itself; nobody waits for it.
template <class T>
void Detach(Task<T> task) {
  static_cast<void>(task);
}

// Blocks the calling thread until the task has finished. For tests and tools: on a queue's thread it would
// wait for itself.
template <class T>
T Wait(Task<T> task) {
  struct Signal {
    std::mutex mutex;
    std::condition_variable condition;
    bool done = false;
  } signal;
  std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result;
  auto waiter = [](Task<T>& awaited, auto& out, Signal& done) -> Task<void> {
    if constexpr (std::is_void_v<T>) {
      co_await awaited;
      out.emplace(true);
    } else {
      out.emplace(co_await awaited);
    }
    std::lock_guard lock(done.mutex);
    done.done = true;
    done.condition.notify_one();
  }(task, result, signal);
  {
    std::unique_lock lock(signal.mutex);
    signal.condition.wait(lock, [&] { return signal.done; });
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_TASK_H_
